"""Text that arrives token by token, up to a stop string: whole characters, and nothing that may belong to a stop."""

from collections.abc import Iterable, Sequence

from fidan.tokenizer.tokenizer import StreamDecoder, Tokenizer


class TextStream:
    """Tokens to text that is certain.

    Args:
        tokenizer: of the tokens.
        prompt: ids that came before.
        stops: the text ends before the first of these.

    Attributes:
        stopped: a stop string was met; nothing comes after it.
    """

    def __init__(self, tokenizer: Tokenizer, prompt: Iterable[int], stops: Sequence[str] = ()) -> None:
        self._decoder = StreamDecoder(tokenizer, prompt)
        self._stops = stops
        self._held = ""
        self.stopped = False

    def push(self, token: int) -> str:
        """The text that is certain now that `token` has come; often empty."""
        return self._certain(self._decoder.push(token), last=False)

    def finish(self) -> str:
        """The rest; nothing may be pushed after it."""
        return self._certain(self._decoder.finish(), last=True)

    def _certain(self, text: str, last: bool) -> str:
        if self.stopped:
            return ""
        self._held += text
        met = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if met:
            self.stopped = True
            end = min(met)
        else:
            end = len(self._held) - (0 if last else self._beginning_of_a_stop())
        certain, self._held = self._held[:end], self._held[end:]
        return certain

    def _beginning_of_a_stop(self) -> int:
        """How many of the last characters may be the beginning of a stop string."""
        lengths = (
            length
            for stop in self._stops
            for length in range(min(len(stop) - 1, len(self._held)), 0, -1)
            if self._held.endswith(stop[:length])
        )
        return max(lengths, default=0)
