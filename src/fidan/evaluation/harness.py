"""Tasks of EleutherAI's lm-evaluation-harness on our model, through its Python API and without an export.

Its tasks load data from the Hugging Face Hub; a task's data can be given as a local file instead. Values and standard
errors are the harness's own, its seeds those of its command line. What it leaves out: how the model answers
(`harness_model`), and local data (`harness_data`).
"""

import io
import logging
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np

from fidan.errors import FidanError
from fidan.evaluation.harness_data import load_errors, write_overrides
from fidan.model.decoder import Decoder
from fidan.progress import Reporter, Task
from fidan.settings import nearest
from fidan.tokenizer.tokenizer import Tokenizer

INSTALL = 'pip install "fidan[harness]"'
BOOTSTRAP = 200  # draws for the error of a metric that has no formula; it is then known to 1/√(2·200) = 5%
_SEED, _RANDOM_SEED = 1234, 0  # of NumPy and of the shots; of Python: as the harness's command line has them


class Figure(NamedTuple):
    """A metric of a task; `error` is its standard error, None where the harness has none."""

    value: float
    error: float | None


Results = dict[str, dict[str, Figure]]
"""Task or group → metric → figure. A filter other than "none" is in the metric's name: `exact_match,strict`."""


def run_harness(
    model: Decoder,
    tokenizer: Tokenizer,
    tasks: Sequence[str],
    *,
    folders: Sequence[Path] = (),
    data: Mapping[str, Path] | None = None,
    limit: int | None = None,
    shots: int | None = None,
    autocast: AbstractContextManager[object],
    reporter: Reporter,
) -> Results:
    """Run tasks of the harness.

    Args:
        model: on its device.
        tokenizer: its own.
        tasks: names of tasks, of groups (all their tasks and what is aggregated of them) or of tags.
        folders: with task files (.yaml) of your own; they come before the harness's of the same name.
        data: task → file (.jsonl, .json, .csv, .tsv, .parquet), which stands for the task's dataset on the Hub.
        limit: the most items of each task; None: all.
        shots: solved items in front of each; None: as the task says. A task that says 0 keeps it.
        autocast: the number format to compute in.
        reporter: shows progress.

    Raises:
        FidanError: the harness is not installed, there is no such task or folder, or a task's data cannot be had.
    """
    try:
        with _silence():
            from lm_eval.evaluator import evaluate
            from lm_eval.tasks import TaskManager

            from fidan.evaluation.harness_model import HarnessModel
    except ImportError as error:
        raise FidanError(f"lm-evaluation-harness: not installed ({error}). {INSTALL}") from error
    for folder in folders:
        if not folder.is_dir():
            raise FidanError(f"{folder}: no such folder of task files.")
    reporter.say(f"harness: {', '.join(tasks)}")
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fidan-harness-")))
        terminal = sys.stderr
        stack.enter_context(_silence())
        stack.enter_context(_seeded())
        manager = _manager(TaskManager, [*tasks, *(data or {})], folders)
        write_overrides(manager.task_index, data or {}, place)
        loaded: dict[str, dict[str, Any]] = {"tasks": {}, "groups": {}}
        for name in tasks:
            _require_task(manager, name)
            found = _load(manager, name, data or {})
            for kind, into in loaded.items():
                into.update(found.get(kind, {}))
        for name, task in loaded["tasks"].items():
            _prepare(name, task, shots)
        answering = HarnessModel(model, tokenizer, autocast, _Aloud(reporter, terminal), seed=_SEED)
        evaluated = evaluate(answering, loaded, limit=limit, bootstrap_iters=BOOTSTRAP, log_samples=False)
        return {name: _figures(found) for name, found in evaluated["results"].items()}


def check_tasks(tasks: Sequence[str], folders: Sequence[Path] = ()) -> None:
    """That all tasks are there, before anything is measured; some seconds for those of the harness.

    Raises:
        FidanError: the harness is not installed, or there is no such task.
    """
    try:
        with _silence():
            from lm_eval.tasks import TaskManager

            manager = _manager(TaskManager, tasks, folders)
    except ImportError as error:
        raise FidanError(f"lm-evaluation-harness: not installed ({error}). {INSTALL}") from error
    for name in tasks:
        _require_task(manager, name)


