"""The house rules that a machine can hold: which way imports run, and that the README shows the tree as it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "fidan"

# What each room may import of the package. Every room may import the foundations.
FOUNDATIONS = {
    "errors",
    "settings",
    "recipe",
    "artifact",
    "progress",
    "turkish",
    "hardware",
    "weights",
    "workers",
    "compiled",
    "page",
    "llama_cpp",
}
MAY_IMPORT = {
    "errors": set(),
    "turkish": set(),
    "settings": {"errors"},
    "progress": set(),
    "artifact": {"errors"},
    "compiled": set(),
    "page": set(),
    "llama_cpp": {"errors"},
    "recipe": {"errors", "settings", "model", "corpus"},  # only the configs of the last two
    "workers": {"errors"},
    "hardware": {"errors", "workers"},
    "weights": {"errors", "artifact"},
    "model": set(),
    "corpus": FOUNDATIONS,
    "tokenizer": FOUNDATIONS | {"corpus"},
    "evaluation": FOUNDATIONS | {"model", "tokenizer", "corpus", "generation"},
    "training": FOUNDATIONS | {"model", "tokenizer", "corpus", "evaluation", "generation"},
    "generation": FOUNDATIONS | {"model", "tokenizer", "corpus"},
    "export": FOUNDATIONS | {"model", "tokenizer", "corpus"},
}
ON_TOP = {
    "trained",
    "subjects",
    "provenance",
    "stages",
    "running",
    "summary",
    "doctor",
    "law",
    "serving",
    "kurs",
    "cli",
}


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    own = room(path)
    if own in ON_TOP or own == "__init__":
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "fidan" and len(parts) > 1 and parts[1] not in ("__version__", own):
            assert parts[1] in MAY_IMPORT[own], f"{own} must not import {name}"


def test_the_model_knows_only_torch_and_its_config() -> None:
    for path in (PACKAGE / "model").glob("*.py"):
        outside = {name.split(".")[0] for name in imports(path)} - {
            "fidan",
            "torch",
            "collections",
            "contextlib",
            "functools",
            "typing",
            "dataclasses",
        }
        assert not outside, f"{path.name}: {outside}"
    assert not any(name.startswith("torch") for name in imports(PACKAGE / "model" / "config.py"))


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_file_says_what_it_is_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{path}: no docstring"
    assert len(text.splitlines()) <= 350, f"{path}: more than one idea?"


BARE_CASING = re.compile(r"\.(lower|upper|casefold|title|capitalize|swapcase)\(\)")
LOOSE = re.compile(r"strict=False|weights_only=False|trust_remote_code=True|verify=False|except( Exception)?:")


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_bare_casing_and_nothing_loose(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name != "turkish.py":
        assert not BARE_CASING.search(text), "Turkish text goes through fidan.turkish"
    # `strict=False` is loose where weights are loaded, not where rows of different lengths are meant to be paired.
    assert not [line for line in text.splitlines() if LOOSE.search(line) and "zip(" not in line]


def tree_in(readme: Path) -> set[str]:
    """The paths of the code map: lines of the one block that begins with `src/fidan/`."""
    block = re.search(r"```text\n(src/fidan/.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)
    assert block, f"{readme.name}: no code map"
    found, prefix = set(), ""
    for line in block[1].splitlines():
        name = line.strip().split(" ")[0]
        if not line.startswith(" "):
            prefix = name if name.startswith("src/") else ""
            if not prefix:
                found.add(name)
        else:
            found.add(f"{prefix}{name}")
    return found


@pytest.mark.parametrize("name", ["README.md", "README.tr.md"])
def test_the_tree_in_the_readme_is_the_real_one(name: str) -> None:
    shown = tree_in(ROOT / name)
    for path in shown:
        assert (ROOT / path).exists(), f"{name} shows {path}, which is not there"
    real = {
        f"src/fidan/{path.name}{'/' if path.is_dir() else ''}"
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }
    assert real <= shown, f"{name} does not show {sorted(real - shown)}"
