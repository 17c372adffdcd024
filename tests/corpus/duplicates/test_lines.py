"""Footers go and speech stays; equal lines have equal hashes, and no others do."""

import copy
import lzma
import tracemalloc
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import dill
import numpy as np
import pytest
from datatrove.data import Document
from hypothesis import given
from hypothesis import strategies as st

from fidan import turkish
from fidan.corpus import characters
from fidan.corpus.cleaning.normalize import normalize
from fidan.corpus.config import RepeatedLinesConfig
from fidan.corpus.duplicates.line_hashes import NUMBERS_FOLDED, hash_lines
from fidan.corpus.duplicates.lines import DUPLICATE, KEPT, REPEATED, LineFates, RepeatedLines, judge_lines
from fidan.corpus.ledger import Ledger
from fidan.errors import ArtifactMismatch

MEMORY = 1_000_000
FOOTER = "Bu sitedeki yazılar izinsiz hiçbir yerde kullanılamaz"
MENU = "Son Dakika Gündem Ekonomi Spor Yazarlar"
SPEECH = "Önergeyi oylarınıza sunuyorum: Kabul edenler… Kabul etmeyenler… Kabul edilmemiştir."


def own(number: int, line: int = 0) -> str:
    """A line that stands nowhere else; letters, because numbers may be folded."""
    return (
        f"Bu satır yalnızca burada {'abcdefghij'[line]}{''.join('klmnopqrst'[int(d)] for d in str(number))} duruyor."
    )


def judge(shards: Sequence[Sequence[str]], config: RepeatedLinesConfig, memory: int = MEMORY) -> LineFates:
    hashes = [
        np.concatenate([np.empty(0, np.uint64), *(hash_lines(text, config.min_words) for text in texts)])
        for texts in shards
    ]
    counts = [np.array([text.count("\n") + 1 for text in texts], dtype=np.uint32) for texts in shards]
    return judge_lines(hashes, counts, config, memory)


