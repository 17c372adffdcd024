"""Samples do not depend on how the documents were split among tasks; counts add up."""

from datatrove.data import Document

from fidan.corpus.ledger import Ledger, Smallest


def drop(ledger: Ledger, number: int, reason: str = "foreign") -> None:
    metadata = {"source": "a", "filter_reason": reason, "detail": "en"}
    ledger.write(Document(text=f"metin {number}", id=f"a/{number}", metadata=metadata))


def samples(ledger: Ledger) -> list[tuple[float, str]]:
    return [(rank, value["id"]) for rank, value in ledger.as_json()["samples"].get("dropped/foreign", [])]


def test_samples_of_tasks_make_the_samples_of_the_whole() -> None:
    whole, parts = Ledger(5), [Ledger(5), Ledger(5), Ledger(5)]
    for number in range(300):
        drop(whole, number)
        drop(parts[number % 7 % 3], number)
    merged = sorted(entry for part in parts for entry in samples(part))[:5]
    assert samples(whole) == merged


def test_no_samples_are_wanted() -> None:
    ledger = Ledger(0)
    drop(ledger, 1)
    assert samples(ledger) == []
    assert ledger.as_json()["fates"] == [["a", "foreign", 1, 7]]
    assert ledger.as_json()["details"] == {"foreign": {"en": 1}}


def test_lines_are_counted_with_their_bytes() -> None:
    ledger = Ledger(1)
    for line in ("ÇEREZ", "ÇEREZ", "menü"):
        ledger.line("menu", line)
    told = ledger.as_json()
    assert told["removed"] == {"menu": [3, 2 * 6 + 5]}
    assert told["lines"] == {"menu": {"menü": 1, "ÇEREZ": 2}}


def test_the_same_sample_is_kept_once() -> None:
    ledger = Ledger(3)
    for _ in range(5):
        ledger.change("markup", "<b>x</b>", "x")
    assert len(ledger.as_json()["samples"]["changes/markup"]) == 1


def test_smallest() -> None:
    kept = Smallest(2)
    for rank, name in ((3.0, "c"), (1.0, "b"), (1.0, "a"), (2.0, "d")):
        if kept.wants(rank):
            kept.add(rank, {"id": name})
    assert [value["id"] for _, value in kept.entries()] == ["a", "b"]
