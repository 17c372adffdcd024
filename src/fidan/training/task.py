"""What a training is for: where its batches come from, how it is judged, what it writes on the way.

The trainer knows how to learn and never lose a run; a task tells it what. Five are there: the next token of packed
text (`next_token`), what was taken out of packed text (`restoring`), answers to questions (`answering`), the
assistant's turns of conversations (`chatting`), which of two answers is preferred (`preferring`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from fidan.model.build import Model
from fidan.recipe import LoraConfig, Recipe, TrainConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.batches import Sequences


class Judgement(NamedTuple):
    """What held-out data says of a model.

    Attributes:
        values: by name, as they are recorded; the task's score among them.
        samples: texts that came of it, as values of records of the kind "sample".
    """

    values: dict[str, float]
    samples: tuple[dict[str, str], ...] = ()


class Task(Protocol):
    """One kind of training.

    Attributes:
        section: of the recipe; also the stage's name.
        recipe: the run's.
        config: how this task learns.
        tokenizer: of its data.
        contents: what the numbers of `batches.documents` number, in the plural.
        unit: what the course counts as `config.tokens`, in the plural.
        lora: its adapters; with `lora_rank` 0 all weights learn.
        score: the value of a `Judgement` by which one model is better than another.
        higher: whether more of it is better.
        judged_on: what a score depends on besides the model, by name; scores of others do not compare.
        judged_before: whether a model is judged before its first step too, to know what the training changed.
        tokens_per_target: how many tokens one of `batches.targets` is, in the mean; 1 where they are tokens.
        flops: floating-point operations to train on one token that counts.
    """

    section: str
    recipe: Recipe
    config: TrainConfig
    tokenizer: Tokenizer
    contents: str
    unit: str
    lora: LoraConfig
    score: str
    higher: bool
    judged_on: dict[str, Any]
    tokens_per_target: float
    judged_before: bool
    flops: float

    @property
    def batches(self) -> Sequences:
        """Its training data."""

    def begin(self, model: Model, say: Callable[[str], None]) -> None:
        """Give fresh weights what this task starts from."""

    def objective(self, model: Model, body: Callable[..., Tensor], dtype: torch.dtype) -> nn.Module:
        """What is minimised: a module that holds the model and gives the `Losses` of one of its batches.

        Args:
            model: what learns.
            body: the model but for its head, or that, compiled.
            dtype: of the matrix products.
        """

    def judge(self, model: Model, score_only: bool = False) -> Judgement:
        """Held-out data; `score_only`: what else it would tell is not wanted."""

    def told(self, values: dict[str, float]) -> str:
        """Values of a `Judgement` in a few words."""

    def samples(self, model: Model) -> list[dict[str, str]]:
        """Texts that show what was learnt, as values of records of the kind "sample"."""

    def of_loss(self, loss: float) -> dict[str, float]:
        """What else the loss on training data says, nats a label, as values of its record."""

    def announcement(self) -> str:
        """How much there is to learn from, in a few words."""

    def facts(self, done: int) -> dict[str, float]:
        """Counts for the manifest after `done` units."""

    def shape(self) -> dict[str, Any]:
        """What must be known to use the model, besides its shape and its tokenizer."""
