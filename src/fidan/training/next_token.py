"""The task of a decoder: the next token of packed text, judged by the held-out documents."""

import math
from collections.abc import Callable
from pathlib import Path

from fidan.evaluation.heldout import HeldOutLoss, held_out_loss
from fidan.hardware import autocast, pick_precision
from fidan.model.build import Model
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.recipe import Recipe
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.batches import Batches
from fidan.training.bigrams import count_bigrams, start_from_bigrams
from fidan.training.packed_task import PackedTask
from fidan.training.task import Judgement


class NextToken(PackedTask):
    """See `Task` and `PackedTask`.

    Raises:
        FidanError: there is too little text.
    """

    score, higher = "bits_per_byte", False

    def __init__(self, recipe: Recipe, packed: Path, tokenizer: Tokenizer) -> None:
        super().__init__(recipe, packed, tokenizer)
        self.batches = Batches(self.tokens, recipe.train.sequence_length, recipe.seed)
        self.flops = float(recipe.model.flops_per_token(tokenizer.vocab_size, recipe.train.sequence_length))

    def begin(self, model: Model, say: Callable[[str], None]) -> None:
        """See `Task`; bigrams where the recipe asks for them."""
        config = self.config
        if config.start == "bigrams":
            sequences = -(-config.tokens // config.sequence_length)
            bigrams = count_bigrams(self.batches, sequences, self.tokenizer.vocab_size)
            loss = start_from_bigrams(_decoder(model), bigrams, self.recipe.seed)
            say(f"started from the bigrams of the text: loss {loss:.3f}")

    def judge(self, model: Model, score_only: bool = False) -> Judgement:
        """See `Task`."""
        found = self.validate(_decoder(model))
        return Judgement({"bits_per_byte": found.bits_per_byte, "loss": found.loss})

    def validate(self, model: Decoder) -> HeldOutLoss:
        """The loss on `valid_tokens` of whole held-out documents, evenly spread over them."""
        device = model.lm_head.weight.device
        return held_out_loss(
            model,
            self.valid.spread(self.config.valid_tokens),
            stride=self.recipe.model.context,
            autocast=autocast(device, pick_precision(self.config.precision, device)),
            reporter=SilentReporter(),
        )

    def told(self, values: dict[str, float]) -> str:
        """See `Task`."""
        return f"{values['bits_per_byte']:.4f} bits/byte  loss {values['loss']:.4f}"

    def of_loss(self, loss: float) -> dict[str, float]:
        """See `Task`."""
        return {"bits_per_byte": loss / math.log(2) / (self.tokens.text_bytes / self.tokens.tokens)}


def _decoder(model: Model) -> Decoder:
    assert isinstance(model, Decoder)  # the recipe's checks have made it one
    return model
