"""The task of fine-tuning: to answer questions, judged on held-out pairs.

Two judgements come at each validation. Teacher-forced, every token of every validation answer: loss, accuracy, top-5
accuracy, perplexity. Free-running, on some of the questions: what the model answers by itself, greedily, held against
the wanted answers, and a few of those answers to be read. The test pairs are not looked at here.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fidan.corpus.pairs.pair import Pair
from fidan.corpus.pairs.read import Columns, read_pairs
from fidan.corpus.pairs.split import PairSplit, split_pairs
from fidan.evaluation.answers import answer_loss
from fidan.evaluation.measures.questions import Questions
from fidan.evaluation.written_answers import GREEDY, Judged, judge_answers
from fidan.generation.engines import plain_engine
from fidan.hardware import autocast, pick_precision
from fidan.model.build import Model
from fidan.progress import SilentReporter
from fidan.recipe import NO_LORA, FinetuneConfig, Recipe
from fidan.tokenizer.pairs import encode_pairs
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.objective import Objective
from fidan.training.pairs.batches import PairBatches
from fidan.training.restoring import encoder_decoder
from fidan.training.task import Judgement
from fidan.weights import load_weights, read_weights

SHOWN = 8  # answers that are recorded at each validation
OF_ANSWERS = ("corpus_bleu", "chrf", "rouge_l")  # scores that need them


def splits_of(config: FinetuneConfig) -> PairSplit:
    """The pairs of a recipe, split; the run's seed has no say, so that runs of any seed are judged on the same pairs.

    Raises:
        SourceError: a source cannot be read, or has no such column.
        FidanError: there are too few pairs to split.
    """
    read = read_pairs(config.sources, Columns(config.question, config.answer, config.context))
    return split_pairs(read.pairs, config.valid_share, config.test_share)


def test_questions(recipe: Recipe, config: FinetuneConfig, dtype: torch.dtype) -> Questions:
    """The measure of a fine-tuned model: the test pairs, which no training has seen, with baselines of those it has.

    Args:
        recipe: whose model is measured.
        config: `recipe.finetune`.
        dtype: the number format of the loss.
    """
    splits, most = splits_of(config), config.max_target
    answers = replace(GREEDY, max_new_tokens=min(most, recipe.model.context - 1))
    limits = (config.max_source, config.max_target)
    return Questions("test questions", splits.test, splits.train, 0, answers, *limits, dtype)


class Answering:
    """See `Task`.

    Args:
        recipe: its `model`, `train`, `finetune` and `seed`.
        config: `recipe.finetune`.
        tokenizer: of the run.
        weights: the file of weights to start from; None: fresh ones.

    Raises:
        ArtifactMismatch: the weights do not fit the model.
        FidanError: the pairs cannot be read or split.
    """

    section, contents, unit = "finetune", "pairs", "pairs"
    tokens_per_target, lora = 1.0, NO_LORA
    judged_before = False

    def __init__(self, recipe: Recipe, config: FinetuneConfig, tokenizer: Tokenizer, weights: Path | None) -> None:
        self.recipe, self.settings, self.tokenizer, self._weights = recipe, config, tokenizer, weights
        self._splits = splits = splits_of(config)
        limits = (config.max_source, config.max_target)
        self._train, self._valid = (encode_pairs(tokenizer, part, *limits) for part in (splits.train, splits.valid))
        self.config = config.learning(recipe.train, len(splits.train))
        self.batches = PairBatches(self._train, config.batch_size, recipe.seed)
        self.score: str = config.score
        self.higher = config.score != "loss"
        self.judged_on: dict[str, Any] = {"best_by": config.score}
        if config.score in OF_ANSWERS:
            self.judged_on["best_of_answers"] = [config.valid_answers, config.max_new_tokens]
        source, target = (round(float(n.mean())) for n in (self._train.source_lengths, self._train.target_lengths))
        self.flops = float(recipe.model.flops_per_token(tokenizer.vocab_size, target, source))

    def begin(self, model: Model, say: Callable[[str], None]) -> None:
        """See `Task`; the weights of the training before, where there was one."""
        if self._weights is not None:
            load_weights(model, read_weights(self._weights), str(self._weights))
            say(f"started from {self._weights}")

    def objective(self, model: Model, body: Callable[..., Tensor], dtype: torch.dtype) -> Objective:
        """See `Task`."""
        return Objective(model, body, dtype, self.config, self.tokenizer.bos_id, self.tokenizer.pad_id)

    def judge(self, model: Model, score_only: bool = False) -> Judgement:
        """See `Task`."""
        values: dict[str, float] = {}
        of_answers = self.score in OF_ANSWERS
        if not (score_only and of_answers):
            values |= self._teacher_forced(model)
        if not self.settings.valid_answers or (score_only and not of_answers):
            return Judgement(values)
        pairs = _spread(self._splits.valid, self.settings.valid_answers)
        judged = self._free_running(model, pairs)
        values |= {name: float(value) for name, value in judged.figures._asdict().items() if name != "n"}
        shown = zip(_spread(pairs, SHOWN), _spread(judged.answers, SHOWN), strict=True)
        samples = tuple({"prompt": p.question, "expected": p.answer, "text": a.text} for p, a in shown)
        return Judgement(values, samples)

    def _teacher_forced(self, model: Model) -> dict[str, float]:
        device = model.lm_head.weight.device
        found = answer_loss(
            encoder_decoder(model),
            self._valid,
            autocast=autocast(device, pick_precision(self.config.precision, device)),
            reporter=SilentReporter(),
        )
        return {
            "loss": found.loss,
            "accuracy": found.accuracy,
            "top_5_accuracy": found.top_k_accuracy,
            "perplexity": found.perplexity,
        }

    def _free_running(self, model: Model, pairs: Sequence[Pair]) -> Judged:
        training = model.training
        try:
            return judge_answers(
                plain_engine(model, self.tokenizer.bos_id),
                self.tokenizer,
                pairs,
                replace(GREEDY, max_new_tokens=self.settings.max_new_tokens),
                SilentReporter(),
                max_source=self.settings.max_source,
            )
        finally:
            model.train(training)

    def told(self, values: dict[str, float]) -> str:
        """See `Task`."""
        told = f"loss {values['loss']:.4f}  accuracy {100 * values['accuracy']:.1f}%"
        if "chrf" in values:
            told += f"  BLEU {values['corpus_bleu']:.1f}  chrF {values['chrf']:.1f}  ROUGE-L {values['rouge_l']:.3f}"
        return told

    def samples(self, model: Model) -> list[dict[str, str]]:
        """See `Task`; none, since answers come with each validation."""
        return []

    def of_loss(self, loss: float) -> dict[str, float]:
        """See `Task`; nothing."""
        return {}

    def announcement(self) -> str:
        """See `Task`."""
        config, splits = self.settings, self._splits
        told = (
            f"{len(splits.train):,} pairs, at most {config.epochs} times, {config.batch_size * config.accumulate} a "
            f"step; {len(splits.valid):,} to validate, {len(splits.test):,} for the evaluation"
        )
        if cut := self._train.cut_sources + self._train.cut_targets:
            told += f"; {cut:,} questions or answers to learn from are cut, being too long"
        for group in splits.giants:
            told += f"; {group.pairs} pairs of one group are all in {group.split}: {group.answer[:40]!r}"
        return told

    def facts(self, done: int) -> dict[str, float]:
        """See `Task`."""
        counts = {f"train_{name}": count for name, count in self._train.counts().items()}
        held_out = {"valid_pairs": len(self._splits.valid), "test_pairs": len(self._splits.test)}
        return {"epochs": round(done / len(self._splits.train), 3), **counts, **held_out}

    def shape(self) -> dict[str, Any]:
        """See `Task`; how long questions and answers were."""
        return {"max_source": self.settings.max_source, "max_target": self.settings.max_target}


def _spread(items: Sequence[Any], most: int) -> list[Any]:
    """At most `most` of them, evenly spread."""
    return list(items[:: max(1, -(-len(items) // most))])
