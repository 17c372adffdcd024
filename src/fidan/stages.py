"""The stages in the order of the data, and the one way each of them is run: skipped, gone on with, or begun.

A stage is skipped when its manifest holds the plan that the recipe and its inputs give now. It goes on when its
folder holds unfinished work towards that plan. Otherwise it begins, and says why; what a finished training had made
is set aside, not deleted.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from fidan.artifact import (
    MANIFEST,
    PLAN,
    Manifest,
    Plan,
    all_files,
    finish,
    missing_outputs,
    read_json,
    read_manifest,
    remove_leftovers,
    start,
    write_json,
)
from fidan.corpus import pipeline as corpus
from fidan.errors import ArtifactMismatch, FidanError
from fidan.evaluation import heldout
from fidan.export import hugging_face, verify
from fidan.generation import generate
from fidan.hardware import autocast, dtype_name, pick_device, pick_precision
from fidan.progress import Reporter
from fidan.recipe import Recipe
from fidan.settings import decisive
from fidan.tokenizer import train as tokenizer_training
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import Trained, open_run
from fidan.training import packing, trainer
from fidan.training.packed_tokens import PackedTokens


@dataclass(frozen=True)
class Run:
    """One recipe, one output folder."""

    recipe: Recipe
    out: Path
    reporter: Reporter

    def folder(self, stage: str) -> Path:
        """Where a stage keeps what it makes."""
        return self.out / stage


@dataclass(frozen=True)
class Stage:
    """A step of the path.

    Attributes:
        name: also the name of its folder and of its command.
        version: of its output; raised when the same settings would give something else.
        sections: the parts of the recipe that decide its result.
        needs: the stages whose outputs it reads.
        work: does it; returns the counts for the manifest.
        sources: further inputs, name to hash.
        outputs: which files of its folder are its result, by the beginning of their names; empty: all.
        precious: too dear to delete when it has to run again.
    """

    name: str
    version: int
    sections: tuple[str, ...]
    needs: tuple[str, ...]
    work: Callable[[Run], dict[str, Any]]
    sources: Callable[[Recipe], Mapping[str, str]] = field(default=lambda recipe: {})
    outputs: tuple[str, ...] = ()
    precious: bool = False


def _corpus(run: Run) -> dict[str, Any]:
    return corpus.build_corpus(run.recipe.corpus, run.recipe.seed, run.folder("corpus"), run.reporter)


def _tokenizer(run: Run) -> dict[str, Any]:
    return tokenizer_training.train_tokenizer(
        run.recipe.tokenizer, run.recipe.seed, run.folder("corpus"), run.folder("tokenizer"), run.reporter
    )


def _pack(run: Run) -> dict[str, Any]:
    folders = (run.folder("corpus"), run.folder("tokenizer"), run.folder("pack"))
    return packing.pack(run.recipe.pack, *folders, run.reporter)


def _train(run: Run) -> dict[str, Any]:
    tokenizer = Tokenizer.load(run.folder("tokenizer"))
    engine = trainer.Trainer(
        run.recipe, run.folder("pack"), tokenizer.hash, tokenizer.vocab_size, run.folder("train"), run.reporter
    )
    return engine.run()


def _open(run: Run, device: str = "auto") -> Trained:
    return open_run(run.out, pick_device(device))


def _evaluate(run: Run) -> dict[str, Any]:
    opened = _open(run, run.recipe.train.device)
    packed = PackedTokens.open(run.folder("pack"), "valid", opened.tokenizer.hash)
    limit = run.recipe.evaluate.max_tokens or packed.tokens
    device = opened.model.lm_head.weight.device
    dtype = pick_precision(run.recipe.train.precision, device)
    stride = run.recipe.evaluate.stride or -(-run.recipe.model.context // 2)
    result = heldout.held_out_loss(
        opened.model,
        packed.spread(limit),
        stride=stride,
        autocast=autocast(device, dtype),
        reporter=run.reporter,
        total_tokens=min(limit, packed.tokens),
    )
    counts = {
        "bits_per_byte": result.bits_per_byte,
        "loss": result.loss,
        "perplexity": result.perplexity,
        "documents": result.documents,
        "tokens": result.tokens,
        "text_bytes": result.text_bytes,
        "nats": result.nats,
        "context": run.recipe.model.context,
        "stride": stride,
        "precision": dtype_name(dtype),
    }
    write_json(run.folder("evaluate") / "heldout.json", counts)
    return counts


def _generate(run: Run) -> dict[str, Any]:
    opened = _open(run, run.recipe.train.device)
    samples = generate.sample(opened.model, opened.tokenizer, run.recipe.generate, run.recipe.seed)
    write_json(run.folder("generate") / "samples.json", samples)
    return {"samples": len(samples)}


def _export(run: Run) -> dict[str, Any]:
    opened = _open(run, "cpu")
    folder = run.folder("export") / "hugging_face"
    hugging_face.write_folder(opened.model, opened.tokenizer, run.recipe.export, run.recipe.generate, folder)
    checked = verify.verify_folder(
        folder, opened.model.to(hugging_face.torch_dtype(run.recipe.export)), opened.tokenizer
    )
    return {
        "parameters": opened.model.parameter_count(),
        "verified_texts": checked.texts,
        "verified_tokens": checked.tokens,
        "max_logit_difference": checked.max_logit_difference,
        "same_greedy_tokens": checked.same_greedy_tokens,
    }


STAGES: tuple[Stage, ...] = (
    Stage(
        "corpus",
        corpus.VERSION,
        ("corpus",),
        (),
        _corpus,
        lambda r: corpus.source_hashes(r.corpus, r.seed),
        outputs=("train/", "valid/"),
    ),
    Stage("tokenizer", tokenizer_training.VERSION, ("tokenizer",), ("corpus",), _tokenizer),
    Stage("pack", packing.VERSION, ("pack",), ("corpus", "tokenizer"), _pack),
    Stage(
        "train",
        trainer.VERSION,
        ("model", "train"),
        ("pack",),
        _train,
        outputs=(trainer.WEIGHTS, trainer.SHAPE),
        precious=True,
    ),
    Stage("evaluate", 1, ("evaluate",), ("pack", "train"), _evaluate),
    Stage("generate", 1, ("generate",), ("tokenizer", "train"), _generate),
    Stage("export", hugging_face.VERSION, ("export", "generate"), ("tokenizer", "train"), _export),
)


def stage_named(name: str) -> Stage:
    """The stage of that name."""
    return next(stage for stage in STAGES if stage.name == name)


def run_all(run: Run) -> list[Manifest]:
    """Every stage in order; returns their manifests."""
    with _alone(run.out):
        return [_run_stage(stage, run) for stage in STAGES]


def run_one(name: str, run: Run) -> Manifest:
    """One stage; those before it must be done and still match the recipe.

    Raises:
        ArtifactMismatch: a stage before it is not done, or was done for other settings or inputs.
    """
    stage = stage_named(name)
    with _alone(run.out):
        for needed in _before(stage):
            reasons = _finished_state(run.folder(needed.name), _plan(needed, run)).reasons
            if reasons:
                raise ArtifactMismatch(
                    f"{name} needs {needed.name}, which is not up to date: {'; '.join(reasons)}. "
                    f"Run `fidan {needed.name}` or `fidan run` with the same recipe first."
                )
        return _run_stage(stage, run)


def _before(stage: Stage) -> list[Stage]:
    wanted = set(stage.needs)
    for earlier in reversed(STAGES):
        if earlier.name in wanted:
            wanted.update(earlier.needs)
    return [earlier for earlier in STAGES if earlier.name in wanted]


def _plan(stage: Stage, run: Run) -> Plan:
    settings = {section: decisive(getattr(run.recipe, section)) for section in stage.sections}
    inputs = {name: read_manifest(run.folder(name)).output_hash for name in stage.needs}
    return Plan(stage.name, stage.version, settings, {**inputs, **stage.sources(run.recipe)}, run.recipe.seed)


@dataclass(frozen=True)
class _State:
    """What a finished stage is for, held against what is wanted now."""

    other_plan: list[str]  # differences of settings and inputs, in words
    lost: list[str]  # outputs that are gone

    @property
    def reasons(self) -> list[str]:
        return self.other_plan + self.lost


def _finished_state(folder: Path, plan: Plan) -> _State:
    if not (folder / MANIFEST).is_file():
        return _State(["it has not finished"], [])
    try:
        manifest = read_manifest(folder)
    except ArtifactMismatch as error:
        return _State([str(error)], [])
    return _State(plan.differences(asdict(manifest.plan)), missing_outputs(folder, manifest))


def _run_stage(stage: Stage, run: Run) -> Manifest:
    folder, say = run.folder(stage.name), run.reporter.say
    plan = _plan(stage, run)
    if folder.is_dir():
        remove_leftovers(folder)
    if (folder / MANIFEST).is_file():
        state = _finished_state(folder, plan)
        if not state.reasons:
            say(f"{stage.name}: up to date")
            return read_manifest(folder)
        say(f"{stage.name}: runs again ({'; '.join(state.reasons)})")
        if stage.precious and not state.other_plan:
            (folder / MANIFEST).unlink()  # a lost output of a long training is made again from its last checkpoint
        else:
            _clear(stage, folder, say)
    elif (folder / PLAN).is_file():
        reasons = plan.differences(read_json(folder / PLAN))
        if reasons:
            say(f"{stage.name}: begins anew, its unfinished work was for something else ({'; '.join(reasons)})")
            _clear(stage, folder, say)
        else:
            say(f"{stage.name}: goes on")
    elif folder.is_dir() and any(folder.iterdir()):
        raise FidanError(f"{folder}: holds files that fidan did not write. Name another place with --out.")
    else:
        say(f"{stage.name}: begins")
    start(folder, plan)
    began = time.monotonic()
    counts = stage.work(run)
    outputs = {
        name: path for name, path in all_files(folder).items() if not stage.outputs or name.startswith(stage.outputs)
    }
    return finish(folder, plan, counts, time.monotonic() - began, outputs)


def _clear(stage: Stage, folder: Path, say: Callable[[str], None]) -> None:
    if stage.precious:
        number = 1
        while (aside := folder.with_name(f"{folder.name}.old-{number}")).exists():
            number += 1
        folder.rename(aside)
        say(f"{stage.name}: what was there is kept as {aside}")
    else:
        # Under another name first: a folder that a kill left half deleted could not be told from a stranger's.
        doomed = _doomed(folder)
        folder.rename(doomed)
        shutil.rmtree(doomed)


def _doomed(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.deleted")


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """A lock on the output folder: two runs in one folder would undo each other's work."""
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".lock", timeout=0):
            for stage in STAGES:
                shutil.rmtree(_doomed(out / stage.name), ignore_errors=True)
            yield
    except Timeout:
        message = f"{out}: another fidan is at work in this folder. Wait for it, or name another --out."
        raise FidanError(message) from None
