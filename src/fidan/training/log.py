"""What a run leaves behind of its course: `metrics.jsonl`, and TensorBoard's files where that is installed.

One JSON object a line: `{"step", "kind": "train" | "valid", …}`. When a run goes on from a checkpoint, lines of
steps after it are dropped first, so the file reads like that of a run that never stopped.
"""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from fidan.artifact import atomic_write, explain_disk_full

METRICS = "metrics.jsonl"


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The records of a run, oldest first; a last line torn by a kill is left out."""
    path = folder / METRICS
    lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []
    return [orjson.loads(line) for line in lines if line]


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

    def write(self, step: int, kind: str, values: dict[str, float]) -> None:
        """One record; it is on its way to the disk when this returns."""
        try:
            self._file.write(orjson.dumps({"step": step, "kind": kind, **values}) + b"\n")
            self._file.flush()
        except OSError as error:
            raise explain_disk_full(error, self.path) from error
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(f"{kind}/{name}", value, step)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._board is not None:
            self._board.close()

    def _open_board(self, folder: Path, step: int) -> Any:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            self.missing = "TensorBoard's files are not written: pip install 'fidan[tensorboard]' brings them."
            return None
        return SummaryWriter(str(folder), purge_step=step + 1)
