"""What comes out of every step of a task: documents, bytes of text, and the seconds that the step itself took.

Steps are generators that pull from one another, so the time of one contains the time of all before it. Here one clock
goes through all of them: whenever a document crosses from a step to the next, and whenever the next asks for another,
the time since the last crossing is booked on the step that has worked. What goes into a step is what came out of
the one before it, and what is missing between the two was dropped.

What it leaves out: why documents were dropped (`fidan.corpus.ledger`). Documents are not changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from datatrove.data import Document

from fidan.artifact import read_json, write_json
from fidan.corpus.base import Step
from fidan.corpus.utf8 import encoded
from fidan.errors import ArtifactMismatch


@dataclass(frozen=True)
class StepFlow:
    """What one step did, in one task or in many."""

    name: str
    documents: int  # that came out
    bytes: int  # of their text in UTF-8
    seconds: float  # in the step itself, summed over tasks that ran at the same time

    @property
    def counts(self) -> tuple[str, int, int]:
        """What depends on the documents alone: the same in every run, as `seconds` is not."""
        return self.name, self.documents, self.bytes


def run_steps(steps: Sequence[Step], rank: int, world_size: int) -> list[StepFlow]:
    """Pull every document of one task through the steps.

    Args:
        steps: the first one makes the documents, the last one's are thrown away.
        rank: number of the task.
        world_size: how many tasks there are.

    Returns:
        What came out of each step, in their order.
    """
    meter = _Meter(len(steps))
    data: Iterable[Document] | None = None
    for number, step in enumerate(steps):
        data = meter.watch(number, step(data, rank, world_size))
        meter.book(number)  # what a step does before its first document is asked for
    for _ in data or ():
        pass
    return [
        StepFlow(str(step.name), meter.documents[number], meter.bytes[number], meter.seconds[number])
        for number, step in enumerate(steps)
    ]


def write_flow(path: Path, flow: Sequence[StepFlow]) -> None:
    """Keep what `run_steps` measured, as JSON.

    Raises:
        DiskFullError: no room.
    """
    write_json(path, {"steps": [asdict(step) for step in flow]})


def flow_path(logs: Path, rank: int) -> Path:
    """Where the flow of one task is kept, beside its completion marker."""
    return logs / "flow" / f"{rank:05d}.json"


def total_flow(logs: Path, tasks: int) -> list[StepFlow]:
    """The flow of all tasks together, a step each, in their order; empty without tasks.

    Args:
        logs: the folder that was given to `run_tasks`, which must have ended.
        tasks: how many there were.

    Raises:
        ArtifactMismatch: a task's file is missing, or is of other steps than the first one's.
    """
    parts = [_read_flow(flow_path(logs, rank)) for rank in range(tasks)]
    for rank, part in enumerate(parts):
        if (names := [step.name for step in part]) != (first := [step.name for step in parts[0]]):
            raise ArtifactMismatch(f"{flow_path(logs, rank)}: steps {names}, but task 0 had {first}. Delete {logs}.")
    return [
        StepFlow(
            tasks_of_step[0].name,
            sum(step.documents for step in tasks_of_step),
            sum(step.bytes for step in tasks_of_step),
            sum(step.seconds for step in tasks_of_step),
        )
        for tasks_of_step in zip(*parts, strict=True)
    ]


def _read_flow(path: Path) -> list[StepFlow]:
    if not path.is_file():
        raise ArtifactMismatch(f"{path} is missing: that task is not finished. Run the corpus stage again.")
    return [StepFlow(**step) for step in read_json(path)["steps"]]


class _Meter:
    """Counters of all steps, and the one clock."""

    def __init__(self, steps: int) -> None:
        self.documents = [0] * steps
        self.bytes = [0] * steps
        self.seconds = [0.0] * (steps + 1)  # the last one: of who asks for the documents, outside of all steps
        self.last = perf_counter()
        self.text, self.size = "", 0  # the text that crossed last: most steps hand on what they were given

    def book(self, number: int) -> None:
        """The time since the last crossing was spent in this step."""
        now = perf_counter()
        self.seconds[number] += now - self.last
        self.last = now

    def watch(self, number: int, data: Iterable[Document]) -> Iterator[Document]:
        """The same documents, counted as they leave step `number`."""
        seconds, documents, sizes = self.seconds, self.documents, self.bytes
        self.book(number + 1)
        for document in data:
            # `book`, written out here and below: a call would double what measuring costs.
            now = perf_counter()
            seconds[number] += now - self.last
            if (text := document.text) is not self.text:
                self.text, self.size = text, encoded(text).size
                now = perf_counter()  # this took long enough not to be booked on the step that comes next
            documents[number] += 1
            sizes[number] += self.size
            self.last = now
            yield document
            now = perf_counter()
            seconds[number + 1] += now - self.last
            self.last = now
        self.book(number)
