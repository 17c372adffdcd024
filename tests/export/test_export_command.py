"""`fidan export`: with a recipe the stage, with a folder a new one; options that do nothing are errors."""

import json
import shutil
from pathlib import Path

import gguf
import pytest
from typer.testing import CliRunner

import fidan.cli
from fidan.artifact import hash_file, read_manifest
from fidan.cli.app import app
from fidan.errors import FidanError
from fidan.export import formats
from fidan.export.formats import write_gguf_files
from fidan.recipe import ExportConfig, load_recipe
from fidan.stages import Run
from fidan.trained import open_trained

from .conftest import MakeFolder
from .fake_hub import FakeHub

assert fidan.cli.main  # the commands are hung on the application


def call(*arguments: object) -> str:
    """What it prints; what it raises is raised."""
    result = CliRunner().invoke(app, ["export", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def run(tiny_run: Run, tmp_path: Path) -> Path:
    """A copy of the finished run."""
    return shutil.copytree(tiny_run.out, tmp_path / "run")


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def hashes(folder: Path) -> dict[str, str]:
    return {name: hash_file(folder / name) for name in names(folder) if name != ".lock"}


def test_a_recipe_makes_what_it_says(tiny_file: Path, run: Path) -> None:
    output = call(tiny_file, "--out", run, "--quantize", "q8_0", "--quantize", "F16")
    made = {"tiny-Q8_0.gguf", "tiny-Q8_0.Modelfile", "tiny-F16.gguf", "tiny-F16.Modelfile"}
    assert names(run / "export" / "gguf") == made
    assert (run / "export" / "gguf" / "tiny-F16.Modelfile").read_text().startswith("FROM ./tiny-F16.gguf\n")
    assert "tiny-Q8_0.gguf, tiny-F16.gguf" in output
    manifest = read_manifest(run / "export")
    assert manifest.plan.settings["export"]["gguf"] == ["Q8_0", "F16"]
    assert manifest.counts["gguf"][0]["by"].startswith("gguf ")
    assert {f"gguf/{name}" for name in made} < set(manifest.outputs)
    file = gguf.GGUFReader(run / "export" / "gguf" / "tiny-F16.gguf")
    assert file.fields["general.name"].contents() == "tiny"
    before = (run / "export" / "manifest.json").stat().st_mtime_ns
    call(tiny_file, "--out", run, "--set", 'export.gguf=["Q8_0", "f16"]')  # the same, in other words
    assert (run / "export" / "manifest.json").stat().st_mtime_ns == before


def test_what_to_means_with_a_recipe(tiny_file: Path, run: Path) -> None:
    call(tiny_file, "--out", run)  # up to date
    assert not (run / "export" / "gguf").exists()
    call(tiny_file, "--out", run, "--to", "gguf")
    assert "tiny-Q8_0.gguf" in names(run / "export" / "gguf")
    call(tiny_file, "--out", run, "--to", "gguf", "--set", 'export.gguf=["F16"]')
    assert "tiny-F16.gguf" in names(run / "export" / "gguf")
    call(tiny_file, "--out", run, "--to", "hugging_face", "--set", 'export.gguf=["F16"]')
    assert not (run / "export" / "gguf").exists()
    assert "Modelfile" in names(run / "export" / "hugging_face")


def test_a_run_s_folder_gives_the_same_as_its_recipe(tiny_file: Path, run: Path, tmp_path: Path) -> None:
    before = hashes(run)
    output = call(run, "--out", tmp_path / "tiny", "--quantize", "Q8_0")
    assert hashes(run) == before
    assert output.strip().endswith("tiny-Q8_0.gguf")
    call(tiny_file, "--out", run, "--quantize", "Q8_0")
    told_by_the_recipe = ("plan.json", "manifest.json", "recipe.toml", "README.md", "SHA256SUMS")

    def model(folder: Path) -> dict[str, str]:
        return {name: value for name, value in hashes(folder).items() if not name.endswith(told_by_the_recipe)}

    assert model(tmp_path / "tiny") == model(run / "export")
    card = (tmp_path / "tiny" / "hugging_face" / "README.md").read_text()
    assert "Bayt başına bit" in card, "the run's own figures"


def test_an_exported_folder_can_be_exported_on(make_folder: MakeFolder, tmp_path: Path) -> None:
    source = make_folder(chat=True, system="Kibar ol.")
    (source / "LICENSE").write_text("Apache")
    (source / "x.gguf").write_bytes(b"GGUF")
    before = hashes(source)
    call(source, "--out", tmp_path / "a", "--to", "gguf")
    assert names(tmp_path / "a") == {"gguf/a-Q8_0.gguf", "gguf/a-Q8_0.Modelfile"}
    call(source, "--out", tmp_path / "b")
    assert hashes(source) == before
    copied = hashes(tmp_path / "b" / "hugging_face")
    assert "SYSTEM" in (tmp_path / "b" / "hugging_face" / "Modelfile").read_text()
    del copied["Modelfile"], copied["SHA256SUMS"], before["x.gguf"]
    assert copied == before
    call(source, "--out", tmp_path / "c", "--to", "ollama", "--quantize", "q4_0")
    assert {"hugging_face/Modelfile", "gguf/c-Q4_0.Modelfile"} < names(tmp_path / "c")


def test_create_takes_the_one_that_was_made(
    tiny_file: Path, run: Path, make_folder: MakeFolder, ollama: Path, tmp_path: Path
) -> None:
    def created() -> tuple[list[str], Path]:
        arguments, place = json.loads(ollama.read_text())
        return arguments, Path(place).relative_to(tmp_path)

    call(tiny_file, "--out", run, "--create", "a")
    assert created() == (["create", "a", "-f", "Modelfile"], Path("run/export/hugging_face"))
    call(tiny_file, "--out", run, "--quantize", "q8_0", "--create", "b")
    assert created() == (["create", "b", "-f", "tiny-Q8_0.Modelfile"], Path("run/export/gguf"))
    source = make_folder()
    call(source, "--out", tmp_path / "x", "--create", "c")
    assert created() == (["create", "c", "-f", "Modelfile"], Path("x/hugging_face"))
    call(source, "--out", tmp_path / "y", "--to", "gguf", "--create", "d")
    assert created() == (["create", "d", "-f", "y-Q8_0.Modelfile"], Path("y/gguf"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{run}"], "a folder is left as it is. Name another for what is made, with --out"),
        (["{run}", "--out", "{run}/x"], "which is left as it is"),
        (["{run}", "--out", "{tmp}/x", "--set", "export.dtype=float16"], "--set: only with a recipe"),
        (["{run}", "--out", "{tmp}/x", "--quantize", "Q5_K"], "'Q5_K': not a kind of GGUF. Did you mean 'Q5_K_M'?"),
        (["{recipe}", "--quantize", "q8"], "'q8': not a kind of GGUF. Did you mean 'Q8_0'?"),
        (["{recipe}", "--set", "export.gguf=['int4']"], "'int4': not a kind of GGUF. Known: BF16, F16"),
        (["{recipe}", "--quantize", "F16", "--to", "hugging_face"], "--quantize: makes GGUF files"),
        (["{recipe}", "--create", "x", "--to", "hugging_face"], "--create: is for Ollama"),
        (["{recipe}", "--create", "x", "--quantize", "F16", "--quantize", "F32"], "name one --quantize, not 2"),
        (["{recipe}", "--quantize", "F16", "--set", "export.gguf=[]"], "--quantize and --set export.gguf"),
        (["{tmp}", "--out", "{tmp}-x"], "holds no trained model"),
        (["{tmp}/none.toml"], "no such recipe"),
    ],
)
def test_mistakes_are_explained(
    tiny_file: Path, tiny_run: Run, tmp_path: Path, arguments: list[str], words: str
) -> None:
    with pytest.raises(FidanError) as error:
        call(*(a.format(recipe=tiny_file, run=tiny_run.out, tmp=tmp_path) for a in arguments))
    assert words in str(error.value)


def test_kinds_have_one_spelling_and_count_once(tiny_file: Path) -> None:
    assert ExportConfig(gguf=("q4_K_M", "Q4_K_M", "f32")).gguf == ("Q4_K_M", "F32")
    assert load_recipe(tiny_file, ["export.gguf=['q5_k_m']"]).export.gguf == ("Q5_K_M",)


def test_k_quants_are_made_of_one_exact_file_that_goes_away(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def play(source: Path, kind: str, target: Path, say: object) -> str:
        reader = gguf.GGUFReader(source)
        seen.append((source, kind, reader.fields["general.name"].contents(), reader.tensors[0].tensor_type.name))
        target.write_bytes(b"GGUF")
        return "a player"

    monkeypatch.setattr(formats, "quantize", play)
    folder = make_folder(dtype="bfloat16")
    made = write_gguf_files(folder, ("Q4_K_M", "Q6_K"), tmp_path / "out", "ad soyad/1", lambda text: None)
    assert [(kind, name, dtype) for _, kind, name, dtype in seen] == [
        ("Q4_K_M", "ad soyad/1", "BF16"),
        ("Q6_K", "ad soyad/1", "BF16"),
    ]
    assert seen[0][0] == seen[1][0]
    assert made[1] == {"file": "ad-soyad-1-Q6_K.gguf", "bytes": 4, "by": "a player"}
    assert names(tmp_path / "out") == {
        f"ad-soyad-1-{kind}.{end}" for kind in ("Q4_K_M", "Q6_K") for end in ("gguf", "Modelfile")
    }


def test_what_is_exported_again_is_opened_again(run: Path, tmp_path: Path) -> None:
    import torch

    call(run, "--out", tmp_path / "x")
    opened = open_trained(tmp_path / "x" / "hugging_face", torch.device("cpu"))
    assert opened.sampling.top_p == 0.95


def test_push_uploads_what_was_made(
    tiny_file: Path, run: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.endpoint)
    output = call(tiny_file, "--out", run, "--push", "ayse/minik", "--private")
    assert output.strip().endswith("/ayse/minik")
    assert {"README.md", "model.safetensors", "SHA256SUMS", "Modelfile"} <= set(hub.files)
    assert hub.repositories["ayse/minik"]["visibility"] == "private"
    hub.files.clear()
    call(run, "--push", "ayse/minik")  # the folder that is there, as it is
    call(run / "export" / "hugging_face", "--push", "ayse/minik")
    assert "model.safetensors" in hub.files


def test_push_options_without_sense(run: Path) -> None:
    with pytest.raises(FidanError, match="--private: only with --push"):
        call(run, "--private")
    with pytest.raises(FidanError, match="--push: uploads the Hugging Face folder"):
        call(run, "--push", "a/b", "--quantize", "Q8_0")


def test_the_licence_of_a_run_stays_with_its_model(tiny_file: Path, run: Path, tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text("Yalnızca okumak için.")
    terms = ["export.license=cc-by-nc-4.0", f"export.license_file={tmp_path / 'terms.txt'}"]
    call(tiny_file, "--out", run, *(word for one in terms for word in ("--set", one)))
    call(run, "--out", tmp_path / "new")
    folder = tmp_path / "new" / "hugging_face"
    assert (folder / "LICENSE").read_text() == "Yalnızca okumak için."
    assert 'LICENSE """cc-by-nc-4.0"""' in (folder / "Modelfile").read_text()


def test_a_folder_is_made_whole_or_not_at_all(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("")
    with pytest.raises(FidanError, match="there is something already"):
        call(run, "--out", tmp_path / "there")
    exported = run / "export" / "hugging_face"
    (exported / "config.json").write_text((exported / "config.json").read_text() + " ")
    with pytest.raises(FidanError, match=r"config\.json has changed"):
        call(exported, "--out", tmp_path / "new")

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(formats, "verify_folder", stopped)
    result = CliRunner().invoke(app, ["export", str(run), "--out", str(tmp_path / "new")])
    assert result.exit_code == 130
    assert {path.name for path in tmp_path.iterdir()} == {"there", "run"}


def test_what_is_neither_recipe_nor_folder(tmp_path: Path) -> None:
    with pytest.raises(FidanError, match=r"x\.gguf: neither a recipe"):
        call(tmp_path / "x.gguf")
