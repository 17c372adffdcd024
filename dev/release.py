"""What a release needs of the repository: the tag is the version everywhere, and CHANGELOG tells what is new.

    python dev/release.py check v0.1.0    exit code 1 and the reasons where something is not as it must be
    python dev/release.py notes v0.1.0    the section of CHANGELOG.md, for the page of the release

It needs Python 3.11 and nothing else. What it leaves out: building and publishing (`.github/workflows/release.yml`).
"""

import argparse
import os
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def version(root: Path) -> str:
    """The version that the package says it has."""
    found = re.search(r'^__version__ = "(.+)"$', _read(root, "src/fidan/__init__.py"), re.MULTILINE)
    if found is None:
        raise ValueError("src/fidan/__init__.py: no __version__.")
    return found[1]


def notes(root: Path, number: str) -> str:
    """The section of CHANGELOG.md on a version, without its heading; empty where there is none."""
    heading = rf"^## \[{re.escape(number)}\] - \d{{4}}-\d\d-\d\d$"
    found = re.search(
        rf"{heading}\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)", _read(root, "CHANGELOG.md"), re.DOTALL | re.MULTILINE
    )
    return found[1].strip() if found else ""


def faults(root: Path, tag: str, repository: str = "") -> list[str]:
    """Why a tag cannot be released, in words; empty when it can.

    Args:
        root: of the checkout.
        tag: `v` and a version.
        repository: OWNER/NAME on GitHub, where it is known.
    """
    number, found = tag.removeprefix("v"), []
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        found.append(f"{tag}: a tag of a release is v and three numbers, such as v0.1.0.")
    if number != version(root):
        found.append(f"{tag}: src/fidan/__init__.py says {version(root)}. Change one of them.")
    if not notes(root, number):
        found.append(f"{tag}: CHANGELOG.md has no section `## [{number}] - YEAR-MONTH-DAY` with something in it.")
    if not re.search(rf"^version: {re.escape(number)}$", _read(root, "CITATION.cff"), re.MULTILINE):
        found.append(f"{tag}: CITATION.cff has another version.")
    urls = tomllib.loads(_read(root, "pyproject.toml"))["project"].get("urls", {})
    if repository and not urls.get("Repository", "").endswith(f"/{repository}"):
        found.append(f"pyproject.toml: [project.urls] needs Repository, the address of {repository}.")
    return found


def _read(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["check", "notes"])
    parser.add_argument("tag", help="e.g. v0.1.0")
    asked = parser.parse_args()
    found = faults(ROOT, asked.tag, os.environ.get("GITHUB_REPOSITORY", ""))
    if found:
        sys.exit("\n".join(found))
    if asked.what == "notes":
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        print(notes(ROOT, asked.tag.removeprefix("v")))


if __name__ == "__main__":
    main()
