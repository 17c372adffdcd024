"""What Slurm says of our jobs: asked with `squeue`, by the name that a job has; and `scancel`.

What it leaves out: submitting (`fidan.corpus.executors.slurm`) and Slurm's accounting, which many clusters lack:
`squeue` names the state of an ended task for some minutes (MinJobAge), and whether its work is done is told by the
markers.
"""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass

from fidan.errors import FidanError

_FAILED = {
    "BOOT_FAIL",
    "CANCELLED",
    "DEADLINE",
    "FAILED",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
    "PREEMPTED",
    "REVOKED",
    "TIMEOUT",
}
_PATIENCE = 10  # answers of squeue in a row that may fail: a busy controller is an everyday thing


@dataclass(frozen=True)
class Element:
    """One element of an array job."""

    job: str
    number: int
    state: str  # in Slurm's words

    @property
    def failed(self) -> bool:
        """It ended, and not well."""
        return self.state in _FAILED

    @property
    def active(self) -> bool:
        """It is waiting or running: whatever is not an end. What is COMPLETING has no process left."""
        return not self.failed and self.state not in ("COMPLETED", "COMPLETING")


class Queue:
    """The elements of all jobs of one name.

    Args:
        name: of the jobs.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults = 0  # in a row

    def elements(self) -> list[Element] | None:
        """Those that Slurm knows of, ended ones too for a while; nothing when it does not answer this time.

        Raises:
            FidanError: it has not answered many times in a row.
        """
        command = ["squeue", "--noheader", "--all", "--array", f"--user={os.getuid()}", f"--name={self.name}"]
        asked = subprocess.run(
            [*command, "--states=all", "--format=%F %K %T"], capture_output=True, text=True, check=False
        )
        if asked.returncode:
            self.faults += 1
            if self.faults >= _PATIENCE:
                raise FidanError(
                    f"squeue failed {self.faults} times in a row ({asked.stderr.strip()}). Jobs go on without this "
                    "program; run the same command again when squeue works."
                )
            return None
        self.faults = 0
        return [
            Element(job, int(number), state)
            for job, number, state in map(str.split, asked.stdout.splitlines())
            if number.isdigit()
        ]

    def active(self) -> list[Element]:
        """Those that wait or run.

        Raises:
            FidanError: squeue does not answer.
        """
        while (elements := self.elements()) is None:
            time.sleep(1.0)
        return [element for element in elements if element.active]


def cancel_waiting(job: str) -> None:
    """Take those elements of a job out of the queue that have not begun; those that run go on."""
    subprocess.run(["scancel", "--state=PENDING", job], capture_output=True, check=False)


def check_commands() -> None:
    """Whether Slurm's commands are there.

    Raises:
        FidanError: one is not on PATH.
    """
    for command in ("sbatch", "squeue", "scancel"):
        if shutil.which(command) is None:
            raise FidanError(
                f'corpus.executor = "slurm": {command} is not on PATH. Run this on a login node of the cluster, or '
                'set corpus.executor = "local".'
            )
