"""Where the tokens of a text stand in it, and what a tokenizer must tell so that it can be measured.

Places are counted in characters, the only unit in which tokenizers over bytes, over characters and over a normalised
text can be compared. Tokens that share a character (its bytes) overlap in it; no boundary lies between them. What it
leaves out: the tokenizers themselves (`tokenizer`, `foreign`) and what is measured (`report`, `morphology`).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Spans(NamedTuple):
    """A text, encoded without control symbols, and the place of each token.

    Attributes:
        ids: (tokens,).
        starts: (tokens,), the character that the token begins in.
        ends: (tokens,), one after the last character it has a part of; the start itself for a token that stands for
            nothing in the text, such as a space put in front.
    """

    ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def boundaries(self) -> NDArray[np.int64]:
        """The characters before which one token ends and another begins, rising; the text's own ends not counted."""
        apart = (self.ends[:-1] <= self.starts[1:]) & (self.ends[:-1] > 0)
        return self.starts[1:][apart]


class Measurable(Protocol):
    """A tokenizer that `report.measure` can measure.

    Attributes:
        vocab_size: every id is below it.
        special_ids: ids that text never becomes, or that stand for what the vocabulary cannot say.
    """

    vocab_size: int
    special_ids: frozenset[int]

    def is_byte(self, token: int) -> bool:
        """Whether an id stands for one byte of a character that may have no token of its own."""
        ...

    def spans(self, texts: Sequence[str], threads: int = 1) -> list[Spans]:
        """The tokens of many texts, in order. Names of control symbols in a text are plain characters."""
        ...

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids."""
        ...


def spans_of_bytes(text: str, ids: NDArray[np.integer], lengths: NDArray[np.integer]) -> Spans:
    """The places of tokens that stand for bytes.

    Args:
        text: that was encoded.
        ids: (tokens,).
        lengths: (tokens,), UTF-8 bytes of the text that each stands for; together all of them.

    Raises:
        ValueError: the lengths are not those of the text.
    """
    data = np.frombuffer(text.encode(), np.uint8)
    ends = np.cumsum(lengths, dtype=np.int64)
    if (ends[-1] if len(ends) else 0) != len(data):
        raise ValueError(f"tokens of {ends[-1] if len(ends) else 0} bytes for a text of {len(data)}")
    characters = np.cumsum((data & 0xC0) != 0x80)  # of each byte, the number of its character, from 1 on
    starts = ends - lengths
    begins = np.concatenate([characters - 1, [len(text)]])[starts]
    finishes = np.where(ends > starts, np.concatenate([[0], characters])[ends], begins)
    return Spans(np.asarray(ids, dtype=np.int64), begins, finishes)
