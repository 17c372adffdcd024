"""The first task of an encoder-decoder: to restore damaged text, judged on held-out text damaged alike."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fidan.evaluation.answers import answer_loss
from fidan.hardware import autocast, pick_precision
from fidan.model.build import Model
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.progress import SilentReporter
from fidan.recipe import Recipe
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.denoising import Denoising
from fidan.training.packed_tokens import PackedTokens
from fidan.training.samples import check_prompts, write_samples
from fidan.training.task import Judgement


class Restoring:
    """See `Task`.

    Args:
        recipe: its `model`, `train`, `generate` and `seed`.
        packed: the folder of token files.
        tokenizer: whose tokens they must be.

    Raises:
        ArtifactMismatch: another tokenizer made the tokens.
        FidanError: it has too few sentinels, there is too little text, or a prompt of the samples has no room.
    """

    section, contents, unit = "train", "documents", "tokens"
    pad_id: int | None = None  # all sequences are of one length
    score, higher = "loss", False

    def __init__(self, recipe: Recipe, packed: Path, tokenizer: Tokenizer) -> None:
        self.recipe, self.config, self.tokenizer = recipe, recipe.train, tokenizer
        self.tokens = PackedTokens.open(packed, "train", tokenizer.hash)
        self.batches = Denoising(self.tokens, self.config, recipe.seed, tokenizer)
        self._valid = Denoising(PackedTokens.open(packed, "valid", tokenizer.hash), self.config, 0, tokenizer)
        self.judged_on: dict[str, Any] = {"best_of_tokens": self.config.valid_tokens}
        lengths = (self.config.target_length, self.config.source_length)
        self.flops = float(recipe.model.flops_per_token(tokenizer.vocab_size, *lengths))
        if self.config.sample_every:
            check_prompts(tokenizer, recipe.generate, recipe.model.context)

    def begin(self, model: Model, say: Callable[[str], None]) -> None:
        """See `Task`; fresh weights stay as they are."""

    def judge(self, model: Model, score_only: bool = False) -> Judgement:
        """See `Task`; the loss on windows of about `valid_tokens` tokens, the same ones each time."""
        device = model.lm_head.weight.device
        rows = min(self._valid.sequences, -(-self.config.valid_tokens // self.config.sequence_length))
        found = answer_loss(
            encoder_decoder(model),
            self._valid.encoded(0, rows),
            autocast=autocast(device, pick_precision(self.config.precision, device)),
            reporter=SilentReporter(),
        )
        return Judgement({"loss": found.loss, "accuracy": found.accuracy})

    def told(self, values: dict[str, float]) -> str:
        """See `Task`."""
        return f"loss {values['loss']:.4f}  {100 * values['accuracy']:.1f}% of tokens restored"

    def samples(self, model: Model) -> list[dict[str, str]]:
        """See `Task`; what the model takes for the continuation of each of `generate.prompts`."""
        return write_samples(model, self.tokenizer, self.recipe.generate, self.recipe.seed)

    def of_loss(self, loss: float) -> dict[str, float]:
        """See `Task`; nothing."""
        return {}

    def announcement(self) -> str:
        """See `Task`."""
        config, (taken, gaps), available = self.config, self.config.noise, self.tokens.tokens
        return (
            f"{config.tokens:,} tokens, {config.tokens_per_step:,} a step, = {config.tokens / available:.2f} epochs "
            f"of {available:,}; of {config.sequence_length} tokens {taken} are taken out in {gaps} gaps, "
            f"{100 * config.continuation:.0f}% of the sequences are to be continued"
        )

    def facts(self, done: int) -> dict[str, float]:
        """See `Task`."""
        return {"epochs": round(done / self.tokens.tokens, 3)}

    def shape(self) -> dict[str, Any]:
        """See `Task`; nothing."""
        return {}


def encoder_decoder(model: Model) -> EncoderDecoder:
    """The model, which the recipe's checks have made one with an encoder."""
    assert isinstance(model, EncoderDecoder)
    return model
