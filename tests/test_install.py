"""The install script's one decision, and that an index which does not answer costs seconds, not the install."""

import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SCRIPT = Path(__file__).resolve().parents[1] / "dev" / "install.py"


@pytest.fixture(scope="module")
def install(load_script: Callable[[str], ModuleType]) -> ModuleType:
    return load_script("dev/install.py")


@pytest.mark.parametrize(
    ("system", "gpu", "answers", "extra"),
    [
        ("Linux", True, True, False),  # CUDA comes from the ordinary index
        ("Linux", True, False, False),
        ("Linux", False, True, True),
        ("Linux", False, False, False),
        ("Darwin", False, True, False),
        ("Windows", False, True, False),
    ],
)
def test_which_torch(install: ModuleType, system: str, gpu: bool, answers: bool, extra: bool) -> None:
    arguments, message = install.torch_index(system, gpu, answers)
    assert (install.CPU_INDEX in arguments) is extra
    assert message
    if system == "Linux" and not gpu and not answers:
        assert "does not answer" in message


def test_an_index_that_refuses_or_hangs_is_given_up(install: ModuleType) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert not install.reachable(address, 0.5)  # bound, but nobody listens
        listener.listen()
        assert not install.reachable(address, 0.5)  # the connection stands, but no answer comes


def test_an_index_that_answers_is_used(install: ModuleType) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert install.reachable(f"http://127.0.0.1:{listener.getsockname()[1]}/", 5.0)
        thread.join()


def test_requirements_pin_every_version_and_cover_the_package() -> None:
    root = SCRIPT.parents[1]
    lines = [
        line for line in (root / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert all("==" in line for line in lines)
    checked = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_dependency_is_pinned_at_a_version_that_it_takes() -> None:
    root = SCRIPT.parents[1]
    pins = dict(line.split("==") for line in (root / "requirements.txt").read_text().splitlines() if "==" in line)
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: asked for name, asked in project["optional-dependencies"].items() if name != "llama-cpp"}
    asked = [Requirement(line) for lines in (project["dependencies"], *extras.values()) for line in lines]
    for one in asked:
        if one.name != "fidan":
            assert one.specifier.contains(pinned[canonicalize_name(one.name)]), one
