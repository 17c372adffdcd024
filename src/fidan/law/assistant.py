"""From a question to an answer with its article, or to a plain "the sources do not say".

    question → articles found → passage → answer → its citation checked → what is shown

Where the question cites articles, those are the sources (`fidan.law.sources` puts what was found in order). Below a
calibrated score (`fidan.law.scope`) the assistant abstains; on an index of fewer than `CALIBRATED_FROM` articles that
score means nothing, and it abstains where the best article has less than `HELD` of the question's content words. The
answer is the article's own sentences (`fidan.law.extract`); of articles found with nearly the same score it is up to
`MOST_PASSAGES` articles' sentences, each with its citation. Where a model is given, the answer is the model's text
from the first article as long as that supports it (`fidan.law.support`), and the extract else, which is told. A
citation is given only for an article that is shown.

What it leaves out: court decisions, regulations, and what follows for a case; the notice says so.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fidan.errors import FidanError
from fidan.law.article import Article
from fidan.law.cautions import lapsed, lapsed_told, short_forms_read
from fidan.law.citations import Citation, find_citations
from fidan.law.elsewhere import foreign_language, foreign_place
from fidan.law.extract import SHORT, STORY, extract
from fidan.law.fusion import Vectors
from fidan.law.index import LawIndex
from fidan.law.scope import CALIBRATED, Model, content_terms, is_story, signals_of
from fidan.law.sources import Source, find_sources, term_weights
from fidan.law.support import check_support
from fidan.law.terms import stem, terms
from fidan.turkish import grouped, words

NOTICE = (
    "Bu bir hukuki danışmanlık değildir; yalnız kanun metnine dayanır, yargı kararlarını ve yönetmelikleri bilmez. "
    "Karar vermeden önce bir avukata danışın."
)
SILENT = "Verilen kaynaklarda yer almıyor."
STORY_TOLD = (
    "Soru bir olay anlatıyor: madde sözcük benzerliğiyle bulundu ve yanlış olabilir; öteki maddelere de bakın."
)
MOST_WORDS = 1000  # of a question: more is a document; `fidan law summarize` takes those
CALIBRATED_FROM = 5000  # articles; on fewer, idf is too small for the score to mean what it was fitted to
HELD = 0.5  # of a question's content words, that the best article of a small index must have to answer it
OTHERS = 4  # articles found that are named beside the answer
MOST_PASSAGES = 3
MOST_WHOLE = 200  # words of an article or paragraph that is given whole where the question is its citation alone
ASKS_TEXT = frozenset(map(stem, "diyor der söylüyor yazıyor yazar göster maddesi madde fıkrası hükmü metni".split()))
SEVERAL_TOLD = "Birbirine yakın birden çok madde bulundu; yanıtta her birinin kendi cümleleri var."


class Write(Protocol):
    """A model's answer to a question from a passage; `fidan.law.writing.write_answer` with a writer."""

    def __call__(self, question: str, passage: str) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Passage:
    """An article that is shown: how it is cited, its law, its text, and as of when.

    Attributes:
        version: ISO date of the newest amendment that the law's text has; "" where the source does not tell.
        answer: the sentences of it that answer.
    """

    citation: Citation
    short: str
    law: str
    heading: str
    text: str
    version: str
    answer: str = ""


