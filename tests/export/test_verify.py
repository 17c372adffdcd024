"""`fidan verify`: a good export passes in every runtime, and each fault is found in the row that is its own."""

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

import fidan.cli
from fidan.cli.app import app
from fidan.errors import FidanError
from fidan.export import gguf
from fidan.export.formats import write_gguf_files
from fidan.export.proof.compare import compare_greedy
from fidan.export.proof.hostile import TEXTS, named_texts, random_texts
from fidan.export.proof.rows import exact, within
from fidan.export.sums import sha256, write_sums
from fidan.llama_cpp import native
from fidan.llama_cpp.model import NotInstalled
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer, round_trip
from fidan.trained import open_trained

from .conftest import MakeFolder
from .damage import change_theta, damage_weights, lose_a_weight, swap_two_pieces

assert fidan.cli.main  # the commands are hung on the application

KINDS = ("F32", "F16", "BF16", "Q8_0", "Q4_0")
SAME, WORST = "same weights: mean |Δ|", "same weights: worst |Δ|"
Found = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
def run(tiny_run: Run, tmp_path: Path) -> Path:
    """A copy of the finished run."""
    copy = shutil.copytree(tiny_run.out, tmp_path / "run", ignore=shutil.ignore_patterns("checkpoints"))
    (copy / "export" / "hugging_face" / "SHA256SUMS").unlink()  # else every damage shows there, too
    return copy


@pytest.fixture
def folder(run: Path) -> Path:
    """What that run has exported."""
    return run / "export" / "hugging_face"


def verify(path: Path, *more: object) -> tuple[int, Found]:
    """The exit code, and the rows by the first word of their runtime and their check."""
    told = path.parent / "told.json"
    command = ["verify", path, "--fuzz", 60, "--json", told, *more]
    result = CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    assert told.is_file(), result.output
    report = json.loads(told.read_text())
    assert report["equal"] is (result.exit_code == 0)
    return result.exit_code, {(row["runtime"].split()[0], row["check"]): row for row in report["rows"]}


def faults(found: Found) -> set[tuple[str, str]]:
    return {key for key, row in found.items() if row["verdict"] == "different"}


def write_files(folder: Path, kinds: Sequence[str]) -> None:
    write_gguf_files(folder, kinds, folder.parent / "gguf", "tiny", lambda text: None)


@pytest.mark.parametrize("package", ["llama_cpp", "xllamacpp"])
def test_a_good_export_is_equal_everywhere(
    run: Path, folder: Path, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(package)
    if package == "xllamacpp":
        monkeypatch.setattr(native, "library", _absent)
    write_files(folder, KINDS)
    (run / "lines.txt").write_text("bir satır\n\n  iki boşluk \n", encoding="utf-8")
    code, found = verify(run, "--lines", run / "lines.txt")
    assert code == 0
    assert {row["verdict"] for row in found.values()} == {"equal"}
    assert found["tiny-F32.gguf", "loads"]["note"].startswith(package.replace("llama_cpp", "llama-cpp-python"))
    runtimes = {"SentencePiece", "tokenizers", "Transformers", *(f"tiny-{kind}.gguf" for kind in KINDS)}
    assert {runtime for runtime, check in found if check == "ids"} == runtimes
    assert {runtime for runtime, check in found if check == "decoded text"} == runtimes
    assert {runtime for runtime, check in found if check == "greedy text"} == runtimes - {
        "SentencePiece", "tokenizers"
    }  # fmt: skip
    assert found["Transformers", "ids"]["compared"] > 500 + len(TEXTS) + 60  # every learnt piece among them
    assert found["tiny-F32.gguf", WORST]["worst"] < 1e-4
    for kind in ("F16", "BF16", "Q8_0", "Q4_0"):  # the limit is no more than a few times what is found
        row = found[f"tiny-{kind}.gguf", "price: mean |Δ|"]
        assert 0.2 * row["limit"] < row["worst"] < row["limit"] < 0.02


def test_an_exported_folder_is_held_against_itself(folder: Path, run: Path, tmp_path: Path) -> None:
    write_files(folder, ["F32"])
    alone = shutil.copytree(folder, tmp_path / "alone")
    code, found = verify(alone, "--gguf", run / "export" / "gguf" / "tiny-F32.gguf")
    assert code == 0
    assert ("model.safetensors", "weights") not in found
    assert ("tiny-F32.gguf", "settings") in found
    code, found = verify(run / "export")  # both folders in one, as `fidan export --out` leaves them
    assert code == 0
    assert ("tiny-F32.gguf", "settings") in found


def truncate_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def change_config(folder: Path, **settings: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | settings))


def change_one_theta(folder: Path) -> None:
    """Only that of Transformers 4 and Ollama."""
    change_config(folder, rope_theta=500.0)


def change_eps(folder: Path) -> None:
    change_config(folder, rms_norm_eps=1e-4)


def lose_the_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.model").unlink()


def lose_the_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def break_the_sums(folder: Path) -> None:
    write_sums(folder)
    listed = (folder / "SHA256SUMS").read_text()
    other = listed.replace(sha256(folder / "config.json"), "0" * 64)
    (folder / "SHA256SUMS").write_text(other)


