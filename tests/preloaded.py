"""`fidan` in a process of its own, forked from one that has imported everything it needs.

A start of Python with PyTorch costs seconds, and the command line's tests start it often. Here one process imports,
and a fork of it becomes `python -m fidan.cli` with the arguments, environment and folder that are asked for. It can
be killed like any other, and nothing of one run is left for the next. What it leaves out: starting Python itself, as
the tests of signals do. Where a fork of a process with PyTorch is not safe, on all but Linux, Python is started.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "fidan.cli"]
QUIET = {"COLUMNS": "200", "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
LIMIT = 300  # seconds, after which a process that hangs is ended
IMPORTS = (
    "fidan.running", "fidan.summary", "fidan.doctor", "fidan.training.distributed", "matplotlib.pyplot",
    "torch._dynamo", "torch.distributed.fsdp", "transformers.models.llama.modeling_llama", "gguf",
)  # fmt: skip


class Started:
    """A `fidan` that runs, the leader of its session; its words go to a file."""

    def __init__(self, arguments: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        with tempfile.NamedTemporaryFile(delete=False) as out, tempfile.NamedTemporaryFile(delete=False) as err:
            self._files = (Path(out.name), Path(err.name))
        names = [str(path) for path in self._files]
        self._process: subprocess.Popen[bytes] | None = None
        if sys.platform == "linux":
            asked = {"arguments": arguments, "folder": str(folder), "environment": dict(environment), "files": names}
            self.pid: int = _ask(asked)
            return
        with self._files[0].open("wb") as out, self._files[1].open("wb") as err:
            self._process = subprocess.Popen(
                [*COMMAND, *arguments], cwd=folder, env={**os.environ, **QUIET, **environment},
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
            )  # fmt: skip
        self.pid = self._process.pid

    def words(self) -> str:
        """What it has said so far on both streams."""
        return "".join(path.read_text(encoding="utf-8") for path in self._files)

    def ended(self) -> bool:
        """Whether it is over, though its result may still be asked for."""
        if self._process:
            return self._process.poll() is not None
        return Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"

    def result(self) -> subprocess.CompletedProcess[str]:
        """Waits for its end; asked for once."""
        code = self._process.wait(LIMIT) if self._process else _ask({"wait": self.pid})
        said = [path.read_text(encoding="utf-8") for path in self._files]
        for path in self._files:
            path.unlink()
        return subprocess.CompletedProcess(COMMAND, code, *said)


def start(*arguments: str | Path, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> Started:
    """Starts `fidan` with arguments, in a folder, with more in its environment."""
    return Started([str(argument) for argument in arguments], folder, environment or {})


def fidan(
    *arguments: str | Path, folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `fidan` to its end."""
    return start(*arguments, folder=folder, environment=environment).result()


@cache
def _server() -> "subprocess.Popen[str]":
    """The process that has imported; it ends when there is nobody left to ask it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.preloaded"], cwd=ROOT, env={**os.environ, **QUIET}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    atexit.register(server.communicate)
    return server


def _ask(request: dict[str, Any]) -> int:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(request) + "\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    assert answer, "the process that has imported fidan is gone"
    return int(answer)


def _serve() -> None:
    for name in IMPORTS:
        importlib.import_module(name)
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a fork of a process with threads may hang"
    gc.freeze()  # what is collected in a fork would be copied for it
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        if "wait" in request:
            print(os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1]), flush=True)
        elif pid := os.fork():
            print(pid, flush=True)
        else:
            _become(**request)
            _run()


def _become(arguments: list[str], folder: str, environment: dict[str, str], files: list[str]) -> None:
    os.setsid()
    signal.alarm(LIMIT)
    for number, path in enumerate([os.devnull, *files]):
        file = os.open(path, os.O_RDWR)
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.update(environment)
    sys.argv[1:] = arguments


def _run() -> NoReturn:
    """`python -m fidan.cli`, and its end as Python has it; but modules are not taken apart, which takes a second."""
    code: object = 1
    try:
        runpy.run_module("fidan.cli", run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001  # told and not handled, as Python does
        traceback.print_exc()
    threading._shutdown()  # waits for threads
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else code is not None)


if __name__ == "__main__":
    _serve()
