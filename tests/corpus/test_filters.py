"""Filters keep what they should, and what they drop has a reason."""

from collections import Counter
from pathlib import Path

from datatrove.data import Document

from fidan import turkish
from fidan.corpus.base import Filter
from fidan.corpus.filters import LanguageFilter, LengthFilter, Utf8Filter, identify_language, language_sample
from fidan.corpus.ledger import SAMPLE_CHARS, Ledger

TURKISH = [
    "Bugün hava çok güzeldi, çocuklar parkta saatlerce oynadılar ve eve yorgun döndüler.",
    "Meclis, bütçe görüşmelerine salı günü devam edecek; muhalefet önergesini geri çekmedi.",
    "İSTANBUL'DA YOĞUN KAR YAĞIŞI NEDENİYLE OKULLAR İKİ GÜN SÜREYLE TATİL EDİLDİ.",
    "Ürün elime sağlam ulaştı, kargo hızlıydı. https://www.example.com/urun/12345?ref=abc teşekkürler.",
]
FOREIGN = {
    "az": "Azərbaycanda hava şəraiti sabah dəyişəcək, bəzi rayonlarda yağış yağacağı gözlənilir.",
    "en": "The weather was lovely today and the children played in the park for hours before going home.",
    "de": "Das Wetter war heute sehr schön, und die Kinder spielten stundenlang im Park.",
    "kk": "Бүгін ауа райы өте жақсы болды, балалар саябақта ұзақ ойнады.",
}


def run(step: Filter, *texts: str, **metadata: object) -> list[str]:
    documents = [Document(text=text, id=str(n), metadata={"source": "s", **metadata}) for n, text in enumerate(texts)]
    return [doc.text for doc in step.run(iter(documents))]


def reasons(ledger: Ledger) -> dict[str, int]:
    return {reason: count for (_, reason), count in ledger.documents.items()}


def test_length() -> None:
    ledger = Ledger(5)
    assert run(LengthFilter(ledger, 3, 5), "", "ab", "abc", "ışğüö", "abcdef") == ["abc", "ışğüö"]
    assert reasons(ledger) == {"empty": 1, "too_short": 1, "too_long": 1}
    assert run(LengthFilter(ledger, 3, 5), "abc", cut=True) == []
    assert reasons(ledger)["too_long"] == 2


def test_length_of_held_out_text_has_no_limits() -> None:
    ledger = Ledger(5)
    assert run(LengthFilter(ledger, 0, None), "", "a", cut=True) == ["a"]
    assert reasons(ledger) == {"empty": 1}


def test_invalid_utf8() -> None:
    ledger = Ledger(5)
    repaired = "a" * 99
    assert run(Utf8Filter(ledger), "temiz", repaired + "\ufffd", "a" * 98 + "\ufffd\ufffd") == ["temiz", repaired]
    assert reasons(ledger) == {"invalid_utf8": 1}
    assert ledger.notes == {"invalid_bytes": 2, "repaired": 1}


def test_language() -> None:
    ledger = Ledger(5)
    assert run(LanguageFilter(ledger, "tr", 0.5), *TURKISH, *FOREIGN.values()) == TURKISH
    assert reasons(ledger) == {"foreign": 4}
    assert ledger.details["foreign"] == dict.fromkeys(FOREIGN, 1)
    assert {sample["detail"] for sample in ledger.samples["foreign"]} == set(FOREIGN)


def test_language_of_nothing_and_unsure() -> None:
    ledger = Ledger(5)
    assert run(LanguageFilter(ledger, "tr", 0.5), "12345 --- 67890") == []
    assert ledger.details["foreign"] == {"no letters": 1}
    assert run(LanguageFilter(ledger, "tr", 1.0), TURKISH[0]) == []
    assert reasons(ledger)["language_unsure"] == 1


def test_language_sample_is_bounded_and_in_lower_case() -> None:
    assert language_sample("IĞDIR https://a.b/c?d=English 42 İZMİR", 3, 60) == "ığdır izmir"
    assert len(language_sample("söz " * 100_000, 3, 60)) <= 182
    assert language_sample("".join(map(chr, range(97, 117))), 3, 2) == "ab jk st"


def test_a_second_look_before_a_document_is_dropped() -> None:
    english = "Windows Presentation Foundation Accessibility Improvements. "
    middle = " ".join(TURKISH[:2] * 5)
    half = len(middle) // 2
    text = english * 2 + middle[:half] + english + middle[half:] + english * 2
    assert identify_language(text).get("tr", 0.0) < 0.5
    assert run(LanguageFilter(Ledger(5), "tr", 0.5), text) == [text]


def test_samples_are_bounded() -> None:
    ledger = Ledger(2)
    run(LengthFilter(ledger, 1, 5), *["uzun belge " * 1000] * 5)
    assert reasons(ledger) == {"too_long": 5}
    assert [len(sample["text"]) for sample in ledger.samples["too_long"]] == [SAMPLE_CHARS] * 2
    assert ledger.samples["too_long"][0]["chars"] == 11_000


def test_language_on_real_lines(real_data: Path) -> None:
    lines: dict[str, list[str]] = {}
    for row in (real_data / "langid" / "lines.tsv").read_text(encoding="utf-8").splitlines():
        language, _, line = row.partition("\t")
        lines.setdefault(language, []).append(line)
    taken: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for language, found in lines.items():
        group = 1 if language == "Turkish" else 8  # lines of subtitles are shorter than any document
        for start in range(0, len(found), group):
            text = "\n".join(found[start : start + group])
            total[language] += 1
            taken[language] += identify_language(text).get("tr", 0.0) >= 0.5
    share = {language: taken[language] / total[language] for language in total}
    assert share.pop("Turkish") > 0.96
    assert share.pop("Uzbek") < 0.10
    assert all(value < 0.02 for value in share.values()), share


def test_capitals_do_not_change_the_language() -> None:
    for text in TURKISH:
        assert identify_language(turkish.upper(text)) == identify_language(text)
