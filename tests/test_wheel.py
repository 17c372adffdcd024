"""The wheel holds all that the package reads, and nothing else; what it installs works where there is no checkout."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def tracked(*folders: str) -> set[str]:
    """The files that git knows below some folders of the checkout."""
    command = ["git", "-C", str(ROOT), "-c", "core.quotePath=false", "ls-files", *folders]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return set(listed.splitlines())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(built.glob("*.whl")))


def test_the_wheel_holds_the_package_and_the_recipes(wheel: zipfile.ZipFile) -> None:
    wanted = {name.removeprefix("src/") for name in tracked("src")}
    wanted |= {f"fidan/{name}" for name in tracked("recipes")}
    held = {name for name in wheel.namelist() if not name.split("/")[0].endswith(".dist-info")}
    assert {name for name in wanted if not name.endswith(".py")} - held == set(), "data that the package reads"
    assert held == wanted
    for kind in (".tsv", ".css", ".csv", ".toml", "apache-2.0.txt", "py.typed"):
        assert any(name.endswith(kind) for name in held), kind


def test_the_sdist_holds_what_makes_the_wheel(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert tracked("src", "recipes", "README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml") <= held
    assert not [name for name in held if name.startswith(("tests/", "benchmarks/", ".github/", "dev/"))]


def test_an_installed_package_has_its_recipes(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Unpacked, and asked in an empty folder, as a user's would be."""
    package, empty = tmp_path / "site", tmp_path / "empty"
    wheel.extractall(package)
    empty.mkdir()
    command = [sys.executable, "-m", "fidan.cli", "recipes", "demo", "--out", "my.toml"]
    result = subprocess.run(
        command,
        cwd=empty,
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert (empty / "my.toml").read_bytes() == (ROOT / "recipes" / "demo.toml").read_bytes()
    where = "import fidan.recipe.shipped as s; print(s.shipped_recipe('demo'))"
    asked = subprocess.run(
        [sys.executable, "-c", where], cwd=empty, env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(asked.stdout.strip()) == (package / "fidan" / "recipes" / "demo.toml").resolve()
