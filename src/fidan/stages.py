"""The stages in the order of the data: what each reads, does and makes. How they are run is `running`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from fidan.artifact import hash_json, read_json, write_json
from fidan.corpus import pipeline as corpus
from fidan.corpus.conversations.read import conversation_hash
from fidan.corpus.preferences.read import preference_hash
from fidan.corpus.rows import source_hash
from fidan.evaluation import evaluate as evaluation
from fidan.evaluation.standard import Asked, standard_measures
from fidan.export import ctranslate2, formats, hugging_face
from fidan.export.licence import licence_hashes
from fidan.generation.engines import plain_engine
from fidan.generation.generate import sample
from fidan.hardware import pick_device, pick_precision
from fidan.progress import Reporter
from fidan.provenance import gather_facts
from fidan.recipe import LoraConfig, Recipe, no_export
from fidan.subjects import subject_of
from fidan.tokenizer import train as tokenizer_training
from fidan.tokenizer.hugging_face import CHAT_SYSTEM
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import TRAININGS, locate
from fidan.training import lora, packing, trainer
from fidan.training.answering import Answering, test_questions
from fidan.training.chatting import Chatting, test_conversations
from fidan.training.conversations.answers import answer_questions
from fidan.training.distributed import World
from fidan.training.ema import EMA_WEIGHTS
from fidan.training.next_token import NextToken
from fidan.training.preferring import Preferring
from fidan.training.restoring import Restoring
from fidan.training.task import Task

T = TypeVar("T")


@dataclass(frozen=True)
class Run:
    """One recipe, one output folder.

    Attributes:
        recipe: what to build.
        out: where.
        reporter: shows what happens.
        world: the processes that share the training.
        ends: the moment of `time.monotonic()` at which the training saves and stops; None: when it is done.
        accept_changes: go on with a training although settings of `train` have changed.
    """

    recipe: Recipe
    out: Path
    reporter: Reporter
    world: World = field(default_factory=World)
    ends: float | None = None
    accept_changes: bool = False

    def folder(self, stage: str) -> Path:
        """Where a stage keeps what it makes."""
        return self.out / stage


@dataclass(frozen=True)
class Stage:
    """A step of the path.

    Attributes:
        name: also the name of its folder and of its command.
        version: of its output; raised when the same settings would give something else.
        sections: the parts of the recipe that decide its result.
        needs: the stages whose outputs it reads, where the recipe has them.
        work: does it; returns the counts for the manifest.
        sources: further inputs, name to hash or value.
        outputs: which files of its folder are its result, by the beginning of their names; empty: all.
        mentions: the stages it tells of where they have finished, and does without where not.
        precious: too dear to delete when it has to run again.
    """

    name: str
    version: int
    sections: tuple[str, ...]
    needs: tuple[str, ...]
    work: Callable[[Run], dict[str, Any]]
    sources: Callable[[Recipe], Mapping[str, str]] = field(default=lambda recipe: {})
    outputs: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    precious: bool = False


def _corpus(run: Run) -> dict[str, Any]:
    return corpus.build_corpus(run.recipe.corpus, run.recipe.seed, run.folder("corpus"), run.reporter)


def _tokenizer(run: Run) -> dict[str, Any]:
    return tokenizer_training.train_tokenizer(
        run.recipe.tokenizer, run.recipe.seed, run.folder("corpus"), run.folder("tokenizer"), run.reporter
    )


def _pack(run: Run) -> dict[str, Any]:
    folders = (run.folder("corpus"), run.folder("tokenizer"), run.folder("pack"))
    return packing.pack(run.recipe.pack, *folders, run.reporter)


def _training(make: Callable[[Run, Tokenizer], Task]) -> Callable[[Run], dict[str, Any]]:
    """The work of a stage that trains on a task."""

    def work(run: Run) -> dict[str, Any]:
        task = make(run, Tokenizer.load(run.folder("tokenizer")))
        return trainer.Trainer(task, run.folder(task.section), run.reporter, run.world, run.ends).run()

    return work


def _pretraining(run: Run, tokenizer: Tokenizer) -> Task:
    kind = Restoring if run.recipe.train.objective == "denoising" else NextToken
    return kind(run.recipe, run.folder("pack"), tokenizer)


def _answering(run: Run, tokenizer: Tokenizer) -> Task:
    config = _given(run.recipe.finetune)
    weights = run.folder("train") / trainer.WEIGHTS if config.start == "pretrained" else None
    return Answering(run.recipe, config, tokenizer, weights)


def _chatting(run: Run, tokenizer: Tokenizer) -> Task:
    weights = run.folder("train") / trainer.WEIGHTS
    return Chatting(run.recipe, _given(run.recipe.sft), tokenizer, weights, run.folder("pack"))


def _preferring(run: Run, tokenizer: Tokenizer) -> Task:
    chatted, folder = run.folder("sft"), run.folder("dpo")
    chat = {key: value for key, value in read_json(chatted / trainer.SHAPE).items() if key in ("chat", CHAT_SYSTEM)}
    weights, config = chatted / trainer.WEIGHTS, _given(run.recipe.dpo)
    return Preferring(run.recipe, config, tokenizer, weights, folder, chat, run.world, run.reporter)


def _given(section: T | None) -> T:
    assert section is not None  # else the recipe has no such stage
    return section


def _require_lora(config: LoraConfig) -> None:
    if config.lora_rank:
        lora.imported()  # rather now than after a training


def _sft_sources(recipe: Recipe) -> dict[str, str]:
    _require_lora(_given(recipe.sft))
    return _conversation_hashes(recipe)


def _dpo_sources(recipe: Recipe) -> dict[str, str]:
    config = _given(recipe.dpo)
    _require_lora(config)
    return {f"preferences {source}": preference_hash(source) for source in config.sources}


def _conversation_hashes(recipe: Recipe) -> dict[str, str]:
    return {f"conversations {source}": conversation_hash(source) for source in _given(recipe.sft).sources}


def _pair_hashes(recipe: Recipe) -> dict[str, str]:
    return {f"pairs {source}": source_hash(source) for source in _given(recipe.finetune).sources}


def _evaluate(run: Run) -> dict[str, Any]:
    config, device = run.recipe.evaluate, pick_device(run.recipe.train.device)
    *earlier, last = run.recipe.trainings
    subject = subject_of(run.out, run.recipe.name, device, config.weights, last)
    if run.recipe.finetune:
        measure = test_questions(run.recipe, run.recipe.finetune, pick_precision(run.recipe.train.precision, device))
        record = evaluation.evaluate([subject], [measure], run.folder("evaluate"), run.reporter)
        return evaluation.answer_counts(record)
    asked = Asked(
        dtype=pick_precision(run.recipe.train.precision, device),
        stride=config.stride,
        max_bytes=config.max_bytes,
        pairs=config.pairs,
        choices=tuple(map(Path, config.choices)),
        skip=frozenset(
            ["samples"]  # a stage of its own
            + ["baselines"] * (not config.baselines)
            + ["contamination"] * (not config.contamination)
        ),
    )
    subjects = [subject]
    if run.recipe.sft:  # with what it was before, so that one sees what a tuning gives and costs
        subjects += [
            subject_of(run.out, f"{run.recipe.name} before {after}", device, "last", stage)
            for stage, after in zip(reversed(earlier), reversed(run.recipe.trainings[1:]), strict=True)
        ]
    measures = standard_measures(subjects, asked)
    if run.recipe.sft:
        measures.insert(1, test_conversations(run.recipe, run.recipe.sft, asked.dtype))
    return evaluation.counts_of(evaluation.evaluate(subjects, measures, run.folder("evaluate"), run.reporter))


def _evaluate_sources(recipe: Recipe) -> Mapping[str, str]:
    if recipe.finetune:
        return _pair_hashes(recipe)
    return {**evaluation.file_hashes(recipe.evaluate), **(_conversation_hashes(recipe) if recipe.sft else {})}


def _generate(run: Run) -> dict[str, Any]:
    config, seed = run.recipe.generate, run.recipe.seed
    located = locate(run.out, stage=run.recipe.trainings[-1])
    model = located.build(pick_device(run.recipe.train.device))
    engine = plain_engine(model, located.tokenizer.bos_id)
    samples = sample(engine, located.tokenizer, config, seed)
    counts = {"samples": len(samples)}
    if run.recipe.sft:
        answers = answer_questions(engine, located.tokenizer, run.recipe.sft.prompts, config, seed + len(samples))
        samples, counts = [*answers, *samples], {**counts, "answers": len(answers)}
    write_json(run.folder("generate") / "samples.json", samples)
    return counts


def _generate_sources(recipe: Recipe) -> Mapping[str, str]:
    return {"sft.prompts": hash_json(recipe.sft.prompts)} if recipe.sft else {}


def _export(run: Run) -> dict[str, Any]:
    located = locate(run.out, run.recipe.export.weights, run.recipe.trainings[-1])
    return formats.write_formats(
        located.build(pick_device("cpu")),
        located.tokenizer,
        run.recipe.generate,
        replace(gather_facts(run.out, run.recipe, located.vocabulary), chat=located.chats),
        run.folder("export"),
        run.reporter.say,
        located.chat_system,
    )


def _export_sources(recipe: Recipe) -> dict[str, str]:
    if recipe.export.ctranslate2:
        ctranslate2.imported()  # rather now than after a training
    return {"name": hash_json([recipe.name, recipe.description]), **licence_hashes(recipe.export)}


STAGES: tuple[Stage, ...] = (
    Stage(
        "corpus",
        corpus.VERSION,
        ("corpus",),
        (),
        _corpus,
        lambda r: corpus.source_hashes(r.corpus, r.seed),
        outputs=("train/", "valid/"),
    ),
    Stage("tokenizer", tokenizer_training.VERSION, ("tokenizer",), ("corpus",), _tokenizer),
    Stage("pack", packing.VERSION, ("pack",), ("corpus", "tokenizer"), _pack),
    Stage(
        "train",
        trainer.VERSION,
        ("model", "train"),
        ("pack",),
        _training(_pretraining),
        outputs=(trainer.WEIGHTS, EMA_WEIGHTS, trainer.SHAPE),
        precious=True,
    ),
    Stage(
        "finetune",
        trainer.VERSION,
        ("model", "train", "finetune"),
        ("tokenizer", "train"),
        _training(_answering),
        _pair_hashes,
        outputs=(trainer.WEIGHTS, EMA_WEIGHTS, trainer.SHAPE),
        precious=True,
    ),
    Stage(
        "sft",
        trainer.VERSION,
        ("model", "train", "sft"),
        ("tokenizer", "pack", "train"),
        _training(_chatting),
        _sft_sources,
        outputs=(trainer.WEIGHTS, EMA_WEIGHTS, trainer.SHAPE, f"{lora.ADAPTER}/"),
        precious=True,
    ),
    Stage(
        "dpo",
        trainer.VERSION,
        ("model", "train", "dpo"),
        ("tokenizer", "sft"),
        _training(_preferring),
        _dpo_sources,
        outputs=(trainer.WEIGHTS, EMA_WEIGHTS, trainer.SHAPE, f"{lora.ADAPTER}/"),
        precious=True,
    ),
    Stage(
        "evaluate",
        evaluation.VERSION,
        ("evaluate",),
        ("corpus", "tokenizer", "pack", *TRAININGS),
        _evaluate,
        _evaluate_sources,
        outputs=(evaluation.RECORD, evaluation.PAGE),
    ),
    Stage("generate", 1, ("generate",), ("tokenizer", *TRAININGS), _generate, _generate_sources),
    Stage(
        "export",
        hugging_face.VERSION,
        ("export", "generate"),
        ("tokenizer", *TRAININGS),
        _export,
        _export_sources,
        mentions=("evaluate", "generate"),
    ),
)


def left_out(stage: Stage, recipe: Recipe) -> str:
    """Why a recipe has no such stage; empty: it has."""
    config = recipe.finetune
    sets = {"finetune": "questions and answers", "sft": "conversations", "dpo": "preferences"}
    if stage.name in sets and getattr(recipe, stage.name) is None:
        return f"the recipe has no [{stage.name}]: name the {sets[stage.name]} there"
    if stage.name in ("pack", "train") and config is not None and config.start == "random":
        return "finetune.start = 'random': nothing is trained before it"
    if stage.name == "evaluate" and config is None and recipe.model.encoder_layers:
        return "an encoder-decoder is measured by its answers, and the recipe has no [finetune]"
    return no_export(recipe.model) if stage.name == "export" else ""


def stages_of(recipe: Recipe) -> list[Stage]:
    """The stages that a recipe has, in order."""
    return [stage for stage in STAGES if not left_out(stage, recipe)]


def needs_of(stage: Stage, recipe: Recipe) -> list[Stage]:
    """Those of its stages that a stage reads, in order."""
    return [earlier for earlier in stages_of(recipe) if earlier.name in stage.needs]


def stage_named(name: str) -> Stage:
    """The stage of that name."""
    return next(stage for stage in STAGES if stage.name == name)
