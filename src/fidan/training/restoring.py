"""The first task of an encoder-decoder: to restore damaged text, judged on held-out text damaged alike."""

from collections.abc import Callable
from pathlib import Path

from fidan.evaluation.answers import answer_loss
from fidan.hardware import autocast, pick_precision
from fidan.model.build import Model
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.progress import SilentReporter
from fidan.recipe import Recipe
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.denoising import Denoising
from fidan.training.packed_task import PackedTask
from fidan.training.task import Judgement


class Restoring(PackedTask):
    """See `Task` and `PackedTask`.

    Raises:
        FidanError: the tokenizer has too few sentinels, or there is too little text.
    """

    score, higher = "loss", False

    def __init__(self, recipe: Recipe, packed: Path, tokenizer: Tokenizer) -> None:
        super().__init__(recipe, packed, tokenizer)
        self.batches = Denoising(self.tokens, self.config, recipe.seed, tokenizer)
        self._held_out = Denoising(self.valid, self.config, 0, tokenizer)
        lengths = (self.config.target_length, self.config.source_length)
        self.flops = float(recipe.model.flops_per_token(tokenizer.vocab_size, *lengths))

    def begin(self, model: Model, say: Callable[[str], None]) -> None:
        """See `Task`; fresh weights stay as they are."""

    def judge(self, model: Model, score_only: bool = False) -> Judgement:
        """See `Task`; the loss on windows of about `valid_tokens` tokens, the same ones each time."""
        device = model.lm_head.weight.device
        rows = min(self._held_out.sequences, -(-self.config.valid_tokens // self.config.sequence_length))
        found = answer_loss(
            encoder_decoder(model),
            self._held_out.encoded(0, rows),
            autocast=autocast(device, pick_precision(self.config.precision, device)),
            reporter=SilentReporter(),
        )
        return Judgement({"loss": found.loss, "accuracy": found.accuracy})

    def told(self, values: dict[str, float]) -> str:
        """See `Task`."""
        return f"loss {values['loss']:.4f}  {100 * values['accuracy']:.1f}% of tokens restored"

    def of_loss(self, loss: float) -> dict[str, float]:
        """See `Task`; nothing."""
        return {}

    def announcement(self) -> str:
        """See `Task`."""
        config, (taken, gaps) = self.config, self.config.noise
        return (
            f"{super().announcement()}; of {config.sequence_length} tokens {taken} are taken out in {gaps} gaps, "
            f"{100 * config.continuation:.0f}% of the sequences are to be continued"
        )


def encoder_decoder(model: Model) -> EncoderDecoder:
    """The model, which the recipe's checks have made one with an encoder."""
    assert isinstance(model, EncoderDecoder)
    return model
