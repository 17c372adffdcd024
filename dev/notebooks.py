"""Build the notebooks that people download from their sources, without outputs.

    python dev/notebooks.py           `notebooks/*.py` into the `.ipynb` beside them, which is committed
    python dev/notebooks.py --check   says whether the committed ones are what their sources build; exit code 1 if not

`build` does it for one file, the chapters of the course too: solutions of exercises (cells tagged `cozum`) are folded
in Jupyter and in Colab, with an empty cell before each. The same source gives the same bytes. What it leaves out:
running them (`dev/course.py`).
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parents[1]
SOLUTION = "cozum"  # the tag of cells that solve an exercise


def sources(root: Path = ROOT) -> list[Path]:
    """The chapters of the course in order, then the notebooks."""
    return [*sorted((root / "kurs").glob("[0-9][0-9]_*.py")), *sorted((root / "notebooks").glob("*.py"))]


def solves(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell is the solution of an exercise."""
    return SOLUTION in cell.metadata.get("tags", [])


def built(source: Path) -> str:
    """The notebook of a percent-format source, as the text of its file.

    Raises:
        nbformat.ValidationError: it is no notebook of version 4.5.
    """
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.cells = list(_with_room(notebook.cells))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(
        {
            "accelerator": "GPU",  # what Colab offers when it opens the notebook
            "colab": {"name": f"{source.stem}.ipynb", "provenance": [], "toc_visible": True},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for number, cell in enumerate(notebook.cells):
        digest = hashlib.sha256(f"{source.stem} {number} {cell.cell_type}".encode())
        cell["id"] = digest.hexdigest()[:12]
        if solves(cell):
            cell.metadata["jupyter"] = {"source_hidden": True}
            cell.metadata["cellView"] = "form"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def _with_room(cells: list[nbformat.NotebookNode]) -> Iterator[nbformat.NotebookNode]:
    """An empty cell to try in before each solution, and the line that Colab shows of a folded one."""
    for cell in cells:
        if solves(cell):
            number = re.match(r"# Çözüm (\d+)", cell.source)
            name = number[1] if number else ""
            yield nbformat.v4.new_code_cell(f"# Alıştırma {name}: sizin denemeniz\n")
            cell.source = f"# @title Çözüm {name}\n{cell.source}"
        yield cell


def build(source: Path, target: Path) -> None:
    """Write the notebook of `source` to `target`, without outputs."""
    target.write_text(built(source), encoding="utf-8", newline="\n")


def main() -> None:
    """Build all, or check all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a file is out of date")
    check = parser.parse_args().check
    stale = []
    for source in sorted((ROOT / "notebooks").glob("*.py")):
        target = source.with_suffix(".ipynb")
        if not check:
            build(source, target)
            print(target.relative_to(ROOT))
        elif not target.is_file() or target.read_text(encoding="utf-8") != built(source):
            stale.append(target.name)
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}. Run: python dev/notebooks.py")


if __name__ == "__main__":
    main()
