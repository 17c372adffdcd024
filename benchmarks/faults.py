"""What becomes of a training when things go wrong: a table of faults, each done to a real `fidan train`.

    python benchmarks/faults.py [--kills 20] [--seed 1] [--only NAME]

Every fault is followed by the same command again, and the weights at the end are compared, bit for bit, with those of
a run that nothing happened to. Uses a small run on text of the package's own making; the full disk needs the right to
mount a small file system and is left out, with a word, where there is none.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fidan.artifact import hash_file
from fidan.training.checkpoint import STATE, checkpoints

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = (
    *("corpus.sources=['synthetic:300KB']", "corpus.noise=0.0", "tokenizer.vocab_size=800"),
    *("model.d_model=48", "model.n_layers=2", "model.d_ff=96", "model.context=64"),
    *("train.tokens=60_000", "train.sequence_length=64", "train.batch_size=4", "train.accumulate=2"),
    *("train.warmup_steps=4", "train.precision=fp32", "train.valid_every=20", "train.valid_tokens=2000"),
    *("train.checkpoint_every=5", "train.sample_every=0", "train.tensorboard=false"),
)
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1", "COLUMNS": "200"}
POISON = """
import sys
from fidan.training import objective
real, calls = objective.batch_loss, iter(range(10**6))
def poisoned(*given, **named):
    found, bad = real(*given, **named), next(calls) == 61
    return tuple(part * float("nan") for part in found) if bad else found
objective.batch_loss = poisoned
from fidan.cli import main
main()
"""


class Bench:
    """A folder with everything but the training, copied for each fault."""

    def __init__(self, folder: Path) -> None:
        self.prepared = folder / "prepared"
        for stage in ("corpus", "tokenizer", "pack"):
            self.fidan(stage, self.prepared)
        self.whole = self.fresh("whole")
        began = time.monotonic()
        self.fidan("train", self.whole)
        self.seconds = time.monotonic() - began
        self.expected = hash_file(self.whole / "train" / "model.safetensors")

    def command(self, stage: str, out: Path, *more: str, processes: int = 1, code: str = "") -> list[str]:
        """The words that start it."""
        start = [sys.executable, *(("-c", code) if code else ("-m", "fidan.cli"))]
        if processes > 1:
            launcher = ["torch.distributed.run", "--standalone", "--nproc-per-node", str(processes), "-m"]
            start = [sys.executable, "-m", *launcher, "fidan.cli"]
        settings = [word for setting in SETTINGS for word in ("--set", setting)]
        return [*start, stage, str(ROOT / "recipes/demo.toml"), "--out", str(out), *settings, *more]

    def start(self, out: Path, *more: str, processes: int = 1) -> subprocess.Popen[str]:
        """A training under way, in a process group of its own."""
        command = self.command("train", out, *more, processes=processes)
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, **streams, env=ENVIRONMENT, start_new_session=True)

    def fidan(self, stage: str, out: Path, *more: str, code: str = "", fails: bool = False) -> str:
        """Run one command to its end; returns what it said."""
        command = self.command(stage, out, *more, code=code)
        result = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
        if (result.returncode != 0) != fails or "Traceback" in result.stderr:
            raise SystemExit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
        return result.stderr

    def fresh(self, name: str) -> Path:
        """A new run's folder."""
        return shutil.copytree(self.prepared, self.prepared.with_name(name))

    def equal(self, out: Path) -> str:
        """Finish the run and compare."""
        self.fidan("train", out)
        return "equal" if hash_file(out / "train" / "model.safetensors") == self.expected else "NOT EQUAL"


def wait_for_checkpoint(process: subprocess.Popen[str], out: Path) -> None:
    """Until the training has saved something new."""
    folder = out / "train" / "checkpoints"
    known = set(folder.glob("step-*"))
    while not set(folder.glob("step-*")) - known:
        if process.poll() is not None:
            raise SystemExit("the training ended before it saved a checkpoint")
        time.sleep(0.01)


def last_words(said: str) -> str:
    """The line that tells a user what happened."""
    lines = [line for line in said.splitlines() if line.startswith(("stopped", "error", "checkpoint", "left out"))]
    return lines[-1][:110] if lines else ""


def killed(bench: Bench, kills: int, seed: int) -> tuple[str, str]:
    """kill -9 at random moments, until so many have hit a training; each run is gone on with until it is done."""
    draw, found, ends, out = random.Random(seed), [], [], bench.fresh("killed-1")
    while len(found) < kills:
        process = bench.start(out)
        time.sleep(draw.uniform(0.0, 1.0) * bench.seconds)
        if process.poll() is not None:
            ends.append(bench.equal(out))
            out = bench.fresh(f"killed-{len(ends) + 1}")
            continue
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        saved = checkpoints(out / "train" / "checkpoints")
        found.append(saved[-1].name.removeprefix("step-").lstrip("0") if saved else "-")
    ends.append(bench.equal(out))
    return f"newest checkpoints found afterwards: {' '.join(found)}; {len(ends)} runs", " ".join(sorted(set(ends)))