@dataclass(frozen=True)
class Answer:
    """What the assistant says.

    Attributes:
        question: as it was asked.
        text: the answer, `SILENT` where it abstained; from several articles, a line each that ends in its citation.
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
        model: when to abstain; it looks at words alone. None: the calibrated one, and on an index of fewer than
            `CALIBRATED_FROM` articles the share of the question's words that the best article has.
        vectors: the index's, to find articles by them, too; None: by words alone.
    """

    def __init__(
        self,
        index: LawIndex,
        write: Write | None = None,
        model: Model | None = None,
        vectors: Vectors | None = None,
    ) -> None:
        self._index, self._write, self._model, self._vectors = index, write, model or CALIBRATED, vectors
        self._by_share = model is None and index.searchable < CALIBRATED_FROM

    def find(self, question: str, k: int) -> list[Citation]:
        """The citations of the first k articles for a question."""
        return [source.citation for source in find_sources(self._index, question, k, self._vectors)]

    def answer(self, question: str) -> Answer:
        """Answer a question, or abstain.

        Raises:
            FidanError: the question is empty, or longer than `MOST_WORDS` words.
        """
        check_question(question)
        if reason := refusal(question):
            return self._abstain(question, reason, 0.0)
        references = find_citations(question, self._index.names)
        cited = {found.citation: found.paragraph for found in references}
        read = short_forms_read(question, references)
        missing = [citation for citation in cited if self._index.article(citation) is None]
        if missing:
            named = ", ".join(citation.short(self._index.names) for citation in missing)
            return self._abstain(question, f"kaynaklarda böyle bir madde yok: {named}", 0.0, " ".join(read))
        found = find_sources(self._index, question, vectors=self._vectors)
        if not found:
            return self._abstain(question, "sorudaki sözcükler hiçbir maddede geçmiyor", 0.0)
        signals = signals_of(self._index, question)
        score = self._model.score(signals) if signals else 0.0
        first = found[0]
        if not first.sure and (reason := self._too_far(question, first, score)):
            return self._abstain(question, reason, score)
        if first.article.repealed or not first.article.text.strip():
            short = first.citation.short(self._index.names)
            return self._abstain(question, f"{short} yürürlükten kaldırılmıştır", score, " ".join(read))
        shown = self._shown(found)
        weights = term_weights(self._index, question)
        passages = [self._passage(source, question, weights, cited.get(source.citation)) for source in shown]
        text, reason, generated = self._written(question, first.article, passages[0])
        if not generated and len(passages) > 1:
            text = "\n".join(f"{passage.answer} [{passage.short}]" for passage in passages)
        passages = passages[:1] if generated else passages
        held = {passage.citation for passage in passages}
        others = [one.citation for one in found if one.citation not in held][:OTHERS]
        cautions = [*read, *([SEVERAL_TOLD] if len(passages) > 1 and not first.cited else [])]
        cautions += [STORY_TOLD] if not first.sure and is_story(question) else []
        cautions += [
            lapsed_told(source.citation.short(self._index.names), end)
            for source in shown[: len(passages)]
            if (end := lapsed(source.article))
        ]
        return Answer(question, text, tuple(passage.citation for passage in passages), tuple(passages), False, reason,
                      generated, 1.0 if first.sure else score, version=passages[0].version,
                      others=tuple(one.short(self._index.names) for one in others),
                      caution=" ".join(cautions))  # fmt: skip

    def _shown(self, found: Sequence[Source]) -> list[Source]:
        """The sources that answer: the first one, and those that are as good."""
        kept = [found[0]]
        for source in found[1:]:
            if len(kept) == MOST_PASSAGES or not source.near(found[0]):
                break
            if not source.article.repealed and source.article.text.strip():
                kept.append(source)
        return kept

    def _too_far(self, question: str, first: Source, score: float) -> str:
        """Why the best article found does not answer; "" where it may."""
        if self._by_share:
            share = held_share(self._index, question, first)
            if share >= HELD:
                return ""
            return (
                f"en yakın madde sorudaki sözcüklerin pek azını içeriyor (%{100 * share:.0f}; bu dizinde "
                f"{grouped(self._index.searchable)} madde var, küçük dizinde en az %{100 * HELD:.0f} aranır: "
                "--threshold ile değişir)"
            )
        if score >= self._model.threshold:
            return ""
        return f"yeterince yakın bir madde bulunamadı (puan {score:.2f}, eşik {self._model.threshold:.2f})"

    def _written(self, question: str, article: Article, passage: Passage) -> tuple[str, str, bool]:
        """The model's text where there is a model and the passage supports it, else the extract; and why."""
        if self._write is None:
            return passage.answer, "", False
        own = self._write(question, passage.text)
        found = check_support(own, "\n\n".join(article.paragraphs), passage.citation, terms)
        if not found.supported:
            reason = f"modelin yazdığı metin maddeyle desteklenmiyor ({'; '.join(found.failures)})"
            return passage.answer, reason, False
        return own, "", True

    def _passage(self, source: Source, question: str, weights: Mapping[str, float], paragraph: int | None) -> Passage:
        article, law = source.article, source.law
        # A repealed paragraph is left as its bare counter, "(2)".
        parts = [part for part in article.paragraphs if not re.fullmatch(r"\(\d+\)\s*", part)]
        named = [part for part in parts if paragraph is not None and part.startswith(f"({paragraph})")]
        if paragraph is not None and not named and not parts[0].startswith("(") and paragraph <= len(parts):
            named = [parts[paragraph - 1]]
        choice = STORY if is_story(question) else SHORT
        whole = "\n".join(named or parts)
        if source.cited and self._only_cites(question) and len(words(whole)) <= MOST_WHOLE:
            told = whole
        else:
            told = extract(named or parts, question, terms, weights, article.heading, choice)
        short = source.citation.short(self._index.names)
        return Passage(source.citation, short, law.title, article.heading, "\n".join(parts), law.version, told)

    def _only_cites(self, question: str) -> bool:
        """Whether a question is a citation and nothing else: "TCK 142/2 ne diyor?"."""
        rest, place = [], 0
        for found in find_citations(question, self._index.names):
            rest.append(question[place : found.start])
            place = max(place, found.end)
        return not set(content_terms(" ".join([*rest, question[place:]]))) - ASKS_TEXT

    def _abstain(self, question: str, reason: str, score: float, caution: str = "") -> Answer:
        return Answer(question, SILENT, (), (), True, reason, False, score, caution=caution)


def held_share(index: LawIndex, question: str, source: Source) -> float:
    """The share of a question's content words that an article has, in its text, headings or everyday words."""
    asked, position = content_terms(question), index.find(source.citation)
    return sum(position in index.postings(term)[0] for term in asked) / max(1, len(asked))


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
            f"soru {grouped(number)} sözcük; en çok {grouped(MOST_WORDS)} sözcük alınır. Olanı ve sorunuzu "
            "kısaca yazın; bir metni özetlemek için: fidan law summarize."
        )
