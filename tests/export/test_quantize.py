"""K-quants: which llama.cpp is taken, what happens when it fails, and what a real one makes."""

import os
import shutil
import signal
import sys
from pathlib import Path

import gguf
import numpy as np
import pytest

from fidan.errors import DiskFullError, FidanError
from fidan.export import quantize as quantizing
from fidan.export.gguf import KINDS, write_gguf
from fidan.export.quantize import FILE_TYPES, FOLDER_VARIABLE, find_backend, other_formats, quantize
from fidan.recipe import GGUF_KINDS

from .conftest import MakeFolder


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any llama.cpp, and its empty current folder."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(quantizing.importlib.util, "find_spec", lambda name: None)
    return here


def put_program(folder: Path, text: str) -> Path:
    program = folder / "bin" / "llama-quantize"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!{sys.executable}\n{text}")
    program.chmod(0o755)
    return program


def put_library(folder: Path, name: str = "libllama.v0.5.0.so") -> Path:
    folder.mkdir(parents=True)
    (folder / "libllama-common.so").touch()
    (folder / name).touch()
    return folder / name


def test_the_kinds_are_those_of_both_writers() -> None:
    assert set(GGUF_KINDS) == {*KINDS, *FILE_TYPES}
    assert {kind: int(gguf.LlamaFileType[f"MOSTLY_{kind}"]) for kind in FILE_TYPES} == FILE_TYPES


def test_without_a_llama_cpp_it_is_said_how_to_get_one(bare: Path) -> None:
    with pytest.raises(FidanError, match="none was found") as error:
        find_backend()
    for word in ("llama-quantize", "fidan[llama-cpp]", "npm install @node-llama-cpp", FOLDER_VARIABLE, "Q8_0"):
        assert word in str(error.value)


