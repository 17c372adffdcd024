"""What a run's manifests tell of its model, gathered as the facts of a model card.

Only what belongs together is taken: an evaluation of other weights, or samples of an earlier training, are left out
as if they were not there. What it leaves out: how facts are told (`fidan.export.card.writing`).
"""

from pathlib import Path
from typing import Any

from fidan.artifact import MANIFEST, Manifest, read_json, read_manifest
from fidan.corpus.config import Source
from fidan.corpus.sources.catalogue import DATASETS, Dataset
from fidan.corpus.sources.named import source_format, source_names
from fidan.errors import ArtifactMismatch
from fidan.export.card.facts import (
    AnswerFacts,
    CardFacts,
    ChatFacts,
    ContaminationFacts,
    CorpusFacts,
    EvaluationFacts,
    FinetuneFacts,
    PreferenceFacts,
    Sample,
    SourceFacts,
    TaskFacts,
    TokenizerFacts,
    TrainingFacts,
)
from fidan.recipe import Recipe
from fidan.settings import decisive


def current_manifest(out: Path, stage: str, recipe: Recipe) -> Manifest | None:
    """The manifest of a stage, where it has finished for this recipe and for what the run's folder holds now."""
    try:
        manifest = read_manifest(out / stage)
        inputs = {name: read_manifest(out / name).output_hash for name in manifest.plan.inputs if _done(out / name)}
    except ArtifactMismatch:
        return None  # not finished, or of another version
    plan = manifest.plan
    settings = {section: decisive(getattr(recipe, section)) for section in plan.settings}
    same = plan.settings == settings and plan.seed == recipe.seed and inputs.items() <= plan.inputs.items()
    return manifest if same else None


