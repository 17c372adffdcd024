"""What tasks on packed text share: the text, the samples, and how often it has been read (see `task`)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fidan.model.build import Model
from fidan.recipe import NO_LORA, Recipe
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.objective import Objective
from fidan.training.packed_tokens import PackedTokens
from fidan.training.samples import check_prompts, write_samples


class PackedTask:
    """A `Task` on the packed text of a run.

    Args:
        recipe: its `model`, `train`, `generate` and `seed`.
        packed: the folder of token files.
        tokenizer: whose tokens they must be.

    Raises:
        ArtifactMismatch: another tokenizer made the tokens.
        FidanError: a prompt of the samples has no room.
    """

    section, contents, unit = "train", "documents", "tokens"
    tokens_per_target, lora = 1.0, NO_LORA
    judged_before = False

    def __init__(self, recipe: Recipe, packed: Path, tokenizer: Tokenizer) -> None:
        self.recipe, self.config, self.tokenizer = recipe, recipe.train, tokenizer
        self.tokens = PackedTokens.open(packed, "train", tokenizer.hash)
        self.valid = PackedTokens.open(packed, "valid", tokenizer.hash)
        self.judged_on: dict[str, Any] = {"best_of_tokens": recipe.train.valid_tokens}
        if recipe.train.sample_every:
            check_prompts(tokenizer, recipe.generate, recipe.model.context)

    def objective(self, model: Model, body: Callable[..., Tensor], dtype: torch.dtype) -> Objective:
        """See `Task`; no sequence is padded."""
        return Objective(model, body, dtype, self.config, self.tokenizer.bos_id)

    def samples(self, model: Model) -> list[dict[str, str]]:
        """See `Task`; what the model takes for the continuation of each of `generate.prompts`."""
        return write_samples(model, self.tokenizer, self.recipe.generate, self.recipe.seed)

    def announcement(self) -> str:
        """See `Task`."""
        config, available = self.config, self.tokens.tokens
        return (
            f"{config.tokens:,} tokens, {config.tokens_per_step:,} a step, = {config.tokens / available:.2f} epochs "
            f"of {available:,}"
        )

    def facts(self, done: int) -> dict[str, float]:
        """See `Task`."""
        return {"epochs": round(done / self.tokens.tokens, 3)}

    def shape(self) -> dict[str, Any]:
        """See `Task`; nothing."""
        return {}