def signalled(bench: Bench, number: signal.Signals) -> tuple[str, str]:
    """A polite signal."""
    out = bench.fresh(number.name)
    process = bench.start(out)
    wait_for_checkpoint(process, out)
    process.send_signal(number)
    _, said = process.communicate()
    return f"exit code {process.returncode}; {last_words(said)}", bench.equal(out)


def out_of_time(bench: Bench) -> tuple[str, str]:
    """--max-minutes."""
    out = bench.fresh("time")
    said = bench.fidan("train", out, "--max-minutes", "0.05")
    return last_words(said), bench.equal(out)


def damaged(bench: Bench, file: str, harm: Callable[[Path], None]) -> tuple[str, str]:
    """The newest checkpoint of a stopped run is harmed."""
    out = bench.fresh(f"damaged-{file}-{harm.__name__}")
    process = bench.start(out)
    for _ in range(2):
        wait_for_checkpoint(process, out)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    harm(checkpoints(out / "train" / "checkpoints")[-1] / file)
    said = bench.fidan("train", out)
    word = next(line for line in said.splitlines() if line.startswith("checkpoint passed over"))
    return word.replace(str(out), "…")[:110], bench.equal(out)


def flip(path: Path) -> None:
    """One bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def halve(path: Path) -> None:
    """The second half is gone."""
    os.truncate(path, path.stat().st_size // 2)


def poisoned(bench: Bench) -> tuple[str, str]:
    """The loss of one pass is NaN."""
    out = bench.fresh("nan")
    return last_words(bench.fidan("train", out, code=POISON, fails=True)), bench.equal(out)


def poisoned_and_left_out(bench: Bench) -> tuple[str, str]:
    """The same, with leave to go on."""
    out = bench.fresh("nan-skipped")
    said = bench.fidan("train", out, "--set", "train.skip_bad_steps=1", code=POISON)
    return last_words(said), "goes on without the batch"


def full_disk(bench: Bench) -> tuple[str, str]:
    """No room for a checkpoint; then room is made."""
    small = bench.prepared.with_name("small")
    small.mkdir()
    size = sum(path.stat().st_size for path in bench.prepared.rglob("*")) // 1024 + 4000
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        return "left out: a small file system cannot be mounted here", ""
    try:
        out = shutil.copytree(bench.prepared, small / "run")
        said = last_words(bench.fidan("train", out, fails=True)).replace(str(out), "…")
        subprocess.run(["mount", "-o", "remount,size=200m", str(small)], check=True)
        return said, bench.equal(out)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def worker_killed(bench: Bench) -> tuple[str, str]:
    """One process of two is killed; both begin again from the checkpoint, then one alone finishes."""
    out = bench.fresh("worker")
    process = bench.start(out, processes=2)
    wait_for_checkpoint(process, out)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
    os.kill(int(children[-1]), signal.SIGKILL)
    process.communicate()
    code = process.returncode
    again = bench.start(out, processes=2)
    wait_for_checkpoint(again, out)
    again.send_signal(signal.SIGTERM)
    _, said = again.communicate()
    bench.fidan("train", out)
    return f"torchrun ends with exit code {code}, no process is left; again: {last_words(said)}", "goes on"


def main() -> None:
    """Do them all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="the faults whose names contain this")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        faults: list[tuple[str, Callable[[], tuple[str, str]]]] = [
            ("SIGTERM", lambda: signalled(bench, signal.SIGTERM)),
            ("SIGINT", lambda: signalled(bench, signal.SIGINT)),
            ("--max-minutes 0.05", lambda: out_of_time(bench)),
            ("a bit of the newest model flipped", lambda: damaged(bench, "model.safetensors", flip)),
            ("newest optimizer state truncated", lambda: damaged(bench, "optimizer.safetensors", halve)),
            ("newest optimizer state missing", lambda: damaged(bench, "optimizer.safetensors", Path.unlink)),
            (f"newest {STATE}: a bit flipped", lambda: damaged(bench, STATE, flip)),
            ("NaN in a batch", lambda: poisoned(bench)),
            ("NaN, skip_bad_steps = 1", lambda: poisoned_and_left_out(bench)),
            ("full disk, then room made", lambda: full_disk(bench)),
            ("one process of two killed", lambda: worker_killed(bench)),
            (f"kill -9 at {arguments.kills} random moments", lambda: killed(bench, arguments.kills, arguments.seed)),
        ]
        print("| fault | what happened | at the end |\n| --- | --- | --- |", flush=True)
        for name, fault in (each for each in faults if arguments.only in each[0]):
            happened, end = fault()
            print(f"| {name} | {happened} | {end} |", flush=True)


if __name__ == "__main__":
    main()