def _done(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def gather_facts(out: Path, recipe: Recipe, vocabulary: int) -> CardFacts:
    """The facts of a run whose training has finished.

    Args:
        out: its folder.
        recipe: it.
        vocabulary: V.
    """
    evaluated, generated = current_manifest(out, "evaluate", recipe), current_manifest(out, "generate", recipe)
    samples = read_json(out / "generate" / "samples.json") if generated else []
    tokenizer = read_manifest(out / "tokenizer")
    trained, tuned = (read_manifest(out / stage) if _done(out / stage) else None for stage in ("train", "finetune"))
    asked = recipe.finetune is not None
    chatted = read_manifest(out / "sft") if recipe.sft and _done(out / "sft") else None
    preferred = read_manifest(out / "dpo") if recipe.dpo and _done(out / "dpo") else None
    return CardFacts(
        name=recipe.name,
        model=recipe.model,
        vocabulary=vocabulary,
        export=recipe.export,
        recipe=recipe,
        corpus=_corpus(read_manifest(out / "corpus"), recipe),
        tokenizer=TokenizerFacts(
            tokenizer.counts["held_out"]["bytes_per_token"], tokenizer.counts["held_out"]["tokens_per_word"]
        ),
        training=TrainingFacts(**_course(trained), tokens=trained.counts["tokens"]) if trained else None,
        finetuning=_finetuning(tuned) if tuned and asked else None,
        chatting=_chatting(chatted, evaluated) if chatted else None,
        preferring=_preferring(preferred) if preferred else None,
        evaluation=_evaluation(evaluated, recipe) if evaluated and not asked else None,
        answers=_answers(evaluated, recipe) if evaluated and asked else None,
        samples=tuple(map(_sample, samples)),
    )


def _sample(one: dict[str, str]) -> Sample:
    answers = "answer" in one
    return Sample(one["prompt"], one["answer" if answers else "continuation"], answers)


def _corpus(manifest: Manifest, recipe: Recipe) -> CorpusFacts:
    counts, config = manifest.counts, recipe.corpus
    sources = zip((*config.sources, *config.valid_sources), source_names(config), strict=True)
    return CorpusFacts(
        hash=manifest.output_hash,
        sources=tuple(_source(source, name, counts["sources"][name]) for source, name in sources),
        read_documents=counts["read"]["documents"],
        read_bytes=counts["read"]["bytes"],
        train_documents=counts["train"]["documents"],
        train_bytes=counts["train"]["bytes"],
        held_out_documents=counts["valid"]["documents"],
        held_out_bytes=counts["valid"]["bytes"],
    )


def _source(source: Source, name: str, counts: dict[str, Any]) -> SourceFacts:
    splits = [counts[split] for split in ("train", "valid") if split in counts]  # a source may be for one of them
    documents, size = sum(split["documents"] for split in splits), sum(split["bytes"] for split in splits)
    if dataset := _dataset(source):
        return SourceFacts(
            dataset.name, "dataset", documents, size, dataset.about, dataset.source, dataset.terms, dataset.page,
            dataset.hub,
        )  # fmt: skip
    kind = source_format(source)
    if kind == "hf":
        return SourceFacts(name, "hub", documents, size, hub=source.path.removeprefix("hf:").split(":")[0])
    return SourceFacts(name, "synthetic" if kind == "synthetic" else "file", documents, size)


def _dataset(source: Source) -> Dataset | None:
    """The published dataset that a file is: of its name, and of its size to the byte."""
    path = Path(source.path)
    named = [dataset for dataset in DATASETS.values() if dataset.file == path.name and path.is_file()]
    return next((dataset for dataset in named if dataset.bytes == path.stat().st_size), None)


def _course(manifest: Manifest) -> dict[str, Any]:
    counts = manifest.counts
    return {
        **{name: counts[name] for name in ("steps", "epochs", "precision", "device", "processes")},
        "hardware": counts.get("hardware", ""),  # older trainings did not record it
        "seconds": counts["training_seconds"],
        **{name: getattr(manifest, name) for name in ("package", "commit", "finished")},
    }


def _finetuning(manifest: Manifest) -> FinetuneFacts:
    counts = manifest.counts
    return FinetuneFacts(
        **_course(manifest),
        pairs=counts["train_pairs"],
        held_out_pairs=counts["valid_pairs"] + counts["test_pairs"],
        best_step=counts.get("best_step", counts["steps"]),  # without a patience the last one
    )


def _chatting(manifest: Manifest, evaluated: Manifest | None) -> ChatFacts:
    counts = manifest.counts
    return ChatFacts(
        **_course(manifest),
        conversations=counts["train_conversations"],
        held_out_conversations=counts["valid_conversations"] + counts["test_conversations"],
        replayed_share=counts["replayed_share"],
        best_step=counts.get("best_step", counts["steps"]),
        test=evaluated.counts.get("conversations") if evaluated else None,
    )


def _preferring(manifest: Manifest) -> PreferenceFacts:
    counts = manifest.counts
    return PreferenceFacts(
        **_course(manifest),
        pairs=counts["train_pairs"],
        held_out_pairs=counts["valid_pairs"],
        best_step=counts.get("best_step", counts["steps"]),
        loss=counts["best_loss"],
    )


def _answers(manifest: Manifest, recipe: Recipe) -> AnswerFacts:
    counts = manifest.counts
    return AnswerFacts(
        questions=counts["questions"],
        written={name: counts[name] for name in ("corpus_bleu", "sentence_bleu", "chrf", "rouge_l", "exact")},
        unfinished=counts["unfinished"],
        **{name: counts[f"given_{name}"] for name in ("loss", "perplexity", "accuracy", "top_accuracy")},
        baselines=counts["baselines"],
        weights=recipe.evaluate.weights,
    )


def _evaluation(manifest: Manifest, recipe: Recipe) -> EvaluationFacts:
    told = dict(manifest.counts)
    told.pop("conversations", None)  # which are told with the chat
    tasks = tuple(_task(task) for task in told.pop("tasks"))
    contamination = tuple(ContaminationFacts(**found) for found in told.pop("contamination"))
    return EvaluationFacts(**told, weights=recipe.evaluate.weights, tasks=tasks, contamination=contamination)


def _task(counts: dict[str, Any]) -> TaskFacts:
    return TaskFacts(**{name: value for name, value in counts.items() if name != "high"})
