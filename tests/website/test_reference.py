"""No public module is missing from the API reference, and none is there twice."""

from collections import Counter
from pathlib import Path
from typing import Any

from website import reference

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "fidan"


def leaves(navigation: list[Any]) -> list[str]:
    found = []
    for entry in navigation:
        inner = entry if isinstance(entry, str) else next(iter(entry.values()))
        found += [inner] if isinstance(inner, str) else leaves(inner)
    return found


def test_every_public_module_is_on_exactly_one_page() -> None:
    pages = reference.by_package(PACKAGE)
    written = "\n".join(reference.write(ROOT, package, names) for package, names in pages.items())
    shown = Counter(line.removeprefix("::: ") for line in written.splitlines() if line.startswith("::: "))
    files = {path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py")}
    public = {path for path in files if not any(part.startswith("_") and part != "__init__" for part in path.parts)}
    names = {".".join(path.parts).removesuffix(".__init__") for path in public} - {"fidan.cli.__main__"}
    assert set(shown) == names
    assert set(shown.values()) == {1}


def test_every_page_is_in_the_navigation_once() -> None:
    packages = list(reference.by_package(PACKAGE))
    listed = Counter(leaves(reference.navigation(packages)))
    assert set(listed) == {reference.page_of(package) for package in packages}
    assert set(listed.values()) == {1}


def test_the_links_to_sources_lead_to_files() -> None:
    for package, names in reference.by_package(PACKAGE).items():
        page = reference.page_of(package)
        for line in reference.write(ROOT, package, names).splitlines():
            if line.startswith("[Source of"):
                target = line.partition("](")[2].partition(")")[0]
                assert target.count("../") == page.count("/")
                assert (ROOT / target.replace("../", "")).is_file()


def test_private_modules_stay_out(tmp_path: Path) -> None:
    package = tmp_path / "p"
    for name in ("__init__.py", "a.py", "_b.py", "c/__init__.py", "c/d.py", "_e/__init__.py", "_e/f.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("", encoding="utf-8")
    assert reference.by_package(package) == {"p": ["p", "p.a"], "p.c": ["p.c", "p.c.d"]}
