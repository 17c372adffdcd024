"""The one way each stage is run: skipped, gone on with, or begun.

A stage is skipped when its manifest holds the plan that the recipe and its inputs give now. It goes on when its
folder holds unfinished work towards that plan. Otherwise it begins, and says why; what a finished training had made
is set aside, not deleted.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

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
)
from fidan.corpus.conversations.config import ConversationsConfig
from fidan.corpus.pairs.config import PairsConfig
from fidan.corpus.preferences.config import PreferencesConfig
from fidan.errors import ArtifactMismatch, FidanError
from fidan.provenance import current_manifest
from fidan.recipe import Recipe
from fidan.settings import decisive
from fidan.stages import STAGES, Run, Stage, left_out, needs_of, stage_named, stages_of
from fidan.trained import TRAININGS

# What a training cannot change on its way: what its sequences are, and what moments are of.
FIXED = (
    *(f"train.{name}" for name in ("sequence_length", "optimizer", "objective", "noise_share", "noise_span")),
    "train.continuation",
    *(f"finetune.{field.name}" for field in fields(PairsConfig)),
    *(f"finetune.{name}" for name in ("start", "batch_size")),
    *(f"sft.{field.name}" for field in fields(ConversationsConfig)),
    *(f"sft.{name}" for name in ("sequence_length", "replay")),
    *(f"dpo.{field.name}" for field in fields(PreferencesConfig)),
    *(f"dpo.{name}" for name in ("batch_size", "max_length")),
    *(f"{section}.{name}" for section in ("sft", "dpo") for name in ("lora_rank", "lora_targets")),
)


_TUNED = tuple(f"setting {section}." for section in TRAININGS)


def run_all(run: Run) -> list[Manifest]:
    """Every stage in order; returns their manifests. Where a model cannot be exported, that is said first.

    Raises:
        FidanError: what the recipe names for a later stage, a file or a program, is missing; nothing has begun then.
    """
    with _alone(run.out):
        stages = stages_of(run.recipe)
        if reason := left_out(stage_named("export"), run.recipe):
            run.reporter.say(f"export: left out ({reason})")
        for stage in stages[1:]:  # the first one asks for its own at once
            stage.sources(run.recipe)
        return [_run_stage(stage, run) for stage in stages]


def run_one(name: str, run: Run) -> Manifest | None:
    """One stage; those before it must be done and still match the recipe.

    Returns:
        Its manifest; None in a process that only helps to train.

    Raises:
        ArtifactMismatch: a stage before it is not done, or was done for other settings or inputs.
        FidanError: the recipe has no such stage.
    """
    stage = stage_named(name)
    if reason := left_out(stage, run.recipe):
        raise FidanError(f"{name}: {reason}.")
    if not run.world.main:
        if run.world.from_main(None):
            stage.work(run)
        return None
    with _alone(run.out):
        for needed in _before(stage, run.recipe):
            reasons = _finished_state(run.folder(needed.name), _plan(needed, run)).reasons
            if reasons:
                raise ArtifactMismatch(
                    f"{name} needs {needed.name}, which is not up to date: {'; '.join(reasons)}. "
                    f"Run `fidan {needed.name}` or `fidan run` with the same recipe first."
                )
        if run.world.size > 1:
            run.world.from_main(bool(_finished_state(run.folder(name), _plan(stage, run)).reasons))
        return _run_stage(stage, run)


def _before(stage: Stage, recipe: Recipe) -> list[Stage]:
    stages, wanted = stages_of(recipe), set(stage.needs)
    for earlier in reversed(stages):
        if earlier.name in wanted:
            wanted.update(earlier.needs)
    return [earlier for earlier in stages if earlier.name in wanted]


def _plan(stage: Stage, run: Run) -> Plan:
    settings = {section: decisive(getattr(run.recipe, section)) for section in stage.sections}
    needed = [earlier.name for earlier in needs_of(stage, run.recipe)]
    inputs = {name: read_manifest(run.folder(name)).output_hash for name in needed}
    for name in stage.mentions:
        if manifest := current_manifest(run.out, name, run.recipe):
            inputs[name] = manifest.output_hash
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
        if stage.precious and (not state.other_plan or _accepted(run, stage, state.other_plan)):
            (folder / MANIFEST).unlink()  # what is missing is made from the last checkpoint of a long training
        else:
            _clear(stage, folder, say)
    elif (folder / PLAN).is_file():
        reasons = plan.differences(read_json(folder / PLAN))
        if not reasons:
            say(f"{stage.name}: goes on")
        elif stage.precious and _accepted(run, stage, reasons):
            say(f"{stage.name}: goes on with other settings ({'; '.join(reasons)})")
        else:
            say(f"{stage.name}: begins anew, its unfinished work was for something else ({'; '.join(reasons)})")
            _clear(stage, folder, say)
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


def _accepted(run: Run, stage: Stage, changes: list[str]) -> bool:
    """Whether a training goes on although its plan has changed, because the user says so.

    Raises:
        FidanError: the changes make its checkpoints useless.
    """
    if not run.accept_changes:
        return False
    fixed = [change for change in changes if not change.startswith(_TUNED)]
    fixed += [change for change in changes if change.startswith(tuple(f"setting {key} " for key in FIXED))]
    if fixed:
        raise FidanError(
            f"--accept-changes: {run.folder(stage.name)} cannot be gone on with ({'; '.join(fixed)}). Leave it out "
            "to begin anew; what is there is set aside."
        )
    return True


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
