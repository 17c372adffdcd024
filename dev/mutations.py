"""Break the library on purpose, one place at a time, and see which chapter of the course notices.

    python dev/mutations.py                 every mutation against the chapters that should catch it
    python dev/mutations.py --everywhere    against all chapters: minutes a mutation
    python dev/mutations.py mask scale      these alone

A proof that still holds when the library is wrong proves nothing. Each mutation is one changed line in a copy of the
package; a chapter catches it by failing. Exit code 1 where one goes unnoticed. What it leaves out: the tests of the
package, which are held to more than this.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from course import RUNS
from course import run as run_notebook
from nbclient.exceptions import CellExecutionError

from notebooks import ROOT, sources


class Mutation(NamedTuple):
    """One fault.

    Attributes:
        name: of the place.
        file: from the package's folder.
        right: what stands there, once.
        wrong: what is put instead.
        chapters: numbers of those that teach it.
        meaning: what the fault is.
    """

    name: str
    file: str
    right: str
    wrong: str
    chapters: tuple[str, ...]
    meaning: str


MUTATIONS = (
    Mutation(
        "mask", "model/attention.py",
        "causal=self.causal and mask is None and x.shape[1] > 1", "causal=False",
        ("05",), "self-attention sees the future",
    ),
    Mutation(
        "mask-matrix", "model/masks.py", ".tril(past)", "", ("05",), "the causal mask hides nothing",
    ),
    Mutation(
        "scale", "model/scaled_dot_product.py",
        "k.float().transpose(-2, -1) / q.shape[-1] ** 0.5", "k.float().transpose(-2, -1)",
        ("04",), "scores are not divided by √K",
    ),
    Mutation(
        "scale-kernel", "model/scaled_dot_product.py",
        "is_causal=causal, enable_gqa=grouped)", "is_causal=causal, enable_gqa=grouped, scale=1.0)",
        ("04",), "the kernel does not divide by √K",
    ),
    Mutation(
        "rope-sign", "model/rope.py", "torch.cat((-second, first), dim=-1)", "torch.cat((second, -first), dim=-1)",
        ("03",), "rotary positions turn the other way",
    ),
    Mutation(
        "label-shift", "training/batches.py", "ids[:, 1:].contiguous())", "ids[:, :-1].contiguous())",
        ("10",), "a position predicts itself",
    ),
    Mutation(
        "label-shift-pairs", "tokenizer/pairs.py",
        "before, behind = labels[:, :-1], inputs[:, 1:]", "before, behind = labels[:, 1:], inputs[:, 1:]",
        ("10", "02"), "an answer's inputs are its labels",
    ),
    Mutation(
        "padding-average", "training/loss.py",
        "weighted = (labels != IGNORE).to(sums.dtype)", "weighted = torch.ones_like(labels, dtype=sums.dtype)",
        ("10",), "padding counts in the loss",
    ),
    Mutation(
        "ema-decay", "training/ema.py",
        "decay = min(self.decay, (1 + step) / (10 + step))", "decay = (1 + step) / (10 + step)",
        ("11",), "the average's decay is ignored",
    ),
    Mutation(
        "padding-seen", "model/masks.py",
        "return seen_by_all(tokens[:, None, None])", "return seen_by_all(torch.ones_like(tokens)[:, None, None])",
        ("05", "07"), "padding is looked at",
    ),
)  # fmt: skip


def mutate(package: Path, mutation: Mutation) -> None:
    """Put the fault into a copy of the package.

    Raises:
        ValueError: what should stand there does not, or more than once.
    """
    path = package / mutation.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutation.right) != 1:
        raise ValueError(
            f"{mutation.name}: {mutation.file} has {mutation.right!r} {text.count(mutation.right)} times, "
            "not once. Bring the mutation up to date."
        )
    path.write_text(text.replace(mutation.right, mutation.wrong), encoding="utf-8")


def caught_by(source: Path) -> str | None:
    """The last line of the failure that a chapter ends with; None: it did not notice."""
    try:
        run_notebook(source)
    except (CellExecutionError, RuntimeError) as error:
        lines = [line for line in re.sub("\x1b\\[[0-9;]*m", "", str(error)).splitlines() if line.strip()]
        return lines[-1][:160]
    return None


def main() -> None:
    """Try every mutation that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help=f"default: all of {', '.join(m.name for m in MUTATIONS)}")
    parser.add_argument("--everywhere", action="store_true", help="run all chapters, not those alone that teach it")
    options = parser.parse_args()
    unknown = set(options.names) - {mutation.name for mutation in MUTATIONS}
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: no such mutation; there are {', '.join(m.name for m in MUTATIONS)}.")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    missed = []
    for mutation in MUTATIONS:
        if options.names and mutation.name not in options.names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(
                ROOT / "src" / "fidan", Path(folder) / "fidan", ignore=shutil.ignore_patterns("__pycache__")
            )
            if RUNS.is_dir():
                shutil.copytree(RUNS, Path(folder) / "runs")
            mutate(Path(folder) / "fidan", mutation)
            os.environ |= {"PYTHONPATH": folder, "FIDAN_KURS_DIR": str(Path(folder) / "runs")}
            chapters = [s for s in sources() if options.everywhere or s.name[:2] in mutation.chapters]
            found = {chapter.name[:2]: caught_by(chapter) for chapter in chapters}
        print(f"{mutation.name}: {mutation.meaning}")
        for chapter, how in found.items():
            print(f"  {chapter}  {'NOT NOTICED' if how is None else how}", flush=True)
        if not any(found.values()):
            missed.append(mutation.name)
    if missed:
        sys.exit(f"no chapter notices {', '.join(missed)}")


if __name__ == "__main__":
    main()
