"""A Slurm cluster of this machine for tests: `sbatch`, `squeue` and `scancel` that keep their state in a folder.

Elements of an array are really run, two at a time, as processes of their own. While `<state>/hold` exists nothing
begins; `<state>/forget` makes squeue know nothing of what has ended; `<state>/broken` makes it fail.
"""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

STATE = Path(os.environ.get("TEST_SLURM", ""))
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "OUT_OF_MEMORY")


def sbatch(arguments: list[str]) -> None:
    """Submit a script: only an array with a partition that exists."""
    script = Path(arguments[-1]).read_text()
    options = dict(re.findall(r"^#SBATCH --([\w-]+)(?:=(.*))?$", script, re.MULTILINE))
    if options["partition"] != "cpu":
        sys.exit("sbatch: error: invalid partition specified")
    assert not [name for name in os.environ if name.startswith("SLURM_")]
    number = str(100 + len(list(STATE.glob("job-*"))))
    job = STATE / f"job-{number}"
    job.mkdir()
    (job / "script").write_text(script)
    (job / "name").write_text(options["job-name"])
    (job / "output").write_text(options["output"].strip('"'))
    for element in range(int(options["array"].removeprefix("0-")) + 1):
        set_state(job, element, "PENDING")
    with (STATE / "controller.log").open("a") as log:
        command = [sys.executable, __file__, "controller", str(job)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (job / "controller").write_text(str(process.pid))
    print(f"Submitted batch job {number}")


def controller(arguments: list[str]) -> None:
    """Run the elements of one job."""
    job = Path(arguments[0])
    while (STATE / "hold").exists():
        time.sleep(0.02)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda element: run_element(job, element), range(len(list(job.glob("state-*"))))))


def run_element(job: Path, element: int) -> None:
    """Run the script once, as Slurm would."""
    if state(job, element) != "PENDING":
        return
    set_state(job, element, "RUNNING")
    number = job.name.removeprefix("job-")
    log = (job / "output").read_text().replace("%A", number).replace("%a", str(element))
    slurm = {"SLURM_ARRAY_TASK_ID": str(element), "SLURM_JOB_ID": number, "RUN_OFFSET": "0"}
    with Path(log).open("w") as output:
        process = subprocess.Popen(
            ["bash", job / "script"],
            stdout=output,
            stderr=output,
            env={**os.environ, **slurm},
            start_new_session=True,
        )
        (job / f"process-{element}").write_text(str(process.pid))
        code = process.wait()
    set_state(job, element, "COMPLETED" if code == 0 else "OUT_OF_MEMORY" if code in (9, 137, -9) else "FAILED")


def squeue(arguments: list[str]) -> None:
    """The elements of jobs with a name, ended ones too."""
    if (STATE / "broken").exists():
        sys.exit("slurm_load_jobs error: Unable to contact slurm controller (connect failure)")
    options = dict(argument.removeprefix("--").partition("=")[::2] for argument in arguments)
    assert options["states"] == "all"
    assert options["format"] == "%F %K %T"
    assert options["user"] == str(os.getuid())
    for job in sorted(STATE.glob("job-*")):
        if (job / "name").read_text() == options["name"]:
            for path in job.glob("state-*"):
                element = int(path.name.removeprefix("state-"))
                if (found := state(job, element)) not in ENDED or not (STATE / "forget").exists():
                    print(job.name.removeprefix("job-"), element, found)


def scancel(arguments: list[str]) -> None:
    """Cancel the elements of a job that have not begun, or all of them."""
    *options, number = arguments
    job = STATE / f"job-{number}"
    for element in range(len(list(job.glob("state-*")))):
        found = state(job, element)
        if found == "PENDING" or (found == "RUNNING" and not options):
            set_state(job, element, "CANCELLED")
            if found == "RUNNING":
                os.killpg(int((job / f"process-{element}").read_text()), signal.SIGKILL)


def state(job: Path, element: int) -> str:
    """What an element does."""
    return (job / f"state-{element}").read_text()


def set_state(job: Path, element: int, new: str) -> None:
    """Set what an element does, at once for all who look."""
    temporary = job / f"new-{element}-{os.getpid()}"
    temporary.write_text(new)
    temporary.replace(job / f"state-{element}")


def install(folder: Path) -> None:
    """Put the three commands into a folder."""
    folder.mkdir(parents=True)
    for command in ("sbatch", "squeue", "scancel"):
        path = folder / command
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" {command} "$@"\n')
        path.chmod(0o755)


if __name__ == "__main__":
    {"sbatch": sbatch, "controller": controller, "squeue": squeue, "scancel": scancel}[sys.argv[1]](sys.argv[2:])
