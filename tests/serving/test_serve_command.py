"""What `fidan serve` refuses before anything listens."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fidan.cli import app
from fidan.errors import FidanError
from fidan.generation.engine import TorchEngine
from fidan.serving.service import Limits
from fidan.stages import Run
from fidan.trained import open_writer


def fault(*arguments: str, key: str | None = None) -> str:
    result = CliRunner().invoke(
        app, ["serve", "--port", "0", "--no-page", "--device", "cpu", *arguments], env={"FIDAN_API_KEY": key}
    )
    assert isinstance(result.exception, FidanError), result.exception
    return str(result.exception)


def test_what_is_not_there_is_named(chat_run: Path, tmp_path: Path) -> None:
    assert "no such folder" in fault("--model", str(tmp_path / "none"))
    assert "no index of laws" in fault("--model", str(chat_run), "--law", str(tmp_path))


@pytest.mark.parametrize("key", ["", "çok gizli", "a b", "a\n"])
def test_a_key_that_no_header_can_carry_is_refused(chat_run: Path, key: str) -> None:
    assert "FIDAN_API_KEY: empty" in fault("--model", str(chat_run), key=key)
    assert "--api-key: empty" in fault("--model", str(chat_run), "--api-key", key)


@pytest.mark.parametrize("origin", ["*", "localhost:3000", "http://localhost:3000/", "http://*.example.com"])
def test_an_origin_is_a_whole_one(chat_run: Path, origin: str) -> None:
    assert "--cors" in fault("--model", str(chat_run), "--cors", origin)


def test_an_option_that_would_do_nothing_is_refused(chat_run: Path) -> None:
    assert "only without a key" in fault("--model", str(chat_run), "--allow-host", "fide.local", key="gizli")
    assert "must be one of" in fault("--model", str(chat_run), "--weights", "int4")
    with pytest.raises(FidanError, match="body_bytes = 0"):
        Limits(body_bytes=0)


def test_a_port_that_is_taken_is_told(chat_run: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"port {port}: something else listens" in fault("--model", str(chat_run), "--port", str(port))


def test_a_small_model_is_served_by_the_compiled_loops(tiny_run: Run) -> None:
    """`fidan generate` leaves them out for one: to compile them takes longer than a few texts."""
    for compiled in (True, False):
        engine = open_writer(tiny_run.out, "cpu", compiled=compiled).engine
        assert isinstance(engine, TorchEngine)
        assert (type(engine.step).__name__ == "FastStep") == compiled
