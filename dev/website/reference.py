"""The pages of the API reference: one for each package, with every public module of it and nothing private.

The docstrings are read by mkdocstrings without importing anything; here only the pages are written and put in order.
"""

import ast
from collections import defaultdict
from pathlib import Path
from typing import Any

ORDER = (
    "recipe", "corpus", "tokenizer", "model", "training", "evaluation", "generation", "export", "law", "serving",
    "cli", "kurs",
)  # fmt: skip
"""The rooms in the order of the data; those that are not named here come after them."""

OWN_HEADING = ["    options:", "      show_root_heading: false"]
"""Of the package itself: its heading is the page's title."""


def modules(package: Path) -> list[str]:
    """The public modules, as dotted names: no part of the name begins with an underscore."""
    names = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if not any(part.startswith("_") for part in parts):
            names.append(".".join(parts))
    return names


def by_package(package: Path) -> dict[str, list[str]]:
    """The modules of each package, its own first; a package is a page."""
    pages: dict[str, list[str]] = defaultdict(list)
    for name in modules(package):
        is_package = (package.parent / name.replace(".", "/") / "__init__.py").is_file()
        pages[name if is_package else name.rpartition(".")[0]].append(name)
    return {page: sorted(names, key=lambda name: (name != page, name)) for page, names in sorted(pages.items())}


def page_of(package: str) -> str:
    """Where the page of a package stands: `fidan.corpus.filters` is `reference/corpus/filters.md`."""
    inner = package.split(".")[1:]
    return "reference/index.md" if not inner else f"reference/{'/'.join(inner)}.md"


def summary(root: Path, module: str) -> str:
    """The first paragraph of a module's docstring."""
    path = root / "src" / module.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0].split())


def write(root: Path, package: str, names: list[str]) -> str:
    """The Markdown of a package's page."""
    lines = ["---", f"title: {package}", "---", "", f"# {package}", ""]
    if package == "fidan":
        lines += ["What can be imported, in the order of the data. Everything is typed; nothing here is private.", ""]
    for name in names:
        source = f"src/{name.replace('.', '/')}"
        file = f"{source}/__init__.py" if (root / source).is_dir() else f"{source}.py"
        depth = "../" * page_of(package).count("/")
        lines += [
            f"::: {name}",
            *OWN_HEADING * (name == package),
            "",
            f"[Source of `{name}`]({depth}{file}){{ .kaynak }}",
            "",
        ]
    return "\n".join(lines)


def navigation(packages: list[str]) -> list[Any]:
    """The pages as a tree, the rooms in the order of the data."""
    rooms = {name.split(".")[1] for name in packages if "." in name}
    ordered = [*(room for room in ORDER if room in rooms), *sorted(rooms - set(ORDER))]
    return [{"fidan": "reference/index.md"}, *(_branch(f"fidan.{room}", packages) for room in ordered)]


def _branch(package: str, packages: list[str]) -> Any:
    inner = [name for name in packages if name.rpartition(".")[0] == package]
    own = page_of(package)
    return {package.rpartition(".")[2]: [own, *(_branch(name, packages) for name in inner)] if inner else own}
