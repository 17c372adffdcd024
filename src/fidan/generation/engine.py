"""What reads prompts and takes tokens, and gives logits: the one thing the loop needs of a model.

`TorchEngine` is a PyTorch model on any device. Whole prompts go through the model itself; a single token for each
row goes through a `Step`, which is the model again or a faster way to the same logits. What it leaves out: picking
tokens, ends, text.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from fidan.generation.cache import KeyValueCache, PromptPlace
from fidan.model.decoder import Decoder

PROMPT_POSITIONS = 8192  # of one forward pass over prompts, which bounds its memory


class Decoding(Protocol):
    """Rows of tokens that grow in step.

    Attributes:
        logits: (B, V) in fp32, of each row's next token.
    """

    logits: Tensor

    def advance(self, tokens: Sequence[int]) -> None:
        """Take one token a row; `logits` are then of the next."""

    def select(self, rows: Sequence[int]) -> None:
        """Keep these rows, in this order; one may come more than once."""


class Engine(Protocol):
    """A model that can be decoded from.

    Attributes:
        vocabulary: V.
        context: the most positions the text of a row may have.
        longest_prompt: the most ids a prompt may have.
    """

    vocabulary: int
    context: int
    longest_prompt: int

    def beginning(self, prompt: Sequence[int]) -> Sequence[int]:
        """What the text of a row begins with before anything is written: its prompt, or where that is a source `<s>`.

        It takes places of the context, and penalties look at it.
        """

    def open(self, prompts: Sequence[Sequence[int]], new_tokens: int, copies: int = 1) -> Decoding:
        """Read prompts.

        Args:
            prompts: ids of each row.
            new_tokens: the most that are added to each, short of the context.
            copies: how many rows `select` may make of one prompt.
        """


Step = Callable[[list[int], KeyValueCache], Tensor]
"""One token a row and the cache, which it extends → (B, V) logits in fp32."""


class PlainStep:
    """The model's own forward pass as a `Step`."""

    def __init__(self, model: Decoder) -> None:
        self._model = model

    def __call__(self, tokens: list[int], cache: KeyValueCache) -> Tensor:
        """As `Step` says."""
        new = torch.tensor(tokens, device=cache.keys.device)[:, None]
        hidden = self._model.model(new, cache.length, cache, places=cache.places())
        logits: Tensor = self._model.lm_head(hidden[:, -1]).float()
        return logits


class TorchEngine:
    """A `Decoder`, in evaluation mode.

    Args:
        model: the decoder.
        step: how one token a row is decoded; None: by the model's own forward pass.
    """

    def __init__(self, model: Decoder, step: Step | None = None) -> None:
        self.model = model.eval()
        self.vocabulary, self.context = model.vocabulary, model.config.context
        self.longest_prompt = self.context - 1
        self.step: Step = step or PlainStep(self.model)

    def beginning(self, prompt: Sequence[int]) -> Sequence[int]:
        """The prompt itself, which the text goes on with."""
        return prompt

    def open(self, prompts: Sequence[Sequence[int]], new_tokens: int, copies: int = 1) -> "TorchDecoding":
        """As `Engine.open` says; there may be any number of copies."""
        return TorchDecoding(self, prompts, new_tokens)


class TorchDecoding:
    """See `Decoding`."""

    def __init__(self, engine: TorchEngine, prompts: Sequence[Sequence[int]], new_tokens: int) -> None:
        self._engine = engine
        model, embedding = engine.model, engine.model.model.embed_tokens.weight
        device = embedding.device
        capacity = max(min(len(prompt) + new_tokens, engine.context) for prompt in prompts)
        self._cache = KeyValueCache(model.config, len(prompts), capacity, embedding.dtype, device)
        self.logits = torch.empty(len(prompts), engine.vocabulary, device=device)
        # Prompts of one length go together, so that none is padded.
        together: dict[int, list[int]] = defaultdict(list)
        for row, prompt in enumerate(prompts):
            together[len(prompt)].append(row)
        for length, rows in together.items():
            size = max(1, PROMPT_POSITIONS // length)
            for first in range(0, len(rows), size):
                self._read(prompts, rows[first : first + size])
        self._cache.lengths = [len(prompt) for prompt in prompts]

    @torch.inference_mode()
    def _read(self, prompts: Sequence[Sequence[int]], rows: list[int]) -> None:
        model, index = self._engine.model, torch.tensor(rows, device=self.logits.device)
        tokens = torch.tensor([list(prompts[row]) for row in rows], device=self.logits.device)
        hidden = model.model(tokens, cache=PromptPlace(self._cache, index))
        self.logits[index] = model.lm_head(hidden[:, -1]).float()

    @torch.inference_mode()
    def advance(self, tokens: Sequence[int]) -> None:
        """As `Decoding.advance` says."""
        self.logits = self._engine.step(list(tokens), self._cache)

    def select(self, rows: Sequence[int]) -> None:
        """As `Decoding.select` says."""
        self._cache.select(rows)
        self.logits = self.logits[torch.tensor(rows, device=self.logits.device)]
