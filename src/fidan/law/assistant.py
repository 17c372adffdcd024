"""From a question to an answer with its article, or to a plain "the sources do not say".

    question → articles found → passage → answer → its citation checked → what is shown

Where the question cites articles, those are the sources; where it asks what something is, articles that define it
come first. Below a calibrated score (`fidan.law.scope`) the assistant abstains. The answer is the article's own
sentences (`fidan.law.extract`); where a model is given, it is the model's text as long as the passage supports it
(`fidan.law.support`), and the extract else, which is told. A citation is given only for an article that is shown.

What it leaves out: court decisions, regulations, and what follows for a case; the notice says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fidan.errors import FidanError
from fidan.law.article import Article, Law
from fidan.law.bm25 import idf
from fidan.law.citations import Citation, parse_citations
from fidan.law.definitions import prefer_definitions
from fidan.law.elsewhere import foreign_language, foreign_place
from fidan.law.extract import extract
from fidan.law.fusion import Vectors
from fidan.law.index import LawIndex
from fidan.law.scope import CALIBRATED, Model, content_terms, is_story, signals_of
from fidan.law.search import search
from fidan.law.support import check_support
from fidan.law.terms import terms
from fidan.turkish import words

NOTICE = (
    "Bu bir hukuki danışmanlık değildir; yalnız kanun metnine dayanır, yargı kararlarını ve yönetmelikleri bilmez. "
    "Karar vermeden önce bir avukata danışın."
)
SILENT = "Verilen kaynaklarda yer almıyor."
STORY_TOLD = (
    "Soru bir olay anlatıyor: madde sözcük benzerliğiyle bulundu ve yanlış olabilir; öteki maddelere de bakın."
)
MOST_WORDS = 1000  # of a question: more is a document; `fidan law summarize` takes those
CANDIDATES = 40  # hits among which definitions are looked for
CALIBRATED_FROM = 5000  # articles; on fewer, idf is too small for the score to mean what it was fitted to
OTHERS = 4  # articles found that are named beside the answer
WORTH = 1.5  # definition grade from which an article answers "X nedir?" whatever the score


class Write(Protocol):
    """A model's answer to a question from a passage; `fidan.law.writing.write_answer` with a writer."""

    def __call__(self, question: str, passage: str) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Passage:
    """An article that is shown: how it is cited, its law, its text, and as of when.

    Attributes:
        version: ISO date of the newest amendment that the law's text has; "" where the source does not tell.
    """

    citation: Citation
    short: str
    law: str
    heading: str
    text: str
    version: str


@dataclass(frozen=True)
class Answer:
    """What the assistant says.

    Attributes:
        question: as it was asked.
        text: the answer, `SILENT` where it abstained.
        citations: of the articles it rests on.
        passages: those articles.
        abstained: whether the sources do not say.
        reason: why it abstained, or why a model's text was not taken; "" else.
        generated: whether a model wrote the text.
        score: how surely a law answers, 0 to 1 (`fidan.law.scope`).
        notice: that this is no legal advice.
        version: the version date of the law shown; "" where nothing is.
        caution: what a reader of this answer should know of how it was found; "" where there is nothing to say.
        others: how the next articles found are cited, for who wants to read on; they are no part of the answer.
    """

    question: str
    text: str
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    abstained: bool
    reason: str
    generated: bool
    score: float
    notice: str = NOTICE
    version: str = ""
    others: tuple[str, ...] = ()
    caution: str = ""

    @property
    def shown(self) -> Sequence[tuple[Citation, str]]:
        """The passages with their citations."""
        return [(passage.citation, passage.text) for passage in self.passages]


def refusal(question: str) -> str | None:
    """Why a question is none for Turkish law, in Turkish; None where it may be one."""
    if foreign_language(question):
        return "soru Türkçe değil; yalnız Türkçe sorulara yanıt verilir"
    if place := foreign_place(question):
        return f"soru başka bir ülkenin hukuku hakkında ({place}); kaynaklar Türk kanunlarıdır"
    return None


