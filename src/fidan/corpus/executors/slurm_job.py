"""A submitted array job: waiting until its tasks have left their markers, and saying what is wrong when one has not.

What it leaves out: submitting, and asking Slurm (`slurm`, `slurm_queue`).
"""

import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from fidan.corpus.executors.slurm_queue import Element, Queue, cancel_waiting
from fidan.corpus.executors.task import finished_ranks
from fidan.errors import FidanError

LATE_SECONDS = 90.0  # a marker may be seen this much after its job has ended: NFS keeps a folder's list for a minute
_TAIL_LINES = 4  # of a failed element's log, in the error


@dataclass
class Job:
    """One array job: which tasks each of its elements runs, one after another."""

    number: str
    shares: dict[int, list[int]]  # element to tasks
    logs: Path
    queue: Queue
    _ended: dict[int, float] = field(default_factory=dict)  # element to when it was first seen to have ended

    def wait(self, left: set[int]) -> Generator[int]:
        """Wait until every task is finished.

        Args:
            left: tasks that are not finished; each is taken out when it is, also those that are not of this job.

        Yields:
            The tasks, as they are found finished.

        Raises:
            FidanError: an element has ended without finishing its tasks.
            KeyboardInterrupt: Ctrl-C; it says how to cancel the job, which goes on.
        """
        began = time.monotonic()
        try:
            while True:
                elements = self.queue.elements()
                for rank in sorted(
                    left & finished_ranks(self.logs)
                ):  # looked up after the queue: no marker is missed
                    left.remove(rank)
                    yield rank
                open_ = {element: open_ for element, share in self.shares.items() if (open_ := left & set(share))}
                if not open_:
                    return
                if elements is not None:
                    self._raise_failures(open_, {at.number: at for at in elements if at.job == self.number})
                time.sleep(min(10.0, 0.1 + (time.monotonic() - began) / 20))  # the longer it takes, the rarer
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"Slurm job {self.number} goes on without this program; to cancel it: scancel {self.number}. The "
                "same command waits for it again"
            ) from None

    def _raise_failures(self, open_: dict[int, set[int]], known: dict[int, Element]) -> None:
        now, failed = time.monotonic(), {}
        for number in open_:
            element = known.get(number)
            if element is not None and element.active:
                self._ended.pop(number, None)  # it may have been put back into the queue after its node was lost
            elif element is not None and element.failed:
                failed[number] = element.state
            elif now - self._ended.setdefault(number, now) > LATE_SECONDS:
                failed[number] = "gone from the queue" if element is None else element.state
        if failed:
            cancel_waiting(self.number)
            raise FidanError(self._describe(open_, failed))

    def _describe(self, open_: dict[int, set[int]], failed: dict[int, str]) -> str:
        number = min(failed)
        log = self.logs / "slurm_logs" / f"{self.number}_{number}.out"
        others = f" Failed as well: {', '.join(map(str, sorted(failed)[1:6]))}." if len(failed) > 1 else ""
        return (
            f"element {number} of Slurm job {self.number}: {failed[number]}, and {len(open_[number])} of its "
            f"{len(self.shares[number])} shards are not finished.{others} Its log: {log}{_tail(log)}\nWhat waited in "
            "the queue was cancelled, what runs goes on. Mend the cause (TIMEOUT: a longer time in corpus.slurm, or "
            "more corpus.workers; OUT_OF_MEMORY: a larger mem-per-cpu in corpus.slurm, or a smaller "
            "corpus.shard_bytes) and run the same command again; what is finished is kept."
        )


def _tail(log: Path) -> str:
    if not log.is_file():
        return " (not there: does every node see this folder?)"
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return ", which ends:\n" + "\n".join(f"    {line}" for line in lines[-_TAIL_LINES:])
