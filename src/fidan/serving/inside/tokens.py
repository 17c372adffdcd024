"""The tokens of a text, each so that it can be seen: a space, a line break and half a character have a sign.

What it leaves out: how a tokenizer comes to them (`fidan.tokenizer`), and colours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fidan.errors import FidanError
from fidan.tokenizer.tokenizer import SPACE, Tokenizer

MOST_CHARACTERS = 4000  # of a text whose tokens are shown
SIGNS = {"\n": "↵", "\t": "⇥", "\r": "␍"}

Kind = Literal["text", "byte", "control"]


class Shown(NamedTuple):
    """A token as it can be shown.

    Attributes:
        id: its number in the vocabulary.
        text: its piece, a space as ▁, a line break as ↵; a byte piece as two hexadecimal digits.
        kind: letters, a single byte of a character, or a control symbol.
        bytes: UTF-8 bytes that it stands for.
    """

    id: int
    text: str
    kind: Kind
    bytes: int


@dataclass(frozen=True)
class TokensOfText:
    """The tokens of one text.

    Attributes:
        shown: in their order.
        bytes: UTF-8 bytes of the text.
        characters: of the text.
        words: runs of it without white space.
    """

    shown: tuple[Shown, ...]
    bytes: int
    characters: int
    words: int

    @property
    def bytes_per_token(self) -> float:
        """How much text a token carries on average; 0 of an empty text."""
        return self.bytes / len(self.shown) if self.shown else 0.0

    @property
    def tokens_per_word(self) -> float:
        """The tokenizer's fertility on this text; 0 of a text without words."""
        return len(self.shown) / self.words if self.words else 0.0


def show(tokenizer: Tokenizer, token: int) -> Shown:
    """One token, visible."""
    piece, size = tokenizer.piece(token), len(tokenizer.piece_bytes(token))
    if token in tokenizer.special_ids:
        return Shown(token, piece, "control", size)
    if tokenizer.is_byte(token):
        character = tokenizer.piece_bytes(token).decode("ascii", errors="ignore")
        return Shown(token, SIGNS.get(character) or piece[3:5], "byte", size)
    for character, sign in SIGNS.items():
        piece = piece.replace(character, sign)
    return Shown(token, piece.replace(" ", SPACE), "text", size)


def labels(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
    """What each id is called beside a picture."""
    return [show(tokenizer, token).text for token in ids]


def tokens_of(tokenizer: Tokenizer, text: str) -> TokensOfText:
    """The tokens of a text.

    Raises:
        FidanError: it is longer than `MOST_CHARACTERS`.
    """
    if len(text) > MOST_CHARACTERS:
        raise FidanError(f"{len(text):,} characters: at most {MOST_CHARACTERS:,} are shown. Shorten the text.")
    shown = tuple(show(tokenizer, token) for token in tokenizer.encode(text))
    return TokensOfText(shown, len(text.encode()), len(text), len(text.split()))