def fates_of(texts: Sequence[str], config: RepeatedLinesConfig, memory: int = MEMORY) -> list[list[int]]:
    """The fates of every document's lines; the documents come in three shards."""
    cuts = [0, len(texts) // 3, len(texts) // 2, len(texts)]
    shards = [texts[low:high] for low, high in zip(cuts, cuts[1:], strict=False)]  # noqa: RUF007
    flat = np.concatenate([*judge(shards, config, memory)]).tolist()
    ends = np.cumsum([text.count("\n") + 1 for text in texts])
    return [part.tolist() for part in np.split(np.array(flat, dtype=int), ends[:-1])]


TEN = RepeatedLinesConfig(min_documents=10)


def test_footer_goes_but_for_the_first() -> None:
    texts = [f"{own(n)}\n{own(n, 1)}\n{FOOTER if n % 2 else turkish.upper(FOOTER)}" for n in range(10)]
    found = fates_of(texts, TEN)
    assert found == [[KEPT] * 3] + [[KEPT, KEPT, REPEATED]] * 9
    assert fates_of(texts[1:], TEN) == [[KEPT] * 3] * 9  # in too few documents


def test_speech_stays() -> None:
    texts = [f"{own(n)}\n{SPEECH}\n{own(n, 1)}" for n in range(30)]
    assert fates_of(texts, TEN) == [[KEPT] * 3] * 30
    everything = RepeatedLinesConfig(min_documents=10, max_alone=1.0)
    assert fates_of(texts, everything) == [[KEPT] * 3] + [[KEPT, REPEATED, KEPT]] * 29


def test_lines_beside_each_other_go_in_the_middle_of_a_page() -> None:
    texts = [f"{own(n)}\n{MENU}\nSpor\n{FOOTER}\n{own(n, 1)}" for n in range(10)]
    assert fates_of(texts, TEN)[1:] == [[KEPT, REPEATED, KEPT, REPEATED, KEPT]] * 9


def test_short_lines_at_an_end_do_not_hide_a_footer() -> None:
    texts = [f"{own(n)}\n{FOOTER}\nANA SAYFA\nİLETİŞİM" for n in range(10)]
    assert fates_of(texts, TEN)[1:] == [[KEPT, REPEATED, KEPT, KEPT]] * 9


def test_documents_of_a_single_line_are_left_to_those_that_compare_documents() -> None:
    assert fates_of(["Çok güzel bir ürün, herkese tavsiye ederim."] * 40, TEN) == [[KEPT]] * 40


def test_documents_count_and_not_places() -> None:
    texts = [f"{FOOTER}\n{own(n)}\n{FOOTER}" for n in range(9)]
    assert fates_of(texts, TEN) == [[KEPT] * 3] * 9
    texts.append(f"{own(9)}\n{FOOTER}")
    assert sum(fate == REPEATED for fates in fates_of(texts, TEN) for fate in fates) == 18


def test_short_lines_are_not_judged() -> None:
    texts = [f"{own(n)}\nTeşekkür ederim." for n in range(40)]
    assert fates_of(texts, TEN) == [[KEPT] * 2] * 40
    lower = RepeatedLinesConfig(min_documents=10, min_words=2)
    assert fates_of(texts, lower)[1:] == [[KEPT, REPEATED]] * 39


def test_later_copies_of_paragraphs() -> None:
    config = RepeatedLinesConfig(min_documents=0, drop_duplicates=True)
    texts = [own(0), f"{own(1)}\n{own(0)}\nkısa satır", f"{own(1)}\nkısa satır\n{own(2)}\n{own(2)}"]
    assert fates_of(texts, config) == [
        [KEPT],
        [KEPT, DUPLICATE, KEPT],
        [DUPLICATE, KEPT, KEPT, DUPLICATE],
    ]
    numbers = ["Dolar 3,41 Euro 4,12 Altın 150", "Dolar 3,52 Euro 4,20 Altın 151"]
    assert fates_of(numbers, config) == [[KEPT], [KEPT]]


def test_repeated_comes_before_copy() -> None:
    config = RepeatedLinesConfig(min_documents=10, drop_duplicates=True)
    texts = [f"{own(n)}\n{SPEECH}\n{own(n, 1)}\n{FOOTER}" for n in range(10)]
    assert fates_of(texts, config)[1:] == [[KEPT, DUPLICATE, KEPT, REPEATED]] * 9


def test_off() -> None:
    texts = [f"{own(n)}\n{FOOTER}" for n in range(60)]
    assert fates_of(texts, RepeatedLinesConfig(min_documents=0)) == [[KEPT] * 2] * 60


def test_neither_memory_nor_shards_matter() -> None:
    random = np.random.default_rng(0)
    pool = [own(n) for n in range(60)] + [FOOTER, MENU, "kısa"]
    texts = ["\n".join(pool[k] for k in random.integers(0, len(pool), random.integers(1, 8))) for _ in range(300)]
    config = RepeatedLinesConfig(min_documents=12, drop_duplicates=True)
    expected = np.concatenate([*judge([texts], config)]).tolist()
    assert set(expected) == {KEPT, REPEATED, DUPLICATE}
    for shards in ([texts[:100], [], texts[100:101], texts[101:]], [[text] for text in texts]):
        for memory in (5_000, MEMORY):
            assert np.concatenate([*judge(shards, config, memory)]).tolist() == expected


def test_frequent_lines_are_told() -> None:
    texts = [f"{own(n)}\n{SPEECH}\n{own(n, 1)}\n{FOOTER}" for n in range(12)]
    texts += [f"{own(20)}\n{FOOTER}"]
    speech, footer = judge([[own(30)], texts], TEN).frequent[::-1]
    assert (footer.documents, footer.repeated, footer.alone, footer.shard, footer.line) == (13, True, 0.0, 1, 3)
    assert (speech.documents, speech.repeated, speech.alone, speech.shard, speech.line) == (12, False, 1.0, 1, 1)


def test_nothing_to_judge() -> None:
    assert [*judge([], TEN)] == []
    found = judge([[], [""]], TEN)
    assert len(found) == 2
    assert [part.tolist() for part in found] == [[], [KEPT]]


def test_hashes_and_counts_must_belong_together() -> None:
    with pytest.raises(ValueError, match="shard 0: 3 hashes of 2 lines"):
        judge_lines([np.zeros(3, np.uint64)], [np.array([1, 1], np.uint32)], TEN, MEMORY)


@pytest.mark.parametrize("wrong", [{"min_documents": 1}, {"min_words": 0}, {"max_alone": 1.5}])
def test_settings_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RepeatedLinesConfig(**wrong)  # type: ignore[arg-type]


def run_step(folder: Path, texts: Sequence[str], fates: Sequence[int]) -> tuple[list[str], Ledger]:
    np.save(folder / "00002.npy", np.array(fates, dtype=np.uint8))
    step = dill.loads(dill.dumps(copy.deepcopy(RepeatedLines(Ledger(3), folder))))
    documents = [Document(text=text, id=str(n), metadata={"source": "x"}) for n, text in enumerate(texts)]
    return [document.text for document in step.run(iter(documents), rank=2)], step.ledger


def test_step_takes_lines_out(tmp_path: Path) -> None:
    texts = ["bir\niki\nüç", "dört", "", "beş\naltı"]
    found, ledger = run_step(tmp_path, texts, [KEPT, REPEATED, KEPT, DUPLICATE, KEPT, KEPT, REPEATED])
    assert found == ["bir\nüç", "", "", "beş"]
    assert ledger.as_json()["lines"] == {"repeated": {"iki": 1, "altı": 1}, "duplicate_paragraph": {"dört": 1}}


@pytest.mark.parametrize("fates", [[KEPT], [KEPT] * 3])
def test_step_refuses_verdicts_on_other_documents(tmp_path: Path, fates: list[int]) -> None:
    with pytest.raises(ArtifactMismatch, match=r"00002\.npy.*lines"):
        run_step(tmp_path, ["bir\niki"], fates)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İSTANBUL’DA IŞIK  yandı", "istanbul'da ışık yandı"),
        ("Rüzgâr «hızla» esti.", 'RÜZGAR "HIZLA" ESTİ.'),
        ("  a \t b\u00a0c ", "a b c"),
        ("I\u0307zmir'e gitti", "izmir'e gitti"),
        ("ΟΔΟΣ Ὀδυσσεύς", "οδος ὀδυσσεύς"),
        ("cafe\u0301 açıldı", "CAFÉ açıldı"),
        ("\u1112\u1161\u11ab글 geldi", "한글 geldi"),
        ("Sayfa 3 / 12", "SAYFA 117 / 1"),
        ("12.03.2014 15:30", "1.11.2009 9:05"),
    ],
)
def test_equal_lines(one: str, other: str) -> None:
    assert hash_lines(one, 1) == hash_lines(other, 1) != 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kır at geldi", "kir at geldi"),
        ("ab c", "a bc"),
        ("a b", "ab"),
        ("a, b", "a b"),
        ("3. madde kabul edilmiştir.", "4. madde kabul edilmiştir."),
        ("“Dolar 3 lira oldu.”", "“Dolar 4 lira oldu.”"),
        ("Sayfa 3", "Sayfa 3,1"),
        ("Sayfa", "Sayfa 3"),
    ],
)
def test_different_lines(one: str, other: str) -> None:
    assert hash_lines(one, 1) != hash_lines(other, 1)