def test_the_order(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = put_library(bare / "node_modules/@node-llama-cpp/linux-x64/bins/linux-x64")
    assert find_backend().place == str(npm)
    named = put_library(tmp_path / "built", "libllama.dylib")
    monkeypatch.setenv(FOLDER_VARIABLE, str(named.parent))
    assert find_backend().place == str(named)
    monkeypatch.setattr(quantizing.importlib.util, "find_spec", lambda name: name == "llama_cpp")
    assert find_backend().name == "llama-cpp-python"
    program = put_program(tmp_path, "")
    assert find_backend().place == str(program)


def test_a_named_folder_without_a_library_is_an_error(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_library(bare / "node_modules/@node-llama-cpp/linux-x64")
    monkeypatch.setenv(FOLDER_VARIABLE, "nowhere")
    with pytest.raises(FidanError, match="FIDAN_LLAMA_CPP = 'nowhere': there is no libllama"):
        find_backend()


def test_the_program_is_called_as_it_wants(bare: Path, tmp_path: Path) -> None:
    put_program(tmp_path, "import sys, shutil; shutil.copy(*sys.argv[1:3]); assert sys.argv[3:] == ['Q6_K']")
    writer = gguf.GGUFWriter(bare / "m.gguf", "llama")
    writer.add_tensor("a.weight", np.ones((2, 8), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    said: list[str] = []
    assert quantize(Path("m.gguf"), "Q6_K", Path("out/q.gguf"), said.append) == "llama-quantize"
    assert Path("out/q.gguf").read_bytes() == Path("m.gguf").read_bytes()
    assert said == [
        f"q.gguf: by llama-quantize ({tmp_path / 'bin' / 'llama-quantize'})",
        "q.gguf: F32 instead of a K-quant, as their rows are no multiple of 256: a.weight (8)",
    ]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import os; os.kill(os.getpid(), 11)", "it was ended by SIGSEGV. It said: nothing"),
        ("import sys; print('one\\ntwo\\nthree\\n\\nfour'); sys.exit(3)", "exit code 3. It said: two | three | four"),
        ("", "could not make Q4_K_M: exit code 0"),  # it claims success and wrote nothing
    ],
)
def test_a_failure_is_an_error_here(bare: Path, tmp_path: Path, program: str, words: str) -> None:
    assert signal.SIGSEGV == 11
    put_program(tmp_path, program)
    Path("m.gguf").write_bytes(b"GGUF")
    with pytest.raises(FidanError) as error:
        quantize(Path("m.gguf"), "Q4_K_M", Path("out/q.gguf"), lambda text: None)
    assert words in str(error.value)
    assert list(Path("out").iterdir()) == []


def test_a_full_disk_is_recognised(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_program(tmp_path, "import sys; sys.exit('basic_ios::clear: iostream error')")
    Path("m.gguf").write_bytes(b"GGUF" * 100)
    usage = shutil.disk_usage(bare)._replace(free=10)
    monkeypatch.setattr(quantizing.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DiskFullError, match=r"q.gguf: the disk is full \(10 bytes free\)"):
        quantize(Path("m.gguf"), "Q4_K_M", Path("q.gguf"), lambda text: None)


def test_a_library_that_is_none_does_not_take_us_along(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = put_library(bare / "built")
    (library.parent / "libggml.so").write_bytes(b"no library")
    monkeypatch.setenv(FOLDER_VARIABLE, str(library.parent))
    Path("m.gguf").write_bytes(b"GGUF")
    with pytest.raises(FidanError, match=r"could not make Q4_K_M: exit code 1.*OSError"):
        quantize(Path("m.gguf"), "Q4_K_M", Path("q.gguf"), lambda text: None)


# The relative error of Gaussian weights, root mean square, with a third to spare.
ERROR = {"Q4_K": 0.10, "Q5_K": 0.05, "Q6_K": 0.025}


@pytest.mark.parametrize("kind", sorted(FILE_TYPES))
def test_llama_cpp_python_makes_them(make_folder: MakeFolder, tmp_path: Path, kind: str) -> None:
    pytest.importorskip("llama_cpp")
    if shutil.which("llama-quantize"):
        pytest.skip("another llama.cpp comes first")
    check_real_quants(make_folder(wide=True), tmp_path, kind, "llama-cpp-python")


@pytest.mark.parametrize("kind", sorted(FILE_TYPES))
def test_a_built_library_makes_them(
    make_folder: MakeFolder, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not os.environ.get(FOLDER_VARIABLE):
        pytest.skip(f"{FOLDER_VARIABLE} names no library")
    folder = make_folder(wide=True)
    if shutil.which("llama-quantize"):
        pytest.skip("another llama.cpp comes first")
    monkeypatch.setattr(quantizing.importlib.util, "find_spec", lambda name: None)
    check_real_quants(folder, tmp_path, kind, "libllama")


def check_real_quants(folder: Path, work: Path, kind: str, name: str) -> None:
    write_gguf(folder, "F32", work / "whole.gguf", name="deneme")
    said: list[str] = []
    assert quantize(work / "whole.gguf", kind, work / "q.gguf", said.append) == name
    assert len(said) == 1, said
    whole = {t.name: t for t in gguf.GGUFReader(work / "whole.gguf").tensors}
    reader = gguf.GGUFReader(work / "q.gguf")
    assert reader.fields["general.file_type"].contents() == FILE_TYPES[kind]
    assert reader.fields["general.name"].contents() == "deneme"
    assert {t.name for t in reader.tensors} == set(whole)
    kinds = {t.tensor_type.name for t in reader.tensors if len(t.shape) > 1}
    assert kind.removesuffix("_M") in kinds
    assert kinds <= set(ERROR)
    for tensor in reader.tensors:
        expected = whole[tensor.name].data
        found = gguf.dequantize(tensor.data, tensor.tensor_type)
        error = np.sqrt(np.mean((found - expected) ** 2) / np.mean(expected**2))
        assert error <= ERROR.get(tensor.tensor_type.name, 0.0), tensor.name


def test_narrow_rows_get_other_formats_which_are_named(make_folder: MakeFolder, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    write_gguf(make_folder(), "F32", tmp_path / "whole.gguf")
    said: list[str] = []
    quantize(tmp_path / "whole.gguf", "Q4_K_M", tmp_path / "q.gguf", said.append)
    assert said[1:] == [f"q.gguf: {line}" for line in other_formats(tmp_path / "q.gguf")]
    assert any("Q5_0 instead of a K-quant" in line and "blk.*.attn_q.weight (64)" in line for line in said)