@pytest.mark.parametrize(
    ("damage", "expected", "words"),
    [
        (damage_weights, {("model.safetensors", "weights"), ("Transformers", "logits")}, "layers.1.self_attn.q_proj"),
        (lose_a_weight, {("model.safetensors", "weights"), ("Transformers", "weights")}, "model.norm.weight"),
        (
            truncate_weights,
            {("hugging_face", "files"), ("model.safetensors", "weights"), ("Transformers", "logits")},
            "model.safetensors: cannot be read as safetensors",
        ),
        (change_theta, {("config.json", "settings"), ("Transformers", "logits")}, "'rope_theta': 500.0, not 10000.0"),
        (change_one_theta, {("config.json", "settings")}, "'rope_theta': 500.0, not 10000.0"),
        (change_eps, {("config.json", "settings"), ("Transformers", "logits")}, "rms_norm_eps"),
        (swap_two_pieces, {("tokenizers", "ids"), ("Transformers", "ids")}, "from place"),
        (lose_the_tokenizer, {("hugging_face", "files"), ("SentencePiece", "ids")}, "missing"),
        (lose_the_config, {("hugging_face", "files"), ("config.json", "settings")}, "missing"),
        (break_the_sums, {("hugging_face", "SHA256SUMS")}, "config.json has changed"),
    ],
)  # fmt: skip
def test_a_fault_is_in_its_own_rows(
    run: Path,
    folder: Path,
    damage: Callable[[Path], None],
    expected: set[tuple[str, str]],
    words: str,
) -> None:
    damage(folder)
    code, found = verify(run)
    assert code == 1
    assert expected <= faults(found)
    assert any(words in found[key]["note"] for key in expected)
    sound = {"SentencePiece", "tokenizers"} - {runtime for runtime, _ in expected}
    assert not {runtime for runtime, _ in faults(found)} & sound  # the rest was checked all the same


def test_another_tokenizer_model_is_found(run: Path, folder: Path) -> None:
    data = (folder / "tokenizer.model").read_bytes()
    (folder / "tokenizer.model").write_bytes(data.replace("▁bir".encode(), "▁biz".encode(), 1))
    code, found = verify(run)
    assert code == 1
    assert {runtime for runtime, _ in faults(found)} == {"SentencePiece"}


