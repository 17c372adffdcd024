"""Broken bytes and lengths: what is dropped has a reason, and a sample to look at."""

from datatrove.data import Document

from fidan.corpus.base import Filter
from fidan.corpus.filters.basic import LengthFilter, Utf8Filter
from fidan.corpus.ledger import SAMPLE_CHARS, Ledger


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


def test_few_words() -> None:
    ledger = Ledger(5)
    assert run(LengthFilter(ledger, 3, None, 3), "ab", "bir - iki .", "bir, iki 3", "bir iki üç dört") == [
        "bir, iki 3",
        "bir iki üç dört",
    ]
    assert reasons(ledger) == {"too_short": 1, "few_words": 1}
    assert ledger.details == {"few_words": {"2": 1}}


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


def test_samples_are_bounded() -> None:
    ledger = Ledger(2)
    run(LengthFilter(ledger, 1, 5), *["uzun belge " * 1000] * 5)
    assert reasons(ledger) == {"too_long": 5}
    samples = [sample for _, sample in ledger.as_json()["samples"]["dropped/too_long"]]
    assert [len(sample["text"]) for sample in samples] == [SAMPLE_CHARS] * 2
    assert samples[0]["chars"] == 11_000
