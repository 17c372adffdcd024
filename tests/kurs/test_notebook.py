"""The notebook that is committed is the one its source builds; that it runs is for `make course`."""

import re
import tomllib
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

import notebooks
from fidan.corpus.sources.catalogue import DATASETS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "notebooks" / "dataset_cc100.py"
COMMITTED = SOURCE.with_suffix(".ipynb")
SAME = {"kucuk": "turkish-small-cpu", "134m": "turkish-134m"}  # sizes of the notebook: recipes


def code() -> str:
    cells = jupytext.read(SOURCE, fmt="py:percent").cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def test_the_committed_notebook_is_what_its_source_builds() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == notebooks.built(SOURCE), "run: python dev/notebooks.py"


def test_it_is_a_notebook_without_outputs_for_colab_with_a_gpu() -> None:
    notebook = nbformat.read(COMMITTED, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.accelerator == "GPU"
    assert notebook.metadata.colab.name == COMMITTED.name
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)


def test_what_is_built_of_a_chapter_folds_its_solutions(tmp_path: Path) -> None:
    source, target = tmp_path / "bolum.py", tmp_path / "bolum.ipynb"
    source.write_text(
        '# %% [markdown]\n# # Başlık\n\n# %%\n1\n\n# %% tags=["cozum"]\n# Çözüm 1: iki\n2\n', encoding="utf-8"
    )
    notebooks.build(source, target)
    first = target.read_bytes()
    notebooks.build(source, target)
    assert target.read_bytes() == first
    _, open_cell, room, solution = nbformat.read(target, as_version=4).cells
    assert open_cell.metadata == {}
    assert room.source == "# Alıştırma 1: sizin denemeniz\n"
    assert solution.source.startswith("# @title Çözüm 1\n# Çözüm 1: iki"), (
        "the line that Colab shows of a folded cell"
    )
    assert solution.metadata.jupyter.source_hidden
    assert solution.metadata.cellView == "form"


def test_no_magic_no_shell_and_the_drive_is_asked_for_not_tried() -> None:
    source = code()
    assert not re.search(r"^\s*[!%]", source, re.MULTILINE), "commands of a shell do not run everywhere"
    assert "subprocess" not in source
    assert 'find_spec("google.colab")' in source
    assert not re.search(r"\bexcept(:| Exception| ImportError| ModuleNotFoundError)", source)


def recipes_of_the_notebook() -> dict[str, dict[str, Any]]:
    """The sizes' recipes, from the one literal that holds them."""
    found: dict[str, str] = {}
    start = next(
        cell.source for cell in jupytext.read(SOURCE, fmt="py:percent").cells if cell.source.startswith("TARIFLER = ")
    )
    exec(start, found)  # noqa: S102
    return {size: tomllib.loads(text) for size, text in found["TARIFLER"].items()}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("size", "recipe"), SAME.items())
def test_its_sizes_are_the_recipes_of_those_names(size: str, recipe: str) -> None:
    ours = recipes_of_the_notebook()[size]
    theirs = tomllib.loads((ROOT / "recipes" / f"{recipe}.toml").read_text(encoding="utf-8"))
    assert set(ours) == {"tokenizer", "model", "train"}
    assert ours == {section: theirs[section] for section in ours}


def test_the_corpus_that_it_downloads_is_in_the_catalogue() -> None:
    assert 'download("cc100-tr"' in code()
    assert "cc100-tr" in DATASETS
