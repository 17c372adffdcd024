"""The whole story, as a user lives it: the command line in its own process, killed, resumed, fed with rubbish."""

import json
import lzma
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from fidan.artifact import hash_file
from fidan.stages import Run, stages_of
from tests.preloaded import COMMAND, QUIET, fidan, start


def killed_during(stage: str, moment: float, *arguments: str | Path) -> None:
    """Start, wait until `stage` is at work, then kill -9 the process and all its children."""
    process = start(*arguments)
    folder = Path(str(arguments[3])) / stage
    while not (folder / "plan.json").exists():
        assert not process.ended(), process.words()
        time.sleep(0.01)
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGKILL)
    process.result()


@pytest.fixture(scope="module")
def plain_file(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run's recipe without worker processes, which import PyTorch each; it makes the same files."""
    text = tiny_file.read_text(encoding="utf-8").replace("[corpus]", "[pack]\nworkers = 1\n[corpus]\nworkers = 1")
    path = tmp_path_factory.mktemp("plain") / tiny_file.name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("moment", [0.0, 0.15])
def test_killed_in_every_stage_and_finished_it_is_the_same(
    tiny_file: Path, tiny_run: Run, tmp_path: Path, moment: float
) -> None:
    out = tmp_path / "run"
    for stage in stages_of(tiny_run.recipe):
        killed_during(stage.name, moment, "run", tiny_file, "--out", out)
    finished = fidan("run", tiny_file, "--out", out)
    assert finished.returncode == 0, finished.stderr
    for name in ("corpus/train/00000.jsonl.zst", "tokenizer/tokenizer.model", "train/model.safetensors"):
        assert hash_file(out / name) == hash_file(tiny_run.out / name), name
    again = fidan("run", tiny_file, "--out", out)
    assert again.stderr.count("up to date") == len(stages_of(tiny_run.recipe))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_that_the_same_command_goes_on(
    plain_file: Path, tmp_path: Path, number: signal.Signals
) -> None:
    out = tmp_path / "run"
    settings = ["--set", "train.tokens=2_000_000"]
    with subprocess.Popen(
        [*COMMAND, "run", str(plain_file), "--out", str(out), *settings], stderr=subprocess.PIPE, text=True,
        env={**os.environ, **QUIET},
    ) as process:  # fmt: skip
        while not list((out / "train").glob("checkpoints/step-*")):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert f"stopped: {number.name}: saved at step " in said
    assert "The same command goes on from there" in said
    assert "Traceback" not in said
    saved = int(said.split("saved at step ")[1].split()[0].rstrip(".").replace(",", ""))
    assert list((out / "train" / "checkpoints").glob(f"step-{saved:06d}*")), "it saved where it was stopped"
    assert (out / "train" / "report.html").is_file()


def test_the_time_of_a_session_may_be_over(plain_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = fidan("run", plain_file, "--out", out, "--max-minutes", "0")
    assert result.returncode == 0, result.stderr
    assert "stopped: the time is over: saved at step 0 and 1 passes of the next" in result.stderr
    assert "evaluate" not in result.stderr
    again = fidan("run", plain_file, "--out", out)
    assert again.returncode == 0, again.stderr
    assert "going on from step 0" in again.stderr


def test_accepted_changes_go_on_and_others_are_refused(plain_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert fidan("run", plain_file, "--out", out, "--max-minutes", "0").returncode == 0
    refused = fidan("train", plain_file, "--out", out, "--set", "train.sequence_length=32", "--accept-changes")
    assert refused.returncode == 1
    assert "cannot be gone on with (setting train.sequence_length 64 → 32)" in refused.stderr
    accepted = fidan("train", plain_file, "--out", out, "--set", "train.schedule=wsd", "--accept-changes")
    assert accepted.returncode == 0, accepted.stderr
    assert "goes on with other settings (setting train.schedule 'cosine' → 'wsd')" in accepted.stderr
    assert not out.with_name("run").joinpath("train.old-1").exists()
    anew = fidan("train", plain_file, "--out", out, "--set", "train.schedule=linear")
    assert "runs again (setting train.schedule 'wsd' → 'linear')" in anew.stderr
    assert out.joinpath("train.old-1").is_dir()


def test_the_summary_of_a_run(tiny_file: Path, tiny_run: Run, tmp_path: Path) -> None:
    out = shutil.copytree(tiny_run.out, tmp_path / "run")
    result = fidan("run", tiny_file, "--out", out)
    assert result.returncode == 0, result.stderr
    for stage in stages_of(tiny_run.recipe):
        assert f"│ {stage.name}" in result.stdout
    assert "bits/byte on" in result.stdout
    assert "minimal pairs fidan" in result.stdout
    assert f"evaluation: {out / 'evaluate' / 'evaluation.html'}" in result.stdout
    assert result.stdout.count("  fidan ") == 5
    assert (out / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert "## Samples" in (out / "summary.md").read_text()


def test_generate_streams_a_continuation(tiny_run: Run) -> None:
    for folder in (tiny_run.out, tiny_run.folder("export") / "hugging_face"):
        result = fidan("generate", "--model", folder, "Bugün hava", "--seed", "1", "--max-new-tokens", "8")
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith("Bugün hava")
        assert len(result.stdout) > len("Bugün hava") + 5


def test_doctor_costs_a_recipe(tiny_file: Path) -> None:
    result = fidan("doctor", tiny_file)
    assert result.returncode == 0, result.stderr
    for word in ("processor", "bf16", "torch.compile", "parameters", "FLOPs a token", "memory", "hours"):
        assert word in result.stdout, word


def broken(tmp_path: Path) -> dict[str, tuple[str, str]]:
    """Bad inputs: what is given as the source, and what the error must say."""
    text = ("Güneş doğdu ve kuşlar ötmeye başladı.\n\n" * 5000).encode()
    whole = lzma.compress(text)
    files = {"truncated.txt.xz": whole[: len(whole) // 2], "empty.txt": b"", "blank.txt": b"\n \n\n"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return {
        "truncated": (str(tmp_path / "truncated.txt.xz"), "truncated.txt.xz"),
        "empty": (str(tmp_path / "empty.txt"), "empty.txt"),
        "blank": (str(tmp_path / "blank.txt"), "blank.txt"),
        "missing": (str(tmp_path / "none.txt"), "none.txt"),
        "folder without texts": (str(tmp_path / "hollow"), "hollow"),
    }


@pytest.mark.parametrize("kind", ["truncated", "empty", "blank", "missing", "folder without texts"])
def test_bad_sources_are_clear_errors(tiny_file: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "hollow").mkdir()
    source, words = broken(tmp_path)[kind]
    result = fidan("run", tiny_file, "--out", tmp_path / "out", "--set", f"corpus.sources=['{source}']")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: ") or "error: " in result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "{recipe}", "--set", "train.leraning_rate=1"], "Did you mean 'learning_rate'?"),
        (["run", "{recipe}", "--set", "model.d_model=50"], "d_model = 50 cannot be split among n_heads = 4"),
        (["train", "{recipe}", "--out", "{tmp}"], "train needs corpus"),
        (["run", "recipes/none.toml"], "no such recipe"),
        (["generate", "--model", "{tmp}", "Ali"], "holds no trained model"),
        (["generate", "Ali", "--seed", "3"], "--seed: only with --model"),
        (["generate", "--model", "{tmp}", "Ali", "--set", "a.b=1"], "only with a recipe"),
        (["generate", "--model", "{run}", "Ali", "--temperature", "-1"], "temperature = -1.0: must not be negative"),
        (["generate", "--model", "{run}", "a b " * 100], "a prompt of"),
        (["doctor", "--set", "a=1"], "--set: only with a recipe"),
    ],
)
def test_mistakes_are_explained(
    tiny_file: Path, tiny_run: Run, tmp_path: Path, arguments: list[str], words: str
) -> None:
    filled = [a.format(recipe=tiny_file, tmp=tmp_path, run=tiny_run.out) for a in arguments]
    result = fidan(*filled)
    assert (result.returncode, "Traceback" in result.stderr) == (1, False), result.stderr
    assert words in result.stderr


@pytest.mark.parametrize("megabytes", [1, 2])
def test_a_full_disk_loses_nothing(tiny_file: Path, tiny_run: Run, tmp_path: Path, megabytes: int) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        result = fidan("run", tiny_file, "--out", small / "run")
        assert result.returncode == 1, result.stderr
        assert "the disk is full" in result.stderr
        assert "Traceback" not in result.stderr
        before = {p: hash_file(p) for p in small.rglob("*") if p.is_file() and p.suffix in (".zst", ".safetensors")}
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        finished = fidan("run", tiny_file, "--out", small / "run")
        assert finished.returncode == 0, finished.stderr
        assert hash_file(small / "run/train/model.safetensors") == hash_file(tiny_run.out / "train/model.safetensors")
        assert all(hash_file(p) == digest for p, digest in before.items() if p.exists())
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_manifests_tell_where_everything_came_from(tiny_run: Run) -> None:
    for stage in stages_of(tiny_run.recipe):
        manifest = json.loads((tiny_run.folder(stage.name) / "manifest.json").read_text())
        assert manifest["plan"]["stage"] == stage.name
        assert manifest["plan"]["seed"] == 42
        assert manifest["plan"]["inputs"]
        assert manifest["outputs"]
        assert manifest["package"]
