"""Why a document is dropped before anything else is looked at: broken bytes, no text, too little, too much.

What it leaves out: what the text is like (`fidan.corpus.filters.quality`) and its language.
"""

from datatrove.data import Document

from fidan.corpus.base import Filter, Verdict
from fidan.corpus.filters.words import WORDS, measured
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
    """Drops documents by their length: `empty`, `too_short` and `too_long` in characters, `few_words`.

    Few words are a rule of `quality`, too, which sees what the filters between have left. Asked here first, it saves
    these filters the many comments and captions of the web.

    Args:
        ledger: where drops are noted.
        min_chars: a document needs at least this many.
        max_chars: and at most this many; None: any length. With a limit, a document that was cut while it was read
            is too long, whatever its rest may be.
        min_words: a document needs at least this many; see `fidan.corpus.filters.words`.
    """

    name = "length"

    def __init__(self, ledger: Ledger, min_chars: int, max_chars: int | None, min_words: int = 0) -> None:
        super().__init__(ledger)
        self.min_chars, self.max_chars, self.min_words = min_chars, max_chars, min_words

    def filter(self, doc: Document) -> Verdict:
        """Keeps documents within the limits."""
        length = len(doc.text)
        if self.max_chars is not None and (length > self.max_chars or doc.metadata.get("cut")):
            return False, "too_long"
        if not length:
            return False, "empty"
        if length < self.min_chars:
            return False, "too_short"
        if self.min_words and (words := int(measured(doc).counts[WORDS])) < self.min_words:
            doc.metadata["detail"] = str(words)
            return False, "few_words"
        return True
