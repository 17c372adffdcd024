"""The commands that a page shows, and whether the real command line takes them; nothing is run.

What it leaves out: running them. A command is parsed by the application itself, a recipe is read with its `--set`,
and values that the command line takes as text (a kind of GGUF, a form of weights, a corpus to fetch) are looked up.
"""

import re
import shlex
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer

from fidan.cli import app
from fidan.corpus.sources.catalogue import find_dataset
from fidan.recipe import Recipe, gguf_kind, load_recipe
from fidan.trained import Weights

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def shell_lines(page: str) -> list[str]:
    """The commands of a page's `sh` blocks, without comments."""
    lines = [line.split(" #")[0].strip() for block in _BLOCK.findall(page) for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def code_spans(page: str) -> list[str]:
    """What stands in backticks within the text of a page."""
    return _SPAN.findall(_CODE.sub("", page))


def arguments_of(line: str) -> list[str] | None:
    """What `fidan` is given in a line, also where torchrun or a variable stands before it; None: it is not called."""
    words = shlex.split(line)
    if words[:1] == ["torchrun"] and "fidan.cli" in words:
        return words[words.index("fidan.cli") + 1 :]
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    return words[1:] if words[:1] == ["fidan"] else None


def leaf(arguments: list[str]) -> tuple[Any, list[str]]:
    """The command that arguments lead to, and what is left for it.

    Raises:
        KeyError: there is no such command.
    """
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command, arguments = command.commands[arguments[0]], arguments[1:]
    return command, arguments


def parse(arguments: list[str]) -> dict[str, Any]:
    """What the command line makes of arguments, by parameter; the command is not called.

    Raises:
        KeyError: there is no such command.
        Exception: an option or a value is wrong; of what kind is the parser's business.
    """
    command, rest = leaf(arguments)
    with command.make_context(command.name, rest) as context:
        return dict(context.params)


def check(arguments: list[str]) -> None:
    """Parse a command, read its recipe with all its `--set`, and look up what it names.

    Raises:
        KeyError: there is no such command.
        AssertionError: a value is none of those there are.
        Exception: an option, a recipe or a setting is wrong.
    """
    given = parse(arguments)
    recipes = [Path(word) for word in arguments if word.endswith(".toml")]
    for recipe in recipes:
        load_recipe(ROOT / recipe, given.get("set_") or ())
    assert recipes or not given.get("set_"), f"--set without a recipe: {arguments}"
    weights = ("last", "ema") if arguments[0] == "evaluate" else get_args(Weights)
    assert given.get("weights") in (None, *weights), given["weights"]
    for kind in given.get("quantize") or ():
        gguf_kind(kind)
    if given.get("download"):
        find_dataset(given["download"])


def options(arguments: list[str]) -> set[str]:
    """Every option of the command that arguments lead to."""
    return {name for parameter in leaf(arguments)[0].params for name in (*parameter.opts, *parameter.secondary_opts)}


def is_setting(dotted: str) -> bool:
    """Whether `section.key` names a setting of a recipe."""
    kind: Any = Recipe
    for name in dotted.split("."):
        kinds = [kind, *get_args(kind)]  # of `SftConfig | None` too
        holders = [one for one in kinds if is_dataclass(one) and name in {field.name for field in fields(one)}]
        if not holders:
            return False
        kind = get_type_hints(holders[0])[name]
    return True
