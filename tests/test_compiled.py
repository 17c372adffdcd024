"""What was compiled of other sources is not run: a cache of its own for every version."""

import os
import subprocess
import sys
from pathlib import Path

from fidan import compiled

MODULE = """
from fidan.compiled import compiled, inlined

@inlined
def part(x):
    return x + {number}
"""
CALLER = """
from fidan.compiled import compiled
from other_part import part

@compiled
def whole(x):
    return part(x)
"""


def test_a_changed_file_gives_another_key(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from fidan.compiled import compiled\n")
    (tmp_path / "b.py").write_text("x = 1\n")
    first = compiled.source_key(tmp_path)
    (tmp_path / "b.py").write_text("x = 2\n")
    assert compiled.source_key(tmp_path) == first
    (tmp_path / "a.py").write_text("from fidan.compiled import compiled as c\n")
    assert compiled.source_key(tmp_path) != first


def test_old_code_is_not_run(tmp_path: Path) -> None:
    """A copy of this package in which a function changes that is called from a file that does not."""
    source = Path(compiled.__file__).parent
    package = tmp_path / "fidan"
    package.mkdir()
    for name in ("__init__.py", "compiled.py"):
        (package / name).write_bytes((source / name).read_bytes())
    (package / "whole.py").write_text(CALLER.replace("other_part", "fidan.part"))
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | {"PYTHONPATH": str(tmp_path)}
    for number in (1, 2):
        (package / "part.py").write_text(MODULE.format(number=number))
        for path in package.glob("*.py"):
            os.utime(path, (1_580_601_600, 1_580_601_600))  # as a wheel has it, in every version
        for _ in range(2):
            command = [sys.executable, "-c", "from fidan.whole import whole; print(whole(40))"]
            told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
            assert told == f"{40 + number}\n"
    assert len(list((package / "__pycache__").glob("compiled-*"))) == 1
