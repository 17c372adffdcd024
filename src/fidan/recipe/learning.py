"""Settings of the training that makes weights; those of what tunes them later are `tuning` and `chatting`."""

from dataclasses import dataclass
from typing import Literal

from fidan.recipe.require import require
from fidan.settings import added, incidental


@dataclass(frozen=True)
class TrainConfig:
    """How the model learns."""

    tokens: int  # how many to train on; repeats the corpus when it is smaller
    sequence_length: int = 1024
    batch_size: int = 8  # sequences a forward pass
    accumulate: int = 1  # forward passes a step; divided among the processes where there are several
    batch_ramp: float = 0.0  # share of the tokens over which the batch doubles three times, from an eighth; 0: none
    document_mask: bool = False  # no attention across the documents of a sequence
    optimizer: Literal["adamw", "muon"] = "adamw"  # muon: for the blocks' matrices; AdamW for the rest
    start: Literal["random", "bigrams"] = "random"  # bigrams: embedding and head fitted to pairs of tokens
    learning_rate: float = 6e-4  # AdamW's
    embedding_learning_rate: float = 0.0  # of the embedding, whose rows see few gradients; 0: learning_rate
    muon_learning_rate: float = 0.02
    muon_momentum: float = 0.95
    schedule: Literal["cosine", "linear", "wsd"] = "cosine"  # wsd: warm-up, stable, decay
    warmup_steps: int = 100
    decay: float = 0.2  # wsd: the share of the tokens over which the rate falls, at the end
    final_learning_rate: float = 0.1  # of the peak, at the end
    weight_decay: float = 0.1  # on the matrices of blocks and head
    embedding_decay: float = 0.0  # weight decay on the embedding, and on a head tied to it; norms have none
    beta1: float = 0.9
    beta2: float = 0.95
    clip: float = 1.0  # of the gradient's global norm; 0 turns it off
    z_loss: float = 0.0  # weight of log²(sum of exp of the logits), which keeps logits from drifting; 0 turns it off
    ema: float = 0.0  # decay a step of an exponential moving average of the weights; 0 turns it off
    spike: float = incidental(2.0)  # nats above the recent loss at which a step is bad, as NaN is; 0: no loss is
    skip_bad_steps: int = incidental(0)  # how many bad steps may be left out; the next one stops the run
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"  # auto: bf16 where the hardware has it
    device: str = incidental("auto")
    compile: bool = False
    activation_checkpointing: bool = incidental(False)  # less memory, a third more time
    distributed: Literal["ddp", "fsdp"] = incidental("ddp")  # with torchrun; fsdp: weights are spread over processes
    valid_every: int = incidental(250)  # steps
    valid_tokens: int = incidental(200_000)  # of the held-out documents, for the validations on the way
    sample_every: int = incidental(1000)  # steps; a text for each of generate.prompts; 0: none
    checkpoint_every: int = incidental(250)  # steps
    checkpoint_minutes: float = incidental(5.0)  # and at least this often
    keep_checkpoints: int = incidental(2)  # the last ones; the best is kept besides
    log_every: int = incidental(10)  # steps
    tensorboard: bool = incidental(True)
    label_smoothing: float = added(0.0)  # the share of a label's probability that is spread over the vocabulary
    objective: Literal["next-token", "denoising"] = added("next-token")  # denoising: of an encoder-decoder
    noise_share: float = added(0.15)  # denoising: of a sequence's tokens, taken out of the source to be filled in
    noise_span: float = added(3.0)  # denoising: tokens of a gap, in the mean
    continuation: float = added(0.25)  # denoising: share of sequences that are to be continued, not filled in
    patience: int = added(0)  # validations without a better score after which it ends with its best weights; 0: none

    def __post_init__(self) -> None:
        counts = ("tokens", "sequence_length", "batch_size", "accumulate", "valid_every", "valid_tokens")
        for name in (*counts, "checkpoint_every", "log_every", "keep_checkpoints"):
            require(getattr(self, name) >= 1, f"{name} = {getattr(self, name)}: must be at least 1.")
        for name in (
            "warmup_steps",
            "sample_every",
            "skip_bad_steps",
            "spike",
            "z_loss",
            "clip",
            "embedding_learning_rate",
            "patience",
        ):
            require(getattr(self, name) >= 0, f"{name} = {getattr(self, name)}: must not be negative.")
        for name in ("weight_decay", "embedding_decay"):
            require(getattr(self, name) >= 0, f"{name} = {getattr(self, name)}: must not be negative.")
        for name in ("learning_rate", "muon_learning_rate", "checkpoint_minutes"):
            require(getattr(self, name) > 0, f"{name} = {getattr(self, name)}: must be positive.")
        for name in ("beta1", "beta2", "muon_momentum", "ema", "batch_ramp", "label_smoothing"):
            require(0 <= getattr(self, name) < 1, f"{name} = {getattr(self, name)}: from 0 to below 1.")
        for name in ("final_learning_rate", "decay"):
            require(0 <= getattr(self, name) <= 1, f"{name} = {getattr(self, name)}: a share, between 0 and 1.")
        require(self.warmup_steps < self.steps, f"warmup_steps = {self.warmup_steps}: the run has {self.steps}.")
        self._check_objective()

    def _check_objective(self) -> None:
        of_denoising = {"noise_share": 0.15, "noise_span": 3.0, "continuation": 0.25}
        of_next_token = {"start": "random", "document_mask": False}
        denoising = self.objective == "denoising"
        for name, default in (of_next_token if denoising else of_denoising).items():
            value = getattr(self, name)
            other = "next-token" if denoising else "denoising"
            require(value == default, f"{name} = {value!r}: only for objective = {other!r}. Leave it out.")
        require(0 < self.noise_share < 1, f"noise_share = {self.noise_share}: above 0, below 1.")
        require(self.noise_span >= 1, f"noise_span = {self.noise_span}: must be at least 1.")
        require(0 <= self.continuation <= 1, f"continuation = {self.continuation}: a share, between 0 and 1.")
        require(not denoising or self.sequence_length >= 8, f"sequence_length = {self.sequence_length}: at least 8.")

    @property
    def noise(self) -> tuple[int, int]:
        """Denoising: how many tokens of a sequence are taken out, and in how many gaps."""
        length = self.sequence_length
        tokens = min(max(round(self.noise_share * length), 1), length - 1)
        return tokens, min(max(round(tokens / self.noise_span), 1), tokens, length - tokens)

    @property
    def source_length(self) -> int:
        """Denoising: ids that the encoder reads: what is left of a sequence, a sentinel a gap, `</s>`."""
        tokens, gaps = self.noise
        return self.sequence_length - tokens + gaps + 1

    @property
    def target_length(self) -> int:
        """Denoising: ids that the decoder writes: what was taken out, a sentinel before each part, `</s>`."""
        return sum(self.noise) + 1

    @property
    def sequences_per_step(self) -> int:
        """Sequences of one optimizer step over all processes, when the batch has its full size."""
        return self.batch_size * self.accumulate

    @property
    def tokens_per_step(self) -> int:
        """Tokens the model predicts in one optimizer step, when the batch has its full size."""
        return self.sequences_per_step * self.sequence_length

    @property
    def steps(self) -> int:
        """Optimizer steps without a batch ramp: `tokens` rounded up to whole steps."""
        return -(-self.tokens // self.tokens_per_step)
