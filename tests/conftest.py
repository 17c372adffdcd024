"""Shared by all tests: tiny runs of the whole path, of a decoder and of an encoder-decoder, on text that is made.

And the real data, where it is at hand.
"""

import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from types import ModuleType

import pytest
from filelock import FileLock
from hypothesis import settings

from fidan.artifact import atomic_write
from fidan.progress import SilentReporter
from fidan.recipe import FinetuneConfig, Recipe, SftConfig, load_recipe
from fidan.running import run_all
from fidan.stages import Run

# No deadlines: machines are shared, and a first call may compile a loop.
settings.register_profile("fidan", deadline=None)
settings.load_profile("fidan")


TESTS = Path(__file__).resolve().parent

# What a test needs that a system lacks, as it stands in the test's file.
LACKING = {
    "win32": r"os\.fork|os\.kill\(|killpg|SIGKILL|send_signal|preexec_fn|getuid|\bfcntl\b|import resource|symlink_to|"
    r"chmod\(0o7|/proc/\{|/dev/full",
    "darwin": r"/proc/\{|/dev/full",
}


def lacking(platform: str) -> list[Path]:
    """The files of tests that cannot run on a platform; folders whose fixtures cannot count whole."""
    pattern = LACKING.get(platform)
    if pattern is None:
        return []
    files = [path for path in TESTS.rglob("*.py") if re.search(pattern, path.read_text(encoding="utf-8"))]
    helpers = {path.parent for path in files if not path.name.startswith("test_") and path.parent != TESTS}
    return sorted(path for path in TESTS.rglob("test_*.py") if path in files or helpers & set(path.parents))


LEFT_OUT = lacking(sys.platform)


def pytest_report_header() -> str:
    left = ", ".join(path.relative_to(TESTS).as_posix() for path in LEFT_OUT)
    return f"left out on {sys.platform}: {left}" if left else ""


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if collection_path in LEFT_OUT else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The demo first, which takes minutes: else one process runs it at the end, and the other has nothing to do."""
    items.sort(key=lambda item: item.path.name != "test_demo.py")


ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "dev"))  # whose scripts import one another
REAL_DATA = ROOT.parent / "shared" / "data"

TINY = """
name = "tiny"
[corpus]
sources = ["synthetic:300KB"]
valid_fraction = 0.05
shard_bytes = 60_000
[corpus.quality]
min_words = 10
min_alphabetic = 0.6
[tokenizer]
vocab_size = 800
[model]
d_model = 48
n_layers = 2
n_heads = 4
n_kv_heads = 2
d_ff = 96
context = 64
[train]
tokens = 20_000
sequence_length = 64
batch_size = 4
accumulate = 2
learning_rate = 3e-3
warmup_steps = 4
precision = "fp32"
valid_every = 10
valid_tokens = 2000
checkpoint_every = 5
log_every = 3
tensorboard = false
[generate]
prompts = ["Bugün hava", "Ali"]
max_new_tokens = 20
"""


@pytest.fixture(scope="session")
def real_data() -> Path:
    """A folder of real Turkish text beside the checkout; tests that want it are skipped where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip("no real data beside the checkout")
    return REAL_DATA


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recipe of the tiny run, as a file."""
    path = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_recipe(tiny_file: Path) -> Recipe:
    """The recipe of the tiny run."""
    return load_recipe(tiny_file)


def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all processes that pytest works in; what one of them makes there, under a lock, is for all."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def tiny_run(tiny_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of the tiny recipe. Tests read it; one that would change it copies it first."""
    folder = shared(tmp_path_factory)
    # One worker, so that the loops of the corpus are compiled once; it makes the same files as two.
    recipe = replace(tiny_recipe, corpus=replace(tiny_recipe.corpus, workers=1))
    with FileLock(folder / "tiny.lock"):
        run_all(Run(recipe, folder / "tiny", SilentReporter()))
    return Run(recipe, folder / "tiny", SilentReporter())


WORDS = ("ev", "araba", "kira", "borç", "dava", "hakim", "tanık", "vergi", "ceza", "miras", "çocuk", "evlilik")


@pytest.fixture(scope="session")
def pairs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions and answers, all different, of which the answer can be learnt."""
    rows = [f"{a} ile {b}: hangisi {n}?;{b} değil {a}, {n}." for n, (a, b) in enumerate(permutations(WORDS, 2))]
    path = shared(tmp_path_factory) / "pairs.csv"
    with atomic_write(path, "w") as file:
        file.write("\n".join(["Soru;Cevap", *rows]))
    return path


@pytest.fixture(scope="session")
def denoising_recipe(tiny_recipe: Recipe, pairs_file: Path) -> Recipe:
    """A tiny encoder-decoder: restores the tiny run's text, then answers questions."""
    train = replace(tiny_recipe.train, objective="denoising", tokens=6000, sequence_length=48, checkpoint_every=10)
    return replace(
        tiny_recipe,
        tokenizer=replace(tiny_recipe.tokenizer, sentinels=6),
        model=replace(
            tiny_recipe.model, d_model=32, n_layers=1, encoder_layers=1, d_ff=64, norm_place="sandwich",
            tie_embeddings=True,
        ),
        train=replace(train, sample_every=8, valid_every=5),
        finetune=FinetuneConfig(
            sources=(str(pairs_file),), epochs=3, batch_size=4, accumulate=2, learning_rate=1e-2, valid_answers=3,
            max_new_tokens=6, max_source=32, max_target=32,
        ),
        generate=replace(tiny_recipe.generate, temperature=0.0, top_p=1.0),
    )  # fmt: skip


@pytest.fixture(scope="session")
def denoising_run(tiny_run: Run, denoising_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of it, on the tiny run's corpus. Tests read it."""
    folder = shared(tmp_path_factory)
    run = Run(denoising_recipe, folder / "denoising", SilentReporter())
    with FileLock(folder / "denoising.lock"):
        if not run.folder("corpus").is_dir():
            shutil.copytree(tiny_run.folder("corpus"), run.folder("corpus"))
        run_all(run)
    return run


@pytest.fixture(scope="session")
def chat_recipe(tiny_recipe: Recipe) -> Recipe:
    """The tiny run's recipe, with a chat taught after it."""
    sft = SftConfig(
        sources=("synthetic:240",), epochs=2, batch_size=4, accumulate=2, learning_rate=3e-3, replay=0.2,
        system_share=0.5, valid_share=0.1, test_share=0.1, valid_every=10, samples=2, max_new_tokens=6,
        prompts=("Kedinin kaç ayağı vardır?",),
    )  # fmt: skip
    return replace(tiny_recipe, sft=sft, evaluate=replace(tiny_recipe.evaluate, contamination=False, pairs=()))


@pytest.fixture(scope="session")
def chat_run(tiny_run: Run, chat_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of it, on what the tiny run made. Tests read it."""
    folder = shared(tmp_path_factory)
    run = Run(replace(chat_recipe, corpus=tiny_run.recipe.corpus), folder / "chat", SilentReporter())
    with FileLock(folder / "chat.lock"):
        for stage in ("corpus", "tokenizer", "pack", "train"):
            if not run.folder(stage).is_dir():
                shutil.copytree(tiny_run.folder(stage), run.folder(stage))
        run_all(run)
    return run


@pytest.fixture(scope="session")
def load_script() -> Callable[[str], ModuleType]:
    """Loads a script of the repository that is no part of the package, by its path from the root."""

    def load(path: str) -> ModuleType:
        name = Path(path).stem
        spec = importlib.util.spec_from_file_location(name, ROOT / path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # dataclasses look there for the names in their annotations
        spec.loader.exec_module(module)
        return module

    return load
