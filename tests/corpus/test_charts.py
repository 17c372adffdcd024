"""Numbers and foreign text are told as they are, and pictures are drawn to scale."""

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan.corpus import charts
from fidan.page import text as page_text


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (9_996, "10.0 kB"), (99_960, "100 kB"), (999_499, "999 kB"),
     (999_600, "1.00 MB"), (813_000_000, "813 MB"), (30_500_000_000, "30.5 GB"), (2.5e15, "2,500 TB")],
)  # fmt: skip
def test_sizes(number: float, told: str) -> None:
    assert page_text.size(number) == told


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 0, "–"), (0, 5, "0.0%"), (1, 10**6, "&lt;0.1%"), (10**6 - 1, 10**6, "&gt;99.9%"), (5, 5, "100.0%")],
)
def test_shares(part: int, whole: int, told: str) -> None:
    assert page_text.share(part, whole) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.004, "0.00 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599.7, "1 h 0 min"), (90_061, "25 h 1 min")],
)
def test_durations(seconds: float, told: str) -> None:
    assert page_text.duration(seconds) == told


def test_lists() -> None:
    assert [page_text.listing(list(items)) for items in ("", "a", "ab", "abc")] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


@given(st.text())
def test_escaped_text_reads_as_it_was(text: str) -> None:
    """A parser gives it back sign by sign, but for what cannot be seen, which it names."""
    read: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            read.append(data)

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert (tag, attrs) == ("i", [])

    reader = Reader()
    reader.feed(page_text.prose(text))
    reader.close()
    told = "".join(read)
    assert told == page_text._UNSEEN.sub(lambda match: f"U+{ord(match[0]):04X}", text)
    # An independent list of what must not come through: controls, and what turns the text after it around.
    assert not [
        sign for sign in told if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") and sign not in "\t\n"
    ]
    assert not {unicodedata.bidirectional(sign) for sign in told} & {"LRE", "RLE", "LRO", "RLO", "PDF"}
    assert not {unicodedata.bidirectional(sign) for sign in told} & {"LRI", "RLI", "FSI", "PDI"}


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_axis_holds_what_is_drawn(counts: list[int]) -> None:
    ticks = charts._ticks(max(counts))
    assert ticks[0] == 0
    assert ticks[-1] >= max(counts)
    assert 2 <= len(ticks) <= 5
    assert sorted(set(ticks)) == ticks
    edges = [round(2 ** (number / 2)) for number in range(4, 5 + len(counts))]
    drawn = charts.histogram(edges, [("read", counts), ("kept", counts)], "characters")
    assert all(0 <= float(height) <= 100 for height in re.findall(r' height="([\d.]+)"', drawn))
    assert not sum(counts) or edges[0] <= charts.median(edges, counts) <= edges[-1]


def test_funnel_narrows_to_what_is_left() -> None:
    made = charts.funnel([charts.Stage("a", "", (100, 50), (1000, 250), [("x", 50)])])
    points = re.findall(r'points="([^"]*)"', made)
    assert points == [
        "50,0 0.000,0 25.000,100 50,100",  # documents: the half to the left, from all of it to half of it
        "0.000,0 0.000,100 25.000,100",
        "50,0 100.000,0 62.500,100 50,100",  # bytes
        "100.000,0 100.000,100 62.500,100",
    ]


@pytest.mark.parametrize("edges", [[1, 1], [1, 1, 2, 3], [0, 1, 2]])
def test_histogram_of_the_shortest_documents(edges: list[int]) -> None:
    """Half octaves, rounded, are not all wider than nothing at their start."""
    counts = [3] * (len(edges) - 1)
    assert "<rect" in charts.histogram(edges, [("read", counts)], "characters")
    assert 0 < charts.median(edges, counts) <= edges[-1]
