"""Which measures an evaluation has: by default, what can be told of the models without a file from the user.

What it leaves out: how anything is measured (`measures`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from fidan.corpus.pairs.pair import Pair
from fidan.corpus.pairs.read import Columns
from fidan.corpus.pairs.read import read_pairs as read_questions
from fidan.corpus.pairs.split import shared_with
from fidan.errors import FidanError
from fidan.evaluation.choice_items import read_items
from fidan.evaluation.contamination import EvaluationSet, text_set
from fidan.evaluation.grammar.make import FILE as OWN_FILE
from fidan.evaluation.harness import check_tasks
from fidan.evaluation.measure import Measure
from fidan.evaluation.measures.grammar import Grammar
from fidan.evaluation.measures.leaks import Leaks
from fidan.evaluation.measures.multiple_choice import MultipleChoice
from fidan.evaluation.measures.questions import Questions
from fidan.evaluation.measures.samples import SAMPLING, Samples
from fidan.evaluation.measures.tasks import HarnessTasks
from fidan.evaluation.measures.text_loss import TextLoss
from fidan.evaluation.measures.vocabularies import Vocabularies
from fidan.evaluation.names import short_names
from fidan.evaluation.pair_files import read_pairs
from fidan.evaluation.subject import Subject
from fidan.evaluation.texts import HELD_OUT, TextSet, held_out_text, read_text
from fidan.recipe import OWN_PAIRS
from fidan.tokenizer.foreign import open_tokenizer
from fidan.tokenizer.morphology import read_gold, synthetic_gold


@dataclass(frozen=True)
class Asked:
    """What is to be measured.

    Attributes:
        dtype: the number format of the held-out loss.
        task_dtype: of pairs and choices; the harness's tasks are in fp32.
        stride: tokens a window moves on; 0: half the context.
        max_bytes: of each text; 0: all.
        texts: files of held-out text; empty: what the models' runs held out.
        pairs: files of minimal pairs; `fidan` is the set in the package.
        choices: files of multiple choice.
        questions: sets of questions with answers, none of which a model was trained on.
        question_columns: of these sets and of the training's.
        training_questions: sets that the models were trained on, for baselines.
        tasks: names of tasks of the harness.
        task_data: task → file of its data.
        task_folders: with task files of the user's.
        task_limit: the most items of a task.
        tokenizers: folders of tokenizers to compare with.
        morphology: gold files.
        prompts: of the samples; empty: a fixed set.
        seed: of the samples.
        skip: sections to leave out, and `baselines`.
    """

    dtype: torch.dtype = torch.float32
    task_dtype: torch.dtype = torch.float32
    stride: int = 0
    max_bytes: int = 0
    texts: tuple[Path, ...] = ()
    pairs: tuple[str, ...] = (OWN_PAIRS,)
    choices: tuple[Path, ...] = ()
    questions: tuple[str, ...] = ()
    question_columns: Columns = field(default_factory=Columns)
    training_questions: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    task_data: Mapping[str, Path] = field(default_factory=dict)
    task_folders: tuple[Path, ...] = ()
    task_limit: int | None = None
    tokenizers: tuple[Path, ...] = ()
    morphology: tuple[Path, ...] = ()
    prompts: tuple[str, ...] = ()
    seed: int = 0
    skip: frozenset[str] = frozenset()


def standard_measures(subjects: Sequence[Subject], asked: Asked) -> list[Measure]:
    """The measures, in the order of the report; every file is read here, so that a bad one is told before work.

    Raises:
        FidanError: a file is missing, named twice or not what it should be, or there is no text to measure on.
    """
    if encoders := [subject.name for subject in subjects if subject.encoder]:
        asked = _only_questions(asked, encoders[0])
    called = _names(asked)
    texts = _texts(subjects, asked, called)
    task_dtype = asked.task_dtype
    pairs = [Grammar(called[name], tuple(read_pairs(_pair_file(name))), task_dtype) for name in asked.pairs]
    choices = [MultipleChoice(called[str(path)], tuple(read_items(path)), task_dtype) for path in asked.choices]
    questions = list(_questions(asked, called))
    _check_tasks(asked)
    measures: list[Measure] = []
    if subjects and "texts" not in asked.skip:
        measures += [TextLoss(text, asked.stride, asked.dtype, "baselines" not in asked.skip) for text in texts]
    if subjects and "pairs" not in asked.skip:
        measures += pairs
    if subjects:
        measures += [*choices, *questions]
    if "tokenizers" not in asked.skip:
        gold = (synthetic_gold(), *map(read_gold, asked.morphology))
        others = short_names(asked.tokenizers, [subject.name for subject in subjects])
        opened = dict(zip(others, map(open_tokenizer, asked.tokenizers), strict=True))
        measures += [Vocabularies(text, gold, opened) for text in texts[:1]]
    if subjects and asked.tasks:
        measures.append(HarnessTasks(asked.tasks, asked.task_folders, asked.task_data, asked.task_limit))
    if subjects and "samples" not in asked.skip:
        config = replace(SAMPLING, prompts=asked.prompts) if asked.prompts else SAMPLING
        measures.append(Samples(config, asked.seed))
    if any(subject.corpus for subject in subjects) and "contamination" not in asked.skip:
        measures.append(Leaks(tuple(_sets(measures))))
    return measures


def _only_questions(asked: Asked, name: str) -> Asked:
    """What is left where a model is an encoder-decoder, which has no text of its own to go on with."""
    unfit = {
        "--text": bool(asked.texts),
        "--pairs": asked.pairs != (OWN_PAIRS,),
        "--choices": bool(asked.choices),
        "--harness": bool(asked.tasks),
        "--prompt": bool(asked.prompts),
    }
    if named := [option for option, value in unfit.items() if value]:
        raise FidanError(f"{name}: an encoder-decoder, so {', '.join(named)} cannot be measured. Leave it out.")
    if not asked.questions:
        raise FidanError(f"{name}: an encoder-decoder, which answers questions. Name some with --questions FILE.")
    return replace(asked, pairs=(), skip=asked.skip | {"texts", "pairs", "samples"})


def _questions(asked: Asked, called: Mapping[str, str]) -> Iterator[Questions]:
    """Every set, without the pairs that share a question or an answer with the training's."""
    if asked.training_questions and not asked.questions:
        raise FidanError("training questions are only baselines: name held-out ones too.")
    training: tuple[Pair, ...] = ()
    if asked.training_questions:
        training = read_questions(asked.training_questions, asked.question_columns).pairs
    for source in asked.questions:
        pairs = read_questions(source, asked.question_columns).pairs
        shared = set(shared_with(training, pairs))
        held_out = tuple(pair for pair in pairs if pair not in shared)
        if not held_out:
            raise FidanError(f"{source}: every pair shares its question or its answer with a training pair.")
        yield Questions(called[source], held_out, training, len(shared), dtype=asked.task_dtype)


