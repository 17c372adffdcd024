"""Settings of what changes the weights of a training: what all of it shares, and the fine-tuning on pairs.

What it leaves out: the settings of a chat model (`chatting`).
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from fidan.corpus.pairs.config import PairsConfig
from fidan.recipe.learning import TrainConfig
from fidan.recipe.require import require
from fidan.settings import incidental


@dataclass(frozen=True)
class TuningConfig:
    """How trained weights go on learning, from a small set that is read several times.

    Precision, device, processes, records and checkpoints are as `[train]` has them; `learning` gives the whole.
    """

    epochs: int = 3  # at most; repeats of the training set
    batch_size: int = 16  # sequences a forward pass
    accumulate: int = 1  # forward passes a step
    learning_rate: float = 3e-4
    schedule: Literal["cosine", "linear", "wsd"] = "linear"
    warmup: float = 0.1  # share of the steps
    final_learning_rate: float = 0.0  # of the peak, at the end
    weight_decay: float = 0.01
    label_smoothing: float = 0.0  # the share of a label's probability that is spread over the vocabulary
    clip: float = 1.0  # of the gradient's global norm; 0 turns it off
    ema: float = 0.0  # decay a step of an average of the weights; 0 turns it off
    patience: int = 3  # validations without a better score after which it ends; 0: never, and its last weights count
    valid_every: int = incidental(0)  # steps; 0: once an epoch
    max_new_tokens: int = incidental(96)  # of an answer that is written at a validation

    def __post_init__(self) -> None:
        require(0 <= self.warmup < 1, f"warmup = {self.warmup}: a share of the steps, from 0 to below 1.")
        for name in ("epochs", "batch_size", "accumulate", "max_new_tokens"):
            require(getattr(self, name) >= 1, f"{name} = {getattr(self, name)}: must be at least 1.")
        require(self.valid_every >= 0, f"valid_every = {self.valid_every}: must not be negative.")
        self.learning(TrainConfig(tokens=10**9), 10**9)  # the other values are refused as those of [train] are

    def learning(self, train: TrainConfig, sequences: int) -> TrainConfig:
        """This and `[train]` as one: the trainer counts sequences where it counts tokens, each of length 1.

        Args:
            train: what is not said here.
            sequences: of one epoch: pairs, rows.
        """
        steps = -(-self.epochs * sequences // (self.batch_size * self.accumulate))
        epoch = -(-sequences // (self.batch_size * self.accumulate))
        return replace(
            train,
            **{name: getattr(self, name) for name in _SHARED},
            tokens=self.epochs * sequences,
            sequence_length=1,
            warmup_steps=min(round(self.warmup * steps), steps - 1),
            valid_every=self.valid_every or epoch,
            sample_every=0,  # answers come with each validation
            optimizer="adamw",
            start="random",
            embedding_learning_rate=0.0,
            embedding_decay=0.0,
            batch_ramp=0.0,
            z_loss=0.0,
            objective="next-token",
            noise_share=0.15,
            noise_span=3.0,
            continuation=0.25,
            **self.ways(train),
        )

    def ways(self, train: TrainConfig) -> dict[str, Any]:
        """Settings of `[train]` that depend on what the sequences are."""
        return {"document_mask": False, "compile": False}  # their lengths differ


_SHARED = (
    "batch_size",
    "accumulate",
    "learning_rate",
    "schedule",
    "final_learning_rate",
    "weight_decay",
    "label_smoothing",
    "clip",
    "ema",
    "patience",
)

Score = Literal["loss", "accuracy", "corpus_bleu", "chrf", "rouge_l"]


@dataclass(frozen=True)
class FinetuneConfig(TuningConfig, PairsConfig):
    """How a trained model learns to answer: which pairs, and what is other than in `[train]`."""

    start: Literal["pretrained", "random"] = "pretrained"  # random: fresh weights, and no training before
    epochs: int = 10  # at most; repeats of the training pairs
    batch_size: int = 32  # pairs a forward pass
    label_smoothing: float = 0.1  # the share of a label's probability that is spread over the vocabulary
    score: Score = "loss"  # of the validations, by which weights are better than others
    valid_answers: int = incidental(64)  # validation questions that are answered at each validation; 0: none

    def __post_init__(self) -> None:
        PairsConfig.__post_init__(self)
        TuningConfig.__post_init__(self)
        require(self.valid_answers >= 0, f"valid_answers = {self.valid_answers}: must not be negative.")
        require(
            self.valid_answers > 0 or self.score in ("loss", "accuracy"),
            f"score = {self.score!r}: is of answers, so valid_answers must be above 0.",
        )
