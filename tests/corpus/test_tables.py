"""Tables find what was put in, and their files come back whole or are refused."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan.corpus.tables import build_table, entries, has_room, load_table, new_table, place, save_table
from fidan.errors import ArtifactMismatch

KEYS = st.dictionaries(st.integers(1, 2**64 - 1), st.integers(0, 2**64 - 1), max_size=60)


def table_of(content: dict[int, int], room: int = 0) -> np.ndarray:
    keys, values = (np.array(list(part), dtype=np.uint64) for part in (content.keys(), content.values()))
    return build_table(keys, values, room)


@settings(deadline=None)  # the first example compiles
@given(KEYS, st.integers(0, 100))
def test_every_key_is_found_and_no_other(content: dict[int, int], room: int) -> None:
    table = table_of(content, room)
    for key, value in content.items():
        at = place(table, np.uint64(key))
        assert (table[at], table[at + 1]) == (key, value)
    for key in (1, 2**64 - 1, 12345):
        assert (table[place(table, np.uint64(key))] == key) == (key in content)
    keys, values = entries(table)
    assert dict(zip(keys.tolist(), values.tolist(), strict=True)) == content
    assert keys.tolist() == sorted(content)


def test_room() -> None:
    table = new_table(100)
    assert has_room(table, 100)
    assert not has_room(table, 102)
    assert table.nbytes < 100 * 28 + 32


def test_file(tmp_path: Path) -> None:
    table, path = table_of({number: number * number for number in range(1, 1000)}), tmp_path / "made" / "here.npy"
    save_table(path, "thing", {"ç": [1, 2]}, table)
    about, loaded = load_table(path, "thing")
    assert about == {"ç": [1, 2]}
    assert np.array_equal(loaded, table)
    assert not loaded.flags.writeable
    assert loaded.ctypes.data % 64 == 0  # on cache lines, so that a key and its value are one access
    before = path.read_bytes()
    save_table(path, "thing", {"ç": [1, 2]}, table)
    assert path.read_bytes() == before


def test_bad_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.npy"
    with pytest.raises(ArtifactMismatch, match=r"no such file; a thing should be there"):
        load_table(path, "thing")
    save_table(path, "thing", {}, table_of({7: 8}))
    whole = path.read_bytes()
    with pytest.raises(ArtifactMismatch, match="a thing, where a model is needed"):
        load_table(path, "model")
    flipped = bytearray(whole)
    flipped[-3] ^= 4
    text = tmp_path / "text.npy"
    np.save(text, np.array(["word"]))
    for content in (whole[:-8], whole[:100], b"", b"no array", bytes(flipped), text.read_bytes()):
        path.write_bytes(content)
        with pytest.raises(ArtifactMismatch, match=r"t\.npy: not a thing.*Delete it"):
            load_table(path, "thing")