def _sets(measures: Sequence[Measure]) -> Iterator[EvaluationSet]:
    """What must not stand in a training text; the harness keeps its items to itself."""
    for measure in measures:
        if isinstance(measure, TextLoss):
            yield text_set(measure.text.name, [document.text for document in measure.text.documents])
        elif isinstance(measure, Grammar):
            yield text_set(measure.name, [pair.good for pair in measure.pairs])
        elif isinstance(measure, MultipleChoice):
            items = [[(n, item.context), (n, item.choices[item.answer])] for n, item in enumerate(measure.items, 1)]
            yield EvaluationSet(measure.name, [text for texts in items for text in texts])


def _names(asked: Asked) -> dict[str, str]:
    """What every file is called; no two alike, since contamination is told by the name of a set."""
    if asked.pairs.count(OWN_PAIRS) > 1:
        raise FidanError(f"{OWN_PAIRS}: named twice. Name it once.")
    pairs = [Path(name) for name in asked.pairs if name != OWN_PAIRS]
    files = [*asked.texts, *pairs, *asked.choices, *map(Path, asked.questions)]
    written = [*map(str, files[: -len(asked.questions) or None]), *asked.questions]
    return {OWN_PAIRS: OWN_PAIRS} | dict(zip(written, short_names(files, [OWN_PAIRS, HELD_OUT]), strict=True))


def _check_tasks(asked: Asked) -> None:
    for task, path in asked.task_data.items():
        if not path.is_file():
            raise FidanError(f"{path}: no such file, which is to be the data of {task}.")
    for folder in asked.task_folders:
        if not folder.is_dir():
            raise FidanError(f"{folder}: no such folder of task files.")
    if asked.tasks:
        check_tasks(asked.tasks, asked.task_folders)


def _texts(subjects: Sequence[Subject], asked: Asked, called: Mapping[str, str]) -> list[TextSet]:
    """The user's texts, else what each run held out, every text once."""
    if {"texts", "tokenizers"} <= asked.skip:
        return []
    if asked.texts:
        return [replace(read_text(path, asked.max_bytes), name=called[str(path)]) for path in asked.texts]
    found: dict[str, tuple[str, TextSet]] = {}
    for subject in subjects:
        if subject.corpus:
            text = held_out_text(subject.corpus, asked.max_bytes)
            found.setdefault(text.hash, (subject.name, text))
    if len(found) > 1:
        return [replace(text, name=f"{HELD_OUT} by {run}") for run, text in found.values()]
    if found:
        return [text for _, text in found.values()]
    leave = ", or leave it out with --skip texts --skip tokenizers" if subjects else ""
    raise FidanError(
        "no held-out text: only a run's folder brings any. Name a file that no model was trained on with "
        f"--text{leave}."
    )


def _pair_file(name: str) -> Path:
    return OWN_FILE if name == OWN_PAIRS else Path(name)
