"""What a training is for: where its batches come from, how it is judged, what it writes on the way.

The trainer knows how to learn and never lose a run; a task tells it what. Four are there: the next token of packed
text (`next_token`), what was taken out of packed text (`restoring`), answers to questions (`answering`), the
assistant's turns of conversations (`chatting`). What it leaves out: what is minimised, which follows from the model
and the batches (`objective`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from fidan.model.build import Model
from fidan.recipe import Recipe, TrainConfig
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
        pad_id: of the source's padding; None: no batch is padded.
        score: the value of a `Judgement` by which one model is better than another.
        higher: whether more of it is better.
        judged_on: what a score depends on besides the model, by name; scores of others do not compare.
        judged_before: whether a model is judged before its first step too, to know what the training changed.
        flops: floating-point operations to train on one label that counts.
    """

    section: str
    recipe: Recipe
    config: TrainConfig
    tokenizer: Tokenizer
    contents: str
    unit: str
    pad_id: int | None
    score: str
    higher: bool
    judged_on: dict[str, Any]
    judged_before: bool
    flops: float

    @property
    def batches(self) -> Sequences:
        """Its training data."""

    def begin(self, model: Model, say: Callable[[str], None]) -> None:
        """Give fresh weights what this task starts from."""

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
