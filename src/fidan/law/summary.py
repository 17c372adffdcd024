"""A short account of an article, a law or any text: its salient sentences in order, and a model's short form.

An article gives its own sentences, a law those of its articles that are in force with the article each is from, one
of an article and as many of each book or chapter. The
short form is a model's, where one is given and the text supports it (`fidan.law.support`). What it leaves out: how
salience is measured (`fidan.law.summarize`), and what to do with the text of a repealed article, which is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fidan.errors import FidanError, SourceError
from fidan.law.article import Law
from fidan.law.assistant import NOTICE, Write
from fidan.law.citations import Citation, parse_citations
from fidan.law.index import LawIndex
from fidan.law.summarize import summarize
from fidan.law.support import check_support
from fidan.law.terms import terms
from fidan.law.units import units_of
from fidan.turkish import fold, grouped

OF_ARTICLE, OF_LAW, OF_TEXT = 3, 7, 5  # sentences
FIRST = 3.0  # prior of an article's first sentence, its rule
PURPOSE = 30.0  # of a law's first article and of one headed "Amaç": they say what the law is for
SHORTEN = "Özetle."  # what stands for a question where a model is to shorten a text
MOST_CHARACTERS = 2_000_000  # of a text: the longest law has 1,100,000


@dataclass(frozen=True)
class Point:
    """A salient sentence, and the article it is from: "" in a text that is no law."""

    text: str
    short: str


@dataclass(frozen=True)
class Summary:
    """What a text says in short.

    Attributes:
        title: what was summarised.
        points: its salient sentences, in order.
        short_form: a model's short text; "" where there is no model, or the text does not support it.
        reason: why a model's text was not taken; "" else.
        of: how many sentences there were.
        version: ISO date of the law's text; "" for a text that is no law.
    """

    title: str
    points: tuple[Point, ...]
    short_form: str
    reason: str
    of: int
    version: str
    notice: str = NOTICE


def summarize_named(index: LawIndex, named: str, most: int | None = None, write: Write | None = None) -> Summary:
    """An article or a law of the index in short.

    Args:
        index: an open index.
        named: a citation ("TMK 305"), or a law's name or number ("Avukatlık Kanunu", "1136").
        most: sentences; None: `OF_ARTICLE` or `OF_LAW`.
        write: a model's texts.

    Raises:
        FidanError: it names nothing that the index has, or a repealed article.
    """
    citations = parse_citations(named, index.names)
    if len(citations) > 1:
        raise FidanError(f"{named!r}: {len(citations)} madde adlandırıyor. Birini yazın.")
    if citations:
        return _article(index, citations[0], most, write)
    law = index.laws.get(index.names.resolve(named) or "")
    if law is None:
        raise FidanError(
            f"{named!r}: ne bir dosya, ne kaynaklardaki bir kanun ya da madde. 'TMK 305', 'Avukatlık Kanunu' gibi "
            "yazın; bir metin için dosya adı ya da - verin."
        )
    return _law(index, law, most, write)


def summarize_text(text: str, title: str, most: int | None = None, write: Write | None = None) -> Summary:
    """Any text in short.

    Raises:
        FidanError: it is empty or longer than `MOST_CHARACTERS`.
    """
    if not text.strip():
        raise FidanError(f"{title}: metin boş.")
    if len(text) > MOST_CHARACTERS:
        raise FidanError(
            f"{title}: {grouped(len(text))} karakter; en çok {grouped(MOST_CHARACTERS)} alınır. Metni bölün."
        )
    # Hard wraps are no ends: a paragraph is what stands between blank lines.
    paragraphs = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]
    sentences = [unit.whole for unit in units_of(paragraphs)]
    points = summarize(sentences, terms, most or OF_TEXT)
    short, reason = _short_form("\n\n".join(paragraphs), None, write)
    return Summary(title, tuple(Point(one.text, "") for one in points), short, reason, len(sentences), "")


def read_text(path: Path) -> str:
    """A text file.

    Raises:
        SourceError: it is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: byte {error.start:,} is not UTF-8. Save the file as UTF-8.") from None


def _article(index: LawIndex, citation: Citation, most: int | None, write: Write | None) -> Summary:
    short = citation.short(index.names)
    article = index.article(citation)
    if article is None:
        raise FidanError(f"{short}: kaynaklarda böyle bir madde yok.")
    if article.repealed or not article.text.strip():
        raise FidanError(f"{short}: yürürlükten kaldırılmıştır, özetlenecek metni yok.")
    units = units_of(article.paragraphs)
    sentences = [unit.whole for unit in units]
    prior = [FIRST if unit.place == 0 else 1.0 for unit in units]
    points = summarize(sentences, terms, most or OF_ARTICLE, prior)
    form, reason = _short_form("\n\n".join(article.paragraphs), citation, write)
    law = index.laws[article.law]
    title = f"{short} – {article.heading}" if article.heading else short
    return Summary(title, tuple(Point(p.text, short) for p in points), form, reason, len(sentences), law.version)


def _law(index: LawIndex, law: Law, most: int | None, write: Write | None) -> Summary:
    told: list[tuple[str, str]] = []
    prior: list[float] = []
    chapters: list[str] = []
    for article in index.law_articles(law.number):
        if article.repealed or article.kind != "madde":
            continue
        short = Citation(article.law, article.label).short(index.names)
        units = units_of(article.paragraphs)
        told += [(unit.whole, short) for unit in units]
        chapters += [article.section.partition(" / ")[0]] * len(units)
        purpose = PURPOSE if len(told) == len(units) or "amaç" in fold(article.heading) else 1.0
        prior += [purpose * (FIRST if unit.place == 0 else 1.0) for unit in units]
    if not told:
        raise FidanError(f"{law.title}: yürürlükte maddesi yok.")
    most = most or OF_LAW
    limits = [([short for _, short in told], 1), (chapters, -(-most // len(set(chapters))))]
    points = summarize([text for text, _ in told], terms, most, prior, limits)
    form, reason = _short_form("\n\n".join(point.text for point in points), None, write)
    chosen: Sequence[Point] = [Point(point.text, told[point.place][1]) for point in points]
    return Summary(law.title, tuple(chosen), form, reason, len(told), law.version)


def _short_form(passage: str, own: Citation | None, write: Write | None) -> tuple[str, str]:
    """A model's short form of a passage, and why there is none."""
    if write is None:
        return "", ""
    text = write(SHORTEN, passage)
    found = check_support(text, passage, own, terms)
    if found.supported and len(text) < len(passage):
        return text, ""
    failures = "; ".join(found.failures) or "metinden kısa değil"
    return "", f"modelin yazdığı kısa biçim metinle desteklenmiyor ({failures})"
