"""Small steps for tests of the executors, in a module of their own: worker processes import it by its name."""

import os
import time
from pathlib import Path

from datatrove.data import Document, DocumentsPipeline

from fidan.artifact import atomic_write
from fidan.corpus.base import Step
from fidan.errors import DiskFullError, SourceError


class Make(Step):
    """Ten documents with the task's number in them."""

    name = "make"

    def run(self, data: DocumentsPipeline = None, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        for number in range(10):
            yield Document(text=f"görev {rank}, belge {number}", id=f"{rank}/{number}", metadata={"source": "test"})


class Count(Step):
    """Counts in the step itself, as ours do: a second task with the same step would begin at ten."""

    name = "count"

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        for document in data:
            self.seen += 1
            document.text += f" ({self.seen} / {world_size})"
            yield document


class Trouble(Step):
    """What `folder/trouble-<rank>` says: `fail`, `full`, `die`, or `wait` until that file is gone."""

    name = "trouble"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        order = self.folder / f"trouble-{rank}"
        what = order.read_text() if order.exists() else ""
        if what == "fail":
            raise SourceError(f"shard {rank} is damaged")
        if what == "full":
            raise DiskFullError("the disk is full")
        if what == "die":
            os._exit(9)
        if what == "wait":
            (self.folder / f"waiting-{rank}").write_text(str(os.getpid()))
        while what == "wait" and order.exists():
            time.sleep(0.01)
        yield from data


class Write(Step):
    """Writes the documents to `folder/out/<rank>.txt`, and appends the number of the task to `folder/runs`."""

    name = "write"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        with atomic_write(self.folder / "out" / f"{rank}.txt", "w") as file:
            for document in data:
                file.write(f"{document.id} {document.text}\n")
                yield document
        with (self.folder / "runs").open("a") as file:
            file.write(f"{rank}\n")


def all_steps(folder: Path) -> list[Step]:
    """The four of them."""
    return [Make(), Count(), Trouble(folder), Write(folder)]
