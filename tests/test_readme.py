"""The READMEs tell the truth: both show the same commands, and every `fidan` command in them runs.

The commands run as written, in a folder whose recipes have the real names but tiny models, on text made here.
"""

import json
import lzma
import re
import shlex
from pathlib import Path

import pytest

from fidan.corpus.sources.catalogue import find_dataset
from fidan.corpus.synthetic.generator import generate
from fidan.recipe.shipped import shipped_recipe
from tests.preloaded import fidan

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.tr.md")
SMALL = {
    "vocab_size": "800", "sample_bytes": "1_000_000", "d_model": "32", "n_layers": "1", "n_heads": "2", "d_ff": "64",
    "context": "64", "tokens": "4_000", "sequence_length": "64", "batch_size": "2", "accumulate": "1",
    "warmup_steps": "2", "compile": "false", "max_new_tokens": "5",
}  # fmt: skip


def shell_commands(name: str) -> list[str]:
    """The lines of the `sh` blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.split("   #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def table_commands(name: str) -> list[str]:
    return re.findall(r"^\| `(fidan [^`]*)` \|", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)


def shrink(text: str) -> str:
    """The recipe with every size made tiny."""
    for key, value in SMALL.items():
        text = re.sub(rf"^{key} = [^#\n]*", f"{key} = {value} ", text, flags=re.MULTILINE)
    return text


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    (folder / "recipes").mkdir()
    (folder / "data").mkdir()
    for recipe in (ROOT / "recipes").glob("*.toml"):
        (folder / "recipes" / recipe.name).write_text(shrink(recipe.read_text(encoding="utf-8")), encoding="utf-8")
    text = "\n\n".join(document.text for document in generate(3, 200_000))
    for name in ("tr-web.txt.xz", "tr.txt.xz"):
        (folder / "data" / name).write_bytes(lzma.compress(text.encode()))
    meta = {"law_number": "9902", "title": "KUYU KANUNU", "effective_status": "in_force"}
    law = {"id": "9902", "meta": meta, "text": "Madde 1 – Kuyunun kapağını açık bırakan sorumlu olur.\n"}
    (folder / "data" / "laws.jsonl.xz").write_bytes(lzma.compress(json.dumps(law).encode()))
    return folder


def test_both_readmes_show_the_same_commands() -> None:
    assert shell_commands(READMES[0]) == shell_commands(READMES[1])
    assert table_commands(READMES[0]) == table_commands(READMES[1])


def test_every_stage_has_its_row() -> None:
    from fidan.stages import STAGES

    shown = {command.split()[1] for command in table_commands("README.md")}
    others = {"run", "recipes", "doctor", "verify", "import-pt", "law", "chat", "serve"}
    assert shown == {*others, *(stage.name for stage in STAGES)}


def test_the_commands_run_as_written(workplace: Path) -> None:
    commands = [command for command in shell_commands("README.md") if command.startswith("fidan ")]
    assert len(commands) >= 5
    for command in commands:
        _, *arguments = shlex.split(command)
        if "--download" in arguments:  # tests/corpus/sources/test_download.py fetches, from this machine
            assert find_dataset(arguments[-1]).url.startswith("https://")
            continue
        result = fidan(*arguments, folder=workplace)
        assert result.returncode == 0, f"{command}\n{result.stderr}"


def test_make_has_the_targets_that_are_named() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {command.split()[1] for command in shell_commands("README.md") if command.startswith("make ")}
    assert named == {"demo", "test"}
    for target in named:
        assert re.search(rf"^{target}: .venv/ready$", makefile, re.MULTILINE)


def test_the_summary_proposes_commands_that_exist() -> None:
    from fidan.summary import next_commands

    for command in next_commands(Path("runs/demo"), "Bugün"):
        _, name, argument, *_ = shlex.split(command)
        assert name in {command.split()[1] for command in table_commands("README.md")}
        if name in ("doctor", "run"):
            assert shipped_recipe(argument).is_file()
