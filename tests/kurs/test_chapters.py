"""The pattern of a chapter, as far as a machine can hold it. That the chapters run is for `make course`."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jupytext
import pytest
from nbformat import NotebookNode

from notebooks import solves

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "kurs").glob("[0-9][0-9]_*.py"))
SECTIONS = ["Kuram", "Elle yazalım", "Kütüphanede", "Kanıt", "Bozalım", "Alıştırmalar", "Sırada ne var"]

pytestmark = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


@cache
def notebook_of(chapter: Path) -> NotebookNode:
    return jupytext.read(chapter, fmt="py:percent")


def cells(chapter: Path, kind: str) -> list[NotebookNode]:
    return [cell for cell in notebook_of(chapter).cells if cell.cell_type == kind]


def code(chapter: Path) -> str:
    return "\n".join(cell.source for cell in cells(chapter, "code"))


def prose(chapter: Path) -> str:
    return "\n".join(cell.source for cell in cells(chapter, "markdown"))


def solutions(chapter: Path) -> list[str]:
    return [cell.source for cell in cells(chapter, "code") if solves(cell)]


def test_it_asks_its_question_and_goes_through_the_sections_in_order(chapter: Path) -> None:
    text = prose(chapter)
    number = int(chapter.name[:2])
    assert re.match(rf"# {number}\. \S", text), "the title is the first line: # N. Title"
    assert "**Soru.**" in text.split("\n## ")[0], "before the first section stands the question that it answers"
    found = [line[3:].split(":")[0].strip() for line in text.splitlines() if line.startswith("## ")]
    assert [name for name in found if name in SECTIONS] == SECTIONS


def test_it_shows_the_library_proves_that_both_agree_and_draws(chapter: Path) -> None:
    source = code(chapter)
    assert "kaynak(" in source, "the library's own source is shown"
    assert source.count("esit_mi(") >= 2, "what is written by hand is held against the library"
    assert "plt.show()" in source, "a picture is drawn"
    assert "$" in prose(chapter), "the theory has its formulas"


def test_the_experiment_that_breaks_it_is_held_by_numbers(chapter: Path) -> None:
    notebook = notebook_of(chapter)
    heads = [i for i, cell in enumerate(notebook.cells) if "## Bozalım" in cell.source]
    end = next(i for i, cell in enumerate(notebook.cells) if "## Alıştırmalar" in cell.source)
    assert any("assert " in cell.source for cell in notebook.cells[heads[0] : end] if cell.cell_type == "code")


def test_every_exercise_has_a_solution_that_is_checked(chapter: Path) -> None:
    exercises = prose(chapter).split("## Alıştırmalar")[1].split("\n## ")[0]
    numbers = re.findall(r"^\*\*(\d+)\.\*\*", exercises, re.MULTILINE)
    assert len(numbers) >= 2
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
    answers = solutions(chapter)
    assert [re.match(r"# Çözüm (\d+)", answer)[1] for answer in answers] == numbers  # type: ignore[index]
    assert all("assert " in answer or "esit_mi(" in answer for answer in answers)


def defined(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name


def library_names() -> set[str]:
    """Public classes and functions at the top of the package's modules."""
    names: set[str] = set()
    for path in (ROOT / "src" / "fidan").rglob("*.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        names.update(node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef))
    return {name for name in names if not name.startswith("_")}


def test_it_redefines_nothing_of_the_library(chapter: Path) -> None:
    assert not set(defined(ast.parse(code(chapter)))) & library_names()


def test_it_uses_what_is_public_and_hides_nothing(chapter: Path) -> None:
    source = code(chapter)
    private = re.findall(r"from fidan\S* import [^\n]*\b_\w+", source)
    assert not private
    assert "warnings.filterwarnings" not in source
    assert "except Exception" not in source
