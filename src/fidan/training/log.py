"""What a run leaves behind of its course: `metrics.jsonl`, and TensorBoard's files where that is installed.

One JSON object a line: `{"step", "kind": "train" | "valid" | "sample" | "event", …}`. When a run goes on from a
checkpoint, lines of steps after it are dropped first, so the file reads like that of a run that never stopped.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from fidan.artifact import atomic_write, explain_disk_full
from fidan.errors import ArtifactMismatch

METRICS = "metrics.jsonl"


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The records of a run, oldest first; a last line torn by a kill is left out."""
    path = folder / METRICS
    lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            raise ArtifactMismatch(f"{path}: line {number} is damaged. Delete that line and run again.") from error
    return records


class MetricsLog:
    """Appends records as they come.

    Args:
        folder: the run's training folder.
        step: the step the run goes on from; later records are dropped.
        tensorboard: whether to write TensorBoard's files too.

    Attributes:
        missing: what could not be written and why, to be said to the user; empty when all is well.
    """

    def __init__(self, folder: Path, step: int, tensorboard: bool) -> None:
        self.path = folder / METRICS
        self.missing = ""
        kept = [record for record in read_metrics(folder) if record["step"] <= step]
        with atomic_write(self.path) as file:
            file.writelines(orjson.dumps(record) + b"\n" for record in kept)
        self._file = self.path.open("ab")
        self._board = self._open_board(folder / "tensorboard", step) if tensorboard else None

    def write(self, step: int, kind: str, values: Mapping[str, float | str]) -> None:
        """One record; it is on its way to the disk when this returns.

        TensorBoard gets numbers as scalars, and of several strings the last as a text that is named by the others:
        a sample by its prompt, an event by what it is.
        """
        try:
            self._file.write(orjson.dumps({"step": step, "kind": kind, **values}) + b"\n")
            self._file.flush()
        except OSError as error:
            raise explain_disk_full(error, self.path) from error
        if self._board is not None:
            try:
                strings = [value for value in values.values() if isinstance(value, str)]
                for name, value in values.items():
                    if not isinstance(value, str):
                        self._board.add_scalar(f"{kind}/{name}", value, step)
                if strings:
                    self._board.add_text("/".join([kind, *strings[:-1]]), strings[-1], step)
            except OSError as error:  # of its writer's thread
                raise explain_disk_full(error, self.path) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
            if self._board is not None:
                self._board.close()
        except OSError as closing:
            if error is None:  # else what ended the run is what the user must hear of
                raise explain_disk_full(closing, self.path) from closing

    def sync(self) -> None:
        """Put the records on the disk, so that none before a checkpoint can be lost to a power cut."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise explain_disk_full(error, self.path) from error

    def _open_board(self, folder: Path, step: int) -> Any:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            self.missing = "TensorBoard's files are not written: pip install 'fidan[tensorboard]' brings them."
            return None
        return SummaryWriter(str(folder), purge_step=step + 1)


class NoLog:
    """The log of a process that keeps none, since another one of its training does."""

    missing = ""

    def write(self, step: int, kind: str, values: dict[str, Any]) -> None:
        """Nothing."""

    def sync(self) -> None:
        """Nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
