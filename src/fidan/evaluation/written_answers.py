"""Answers that a model writes by itself, and how much of the wanted ones is in them.

"Free-running": the model reads the question and goes on from its own words, as it does for a user. The answers are
measured against the references as they stand in the set, neither lower-cased nor without punctuation, except where a
figure says so:

    corpus BLEU, sentence BLEU, chrF   0 to 100, as `metrics.overlap` has them; sentence BLEU is the mean
    ROUGE-L                            0 to 1, the mean
    exact                              the share of answers whose words, folded, are the reference's

What it leaves out: whether an answer is true. One of twenty words may hold all of a reference but "not".
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.pairs.pair import Pair, normal_form
from fidan.errors import FidanError
from fidan.evaluation.metrics.overlap import (
    corpus_bleu,
    corpus_chrf,
    rouge_l,
    sentence_bleu,
    sentence_chrf,
)
from fidan.generation.engine import Engine
from fidan.generation.generate import Finish, Generation, write
from fidan.generation.search import beam_search
from fidan.progress import Reporter
from fidan.recipe import GenerateConfig
from fidan.tokenizer.pairs import PairTokenizer, encode_source
from fidan.tokenizer.tokenizer import Tokenizer

GREEDY = GenerateConfig(prompts=(), max_new_tokens=128, temperature=0.0, top_p=1.0, repetition_penalty=1.0)
BATCH = 32  # questions that are answered together


class AnswerFigures(NamedTuple):
    """What n answers are worth, as the module says."""

    corpus_bleu: float
    sentence_bleu: float
    chrf: float
    rouge_l: float
    exact: float
    n: int


class AnswerScores(NamedTuple):
    """The same of each answer by itself, (n,), for errors and comparisons."""

    sentence_bleu: NDArray[np.float64]
    chrf: NDArray[np.float64]
    rouge_l: NDArray[np.float64]
    exact: NDArray[np.bool_]


class Answer(NamedTuple):
    """What a model wrote to a question, without white space around it, and why it ended."""

    text: str
    finish: Finish


class Judged(NamedTuple):
    """Figures, and the answers that they are of, in the order of the pairs.

    Attributes:
        figures: of all answers.
        answers: one a pair.
        cut_sources: questions, with their contexts, that did not fit and lost their end.
    """

    figures: AnswerFigures
    answers: tuple[Answer, ...]
    cut_sources: int


def judge_answers(
    engine: Engine,
    tokenizer: PairTokenizer,
    pairs: Sequence[Pair],
    config: GenerateConfig,
    reporter: Reporter,
    *,
    max_source: int = 0,
    batch: int = BATCH,
    seed: int = 0,
) -> Judged:
    """Let a model answer, and measure the answers.

    Args:
        engine: of an encoder-decoder, whose prompts are the sources.
        tokenizer: the model's.
        pairs: at least one.
        config: how to pick and how long; `GREEDY` is what figures of record are taken with.
        reporter: shows progress.
        max_source: ids of a source at most, as in training; 0: what the engine takes.
        batch: questions answered together; decides the speed alone.
        seed: of the first question's draws; the next ones have the next.

    Raises:
        FidanError: there is no pair, or `config` stops at a string with a tokenizer of Transformers.
    """
    if not pairs:
        raise FidanError("no questions to answer. Give at least one pair.")
    limit = max_source or engine.longest_prompt
    sources = [encode_source(tokenizer, pair.question, pair.context, limit) for pair in pairs]
    answers = write_in_batches(
        engine, tokenizer, [source.ids for source in sources], config, reporter, batch=batch, seed=seed
    )
    figures = answer_figures([answer.text for answer in answers], [pair.answer for pair in pairs])
    return Judged(figures, tuple(answers), sum(source.cut > 0 for source in sources))


def write_in_batches(
    engine: Engine,
    tokenizer: PairTokenizer,
    prompts: Sequence[Sequence[int]],
    config: GenerateConfig,
    reporter: Reporter,
    *,
    batch: int = BATCH,
    seed: int = 0,
) -> list[Answer]:
    """What a model writes to each prompt; arguments as of `judge_answers`."""
    answers: list[Answer | None] = [None] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
    with reporter.task("answers", total=len(prompts)) as task:
        for start in range(0, len(order), batch):
            places = order[start : start + batch]
            some, seeds = [prompts[place] for place in places], [seed + place for place in places]
            for place, answer in zip(places, _write(engine, tokenizer, some, config, seeds), strict=True):
                answers[place] = answer
            task.advance(len(places))
    return [answer for answer in answers if answer is not None]


def answer_figures(answers: Sequence[str], references: Sequence[str]) -> AnswerFigures:
    """The figures of answers, one reference each.

    Raises:
        FidanError: there is none, the numbers differ, or a reference is empty.
    """
    scores, known = answer_scores(answers, references), [[reference] for reference in references]
    return AnswerFigures(
        corpus_bleu(answers, known),
        float(scores.sentence_bleu.mean()),
        corpus_chrf(answers, known, word_order=0),
        float(scores.rouge_l.mean()),
        float(scores.exact.mean()),
        len(answers),
    )


def answer_scores(answers: Sequence[str], references: Sequence[str]) -> AnswerScores:
    """The scores of each answer; errors as `answer_figures`."""
    if not answers or len(answers) != len(references):
        raise FidanError(
            f"{len(answers)} answers for {len(references)} references: wanted as many, and at least one."
        )
    both = list(zip(answers, references, strict=True))
    return AnswerScores(
        np.array([sentence_bleu(answer, [reference]) for answer, reference in both]),
        np.array([sentence_chrf(answer, [reference], word_order=0) for answer, reference in both]),
        np.array([rouge_l(answer, [reference]) for answer, reference in both]),
        np.array([normal_form(answer) == normal_form(reference) for answer, reference in both]),
    )


def _write(
    engine: Engine,
    tokenizer: PairTokenizer,
    prompts: Sequence[Sequence[int]],
    config: GenerateConfig,
    seeds: Sequence[int],
) -> list[Answer]:
    if isinstance(tokenizer, Tokenizer):
        return [Answer(one.text.strip(), one.finish) for one in write(engine, tokenizer, prompts, config, seeds)]
    if config.stop:
        raise FidanError(f"stop = {list(config.stop)}: only our own tokenizer can stop at a string. Leave it empty.")
    ends = (tokenizer.eos_id,)
    if config.beams > 1:
        best = [beam_search(engine, prompt, config, ends, tokenizer.vocab_size)[0] for prompt in prompts]
        return [Answer(tokenizer.decode(one.ids).strip(), one.finish) for one in best]
    generation = Generation(engine, prompts, config, ends, seeds, tokenizer.vocab_size)
    ids: list[list[int]] = [[] for _ in prompts]
    while generation.running:
        for number, token in generation.step():
            ids[number].append(token)
    return [Answer(tokenizer.decode(one).strip(), generation.finished[n]) for n, one in enumerate(ids)]
