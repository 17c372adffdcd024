"""Questions that a model answers by itself, beside what needs no model."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch

from fidan.corpus.pairs.pair import Pair, pairs_hash
from fidan.evaluation.answers import AnswerLoss, answer_loss
from fidan.evaluation.baselines.answers import most_frequent_answer, nearest_answers
from fidan.evaluation.choice_items import question_prompt
from fidan.evaluation.measure import Json, Table, comparisons, must_be_finite
from fidan.evaluation.metrics.statistics import compare_means, mean, proportion
from fidan.evaluation.subject import Subject
from fidan.evaluation.written_answers import (
    GREEDY,
    AnswerScores,
    answer_figures,
    answer_scores,
    judge_answers,
    write_in_batches,
)
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.engine import TorchEngine
from fidan.hardware import autocast, dtype_name
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.progress import Reporter
from fidan.recipe import GenerateConfig
from fidan.tokenizer.pairs import encode_pairs

SHOWN = 12  # pairs of a set that the page shows
_LINE = "\n"  # where a decoder-only model's answer ends, if it does not end it itself


@dataclass(frozen=True)
class Questions:
    """One set of questions with answers.

    An encoder-decoder reads the question, and the loss of the reference is told of it besides. A decoder-only model
    goes on after "Soru: …", an empty line and "Cevap:", to the end of the line.

    Attributes:
        name: of the set, in the report.
        pairs: held out, at least one.
        training: what the models were trained on, for baselines; empty: none are told.
        shared: pairs that were left out, since a training pair has their question or their answer.
        config: how the answers are written, for all models alike.
        max_source: ids of a source at most; 0: what the model takes.
        max_target: labels of a reference at most; 0: no limit.
        dtype: the number format of the loss.
    """

    name: str
    pairs: tuple[Pair, ...]
    training: tuple[Pair, ...] = ()
    shared: int = 0
    config: GenerateConfig = GREEDY
    max_source: int = 0
    max_target: int = 0
    dtype: torch.dtype = torch.float32

    section = "questions"
    version = 1

    def key(self, subject: Subject) -> Json:
        """See `Measure`."""
        limits = [self.max_source, self.max_target, dtype_name(self.dtype)]
        return [pairs_hash(self.pairs), asdict(self.config), limits, subject.weights, subject.tokenizer.hash]

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """See `Measure`; the answers and why they ended, and what the references cost."""
        reporter.say(f"{subject.name}: answers {len(self.pairs):,} questions of {self.name}")
        model, tokenizer = subject.model, subject.tokenizer
        if not isinstance(model, EncoderDecoder):
            room = subject.context - min(self.config.max_new_tokens, subject.context // 2)
            prompts = [tokenizer.encode(question_prompt(p.context, p.question), bos=True) for p in self.pairs]
            prompts = [ids if len(ids) <= room else [ids[0], *ids[1 - room :]] for ids in prompts]
            config = replace(self.config, stop=(*self.config.stop, _LINE))
            answers = write_in_batches(TorchEngine(model), tokenizer, prompts, config, reporter)
            return {"answers": [list(one) for one in answers], "given": None}
        limit = self.max_source or subject.context
        engine = EncoderDecoderEngine(model, tokenizer.bos_id)
        judged = judge_answers(engine, tokenizer, self.pairs, self.config, reporter, max_source=limit)
        given = answer_loss(
            model,
            encode_pairs(tokenizer, self.pairs, limit, self.max_target),
            autocast=autocast(model.lm_head.weight.device, self.dtype),
            reporter=reporter,
        )
        must_be_finite(subject, given.nats)
        return {"answers": [list(one) for one in judged.answers], "given": _given(given)}

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """See `Measure`."""
        answers = [self._texts(values) for values in figures]
        scores = [answer_scores(texts, self._references) for texts in answers]
        shown = np.unique(np.linspace(0, len(self.pairs) - 1, min(SHOWN, len(self.pairs))).astype(int))
        models = [
            {
                **answer_figures(texts, self._references)._asdict(),
                "estimates": _estimates(own),
                "unfinished": sum(finish not in ("end", "stop") for _, finish in values["answers"]),
                "given": values["given"],
            }
            for texts, own, values in zip(answers, scores, figures, strict=True)
        ]
        return [
            {
                "name": self.name,
                "pairs": len(self.pairs),
                "hash": pairs_hash(self.pairs),
                "training_pairs": len(self.training),
                "shared": self.shared,
                "settings": asdict(self.config),
                "precision": dtype_name(self.dtype),
                "models": models,
                "baselines": [
                    {"name": name, **answer_figures(texts, self._references)._asdict()}
                    for name, texts in self._baselines.items()
                ],
                "comparisons": comparisons(len(scores), lambda a, b: compare_means(scores[a].chrf, scores[b].chrf)),
                "samples": [
                    {
                        "question": self.pairs[place].question,
                        "reference": self.pairs[place].answer,
                        "answers": [texts[place] for texts in answers],
                        "baselines": {name: texts[place] for name, texts in self._baselines.items()},
                    }
                    for place in map(int, shown)
                ],
            }
        ]

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """See `Measure`; a row a question, with each model's answer and its chrF."""
        answers = [self._texts(values) for values in figures]
        scores: list[AnswerScores] = [answer_scores(texts, self._references) for texts in answers]
        head = ["question", "reference", *(f"{subject.name}{part}" for subject in subjects for part in ("", " chrF"))]
        rows = (
            [
                pair.question,
                pair.answer,
                *(
                    cell
                    for texts, own in zip(answers, scores, strict=True)
                    for cell in (texts[place], round(float(own.chrf[place]), 2))
                ),
            ]
            for place, pair in enumerate(self.pairs)
        )
        yield Table(f"questions-{self.name}", head, rows)

    @property
    def _references(self) -> list[str]:
        return [pair.answer for pair in self.pairs]

    @cached_property
    def _baselines(self) -> dict[str, list[str]]:
        if not self.training:
            return {}
        questions = [pair.question for pair in self.pairs]
        return {
            "most frequent": [most_frequent_answer(self.training)] * len(questions),
            "nearest question": nearest_answers(self.training, questions),
        }

    @staticmethod
    def _texts(values: Json) -> list[str]:
        return [text for text, _ in values["answers"]]


def _estimates(scores: AnswerScores) -> dict[str, Any]:
    """Means over answers with their errors; corpus figures, which are no means, have none."""
    means = {name: mean(getattr(scores, name)) for name in ("sentence_bleu", "chrf", "rouge_l")}
    return {name: found._asdict() for name, found in (means | {"exact": proportion(scores.exact)}).items()}


def _given(found: AnswerLoss) -> dict[str, Any]:
    return {
        "loss": found.loss,
        "perplexity": found.perplexity,
        "accuracy": found.accuracy,
        "top_accuracy": found.top_k_accuracy,
        "top": found.top,
        "tokens": int(found.tokens.sum()),
    }
