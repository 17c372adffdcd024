"""The guides in both languages: every `fidan` command in them is one, and a pair of guides shows the same ones."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.exceptions import TyperException

from fidan.errors import FidanError
from fidan.recipe import Recipe
from tests.kurs.commands import ROOT, arguments_of, check, code_spans, is_setting, options, shell_lines

PAIRS = {
    "first-hour": "ilk-saat",
    "own-134m": "kendi-134m",
    "own-data": "kendi-veriniz",
    "law-assistant": "hukuk-asistani",
    "serving": "sunma",
    "ollama": "ollama",
}
TURKISH, ENGLISH = ROOT / "belgeler", ROOT / "docs"
GUIDES = [
    *sorted(TURKISH.rglob("*.md")),
    *sorted((ENGLISH / "guides").glob("*.md")),
    ENGLISH / "faq.md",
]
SECTIONS = {field.name for field in fields(Recipe)}
FILES = {"toml", "json", "model", "py", "html"}  # demo.toml is no setting


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands(page: str) -> list[list[str]]:
    found = [arguments_of(line) for line in shell_lines(page)]
    return [arguments for arguments in found if arguments is not None]


def test_every_turkish_guide_is_there_and_none_is_unpaired() -> None:
    assert {path.stem for path in (TURKISH / "rehber").glob("*.md")} == set(PAIRS.values())
    assert {path.stem for path in (ENGLISH / "guides").glob("*.md")} <= set(PAIRS)


@pytest.mark.parametrize("path", GUIDES, ids=named)
def test_commands_are_taken_by_the_command_line(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert path.parent == TURKISH or commands(page), "a guide without a command"
    for arguments in commands(page):
        check(arguments)


@pytest.mark.parametrize("path", GUIDES, ids=named)
def test_commands_and_settings_within_the_text_exist(path: Path) -> None:
    for span in code_spans(path.read_text(encoding="utf-8")):
        arguments = arguments_of(span) if span.startswith("fidan ") else None
        if arguments:
            given = {word.split("=")[0] for word in arguments if word.startswith("--")}
            assert given <= options(arguments), span
        for section, rest in re.findall(r"(?<![\w/.])([a-z]+)\.([a-z_]+(?:\.[a-z_]+)?)(?=\s*=|$|`)", span):
            assert section not in SECTIONS or rest in FILES or is_setting(f"{section}.{rest}"), span


@pytest.mark.parametrize(("english", "turkish"), PAIRS.items())
def test_both_languages_show_the_same_commands(english: str, turkish: str) -> None:
    source = ENGLISH / "guides" / f"{english}.md"
    if not source.exists():
        pytest.skip(f"{named(source)} is not written yet")
    there = shell_lines((TURKISH / "rehber" / f"{turkish}.md").read_text(encoding="utf-8"))
    assert there == shell_lines(source.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        "fidan rnu recipes/demo.toml",
        "fidan run recipes/demo.toml --max-minute 110",
        "fidan run recipes/no-such.toml",
        "fidan train recipes/demo.toml --set train.tokenz=4_000_000",
        "fidan train recipes/demo.toml --set train.tokens=-1",
        "fidan generate --model runs/demo --beams many",
        "fidan serve --model runs/demo --weights int4",
        "fidan export runs/demo --out new --quantize Q9_0",
        "fidan export runs/demo --out new --to ollamma",
        "fidan corpus --download cc100-trr",
        "fidan law search --index law-index",
        "torchrun --nproc-per-node 8 -m fidan.cli trian recipes/demo.toml",
    ],
)
def test_a_wrong_command_is_seen(line: str) -> None:
    arguments = arguments_of(line)
    assert arguments is not None
    with pytest.raises((KeyError, AssertionError, ValueError, FidanError, TyperException)):
        check(arguments)


@pytest.mark.parametrize(
    ("dotted", "known"),
    [
        ("corpus.quality.min_words", True),
        ("sft.lora_rank", True),
        ("export.license", True),
        ("corpus.min_words", False),
        ("train.token", False),
        ("model.d_model.x", False),
    ],
)
def test_settings_are_told_from_what_is_none(dotted: str, known: bool) -> None:
    assert is_setting(dotted) is known
