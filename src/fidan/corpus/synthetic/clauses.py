"""Clauses as the checker sees them: words with every reading they may have, and the marks behind them.

Left out: any judgement; see ``word_order`` and ``checker``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fidan.corpus.synthetic.recognizer import Reading, readings
from fidan.turkish import lower

QUOTE = "«»"
"""Stands for a quotation in the sentence around it."""

FINITE = frozenset(("verb", "pred", "existence"))
VERBAL = frozenset(("verb", "converb", "participle", "infinitive"))
NOMINAL = frozenset(("noun", "name", "pronoun", "adj", "number", "determiner", "participle", "infinitive"))

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+|[.,](?=\d)\d+)*|[,;:.!?…]+|\S")


@dataclass(slots=True, eq=False)
class Token:
    """A word with what it may be and the mark behind it."""

    text: str
    low: str
    may_be: tuple[Reading, ...]
    mark: str = ""

    def has(self, *parts: str) -> bool:
        """Tell whether any reading is one of these parts of speech."""
        return any(reading.pos in parts for reading in self.may_be)

    def only(self, *parts: str) -> bool:
        """Tell whether every reading is one of these parts of speech."""
        return bool(self.may_be) and all(reading.pos in parts for reading in self.may_be)

    def cases(self) -> frozenset[str]:
        """Return the cases the word may stand in."""
        return frozenset(reading.case for reading in self.may_be if reading.case)

    def owners(self) -> frozenset[int]:
        """Return the persons that may own the word."""
        return frozenset(reading.owner for reading in self.may_be if reading.owner)

    def persons(self) -> frozenset[int]:
        """Return the persons the word may have as a predicate."""
        return frozenset(reading.person for reading in self.may_be if reading.pos in FINITE)

    def stems(self) -> frozenset[str]:
        """Return the stems the word may come from."""
        return frozenset(reading.stem for reading in self.may_be)


EDGE = Token("", "", (), ".")
"""What stands before the first word and after the last."""


def tokenize(text: str, problems: list[str]) -> list[Token]:
    """Cut a clause into tokens; words that cannot be read, and stray signs, are added to ``problems``."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece[0] in ",;:.!?…":
            if found:
                found[-1].mark += piece
            else:
                problems.append("starts with a mark")
        elif piece in QUOTE:
            if piece == QUOTE[0]:
                found.append(Token(QUOTE, QUOTE, ()))
        elif piece[0].isalnum():
            may_be = readings(piece.replace("’", "'"))
            if not may_be:
                problems.append(f"unknown word: {piece}")
            found.append(Token(piece, lower(piece), may_be))
        elif piece not in "()-–":
            problems.append(f"stray sign: {piece}")
    return found


def closes_clause(tokens: list[Token], index: int) -> bool:
    """Tell whether a predicate may stand at ``index``: before a mark, a conjunction, a particle or the end."""
    if index == len(tokens) - 1 or tokens[index].mark:
        return True
    after = tokens[index + 1]
    return after.has("and", "but", "that", "particle") or after.low in ("da", "de", "gibi")
