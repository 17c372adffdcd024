"""Every `fidan` command of the English guides parses: the commands and options exist, and recipes that are named."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from fidan.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
USAGE_ERROR = typer.BadParameter.__bases__[0]
PAGES = sorted([*(ROOT / "docs" / "guides").glob("*.md"), ROOT / "docs" / "faq.md", ROOT / "docs" / "index.md"])


def commands(path: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if "fidan " in line and "git clone" not in line]


def parse(command: str) -> None:
    words = shlex.split(command)
    start = words.index("fidan") if "fidan" in words else words.index("fidan.cli")
    group, arguments, name = get_command(app), words[start + 1 :], "fidan"
    while hasattr(group, "commands"):
        name = arguments.pop(0)
        assert name in group.commands, f"{command}: no command {name!r}"
        group = group.commands[name]
    group.make_context(name, arguments, resilient_parsing=False)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_commands_of_a_page_parse(path: Path) -> None:
    for command in commands(path):
        parse(command)
        for word in re.findall(r"(?:recipes|benchmarks)/[\w./-]+", command):
            assert (ROOT / word).is_file(), f"{path.name}: {word} is not there"


def test_every_guide_has_a_command() -> None:
    assert all(commands(path) for path in PAGES if path.parent.name == "guides")


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("fidan runn x", AssertionError),
        ("fidan run --yok 1 x", USAGE_ERROR),
        ("fidan law index x", USAGE_ERROR),
        ("fidan serve --slots 0 --model x", USAGE_ERROR),
    ],
)
def test_wrong_ones_do_not(command: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(command)
