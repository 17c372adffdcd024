"""Question-answer sets: what is read, what is left out and told, and that no split sees another's texts."""

import gzip
import json
import lzma
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fidan.corpus.pairs.pair import Pair, normal_form
from fidan.corpus.pairs.read import Columns, LeftOut, PairSet, read_pairs
from fidan.corpus.pairs.report import counts_of, lines_of
from fidan.corpus.pairs.split import group_pairs, shared_with, split_pairs
from fidan.corpus.rows import source_hash
from fidan.corpus.splits import SPLITS
from fidan.errors import FidanError, SourceError
from fidan.turkish import upper

ROWS = [
    ("Kira süresi ne kadardır?", "Bir yıldır."),
    ("Vekâlet nedir?", "Bir işin\nbaşkasına bırakılmasıdır, kısaca."),
]
OWN = Columns("soru", "cevap")


def as_csv(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in [("soru", "cevap"), *rows])


def as_jsonl(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(json.dumps(dict(zip(("soru", "cevap"), row, strict=True))) for row in rows)


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.csv": lambda path: path.write_text("\ufeff" + as_csv(ROWS), encoding="utf-8"),
    "a.tsv": lambda path: path.write_text(as_csv(ROWS, "\t"), encoding="utf-8"),
    "semicolons.csv": lambda path: path.write_text(as_csv(ROWS, ";"), encoding="utf-8"),
    "a.jsonl": lambda path: path.write_text(as_jsonl(ROWS) + "\n\n", encoding="utf-8"),
    "a.jsonl.xz": lambda path: path.write_bytes(lzma.compress(as_jsonl(ROWS).encode())),
    "a.csv.gz": lambda path: path.write_bytes(gzip.compress(as_csv(ROWS).encode())),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_pairs(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    found = read_pairs(str(tmp_path / name), OWN)
    assert found.pairs == tuple(Pair(*row) for row in ROWS)
    assert found.left_out[:3] == (0, 0, 0)
    assert source_hash(str(tmp_path / name))


def test_parquet_and_a_dataset_give_the_same_pairs_with_their_context(tmp_path: Path) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("datasets")

    folder = tmp_path / "set"
    folder.mkdir()
    texts = {"soru": [row[0] for row in ROWS], "cevap": [row[1] for row in ROWS], "madde": ["m. 1", None]}
    parquet.write_table(pyarrow.table({**texts, "no": [1, 2]}), folder / "train.parquet")
    columns = Columns("soru", "cevap", "madde")
    found = read_pairs(str(folder / "train.parquet"), columns)
    assert found.pairs == (Pair(*ROWS[0], "m. 1"), Pair(*ROWS[1]))
    assert read_pairs(f"hf:{folder}", columns) == found
    assert source_hash("hf:owner/name::test") == source_hash("owner/name::test") == "unhashed hf:owner/name::test"
    with pytest.raises(SourceError, match=r"train.parquet, row 1: column 'no' holds int, where text is wanted"):
        read_pairs(str(folder / "train.parquet"), Columns("soru", "no"))


BAD = {
    "a.csv": [
        (b"", "a.csv: the file is empty"),
        (b"soru,cevap", "no pair of a question and an answer in it .no rows"),
        (as_csv(ROWS).encode() + b'\n"a","b","c"', r"a.csv:5: 3 cells where the header has 2. Put cells"),
        (as_csv([("Soru \u0131", "b")]).encode("iso8859-9"), r"a.csv:2: not UTF-8 .byte 0xfd.*WINDOWS-1254"),
        (b'soru,cevap\n"a,b', r"a.csv:2: not a table of cells .*Mend its quotes"),
        (b"soru,soru\na,b", r"a.csv:1: two columns are called 'soru'"),
        (b"Soru,yan\xc4\xb1t\na,b", r"a.csv:2: no column 'soru'. Did you mean 'Soru'"),
    ],
    "a.jsonl": [
        (b"", "a.jsonl: the file is empty"),
        (b'{"soru": "a", "cevap": "b"}\n{"soru": "a"', r"a.jsonl:2: not valid JSON"),
        (b'["soru"]', r"a.jsonl:1: a JSON list, where an object a line is wanted"),
        (b'{"soru": "a", "cevap": 3}', r"a.jsonl:1: column 'cevap' holds int"),
        (b'{"soru": "a", "cevab": "b"}', r"a.jsonl:1: no column 'cevap'. Did you mean 'cevab'"),
        (b'{"soru": "a\xfd", "cevap": "b"}', r"a.jsonl:1: not UTF-8 .byte 0xfd"),
        (b'{"soru": "\\ud800", "cevap": "b"}', r"a.jsonl:1: column 'soru' holds half of a surrogate pair"),
    ],
    "a.txt": [(b"soru", r"a.txt: no known format of rows. Name a file that ends in")],
    "a.jsonl.gz": [(b"no gzip", "should be gzip by its name, but its content is text")],
}


@pytest.mark.parametrize(("name", "content", "told"), [(name, *one) for name, found in BAD.items() for one in found])
def test_a_bad_file_is_told_with_its_line_and_the_fix(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=told):
        read_pairs(str(tmp_path / name), OWN)


def test_a_missing_file_and_no_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none.csv: no such file\. Correct"):
        read_pairs(str(tmp_path / "none.csv"))
    with pytest.raises(SourceError, match="no source is named"):
        read_pairs([])


def test_empty_and_repeated_pairs_are_left_out_counted_and_named(tmp_path: Path) -> None:
    rows = [
        *ROWS,
        ("", "Yanıt."),
        ("Soru?", " \t"),
        ("KİRA süresi ne kadardır", "bir yıldır!"),
        (ROWS[0][0], "Beş yıl."),
    ]
    path = tmp_path / "a.jsonl"
    path.write_text(as_jsonl(rows), encoding="utf-8")
    found = read_pairs(str(path), OWN)
    assert [pair.answer for pair in found.pairs] == [ROWS[0][1], ROWS[1][1], "Beş yıl."]
    assert found.left_out[:3] == (1, 1, 1)
    split = split_pairs(found.pairs, 0, 0)
    assert list(lines_of(found, split))[1:] == [
        f"left out: 1 empty questions ({path}:3)",
        f"left out: 1 empty answers ({path}:4)",
        f"left out: 1 duplicates ({path}:5)",
    ]
    counts = counts_of(found, split)
    assert counts["left_out"] == {"empty_questions": 1, "empty_answers": 1, "duplicates": 1}
    assert counts["train"]["answer_words"] == {"median": 2, "p95": 5, "max": 5}
    with pytest.raises(
        SourceError,
        match=r"no pair of a question and an answer in it .4 duplicates",
    ):
        read_pairs([str(path), str(path)], OWN)


def test_what_says_the_same_has_one_normal_form() -> None:
    assert normal_form("7 Kasım 1982’de,  YÜRÜRLÜĞE girmiştir.") == normal_form("7 kasım 1982'de yürürlüğe girmiştir")
    assert normal_form("%") != normal_form("?")


TEXTS = st.integers(0, 30).map(lambda number: f"Metin {number}")
PAIRS = st.lists(st.builds(Pair, TEXTS, TEXTS), max_size=60)


@hypothesis_settings(max_examples=20)
@given(pairs=PAIRS, seed=st.integers(0, 9), marks=st.randoms())
def test_no_question_and_no_answer_is_in_two_splits_whatever_its_casing(pairs, seed, marks) -> None:  # type: ignore[no-untyped-def]
    loud = [Pair(upper(q) + "?", a) if marks.random() < 0.5 else Pair(q, f"{a}.") for q, a, _ in pairs]
    # Of few texts most pairs hang together: more groups come with texts of their own.
    loud += [Pair(f"Soru {n}", f"Yanıt {n}") for n in range(40)]
    split = split_pairs(loud, 0.2, 0.2, seed)
    parts = [getattr(split, name) for name in SPLITS]
    assert sorted(pair for part in parts for pair in part) == sorted(loud)
    for key in (lambda pair: pair.question, lambda pair: pair.answer):
        forms = [{normal_form(key(pair)) for pair in part} for part in parts]
        assert not forms[0] & forms[1]
        assert not forms[0] & forms[2]
        assert not forms[1] & forms[2]


@hypothesis_settings(max_examples=15)
@given(pairs=PAIRS, shuffle=st.randoms())
def test_the_order_of_the_file_decides_nothing(pairs, shuffle) -> None:  # type: ignore[no-untyped-def]
    pairs += [Pair(f"Soru {n}", f"Yanıt {n}") for n in range(40)]
    mixed = list(pairs)
    shuffle.shuffle(mixed)
    one, other = split_pairs(pairs, 0.2, 0.2), split_pairs(mixed, 0.2, 0.2)
    for name in SPLITS:
        assert sorted(getattr(one, name)) == sorted(getattr(other, name))
    assert one.groups == other.groups == len(set(group_pairs(mixed)))


def test_shares_are_near_those_asked_and_groups_of_any_size_go_everywhere() -> None:
    pairs = [Pair(f"Soru {n}", f"Yanıt {n // 4 if n % 2 else n + 9000}") for n in range(6000)]
    split = split_pairs(pairs, 0.1, 0.2, seed=3)
    assert abs(len(split.valid) / 6000 - 0.1) < 0.02
    assert abs(len(split.test) / 6000 - 0.2) < 0.02
    large = [Pair(f"Soru {n}", f"Yanıt {n // 10}") for n in range(10000)]
    assert abs(len(split_pairs(large, 0.1, 0.2).test) / 10000 - 0.2) < 0.04
    assert {pair.answer for pair in split_pairs(pairs, 0.1, 0.2, seed=4).test} != {pair.answer for pair in split.test}


def test_a_pair_that_is_added_moves_no_other_group() -> None:
    pairs = [Pair(f"Soru {n}", f"Yanıt {n}") for n in range(400)]
    before, after = split_pairs(pairs), split_pairs([Pair("Yeni soru", "Yanıt 7"), *pairs, Pair("Bir", "İki")])
    moved = {pair for name in SPLITS for pair in set(getattr(before, name)) - set(getattr(after, name))}
    assert moved <= {pairs[7]}


def test_a_giant_group_is_told_and_stays_whole() -> None:
    pairs = [Pair(f"{n}. madde ne zaman yürürlüğe girdi?", "7 Kasım 1982'de.") for n in range(22)]
    pairs += [Pair(f"Soru {n}", f"Yanıt {n}") for n in range(400)]
    split = split_pairs(pairs)
    (giant,) = split.giants
    assert giant.pairs == 22
    assert giant.answer == "7 Kasım 1982'de."
    assert sum(pair.answer == giant.answer for pair in getattr(split, giant.split)) == 22
    assert sum("has 22 pairs" in line for line in lines_of(PairSet(tuple(pairs), LeftOut()), split)) == 1


def test_impossible_splits_are_refused() -> None:
    pairs = [Pair(f"Soru {n}", "Aynı yanıt") for n in range(50)]
    with pytest.raises(FidanError, match=r"50 pairs in 1 groups: the \w+ split, \d+% of them, gets none"):
        split_pairs(pairs)
    with pytest.raises(FidanError, match=r"shares of 0\.6 for validation and 0\.5"):
        split_pairs(pairs, 0.6, 0.5)


def test_pairs_of_another_file_that_share_a_text_are_found() -> None:
    held_out = [Pair("Kira nedir?", "Bir sözleşme.")]
    training = [Pair("KİRA NEDİR", "Başka."), Pair("Ne?", "bir sözleşme"), Pair("Satış nedir?", "Bir sözleşmedir.")]
    assert shared_with(held_out, training) == training[:2]


def test_the_law_set_splits_without_a_leak(real_data: Path) -> None:
    path = real_data / "law" / "qa.jsonl"
    if not path.is_file():
        pytest.skip("no questions on law")
    found = read_pairs(str(path))
    split = split_pairs(found.pairs)
    assert len(found.pairs) == 3206
    assert [giant.pairs for giant in split.giants] == [22]
    assert not shared_with(split.valid + split.test, split.train)
    assert 250 < len(split.valid) < 400
