"""The task of preference tuning: to find the chosen answer likelier than the rejected one, judged on held-out pairs.

It starts from the chat model, and is held to it: what is learnt is how much likelier than before an answer became
(`preferences.loss`). The log-probabilities of before are computed once (`preferences.reference`). Held-out pairs give
the loss, the share of them whose margin is above 0, the mean margin, and how much likelier than before the chosen
answers are: where that falls far below 0, the model unlearns both answers, only the rejected one faster.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fidan.artifact import hash_file
from fidan.corpus.conversations.conversation import Conversation
from fidan.corpus.preferences.read import Columns, read_preferences
from fidan.corpus.preferences.split import split_preferences
from fidan.hardware import pick_precision
from fidan.model.build import Model, build_model
from fidan.progress import Reporter, SilentReporter
from fidan.recipe import DpoConfig, LoraConfig, Recipe
from fidan.tokenizer.preferences import EncodedPreferences, encode_preferences
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.conversations.answers import answer_held_out, held_out_questions
from fidan.training.distributed import World
from fidan.training.preferences.batches import PreferenceBatches, rows_of
from fidan.training.preferences.loss import PreferenceObjective, preference_loss
from fidan.training.preferences.reference import kept_reference, log_probabilities
from fidan.training.task import Judgement
from fidan.weights import load_weights, read_weights


class Preferring:
    """See `Task`.

    Args:
        recipe: its `model`, `train`, `dpo` and `seed`.
        config: `recipe.dpo`.
        tokenizer: of the run.
        weights: the file of the chat model's weights, from which it starts.
        folder: of the training, where the log-probabilities by those weights are kept.
        chat: what the chat model's `shape` says of its template.
        world: the processes; all of them make this task.
        reporter: shows how far those log-probabilities are.

    Raises:
        ArtifactMismatch: the weights do not fit the model, or what is kept in `folder` is of others.
        FidanError: the preferences cannot be read or split, all are too long, or the tokenizer cannot chat.
    """

    section, contents, unit = "dpo", "pairs", "pairs"
    score, higher, judged_before = "loss", False, False

    def __init__(
        self,
        recipe: Recipe,
        config: DpoConfig,
        tokenizer: Tokenizer,
        weights: Path,
        folder: Path,
        chat: dict[str, Any],
        world: World,
        reporter: Reporter,
    ) -> None:
        self.recipe, self.settings, self.tokenizer, self._weights, self._chat = (
            recipe,
            config,
            tokenizer,
            weights,
            chat,
        )
        self.lora: LoraConfig = config
        read = read_preferences(config.sources, Columns(config.prompt, config.chosen, config.rejected))
        self._splits = split_preferences(read.preferences, config.valid_share)
        longest = min(config.max_length or recipe.model.context, recipe.model.context)
        self._train, self._valid = (
            encode_preferences(tokenizer, part, longest) for part in (self._splits.train, self._splits.valid)
        )
        self.config = config.learning(recipe.train, len(self._train))
        parts = (self._train, self._valid)

        def compute() -> list[Tensor]:
            return self._by_start(parts, world.device(self.config.device), reporter)

        train, self._reference = kept_reference(folder, hash_file(weights), parts, compute, world)
        self.batches = PreferenceBatches(self._train, train, config.batch_size, recipe.seed, tokenizer.eos_id)
        self.judged_on: dict[str, Any] = {"best_by": self.score, "best_beta": config.beta}
        positions, answers = (float(n.mean()) for n in (self._train.lengths, self._train.answers))
        self.tokens_per_target = 2 * answers
        self.flops = recipe.model.flops_per_token(tokenizer.vocab_size, round(positions)) * positions / answers

    def _by_start(
        self, parts: Sequence[EncodedPreferences], device: torch.device, reporter: Reporter
    ) -> list[Tensor]:
        model = build_model(self.recipe.model, self.tokenizer.vocab_size).to(device)
        load_weights(model, read_weights(self._weights), str(self._weights))
        reporter.say(f"how likely the answers are by {self._weights}")
        return [self._likely(model, part, reporter) for part in parts]

    def _likely(self, model: Model, part: EncodedPreferences, reporter: Reporter) -> Tensor:
        dtype = pick_precision(self.config.precision, model.lm_head.weight.device)
        rows = 2 * self.settings.batch_size
        return log_probabilities(model, part, rows, dtype, self.tokenizer.eos_id, reporter)

    def begin(self, model: Model, say: Callable[[str], None]) -> None:
        """See `Task`; the weights of the chat model."""
        load_weights(model, read_weights(self._weights), str(self._weights))
        say(f"started from {self._weights}")

    def objective(self, model: Model, body: Callable[..., Tensor], dtype: torch.dtype) -> PreferenceObjective:
        """See `Task`."""
        return PreferenceObjective(model, body, dtype, self.settings.beta, self.settings.label_smoothing)

    def judge(self, model: Model, score_only: bool = False) -> Judgement:
        """See `Task`."""
        settings, order = self.settings, rows_of(range(len(self._valid)))
        likely, reference = self._likely(model, self._valid, SilentReporter())[order], self._reference[order]
        found = preference_loss(likely, reference, settings.beta, settings.label_smoothing)
        values = {
            "loss": float(found.losses.mean()),
            "accuracy": float((found.margins > 0).float().mean()),
            "margin": float(found.margins.mean()),
            "chosen_gain": float((likely - reference)[: len(self._valid)].mean()),
        }
        if score_only:
            return Judgement(values)
        return Judgement(values, answer_held_out(model, self.tokenizer, self._asked, settings.max_new_tokens))

    @cached_property
    def _asked(self) -> list[tuple[Conversation, str]]:
        openings = [(each.prompt, each.chosen) for each in self._splits.valid]
        context, config = self.recipe.model.context, self.settings
        return held_out_questions(self.tokenizer, openings, context, config.max_new_tokens, config.samples)

    def told(self, values: dict[str, float]) -> str:
        """See `Task`."""
        return (
            f"loss {values['loss']:.4f}  {100 * values['accuracy']:.1f}% preferred as wanted  "
            f"margin {values['margin']:+.3f}  chosen {values['chosen_gain']:+.2f} nats"
        )

    def samples(self, model: Model) -> list[dict[str, str]]:
        """See `Task`; none, since answers come with each validation."""
        return []

    def of_loss(self, loss: float) -> dict[str, float]:
        """See `Task`; nothing."""
        return {}

    def announcement(self) -> str:
        """See `Task`."""
        config = self.settings
        told = (
            f"{len(self._train):,} pairs, at most {config.epochs} times, {config.batch_size * config.accumulate} a "
            f"step; {len(self._valid):,} to validate"
        )
        left_out = self._train.left_out + self._valid.left_out
        return told + (f"; {left_out:,} are left out, being too long" if left_out else "")

    def facts(self, done: int) -> dict[str, float]:
        """See `Task`."""
        return {
            "epochs": round(done / len(self._train), 3),
            "train_pairs": len(self._train),
            "valid_pairs": len(self._valid),
            "too_long": self._train.left_out + self._valid.left_out,
            "tokens": int(self._train.lengths.sum()),
            "answer_tokens": int(self._train.answers.sum()),
        }

    def shape(self) -> dict[str, Any]:
        """See `Task`; that it chats, as the model before it did."""
        return self._chat
