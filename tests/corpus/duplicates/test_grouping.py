"""Equal keys come together, each with all of its rows, whatever the memory and however the keys are spread."""

import tracemalloc
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan.corpus.duplicates import grouping
from fidan.corpus.duplicates.grouping import ROW_BYTES, Keys, groups, partitions, run_starts, take

LARGEST = 2**64 - 1


def column(*keys: int) -> Keys:
    return np.array(keys, dtype=np.uint64)


def check(columns: Sequence[Keys], rows: int, least: int = 0) -> list[Keys]:
    """Partitions of at most `rows` rows are those of a plain stable sort; gives their keys."""
    everything = np.concatenate(columns)
    order = np.argsort(everything, kind="stable")
    order = order[everything[order] >= least]
    found = list(partitions(columns, rows * ROW_BYTES, least))
    assert all(len(keys) for keys, _ in found)
    if found:
        assert np.concatenate([positions for _, positions in found]).tolist() == order.tolist()
        assert np.concatenate([keys for keys, _ in found]).tolist() == everything[order].tolist()
    else:
        assert not len(order)
    for (before, _), (after, _) in pairwise(found):
        assert before[-1] < after[0]
    for keys, _ in found:
        assert len(keys) <= rows or keys[0] == keys[-1]
    return [keys for keys, _ in found]


def test_nothing() -> None:
    assert list(partitions([], 1000)) == []
    assert list(partitions([column(), column()], 1000)) == []
    assert list(groups([], 1000)) == []


def test_small_input_is_one_partition() -> None:
    ((keys, positions),) = partitions([column(5, 3), column(), column(5, LARGEST, 0)], 5 * ROW_BYTES)
    assert keys.tolist() == [0, 3, 5, 5, LARGEST]
    assert positions.tolist() == [4, 1, 0, 2, 3]


@pytest.mark.parametrize("rows", [70, 1000, 9_999, 10_000])
def test_hashes_in_many_shards(rows: int) -> None:
    keys = np.random.default_rng(0).integers(0, LARGEST, 10_000, dtype=np.uint64, endpoint=True)
    found = check(np.array_split(np.concatenate([keys[:5000], keys[:5000]]), 7), rows)
    if rows == 1000:
        assert len(found) <= 12  # hashes fill their partitions


@pytest.mark.parametrize("rows", [300, 10**6])
def test_uneven_keys(rows: int) -> None:
    random = np.random.default_rng(1)
    spread = random.integers(0, LARGEST, 4000, dtype=np.uint64)
    check([np.where(random.random(4000) < 0.5, np.uint64(77), spread)], rows)  # one key is half of all rows
    check([random.integers(0, 9, 4000).astype(np.uint64)], rows)
    check([np.arange(4000, dtype=np.uint64)[::-1]], rows)
    check([spread >> random.integers(0, 64, 4000, dtype=np.uint64)], rows)  # of every magnitude
    check([np.uint64(LARGEST) - np.arange(4000, dtype=np.uint64) % np.uint64(1500)], rows)
    check([(spread << np.uint64(32)) + np.uint64(5), spread >> np.uint64(32)], rows)


def test_key_that_fills_more_than_a_partition_stands_alone() -> None:
    random = np.random.default_rng(2)
    keys = random.integers(0, LARGEST, 1000, dtype=np.uint64)
    keys[::2] = keys[0]
    sizes = [len(part) for part in check([keys], 100)]
    assert max(sizes) == 500
    assert sorted(sizes)[-2] <= 100


def test_smaller_keys_may_be_left_out() -> None:
    check([column(0, 1, 0, 2, 0)], 3, least=1)
    check([column(0, 1, 0, 2, 0)], 1000, least=2)
    assert list(partitions([column(0, 0)], 1000, least=1)) == []


@given(
    st.lists(st.lists(st.one_of(st.integers(0, 20), st.integers(0, LARGEST)), max_size=80), min_size=1, max_size=4),
    st.integers(1, 100),
    st.integers(0, 3),
)
def test_against_a_plain_sort(shards: list[list[int]], rows: int, least: int) -> None:
    check([column(*shard) for shard in shards], rows, least)


def test_mapped_and_strided_columns(tmp_path: Path) -> None:
    table = np.random.default_rng(3).integers(0, 50, (3000, 3)).astype(np.uint64)
    expected = [(keys.tolist(), positions.tolist()) for keys, positions in partitions([table[:, 1].copy()], 10**6)]
    np.save(tmp_path / "table.npy", table)
    mapped = np.load(tmp_path / "table.npy", mmap_mode="r")
    for columns in ([table[:, 1]], [mapped[:, 1]], [mapped[:1000, 1], mapped[1000:, 1]]):
        assert [(keys.tolist(), positions.tolist()) for keys, positions in partitions(columns, 10**6)] == expected
        check(columns, 200)
    assert np.array_equal(mapped, table)


def test_changes_to_a_private_mapping_survive(tmp_path: Path) -> None:
    np.save(tmp_path / "keys.npy", np.arange(10, dtype=np.uint64))
    private = np.load(tmp_path / "keys.npy", mmap_mode="c")
    private[:] = 7
    check([private, private], 4)
    assert set(private.tolist()) == {7}


@pytest.mark.parametrize("wrong", [np.zeros(3, np.int64), np.zeros((3, 2), np.uint64), np.zeros(3, np.uint32)])
def test_wrong_columns(wrong: Keys) -> None:
    with pytest.raises(ValueError, match=r"uint64, and 1-D"):
        list(partitions([column(1), wrong], 1000))


def test_run_starts() -> None:
    assert run_starts(column()).tolist() == []
    assert run_starts(column(2, 2, 3, 9, 9)).tolist() == [True, False, True, True, False]


def test_take() -> None:
    columns = [np.array([10, 11]), np.array([], dtype=int), np.array([12, 13, 14])]
    assert take(columns, np.array([4, 0, 2, 0, 1])).tolist() == [14, 10, 12, 10, 11]
    assert take(columns, np.array([], dtype=np.int64)).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=60), st.integers(1, 80), st.integers(0, 60))
def test_groups_of_both_halves(pairs: list[tuple[int, int]], rows: int, cut: int) -> None:
    table = np.array(pairs, dtype=np.uint64).reshape(-1, 2)
    expected: dict[tuple[int, int], list[int]] = {}
    for position, pair in enumerate(pairs):
        expected.setdefault(pair, []).append(position)
    found: list[list[int]] = []
    for positions, leads in groups([table[:cut], table[cut:]], rows * 64):
        assert leads[0]
        for position, lead in zip(positions.tolist(), leads.tolist(), strict=True):
            if lead:
                found.append([])
            found[-1].append(position)
    assert sorted(found) == sorted(expected.values())


def test_memory_of_a_partition_is_the_memory_that_was_given() -> None:
    keys = np.random.default_rng(4).integers(0, LARGEST, 2_000_000, dtype=np.uint64)
    memory = 20_000_000  # for a fifth of the rows
    list(partitions([keys[:1000]], memory))  # compiles
    tracemalloc.start()
    for kept in partitions([keys], memory):
        assert len(kept[0]) <= memory // ROW_BYTES
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < memory + 3_000_000
    assert grouping.ROW_BYTES * len(keys) > 4 * memory
