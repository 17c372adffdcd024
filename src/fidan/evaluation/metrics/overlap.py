"""How much of a text stands in a reference: BLEU, chrF, chrF++ and ROUGE-L.

BLEU (Papineni et al. 2002) and chrF++ (Popović 2017) are sacrebleu's, so that the numbers compare with published
ones (Post 2018, arXiv 1804.08771). Casing is kept, as sacrebleu does by default: its lower-casing is English, and
would take the I of IŞIK for i.

    BLEU      case:mixed|eff:no|tok:13a|smooth:exp; of one sentence eff:yes, as shorter ones than four words have
              no 4-grams. 13a, mteval's tokenizer, parts punctuation and leaves the apostrophe in İzmir'de.
    chrF++    case:mixed|eff:yes|nc:6|nw:2|space:no: characters up to 6, words up to 2, recall counting twice
    chrF      (Popović 2015) the same with nw:0: characters alone, which an agglutinating language does better by
    ROUGE-L   Lin 2004: the longest common subsequence of words; F1 of its share of the text's words (precision) and
              of the reference's (recall); of several references the best. Words are folded by Turkish rules: IŞIK is
              ışık and not işık, Rüzgâr is rüzgar, and any apostrophe is any other. No stemming; Lin's summary level
              (union over sentences) is left out.

BLEU and chrF run from 0 to 100, ROUGE-L from 0 to 1. A text without words scores 0.
"""

from collections.abc import Sequence
from typing import cast

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from fidan.errors import FidanError
from fidan.turkish import fold, words

References = Sequence[Sequence[str]]  # one or more for each text


def corpus_bleu(texts: Sequence[str], references: References) -> float:
    """BLEU of all texts together, 0 to 100: n-gram counts are summed first, so it is no mean over sentences.

    Args:
        texts: (N,) hypotheses.
        references: (N,) of them, one or more each.

    Raises:
        FidanError: there is no text, the numbers differ, or a text has no reference or an empty one.
    """
    return float(BLEU().corpus_score(list(texts), _streams(texts, references)).score)


def sentence_bleu(text: str, references: Sequence[str]) -> float:
    """BLEU of one sentence, 0 to 100, over the orders it has n-grams of; errors as `corpus_bleu`."""
    _check([text], [references])
    return float(BLEU(effective_order=True).sentence_score(text, list(references)).score)


def corpus_chrf(texts: Sequence[str], references: References, word_order: int = 2) -> float:
    """chrF++ of all texts together, 0 to 100, or chrF with `word_order` 0; else as `corpus_bleu`."""
    return float(CHRF(word_order=word_order).corpus_score(list(texts), _streams(texts, references)).score)


def sentence_chrf(text: str, references: Sequence[str], word_order: int = 2) -> float:
    """chrF++ of one sentence, 0 to 100, or chrF with `word_order` 0; errors as `corpus_bleu`."""
    _check([text], [references])
    return float(CHRF(word_order=word_order).sentence_score(text, list(references)).score)


def rouge_l(text: str, references: Sequence[str]) -> float:
    """ROUGE-L F1 of one text, 0 to 1; errors as `corpus_bleu`."""
    _check([text], [references])
    found = words(fold(text))
    return max(_rouge_l(found, words(fold(reference))) for reference in references)


def corpus_rouge_l(texts: Sequence[str], references: References) -> float:
    """The mean of `rouge_l` over texts, 0 to 1; arguments and errors as `corpus_bleu`."""
    _check(texts, references)
    return sum(rouge_l(text, known) for text, known in zip(texts, references, strict=True)) / len(texts)


def common_subsequence(a: Sequence[str], b: Sequence[str]) -> int:
    """The length of the longest common subsequence.

    A row of the usual table is kept as the bits of one number, a step over `b` being one sum (Hyyrö 2004,
    Bit-parallel LCS-length computation revisited): its zeros are where the row rises.
    """
    full = (1 << len(a)) - 1
    places: dict[str, int] = {}
    for index, word in enumerate(a):
        places[word] = places.get(word, 0) | 1 << index
    row = full
    for word in b:
        met = row & places.get(word, 0)
        row = (row + met | row - met) & full
    return len(a) - row.bit_count()


def _rouge_l(found: list[str], known: list[str]) -> float:
    common = common_subsequence(found, known)
    return 2 * common / (len(found) + len(known)) if common else 0.0  # 2PR / (P + R) with P = c/found, R = c/known


def _streams(texts: Sequence[str], references: References) -> list[list[str]]:
    """The references as sacrebleu takes them: the first of every text, then the second; None where there is none."""
    _check(texts, references)
    streams = [
        [known[place] if place < len(known) else None for known in references]
        for place in range(max(map(len, references)))
    ]
    return cast(list[list[str]], streams)  # None is sacrebleu's own mark, which its annotations forget


def _check(texts: Sequence[str], references: References) -> None:
    if not texts or len(texts) != len(references):
        raise FidanError(
            f"{len(texts)} texts and references for {len(references)}: wanted as many, and at least one."
        )
    for number, known in enumerate(references):
        if isinstance(known, str) or not known:
            raise FidanError(f"Text {number} has no list of references: {known!r}. Give it one or more.")
        if not all(reference.strip() for reference in known):
            raise FidanError(f"Text {number} has an empty reference. Take it out: nothing can be like it.")