def test_mark_of_folded_numbers() -> None:
    assert [int(key & NUMBERS_FOLDED) for key in hash_lines("Sayfa 3\nSayfa 3.\nSayfa\nSon (3.) sayfa", 1)] == [
        1,
        0,
        0,
        1,
    ]


def test_words_of_a_line() -> None:
    text = "bir iki üç dört\nbir - iki | üç\n\n1 2 3 4\nbir\u00a0iki\tüç dört\n😀 😀 😀 😀"
    assert (hash_lines(text, 4) > 0).tolist() == [True, False, False, True, True, False]
    assert hash_lines("", 1).tolist() == [0]


TURKISH = st.sampled_from(
    "aıiIİâÂîÎûÛçÇşŞğĞöÖüÜ '’‘\"“”«»\u0307\u0302\u0301 \u00a0\tΣσς9٣²Ⅷⓐ…!.)å\u212b😀❤\ufe0f한\u1112\u1161"
)


@given(
    st.text(st.one_of(TURKISH, st.characters(exclude_characters="\n")), max_size=12), st.text(TURKISH, max_size=12)
)
def test_hash_is_that_of_the_folded_line(one: str, other: str) -> None:
    one, other = one.replace("\n", ""), other.replace("\n", "")
    both = hash_lines(f"{one}\n{other}", 0)
    assert both.tolist() == [*hash_lines(turkish.fold(one), 0), *hash_lines(turkish.fold(other), 0)]
    if turkish.fold(one) != turkish.fold(other) and not (both & NUMBERS_FOLDED).any():
        assert both[0] != both[1]


def test_every_character_folds_as_folding_says() -> None:
    """Between letters, where a character that leans on its neighbours would show."""
    everything = (chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000)
    characters = [character for character in everything if not character.isspace() and character not in "|¦"]
    lines = [f"a{character}a¦{character}" for character in characters]
    expected = turkish.fold("|".join(lines)).split("|")  # one by one it would take long
    found, again = (hash_lines("\n".join(some).replace("¦", " "), 0) for some in (lines, expected))
    assert [hex(ord(c)) for c, one, other in zip(characters, found, again, strict=True) if one != other] == []


def test_only_marked_characters_join_with_those_before_them() -> None:
    table = characters.table()
    second = {
        part
        for code in range(0x110000)
        if unicodedata.decomposition(chr(code)) and "<" not in unicodedata.decomposition(chr(code))
        for part in unicodedata.normalize("NFD", chr(code))[1:]
    }
    joining = [c for c in second if ord(c) < len(table) and not table[ord(c)] & characters.LEANS]
    assert joining == []
    moving = [c for c in map(chr, range(len(table))) if unicodedata.combining(c)]
    assert all(table[ord(c)] & characters.LEANS for c in moving)


def test_real_lines(real_data: Path) -> None:
    with lzma.open(real_data / "web" / "tr-web.valid.txt.xz", "rt", encoding="utf-8", errors="replace") as file:
        text = normalize(file.read(300_000))
    lines = text.split("\n")
    hashes = hash_lines(text, 1).tolist()
    assert len(hashes) == len(lines)
    by_hash: dict[int, set[str]] = {}
    for line, key in zip(lines, hashes, strict=True):
        by_hash.setdefault(key, set()).add(turkish.fold(line))
    for key, forms in by_hash.items():
        assert len(forms) == 1 or key & 1 or key == 0
    assert len({turkish.fold(line) for line in lines}) >= len(by_hash) - 1


def test_memory_is_the_memory_that_was_given() -> None:
    """A slice of a partition that is kept by mistake keeps all of it."""
    hashes = np.random.default_rng(0).integers(2, 2**64, 1_000_000, dtype=np.uint64)
    counts = np.full(200_000, 5, np.uint32)
    memory = 10_000_000
    judge_lines([hashes[:10]], [counts[:2]], TEN, memory)  # compiles
    tracemalloc.start()
    judge_lines([hashes], [counts], TEN, memory)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < memory + 3_000_000
