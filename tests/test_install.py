"""The install script's one decision, and that an index which does not answer costs seconds, not the install."""

import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from types import ModuleType

import pytest
from packaging.markers import default_environment
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
        ("Windows", True, True, False),
    ],
)
def test_which_torch(install: ModuleType, system: str, gpu: bool, answers: bool, extra: bool) -> None:
    arguments, message = install.torch_index(system, gpu, answers)
    assert (install.CPU_INDEX in arguments) is extra
    assert message
    assert ("with CUDA" in message) is (gpu and system == "Linux")  # PyPI has none for the others
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


def pins() -> dict[str, str]:
    """The version of every pinned package, those of other systems and Pythons, too."""
    lines = (SCRIPT.parents[1] / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in asked}


def test_what_pinned_packages_need_is_pinned_on_every_system() -> None:
    pinned, wanted = pins(), {}
    systems = {"Linux": ("posix", "linux"), "Darwin": ("posix", "darwin"), "Windows": ("nt", "win32")}
    places = [
        {
            **default_environment(), "platform_system": system, "os_name": kind, "sys_platform": platform,
            "python_version": python, "python_full_version": f"{python}.5", "extra": "",
        }
        for system, (kind, platform) in systems.items() for python in ("3.11", "3.13")
    ]  # fmt: skip
    for name in pinned:
        with suppress(PackageNotFoundError):  # another system's
            for one in map(Requirement, requires(name) or ()):
                if not one.marker or any(map(one.marker.evaluate, places)):
                    wanted[canonicalize_name(one.name)] = name
    cuda = {name for name in wanted if name.startswith(("nvidia-", "cuda-", "triton"))}  # of torch's CUDA build
    assert {name: by for name, by in wanted.items() if name not in pinned and name not in cuda} == {}


def test_every_dependency_is_pinned_at_a_version_that_it_takes() -> None:
    root = SCRIPT.parents[1]
    pinned = pins()
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: asked for name, asked in project["optional-dependencies"].items() if name != "llama-cpp"}
    asked = [Requirement(line) for lines in (project["dependencies"], *extras.values()) for line in lines]
    for one in asked:
        if one.name != "fidan":
            assert one.specifier.contains(pinned[canonicalize_name(one.name)]), one
