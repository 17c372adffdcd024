"""What is asked of the decoding loop, and what comes back from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fidan.errors import FidanError
from fidan.generation.picking import Finish
from fidan.recipe import GenerateConfig


class TokenInfo(NamedTuple):
    """A token that was written, and how likely it was.

    Log-probabilities are natural, and of the model's own distribution: before penalties, temperature and filters.

    Attributes:
        id: of the token.
        logprob: its log-probability.
        top: the likeliest ids with theirs, the likeliest first.
    """

    id: int
    logprob: float
    top: tuple[tuple[int, float], ...]


class Piece(NamedTuple):
    """What came of a text since the last piece.

    Attributes:
        text: whole characters; may be empty, while some wait for the rest of theirs.
        tokens: written since the last piece, where the request asks for log-probabilities.
        finish: why the text ended; with it, this is the last piece.
        error: why it could not go on; with it, this is the last piece.
        written: ids of the text so far, the one that closes it not counted.
    """

    text: str
    tokens: tuple[TokenInfo, ...]
    finish: Finish | None
    error: str = ""
    written: int = 0


@dataclass(frozen=True)
class Request:
    """A text to write.

    Attributes:
        prompt: ids, as the engine reads them.
        config: how to pick and how long; `beams` must be 1.
        ends: ids that end the text.
        seed: of the draws; None leaves them to chance.
        logprobs: None: no `TokenInfo`; k: with k alternatives.
    """

    prompt: Sequence[int]
    config: GenerateConfig
    ends: tuple[int, ...]
    seed: int | None = None
    logprobs: int | None = None


class QueueFull(FidanError):
    """As many requests wait as may.

    Attributes:
        retry_after: seconds, in which at the present pace those that wait will have begun.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
