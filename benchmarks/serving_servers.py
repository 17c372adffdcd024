"""Servers of one model as processes, for `serving.py`: ours, Transformers', and llama.cpp's.

    python benchmarks/serving_servers.py FILE.gguf --slots 8 --threads 2

is llama.cpp's own server with its own settings, inside the package xllamacpp; it prints its address.
"""

import argparse
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil

START_SECONDS = 300.0


@dataclass(frozen=True)
class Command:
    """How a server is started.

    Attributes:
        name: in the tables.
        words: of the command line; `PORT` stands for the port.
        model: the id that its requests name.
        extra: fields of its requests.
    """

    name: str
    words: list[str]
    model: str
    extra: Mapping[str, Any] = field(default_factory=dict)


class Server:
    """One that runs."""

    def __init__(self, command: Command, threads: int, log: Path) -> None:
        self.command = command
        self.port = _free_port()
        words = [word.replace("PORT", str(self.port)) for word in command.words]
        environment = {
            **os.environ, "OMP_NUM_THREADS": str(threads), "NUMBA_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1",
        }  # fmt: skip
        self._path, self._log = log, log.open("wb")
        self._process = subprocess.Popen(words, stdout=self._log, stderr=subprocess.STDOUT, env=environment)
        self._watched = psutil.Process(self._process.pid)
        ends = time.monotonic() + START_SECONDS
        while not self._healthy():
            if self._process.poll() is not None or time.monotonic() > ends:
                self.close()
                raise SystemExit(f"{command.name} did not start ({' '.join(words)}):\n{self.said()}")
            time.sleep(0.2)

    def _healthy(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False

    def said(self) -> str:
        """The end of what it wrote."""
        return self._path.read_text(encoding="utf-8", errors="replace")[-1500:]

    def memory(self) -> int:
        """Resident bytes, of its children too."""
        return sum(one.memory_info().rss for one in [self._watched, *self._watched.children(recursive=True)])

    def processor_seconds(self) -> float:
        """That it has worked, on all cores."""
        times = self._watched.cpu_times()
        return float(times.user + times.system)

    def close(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def ours(folder: Path, slots: int, weights: str = "auto") -> Command:
    """`fidan serve`."""
    words = [sys.executable, "-m", "fidan.cli", "serve", "--model", str(folder), "--port", "PORT", "--no-page"]
    name = "fidan" if weights == "auto" else f"fidan {weights}"
    return Command(name, [*words, "--slots", str(slots), "--name", "model", "--weights", weights], "model")


def transformers(folder: Path, batching: bool) -> Command:
    """`transformers serve`, as it comes or with continuous batching.

    Raises:
        SystemExit: its extra is not installed.
    """
    missing = [one for one in ("fastapi", "uvicorn", "openai", "accelerate") if find_spec(one) is None]
    if missing:
        raise SystemExit(f"transformers serve lacks {', '.join(missing)}: pip install 'transformers[serving]'")
    program = Path(sys.executable).with_name("transformers")
    words = [str(program), "serve", str(folder), "--host", "127.0.0.1", "--port", "PORT", "--device", "cpu"]
    name = f"transformers serve{' --continuous-batching' * batching}"
    return Command(name, [*words, *["--continuous-batching"] * batching], str(folder))


def llama_cpp(file: Path, kind: str, slots: int, threads: int) -> Command:
    """llama.cpp's server. A prompt that it has seen is read again all the same, as everywhere else here."""
    words = [sys.executable, __file__, str(file), "--slots", str(slots), "--threads", str(threads), "--port", "PORT"]
    return Command(f"llama.cpp {kind}", words, "model", {"cache_prompt": False})


@contextlib.contextmanager
def running(commands: list[Command], threads: int, logs: Path) -> Iterator[list[Server]]:
    """Servers, one started after the other; all are ended at last."""
    with contextlib.ExitStack() as stack:
        servers = []
        for command in commands:
            log = logs / f"{re.sub('[^a-z0-9]+', '-', command.name.casefold())}.log"
            servers.append(Server(command, threads, log))
            stack.callback(servers[-1].close)
        yield servers


def main() -> None:
    """Be llama.cpp's server until a signal comes."""
    import xllamacpp

    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    settings = xllamacpp.CommonParams()
    settings.model.path = str(arguments.file)
    settings.port = arguments.port
    settings.ui = settings.fit_params = False
    settings.n_parallel, settings.n_gpu_layers = arguments.slots, 0
    settings.kv_unified = False
    settings.n_ctx = arguments.slots * _context(arguments.file)  # it is shared out among the slots
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = arguments.threads
    server = xllamacpp.Server(settings)
    print(server.listening_address, flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    os._exit(0)  # its own threads may be in the middle of a text


def _context(file: Path) -> int:
    import gguf

    found = gguf.GGUFReader(file).get_field("llama.context_length")
    if found is None:
        raise SystemExit(f"{file}: says no context_length.")
    return int(found.contents())


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
