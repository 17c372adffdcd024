"""An upload to a hub of our own: what arrives is the folder, and what cannot be sent says why."""

import shutil
from pathlib import Path

import pytest

from fidan.errors import ArtifactMismatch, FidanError
from fidan.export.push import push_folder
from fidan.export.sums import check_sums, read_sums, sha256
from fidan.progress import SilentReporter
from fidan.stages import Run
from tests.export.fake_hub import FakeHub

REPORTER = SilentReporter()


@pytest.fixture
def folder(tiny_run: Run, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_run.folder("export") / "hugging_face", tmp_path / "exported")


def test_what_arrives_is_the_folder(hub: FakeHub, folder: Path, tmp_path: Path) -> None:
    address = push_folder(folder, "ayse/minik", private=True, reporter=REPORTER, endpoint=hub.endpoint)
    assert address == f"{hub.endpoint}/ayse/minik"
    assert hub.repositories["ayse/minik"]["visibility"] == "private"
    here = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert hub.files.keys() == here.keys()
    changed = {"README.md", "SHA256SUMS"}
    assert {name for name in here if here[name] != hub.files[name]} == changed
    assert hub.files["README.md"].decode() == here["README.md"].decode().replace("KULLANICI/tiny", "ayse/minik")
    assert sha256(hub.files["model.safetensors"]) in hub.stored, "large files are stored apart"
    check_sums(folder)

    received = tmp_path / "received"
    received.mkdir()
    for name, content in hub.files.items():
        (received / name).write_bytes(content)
    check_sums(received)
    assert read_sums(received).keys() == here.keys() - {"SHA256SUMS"}


def test_a_branch_and_a_name_alone(hub: FakeHub, folder: Path) -> None:
    address = push_folder(folder, "minik", revision="v2", reporter=REPORTER, endpoint=hub.endpoint)
    assert address == f"{hub.endpoint}/ayse/minik/tree/v2"
    assert hub.branches == ["v2"]
    assert hub.repositories["ayse/minik"].get("visibility") != "private"


def test_a_changed_folder_is_refused_by_name(hub: FakeHub, folder: Path) -> None:
    (folder / "config.json").write_text("{}")
    (folder / "recipe.toml").unlink()
    (folder / "notes.txt").write_text("for me alone")
    with pytest.raises(ArtifactMismatch) as caught:
        push_folder(folder, "ayse/minik", reporter=REPORTER, endpoint=hub.endpoint)
    for words in ("config.json has changed", "recipe.toml is missing", "notes.txt is not listed", "Export it again"):
        assert words in str(caught.value)
    assert not hub.repositories


@pytest.mark.parametrize(
    ("repo", "refuse", "words"),
    [
        ("ayse/ileri geri", {}, "is not a name for a repository"),
        ("ayse/minik", {"/api/repos/create": 401}, "does not know the token"),
        ("ayse/minik", {"/api/repos/create": 403}, "may not write there"),
        ("ayse/minik", {"/api/models/ayse/minik/commit/main": 413}, "status 413"),
    ],
)
def test_refusals_say_what_to_do(hub: FakeHub, folder: Path, repo: str, refuse: dict[str, int], words: str) -> None:
    hub.refuse = refuse
    with pytest.raises(FidanError, match=words):
        push_folder(folder, repo, reporter=REPORTER, endpoint=hub.endpoint)


def test_without_a_token(hub: FakeHub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(FidanError, match="hf auth login"):
        push_folder(folder, "ayse/minik", reporter=REPORTER, endpoint=hub.endpoint)


def test_without_a_network(hub: FakeHub, folder: Path) -> None:
    with pytest.raises(FidanError, match="Check the network"):
        push_folder(folder, "ayse/minik", reporter=REPORTER, endpoint="http://127.0.0.1:9")