def _require_task(manager: Any, name: str) -> None:
    if name not in manager.task_index:
        raise FidanError(f"{name}: no task of the harness.{nearest(name, manager.all_tasks)}")


def harness_section(results: Sequence[Results]) -> list[dict[str, Any]]:
    """The record of several models' results, in their order: a task each, with what it gives for each model."""
    names = dict.fromkeys(name for one in results for name in one)
    return [
        {
            "task": name,
            "models": [{metric: figure._asdict() for metric, figure in one.get(name, {}).items()} for one in results],
        }
        for name in names
    ]


def _manager(manager: Any, names: Sequence[str], folders: Sequence[Path]) -> Any:
    own = [str(folder) for folder in folders]
    if own:  # to look through the harness's own 14,000 files takes seconds
        found = manager(include_path=own, include_defaults=False)
        if all(name in found.task_index and found.task_index[name].kind.name == "TASK" for name in names):
            return found
    return manager(include_path=own)


def _load(manager: Any, name: str, data: Mapping[str, Path]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = manager.load([name])
    except ImportError as error:
        raise FidanError(f"{name}: the task needs a package that is not there ({error}). Install it.") from error
    except load_errors() as error:
        told = next(iter(str(error).splitlines()), "") or type(error).__name__
        if name in data:
            raise FidanError(f"{name}: {data[name]} is not what the task asks for ({told}).") from error
        raise FidanError(
            f"{name}: its data cannot be had ({told}). Give the data of the task, or of each task of the group, by "
            "path: TASK=FILE (.jsonl, .json, .csv, .tsv, .parquet)."
        ) from error
    return found


def _prepare(name: str, task: Any, shots: int | None) -> None:
    """What the harness's command line does with a loaded task."""
    if getattr(task, "UNSAFE_CODE", False) or getattr(task, "MULTIMODAL", False):
        raise FidanError(f"{name}: runs code that a model writes, or asks for more than text. Leave it out.")
    said = task.get_config("num_fewshot")
    if said is None or (shots is not None and said != 0):
        task.set_config(key="num_fewshot", value=shots or 0)
    task.set_fewshot_seed(seed=_SEED)


def _figures(found: Mapping[str, Any]) -> dict[str, Figure]:
    figures = {}
    for key, value in found.items():
        metric, comma, filtered = key.partition(",")
        if comma and not metric.endswith("_stderr") and isinstance(value, (int, float, np.number)):
            error = found.get(f"{metric}_stderr,{filtered}")
            known = isinstance(error, (int, float, np.number))
            name = metric if filtered == "none" else key
            figures[name] = Figure(float(value), float(error) if known else None)  # type: ignore[arg-type]
    return figures


@contextmanager
def _silence() -> Iterator[None]:
    """The harness's logs, bars and prints go nowhere, and it forks no processes for its bootstrap."""
    logs = [logging.getLogger(name) for name in ("lm_eval", "datasets", "huggingface_hub")]
    levels = [log.level for log in logs]
    before = os.environ.get("DISABLE_MULTIPROC")
    os.environ["DISABLE_MULTIPROC"] = "1"  # a fork of a process with threads may hang
    for log in logs:
        log.setLevel(logging.CRITICAL)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
        if before is None:
            del os.environ["DISABLE_MULTIPROC"]
        else:
            os.environ["DISABLE_MULTIPROC"] = before


@contextmanager
def _seeded() -> Iterator[None]:
    """The global random numbers, which tasks shuffle by, as the harness's command line seeds them."""
    python, numpy = random.getstate(), np.random.get_state()
    random.seed(_RANDOM_SEED)
    np.random.seed(_SEED)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


class _Aloud:
    """A reporter that writes where it always did, though the harness's own output goes nowhere."""

    def __init__(self, reporter: Reporter, stream: TextIO) -> None:
        self._reporter, self._stream = reporter, stream

    def say(self, text: str) -> None:
        with redirect_stderr(self._stream):
            self._reporter.say(text)

    @contextmanager
    def task(self, description: str, total: float | None = None, done: float = 0.0) -> Iterator[Task]:
        with redirect_stderr(self._stream), self._reporter.task(description, total, done) as task:
            yield task
