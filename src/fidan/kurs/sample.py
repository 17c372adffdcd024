"""What the chapters try things on: the package's own text, a small tokenizer of it, and a small trained run.

All of it is made on the spot, the same on every machine, without a network.
"""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from fidan.corpus.synthetic.generator import generate
from fidan.progress import SilentReporter

if TYPE_CHECKING:  # what imports Transformers is imported where it is used: most chapters need none of it
    from fidan.stages import Run
    from fidan.tokenizer.tokenizer import Tokenizer

FOLDER = "FIDAN_KURS_DIR"  # where the chapters' runs lie; `runs` without it


def kurs_klasoru() -> Path:
    """The folder in which chapters put what they make; it is there afterwards."""
    folder = Path(os.environ.get(FOLDER, "runs"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def ornek_belgeler(bayt: int = 300_000, tohum: int = 1) -> list[str]:
    """Short Turkish stories of the package's own, up to so many bytes of UTF-8."""
    return [document.text for document in generate(tohum, bayt)]


@cache
def ornek_tokenlastirici(sozluk: int = 800) -> "Tokenizer":
    """A tokenizer of `sozluk` pieces, learnt from `ornek_belgeler()`."""
    from fidan.recipe import TokenizerConfig
    from fidan.tokenizer.tokenizer import Tokenizer
    from fidan.tokenizer.train import Sentences, learn

    return Tokenizer(learn(Sentences(ornek_belgeler()), TokenizerConfig(vocab_size=sozluk)))


def ornek_calistirma() -> "Run":
    """A finished run of the course's recipe; made at the first call, which takes about a minute, then read.

    Chapters read it and change nothing in it. A script that calls it does so below `if __name__ == "__main__":`; the
    corpus stage starts processes that import the script again. Notebooks need no such care.
    """
    from fidan.recipe import load_recipe
    from fidan.running import run_all
    from fidan.stages import Run

    recipe = load_recipe(Path(__file__).with_name("kurs.toml"))
    out = kurs_klasoru() / "kurs"
    run = Run(recipe, out, SilentReporter())
    with FileLock(out.with_suffix(".lock")):  # two chapters may run at once
        if not (out / "export").is_dir():
            print(f"{out}: küçük bir model yetişiyor; bir dakika kadar sürer, yalnızca ilk kez.", flush=True)
        run_all(run)
    return run