@pytest.mark.parametrize("name", ["tokenizer.model", "config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_without_a_file_is_refused_by_the_files_name(folder: Path, name: str, tmp_path: Path) -> None:
    alone = shutil.copytree(folder, tmp_path / "alone")
    (alone / name).unlink()
    code, found = verify(alone)
    assert code == 1
    assert set(found) == {("alone", "files")}
    assert found["alone", "files"]["note"].startswith(f"{name} is missing")


def test_truncated_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    alone = shutil.copytree(folder, tmp_path / "alone")
    truncate_weights(alone)
    code, found = verify(alone)
    assert code == 1
    assert "cannot be read as safetensors" in found["alone", "files"]["note"]


def swap_tensors(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    one, other = (f"model.layers.{layer}.mlp.up_proj.weight" for layer in (0, 1))
    weights[one], weights[other] = weights[other], weights[one]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def train_a_little_more(folder: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    weights = load_file(folder / "model.safetensors")
    for weight in weights.values():
        weight += 0.5 * weight.std() * torch.randn(weight.shape, generator=generator)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("kind", ["F32", "Q8_0", "Q4_0"])
@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (change_theta, {"settings"}),
        (change_eps, {"settings", SAME, WORST}),
        (swap_tensors, {"weights", "price: mean |Δ|", "price: KL"}),
        (train_a_little_more, {"weights", "price: mean |Δ|", "price: KL"}),
        ("unpermuted", {"weights"}),
        ("pieces", {"settings", "ids", "decoded text"}),
    ],
    ids=["theta", "eps", "tensors", "another model", "unpermuted", "pieces"],
)
def test_a_fault_of_a_gguf_file_is_in_its_own_rows(
    run: Path,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    damage: Callable[[Path], None] | str,
    expected: set[str],
) -> None:
    pytest.importorskip("xllamacpp")
    source = shutil.copytree(folder, tmp_path / "source")
    if damage == "unpermuted":
        monkeypatch.setattr(gguf, "interleaved", lambda weight, heads: weight)
    elif damage == "pieces":
        monkeypatch.setattr(gguf, "_pieces", _swapped(gguf._pieces))
    else:
        assert callable(damage)
        damage(source)
    file = run / "export" / "gguf" / "tiny.gguf"
    gguf.write_gguf(source, kind, file)
    code, found = verify(run)
    assert code == 1
    assert {runtime for runtime, _ in faults(found)} == {"tiny.gguf"}
    assert expected <= {check for _, check in faults(found)}
    if kind == "F32":  # where nothing is lost, every fault shows in what llama.cpp computes, too
        assert {check for _, check in faults(found)} & {"ids", SAME, "price: KL"}
    if expected == {"weights"}:
        assert "_proj.weight" in found["tiny.gguf", "weights"]["note"]


def test_a_gguf_file_of_another_shape_does_not_fit(run: Path, make_folder: MakeFolder) -> None:
    pytest.importorskip("xllamacpp")
    other = make_folder(d_model=30, n_heads=3, n_kv_heads=1, n_layers=3, extra_rows=5)
    gguf.write_gguf(other, "F32", run / "export" / "gguf" / "other.gguf")
    code, found = verify(run)
    assert code == 1
    assert {("other.gguf", "settings"), ("other.gguf", "weights"), ("other.gguf", "same weights")} == faults(found)
    assert "llama.embedding_length" in found["other.gguf", "settings"]["note"]


def test_a_truncated_gguf_file_is_named(run: Path, folder: Path) -> None:
    write_files(folder, ["F32"])
    path = run / "export" / "gguf" / "tiny-F32.gguf"
    path.write_bytes(path.read_bytes()[:-100_000])
    code, found = verify(run)
    assert code == 1
    assert "tiny-F32.gguf" in found["tiny-F32.gguf", "file"]["note"]


def test_what_is_not_installed_is_said_and_not_passed(
    run: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(folder, ["F32"])
    monkeypatch.setattr(native, "library", _absent)
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    code, found = verify(run)
    assert code == 0
    row = found["tiny-F32.gguf", "ids, text, logits"]
    assert row["verdict"] == "not installed"
    assert "pip install xllamacpp" in row["note"]
    assert found["tiny-F32.gguf", "weights"]["verdict"] == "equal"


def test_the_table_shows_the_first_difference(run: Path, folder: Path) -> None:
    swap_two_pieces(folder)
    result = CliRunner().invoke(app, ["verify", str(run), "--fuzz", "0"], env={"COLUMNS": "120"})
    assert result.exit_code == 1
    assert "config.json" in result.output
    assert "Transformers" in result.output
    assert "differ" in result.output
    assert "from place" in result.output


@pytest.mark.parametrize("name", ["nowhere", "run"])
def test_folders_that_hold_no_export_are_named(run: Path, name: str) -> None:
    shutil.rmtree(run / "export")
    with pytest.raises(FidanError, match="no such folder"):
        CliRunner().invoke(app, ["verify", str(run.parent / name)], catch_exceptions=False)


class Writer:
    """A runtime that writes what it is told."""

    name = "writer"

    def __init__(self, ids: list[int]) -> None:
        self._ids = ids

    def logits(self, ids: Sequence[int], places: Sequence[int]) -> torch.Tensor:
        raise NotImplementedError

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        return self._ids[:count]


def test_a_near_tie_is_no_fault_and_another_token_is(tiny_run: Run) -> None:
    model = open_trained(tiny_run.out, torch.device("cpu")).model
    ids, found = [1, 300, 301], []
    for _ in range(16):
        with torch.inference_mode():
            found.append(int(model(torch.tensor([[*ids, *found]]))[0, -1].argmax()))
    assert compare_greedy(Writer(found), model, ids, 1e-4).verdict == "equal"
    with torch.inference_mode():
        best = model(torch.tensor([ids]))[0, -1].topk(2)
    gap = float(best.values[0] - best.values[1])
    other = Writer([int(best.indices[1])] * 16)
    assert compare_greedy(other, model, ids, 1e-4).verdict == "different"
    one = Writer([int(best.indices[1])])
    assert compare_greedy(one, model, ids, gap * 1.01).note == "near-ties: 1"
    assert compare_greedy(one, model, ids, gap * 0.99).note.startswith(f"token 0 is {int(best.indices[1])}")


def test_rows_say_how_many_differ_and_where_the_first_does() -> None:
    row = exact("ids", "x", "texts", [[1, 2], [1, 3], [1, 4]], [[1, 2], [1, 5], [1]], ["a", "b", "c"])
    assert (row.verdict, row.compared, row.worst) == ("different", 3, 2)
    assert row.note == "'b': from place 1 on [5], not [3]"
    assert within("logits", "x", 1, "logits", float("nan"), 1.0).verdict == "different"


def test_hostile_texts_come_back_and_are_the_same_every_time(tiny_run: Run) -> None:
    tokenizer = Tokenizer.load(tiny_run.folder("tokenizer"))
    texts = [*TEXTS, *named_texts(tokenizer), *random_texts(tokenizer, 500)]
    for text in texts:
        assert tokenizer.decode(tokenizer.encode(text)) == round_trip(text)
    assert random_texts(tokenizer, 500) == texts[-500:]
    assert random_texts(tokenizer, 500, seed=12) != texts[-500:]
    assert len(set(TEXTS)) == len(TEXTS)


def _absent() -> None:
    raise NotInstalled("llama-cpp-python is not installed")


def _swapped(pieces: Callable[..., Any]) -> Callable[..., Any]:
    """The pieces "a" and "e" in each other's place."""

    def swapped(*arguments: Any) -> list[Any]:
        other = {"a": "e", "e": "a"}
        return [(other.get(piece, piece), score, kind) for piece, score, kind in pieces(*arguments)]

    return swapped
