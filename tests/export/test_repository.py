"""What lies beside the model: sums that `sha256sum` takes, the licence, the recipe, rules for large files."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from fidan.errors import ArtifactMismatch, FidanError, RecipeError
from fidan.export.licence import licence_hashes, licence_text
from fidan.export.sums import check_sums, read_sums, write_sums
from fidan.recipe import ExportConfig, load_recipe
from fidan.running import run_one
from fidan.stages import Run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tiny_run: Run, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_run.folder("export") / "hugging_face", tmp_path / "exported")


def test_sha256sum_agrees(folder: Path) -> None:
    ran = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count(": OK") == len(list(folder.iterdir())) - 1
    check_sums(folder)


def test_every_change_is_found(folder: Path) -> None:
    (folder / ".cache").mkdir()
    (folder / ".cache" / "of-the-hub").write_text("x")
    check_sums(folder)
    (folder / "LICENSE").write_text("mine")
    with pytest.raises(ArtifactMismatch, match="LICENSE has changed"):
        check_sums(folder)
    write_sums(folder)
    check_sums(folder)
    assert "SHA256SUMS" not in read_sums(folder)
    (folder / "SHA256SUMS").write_text("no sums\n")
    with pytest.raises(ArtifactMismatch, match="line 1 is not a sum"):
        check_sums(folder)
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(ArtifactMismatch, match="has no SHA256SUMS"):
        check_sums(folder)


def test_the_recipe_in_it_is_the_one_that_was_run(tiny_run: Run, folder: Path) -> None:
    assert load_recipe(folder / "recipe.toml") == tiny_run.recipe


def test_the_licence_is_whole(folder: Path) -> None:
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert "*.safetensors filter=lfs" in (folder / ".gitattributes").read_text()


def test_another_licence_needs_its_text(tmp_path: Path) -> None:
    text = tmp_path / "rail.txt"
    export = ExportConfig(license="openrail", license_file=str(text))
    with pytest.raises(FidanError, match=r"rail\.txt.*cannot be read"):
        licence_text(export)
    text.write_text(" \n")
    with pytest.raises(FidanError, match="is empty"):
        licence_hashes(export)
    text.write_text("be good")
    assert licence_text(export) == b"be good"
    before = licence_hashes(export)
    text.write_text("be better")
    assert licence_hashes(export) != before
    assert licence_hashes(ExportConfig()) == {}


@pytest.mark.parametrize(
    ("assignment", "words"),
    [("export.license=mit", "export.license_file"), ("export.license=Apache 2.0", "such as apache-2.0")],
)
def test_a_licence_of_no_use_is_refused(tiny_file: Path, assignment: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        load_recipe(tiny_file, [assignment])


def test_a_licence_of_ones_own_is_exported_and_seen_to_change(tiny_run: Run, tmp_path: Path) -> None:
    text = tmp_path / "licence.txt"
    text.write_text("be good")
    recipe = replace(tiny_run.recipe, export=ExportConfig(license="ev-lisansi", license_file=str(text)))
    copy = shutil.copytree(tiny_run.out, tmp_path / "run", ignore=shutil.ignore_patterns("checkpoints"))
    exported = copy / "export" / "hugging_face"
    for words in ("be good", "be better"):
        text.write_text(words)
        run_one("export", replace(tiny_run, recipe=recipe, out=copy))
        assert (exported / "LICENSE").read_text() == words
    check_sums(exported)
