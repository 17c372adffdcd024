"""The task of a chat model: to write the assistant's turns, judged on held-out conversations.

The model is judged before its first step too, so that what was learnt can be read off the record: loss, accuracy and
bits a byte of the assistant's turns, and a few answers that it writes by itself, greedily. The test conversations are
not looked at here; the evaluation does.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fidan.corpus.conversations.conversation import Conversation, Message
from fidan.corpus.conversations.read import read_conversations
from fidan.corpus.conversations.split import ConversationSplit, split_conversations
from fidan.corpus.pairs.read import Columns
from fidan.evaluation.conversations import assistant_loss
from fidan.evaluation.measures.conversations import Conversations
from fidan.hardware import autocast, pick_precision
from fidan.model.build import Model
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.recipe import LoraConfig, Recipe, SftConfig
from fidan.tokenizer.chat import SYSTEM
from fidan.tokenizer.conversations import encode_conversations, opening
from fidan.tokenizer.hugging_face import CHAT_SYSTEM
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.conversations.answers import answer_held_out, check_questions, held_out_questions
from fidan.training.conversations.rows import ConversationRows
from fidan.training.objective import Objective
from fidan.training.packed_tokens import PackedTokens
from fidan.training.task import Judgement
from fidan.weights import load_weights, read_weights


def splits_of(config: SftConfig) -> ConversationSplit:
    """The conversations of a recipe, split; the run's seed has no say, so that all runs are judged on the same.

    Raises:
        SourceError: a source cannot be read.
        FidanError: there are too few conversations to split.
    """
    read = read_conversations(config.sources, Columns(config.question, config.answer, config.context))
    return split_conversations(read.conversations, config.valid_share, config.test_share)


def test_conversations(recipe: Recipe, config: SftConfig, dtype: torch.dtype) -> Conversations:
    """The measure of a chat model: the test conversations, which no training has seen.

    Args:
        recipe: whose model is measured.
        config: `recipe.sft`.
        dtype: the number format to compute in.
    """
    return Conversations("test conversations", splits_of(config).test, row_length(recipe, config) + 1, dtype)


def row_length(recipe: Recipe, config: SftConfig) -> int:
    """T of a row."""
    return config.sequence_length or recipe.model.context


def with_system(conversations: Sequence[Conversation], share: float) -> list[Conversation]:
    """Conversations, of which evenly spread ones begin with `SYSTEM`, where they have no system message of their own.

    A model that met it in some of them, and not in others, can be used with it and without.
    """
    made = []
    for number, conversation in enumerate(conversations):
        chosen = int((number + 1) * share) > int(number * share)
        lead = (Message("system", SYSTEM),) if chosen and conversation[0].role != "system" else ()
        made.append((*lead, *conversation))
    return made


class Chatting:
    """See `Task`.

    Args:
        recipe: its `model`, `train`, `sft` and `seed`.
        config: `recipe.sft`.
        tokenizer: of the run.
        weights: the file of weights to start from.
        packed: the folder of the pretraining text's tokens, for what is replayed.

    Raises:
        ArtifactMismatch: the weights do not fit the model, or another tokenizer made the tokens.
        FidanError: the conversations cannot be read or split, the tokenizer cannot chat, or a prompt has no room.
    """

    section, contents, unit = "sft", "conversations", "rows"
    tokens_per_target = 1.0
    score, higher, judged_before = "loss", False, True

    def __init__(self, recipe: Recipe, config: SftConfig, tokenizer: Tokenizer, weights: Path, packed: Path) -> None:
        self.recipe, self.settings, self.tokenizer, self._weights = recipe, config, tokenizer, weights
        self.lora: LoraConfig = config
        check_questions(tokenizer, config.prompts, recipe.model.context, recipe.generate.max_new_tokens)
        self._length = length = row_length(recipe, config)
        self._splits = splits = splits_of(config)
        self._train, self._valid = (
            encode_conversations(tokenizer, part, length + 1)
            for part in (with_system(splits.train, config.system_share), splits.valid)
        )
        text = PackedTokens.open(packed, "train", tokenizer.hash) if config.replay else None
        weighing = (config.prompt_weight, config.replay, text)
        self.batches = ConversationRows(self._train, length, recipe.seed, tokenizer.eos_id, *weighing)
        self.config = config.learning(recipe.train, self.batches.sequences)
        self.judged_on: dict[str, Any] = {"best_by": self.score}
        per_position = recipe.model.flops_per_token(tokenizer.vocab_size, length)
        self.flops = per_position * length / self.batches.mean_targets

    def begin(self, model: Model, say: Callable[[str], None]) -> None:
        """See `Task`; the weights of the training before."""
        load_weights(model, read_weights(self._weights), str(self._weights))
        say(f"started from {self._weights}")

    def objective(self, model: Model, body: Callable[..., Tensor], dtype: torch.dtype) -> Objective:
        """See `Task`; no position attends to another conversation."""
        return Objective(model, body, dtype, self.config, self.tokenizer.bos_id)

    def judge(self, model: Model, score_only: bool = False) -> Judgement:
        """See `Task`."""
        device = model.lm_head.weight.device
        training = model.training
        try:
            found = assistant_loss(
                decoder(model),
                self._valid,
                autocast=autocast(device, pick_precision(self.config.precision, device)),
                reporter=SilentReporter(),
            )
            values = {"loss": found.loss, "accuracy": found.accuracy, "bits_per_byte": found.bits_per_byte}
            return Judgement(values, () if score_only else self._answers(model))
        finally:
            model.train(training)

    def _answers(self, model: Model) -> tuple[dict[str, str], ...]:
        return answer_held_out(model, self.tokenizer, self._asked, self.settings.max_new_tokens)

    @cached_property
    def _asked(self) -> list[tuple[Conversation, str]]:
        openings = [opening(conversation) for conversation in self._splits.valid]
        context, config = self.recipe.model.context, self.settings
        return held_out_questions(self.tokenizer, openings, context, config.max_new_tokens, config.samples)

    def told(self, values: dict[str, float]) -> str:
        """See `Task`."""
        return (
            f"loss {values['loss']:.4f}  accuracy {100 * values['accuracy']:.1f}%  "
            f"{values['bits_per_byte']:.4f} bits/byte of the answers"
        )

    def samples(self, model: Model) -> list[dict[str, str]]:
        """See `Task`; none, since answers come with each validation."""
        return []

    def of_loss(self, loss: float) -> dict[str, float]:
        """See `Task`; nothing."""
        return {}

    def announcement(self) -> str:
        """See `Task`."""
        config, splits, rows, train = self.settings, self._splits, self.batches, self._train
        told = (
            f"{len(train):,} conversations in {rows.packed:,} rows of {self._length:,}, {100 * rows.filled:.0f}% full"
            f", and {rows.replayed:,} rows of text ({100 * rows.replayed_share:.0f}% of what counts), at most "
            f"{config.epochs} times, "
            f"{config.batch_size * config.accumulate} rows a step; {len(splits.valid):,} to validate, "
            f"{len(splits.test):,} for the evaluation"
        )
        if train.shortened or train.cut:
            told += f"; of long ones {train.shortened:,} lost their oldest turns and {train.cut:,} their end"
        return told + (f"; {train.left_out:,} without an answer are left out" if train.left_out else "")

    def facts(self, done: int) -> dict[str, float]:
        """See `Task`."""
        rows, train = self.batches, self._train
        return {
            "epochs": round(done / rows.sequences, 3),
            "train_conversations": len(train),
            "valid_conversations": len(self._valid),
            "test_conversations": len(self._splits.test),
            "conversation_rows": rows.packed,
            "replayed_rows": rows.replayed,
            "filled": round(rows.filled, 4),
            "replayed_share": round(rows.replayed_share, 4),
            "conversation_tokens": int(train.lengths.sum()),
            "assistant_tokens": int(train.answers.sum()),
            "shortened": train.shortened,
            "cut": train.cut,
            "without_answer": train.left_out,
        }

    def shape(self) -> dict[str, Any]:
        """See `Task`; that it chats, and the system message that it knows."""
        return {"chat": True, **({CHAT_SYSTEM: SYSTEM} if self.settings.system_share else {})}


def decoder(model: Model) -> Decoder:
    """The model, which the recipe's checks have made one without an encoder."""
    assert isinstance(model, Decoder)
    return model
