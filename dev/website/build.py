"""The site from its parts: pages are assembled, the generator runs once for each language, what was built is checked.

Any warning is an error. It leaves out running the course's notebooks (`dev/course.py`) and serving the site.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

import notebooks
from website import address, chapters, curve, formulas, links, reference, search
from website.languages import COURSE, ENGLISH, LANGUAGES, REFERENCE, TURKISH, Entry, Language
from website.pages import Site, SiteError

THEME = Path(__file__).with_name("theme")
CURVE = "<!-- the curve -->"


def build(root: Path, assembled: Path, built: Path, course: bool = True) -> Path:
    """Builds the site; `course` off leaves out the chapters, for quick work on the rest."""
    shutil.rmtree(assembled, ignore_errors=True)
    shutil.rmtree(built, ignore_errors=True)
    where = address.find(root)
    if not where.known:
        print(f"no address of the repository: links to its files lead nowhere. Set {address.VARIABLE}.")
    site = Site(root, assembled, where)
    written = chapters.find(root) if course else []
    packages = reference.by_package(root / "src" / "fidan")
    note(site, written, packages)
    write(site, written, packages)
    for language in LANGUAGES:
        config = configure(site, language, written, list(packages), built)
        generate(config)
    formulas.convert_all(built)
    search.mend(built / TURKISH.prefix)
    for language in LANGUAGES:
        search.plain(built / language.prefix)
    base = urlsplit(where.site).path
    wrong = links.check_markdown(root) + links.check_site(built, root, where.repository, base)
    if not course:
        wrong = [line for line in wrong if "kurs/" not in line]
    if wrong:
        raise SiteError("links that lead nowhere:\n  " + "\n  ".join(wrong))
    return built


def note(site: Site, written: list[chapters.Chapter], packages: dict[str, list[str]]) -> None:
    """Gives every source its page; a page that nobody lists, or a listed one that nobody wrote, is an error."""
    for language in LANGUAGES:
        folder = site.root / language.folder
        there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
        listed = {page for page in language.listed() if not page.startswith("kurs/")}
        if there != listed:
            raise SiteError(
                f"{language.folder}/: not in the navigation of dev/website/languages.py: {sorted(there - listed)}; "
                f"in it, but not written: {sorted(listed - there)}"
            )
        for page in sorted(there):
            site.add(f"{language.folder}/{page}", language, page)
    site.add("kurs/README.md", TURKISH, "kurs/index.md")
    site.add("kurs/sozluk.md", TURKISH, "kurs/sozluk.md")
    for chapter in written:
        site.add(chapter.source, TURKISH, chapter.page)
    for package in packages:
        site.add(f"<{package}>", ENGLISH, reference.page_of(package))


def write(site: Site, written: list[chapters.Chapter], packages: dict[str, list[str]]) -> None:
    """Writes all pages, and what stands beside them."""
    figures = (site.root / "docs" / "figures.md").read_text(encoding="utf-8")
    for source, page in site.pages.items():
        if source.endswith(".md"):
            text = (site.root / source).read_text(encoding="utf-8")
            if CURVE in text:
                text = text.replace(CURVE, curve.draw(figures, page.language.code))
            site.write(page, text, source)
    for chapter in written:
        notebook = chapters.read(chapter)
        download = site.folder(TURKISH) / chapter.download
        download.parent.mkdir(parents=True, exist_ok=True)
        notebooks.build(site.root / chapter.source, download)
        text = chapters.markdown(
            notebook, chapter, site.address, site.folder(TURKISH) / "kurs" / chapter.name, site.root
        )
        site.write(site.pages[chapter.source], text, chapter.source)
    for package, names in packages.items():
        site.write(site.pages[f"<{package}>"], reference.write(site.root, package, names), reference.page_of(package))
    for language in LANGUAGES:
        shutil.copytree(THEME / "assets", site.folder(language) / "assets")


def place(entries: tuple[Entry, ...] | list[Any], pages: dict[str, list[Any]]) -> list[Any]:
    """A navigation with generated pages in their places."""
    placed: list[Any] = []
    for entry in entries:
        if isinstance(entry, dict):
            placed += [
                {title: place(inner, pages) if isinstance(inner, list) else inner} for title, inner in entry.items()
            ]
        else:
            placed += pages.get(entry, [entry])
    return placed


def configure(
    site: Site, language: Language, written: list[chapters.Chapter], packages: list[str], built: Path
) -> Path:
    """Writes the generator's configuration of one language: what differs from mkdocs.yml."""
    pages: dict[str, list[Any]] = {
        COURSE: ["kurs/index.md", *(chapter.page for chapter in written)],
        REFERENCE: reference.navigation(packages),
    }
    folder = site.folder(language)
    if not (folder / "kurs" / "sozluk.md").is_file() and language is TURKISH:
        raise SiteError("kurs/sozluk.md: the glossary is missing")
    config: dict[str, Any] = {
        "INHERIT": str(site.root / "mkdocs.yml"),
        "site_url": f"{site.address.site}{language.prefix}",
        "site_description": language.description,
        "docs_dir": folder.relative_to(built.parent).as_posix(),  # the generator takes no absolute path
        "site_dir": (built / language.prefix).relative_to(built.parent).as_posix(),
        "nav": place(language.navigation, pages),
        "theme": {
            "language": language.code,
            "custom_dir": os.path.relpath(THEME, built.parent),
            "palette": [
                {"media": "(prefers-color-scheme: light)", "scheme": "default",
                 "toggle": {"icon": "lucide/moon", "name": language.to_dark}},
                {"media": "(prefers-color-scheme: dark)", "scheme": "slate",
                 "toggle": {"icon": "lucide/sun", "name": language.to_light}},
            ],
        },
        "extra": {
            "alternate": True,  # shows the theme's switch, which is ours: partials/alternate.html
            "languages": [
                {"code": other.code, "name": other.name, "home": _home(language, other)} for other in LANGUAGES
            ],
        },
    }  # fmt: skip
    if site.address.known:
        config |= {
            "repo_url": site.address.repository,
            "repo_name": urlsplit(site.address.repository).path.strip("/"),
        }
    if language is ENGLISH:
        config["plugins"] = [_docstrings(site.root)]
    path = (
        built.parent / f"site-{language.code}.yml"
    )  # the generator writes only below the folder of its configuration
    path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _home(here: Language, there: Language) -> str:
    if here is there:
        return "."
    return there.prefix or "../"


def _docstrings(root: Path) -> dict[str, Any]:
    options = {
        "docstring_style": "google",
        "show_source": False,
        "show_submodules": False,
        "filters": ["!^_"],
        "allow_inspection": False,
        "heading_level": 2,
        "show_root_heading": True,
        "show_root_full_path": True,
        "show_signature_annotations": True,
        "separate_signature": True,
        "show_if_no_docstring": True,
        "members_order": "source",
        "show_symbol_type_toc": True,
        "docstring_section_style": "list",
    }
    return {"mkdocstrings": {"handlers": {"python": {"paths": [str(root / "src")], "options": options}}}}


def generate(config: Path) -> None:
    """Runs the generator; a warning is an error."""
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", str(config)]
    done = subprocess.run(command, cwd=config.parent, capture_output=True, text=True, check=False)
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    if done.returncode or re.search(r"warning|error", said, re.IGNORECASE):
        raise SiteError(f"{config.name}: the generator is not content:\n{said}")