class Assistant:
    """Answers questions from an index.

    Args:
        index: an open index of laws.
        write: a model's answers; None: extracts alone.
        model: when to abstain; the calibrated one unless said otherwise. It looks at words alone.
        vectors: the index's, to find articles by them, too; None: by words alone.
    """

    def __init__(
        self,
        index: LawIndex,
        write: Write | None = None,
        model: Model = CALIBRATED,
        vectors: Vectors | None = None,
    ) -> None:
        self._index, self._write, self._model, self._vectors = index, write, model, vectors

    def find(self, question: str, k: int) -> list[Citation]:
        """The citations of the first k articles for a question, definitions first where it asks for one."""
        return [Citation(article.law, article.label) for article, _, _ in self._found(question)][:k]

    def answer(self, question: str) -> Answer:
        """Answer a question, or abstain.

        Raises:
            FidanError: the question is empty, or longer than `MOST_WORDS` words.
        """
        check_question(question)
        if reason := refusal(question):
            return self._abstain(question, reason, 0.0)
        missing = [c for c in self._cited(question) if self._index.article(c) is None]
        if missing:
            named = ", ".join(citation.short(self._index.names) for citation in missing)
            return self._abstain(question, f"kaynaklarda böyle bir madde yok: {named}", 0.0)
        found = self._found(question)
        signals = signals_of(self._index, question)
        score = self._model.score(signals) if signals else 0.0
        if not found:
            return self._abstain(question, "sorudaki sözcükler hiçbir maddede geçmiyor", 0.0)
        article, law, sure = found[0]
        if not sure and score < self._model.threshold:
            return self._abstain(question, self._too_far(score), score)
        passage = self._passage(article, law)
        if article.repealed or not article.text.strip():
            return self._abstain(question, f"{passage.short} yürürlükten kaldırılmıştır", score)
        text = extract(article.paragraphs, question, terms, self._weights(question))
        text, reason, generated = self._written(question, article, passage, text)
        others = tuple(Citation(a.law, a.label).short(self._index.names) for a, _, _ in found[1 : 1 + OTHERS])
        return Answer(question, text, (passage.citation,), (passage,), False, reason, generated,
                      1.0 if sure else score, version=passage.version, others=others,
                      caution=STORY_TOLD if not sure and is_story(question) else "")  # fmt: skip

    def _too_far(self, score: float) -> str:
        told = f"yeterince yakın bir madde bulunamadı (puan {score:.2f}, eşik {self._model.threshold:.2f})"
        if self._index.searchable >= CALIBRATED_FROM:
            return told
        number = self._index.searchable
        return f"{told}; eşik bütün kanunlar için ayarlıdır, bu dizinde {number:,} madde var: --threshold ile değişir"

    def _written(self, question: str, article: Article, passage: Passage, text: str) -> tuple[str, str, bool]:
        """The model's text where there is a model and the passage supports it, else the extract; and why."""
        if self._write is None:
            return text, "", False
        own = self._write(question, passage.text)
        found = check_support(own, "\n\n".join(article.paragraphs), passage.citation, terms)
        if not found.supported:
            return text, f"modelin yazdığı metin maddeyle desteklenmiyor ({'; '.join(found.failures)})", False
        return own, "", True

    def _cited(self, question: str) -> list[Citation]:
        return parse_citations(question, self._index.names)

    def _found(self, question: str) -> list[tuple[Article, Law, bool]]:
        """Articles with their laws, best first, and whether each answers for sure: cited, or defining."""
        if not terms(question):
            return []
        hits = search(self._index, question, CANDIDATES, self._vectors)
        cited = [hit for hit in hits if hit.cited]
        others = [hit for hit in hits if not hit.cited]
        order, grades = prefer_definitions([hit.article for hit in others], question, terms)
        defining = [others[place] for place in order]
        return [(hit.article, hit.law, True) for hit in cited] + [
            (hit.article, hit.law, grades[place] >= WORTH) for hit, place in zip(defining, order, strict=True)
        ]

    def _weights(self, question: str) -> dict[str, float]:
        """What each content word of a question weighs."""
        return {t: idf(len(self._index.postings(t)[0]), self._index.searchable) for t in content_terms(question)}

    def _passage(self, article: Article, law: Law) -> Passage:
        citation = Citation(article.law, article.label)
        # A repealed paragraph is left as its bare counter, "(2)".
        text = "\n".join(part for part in article.paragraphs if not re.fullmatch(r"\(\d+\)\s*", part))
        return Passage(citation, citation.short(self._index.names), law.title, article.heading, text, law.version)

    def _abstain(self, question: str, reason: str, score: float) -> Answer:
        return Answer(question, SILENT, (), (), True, reason, False, score)


def check_question(question: str) -> None:
    """Refuse what is no question.

    Raises:
        FidanError: it is empty, or longer than `MOST_WORDS` words.
    """
    number = len(words(question))
    if not question.strip():
        raise FidanError("soru boş. Bir soru yazın.")
    if number > MOST_WORDS:
        raise FidanError(
            f"soru {number:,} sözcük; en çok {MOST_WORDS:,} sözcük alınır. Olanı ve sorunuzu kısaca yazın; bir metni "
            "özetlemek için: fidan law summarize."
        )
