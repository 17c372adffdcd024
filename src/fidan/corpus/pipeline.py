"""The corpus stage: read, clean, drop lines that repeat, filter, compare all documents, write the splits.

Every phase leaves finished shards in `work/`, so a run that was killed goes on from them, and its outputs are the
same to the byte as those of a run that was not; nor do they depend on how many workers there were, or where they ran.
The stage leaves

    train/NNNNN.jsonl.zst, valid/NNNNN.jsonl.zst    documents: id, text, source
    samples/dropped|kept|changes/NAME.jsonl         what was dropped, nearly dropped, changed
    contamination.jsonl                             every piece of an evaluation that was found
    report.json, speed.json, report.html            counts, times, and both to read

What it leaves out: the manifest, which its caller writes; what is compared over all documents (`judge`).
"""

import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fidan.artifact import hash_file, hash_json, read_json, remove_leftovers, write_json
from fidan.corpus import judge
from fidan.corpus.base import Step
from fidan.corpus.cleaning.normalize import normalize
from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.documents import SPLITS
from fidan.corpus.filters import character_model
from fidan.corpus.filters.decontamination import EvaluationIndex, build_index
from fidan.corpus.filters.language import language_model_path
from fidan.corpus.flow import StepFlow, total_flow
from fidan.corpus.report import build_report, explain_empty, merge_samples, summarize, write_records
from fidan.corpus.report_page import write_page
from fidan.corpus.sources.named import (
    read_source,
    size_hint,
    source_format,
    source_hash,
    source_names,
    source_seeds,
)
from fidan.corpus.sources.shards import RawShard, read_sources
from fidan.corpus.sources.streams import content_kind
from fidan.corpus.steps import EVALUATIONS, MODEL, clean_phase, filter_phase, write_phase
from fidan.corpus.tasks import check_executor, executor_session, refuse_running_jobs, run_tasks
from fidan.errors import ArtifactMismatch, SourceError
from fidan.progress import Reporter
from fidan.settings import decisive
from fidan.workers import cores

VERSION = 3  # raised when the same settings and sources would give other outputs

REPORT = "report.json"
_STATE = "state.json"


def source_hashes(config: CorpusConfig, seed: int) -> dict[str, str]:
    """What the stage reads, by name: a hash of every source, of the language model, of evaluations.

    Raises:
        SourceError: a source that is not there.
    """
    sources = (*config.sources, *config.valid_sources)
    noises = [config.noise] * len(config.sources) + [0.0] * len(config.valid_sources)
    hashes = {
        name: source_hash(source, config, source_seed, noise=noise)
        for source, name, source_seed, noise in zip(
            sources, source_names(config), source_seeds(config, seed), noises, strict=True
        )
    }
    if config.language.code:
        hashes["language model"] = hash_file(language_model_path(config.language))
    if config.perplexity.reference:
        reference = Source(config.perplexity.reference)
        hashes["perplexity reference"] = source_hash(reference, config, seed, noise=0.0)
    for path in config.decontamination.files:
        content_kind(Path(path))
        hashes[f"evaluation {path}"] = hash_file(Path(path))
    return hashes


def build_corpus(
    config: CorpusConfig, seed: int, folder: Path, reporter: Reporter, workers: int = 0
) -> dict[str, Any]:
    """Make the corpus in `folder`, or go on making it.

    Args:
        config: the sources and what is done with them.
        seed: of synthetic sources and of the choice of held-out documents.
        folder: of the stage: new, with unfinished work of the same settings, or finished.
        reporter: shows the work.
        workers: tasks at once; 0: as `config.workers` says.

    Returns:
        The counts, which `report.json` holds too; see `fidan.corpus.report.build_report`.

    Raises:
        SourceError: a source cannot be used, or nothing of it is left.
        DiskFullError: no room; what is finished is kept.
        ArtifactMismatch: the folder holds unfinished work of other settings.
        FidanError: a worker was killed, or the cluster cannot be used.
    """
    for source in (*config.sources, *config.valid_sources):
        if source_format(source) in ("cc100", "jsonl", "parquet"):
            content_kind(Path(source.path))  # before any work is done: is it there?
    return _Build(config, seed, folder, reporter, workers).run()


class _Build:
    """One run of the stage: the phases, and where they keep their work."""

    def __init__(self, config: CorpusConfig, seed: int, folder: Path, reporter: Reporter, workers: int) -> None:
        self.config, self.seed, self.folder, self.reporter, self.workers = config, seed, folder, reporter, workers
        self.work = folder / "work"
        self.splits = SPLITS if config.valid_sources else SPLITS[:1]  # those with sources of their own
        self.seconds: dict[str, float] = {}
        self.began = time.perf_counter()

    def run(self) -> dict[str, Any]:
        if not self.work.exists() and (self.folder / REPORT).is_file():
            return _counts(read_json(self.folder / REPORT))  # all was done but the manifest
        check_executor(self.config)
        self._begin()
        raw = {split: self._timed("reading", self._read, split) for split in self.splits}
        with executor_session(self.config, self.workers):
            for split, shards in raw.items():
                self._tasks("clean", split, clean_phase(self.config, self.work, split), shards)
            self._timed("lines", judge.lines, self.config, self.work, self._shards(raw))
            self._timed("models", self._make_shared)
            for split, shards in raw.items():
                self._tasks("filter", split, filter_phase(self.config, self.work, split), shards)
            self.reporter.say("corpus: comparing all documents")
            verdicts = self._timed("documents", judge.documents, self.config, self.seed, self.work, self._shards(raw))
            self._refuse_empty(raw, verdicts)
            for split, shards in raw.items():
                self._tasks("write", split, write_phase(self.config, self.work, self.folder, split), shards)
        return self._finish(raw, verdicts)

    def _begin(self) -> None:
        """Whose work is this? A folder is one corpus; another one's unfinished work is not gone on with."""
        if self.folder.is_dir():
            remove_leftovers(self.folder)
        sizes = [size_hint(source) for source in (*self.config.sources, *self.config.valid_sources)]
        state = {"plan": hash_json([VERSION, decisive(self.config), self.seed, sizes])}
        path = self.work / _STATE
        if path.is_file() and read_json(path) != state:
            refuse_running_jobs(self.work / "logs")
            raise ArtifactMismatch(
                f"{self.work}: unfinished work of other settings or sources. Remove it, or name another folder."
            )
        write_json(path, state)

    def _read(self, split: str) -> list[RawShard]:
        return read_sources(self.config, self.seed, split, self.work / "raw" / split, self.reporter)

    def _make_shared(self) -> None:
        """What every filtering task needs, made once."""
        shared = self.work / "shared"
        settings = self.config.perplexity
        model = shared / MODEL
        if settings.reference and not model.is_file():
            self.reporter.say(f"corpus: learning what good text is from {settings.reference}")
            source = Source(settings.reference)
            texts = (document.text for document in read_source(source, "reference", self.config, self.seed))
            character_model.train(map(self._normalized, texts), settings.order).save(model)
        if self.config.decontamination.files and not (shared / EVALUATIONS).is_file():
            build_index(self.config.decontamination, self._normalized).save(shared / EVALUATIONS)

    def _normalized(self, text: str) -> str:
        return normalize(text, self.config.cleaning)

    def _refuse_empty(self, raw: dict[str, list[RawShard]], verdicts: judge.Outcome) -> None:
        for split in SPLITS:
            if not verdicts.counts[split]:
                counts = summarize(raw, self._ledgers(raw, "clean", "filter"))
                fraction = None if self.config.valid_sources else self.config.valid_fraction
                raise SourceError(explain_empty(split, counts, verdicts.counts, fraction))

    def _finish(self, raw: dict[str, list[RawShard]], verdicts: judge.Outcome) -> dict[str, Any]:
        parts = {(phase, split): shards for phase in ("clean", "filter", "write") for split, shards in raw.items()}
        flows = {part: total_flow(self._logs(*part), len(shards)) for part, shards in parts.items()}
        by_part = {(phase, split): self._ledgers({split: shards}, phase) for (phase, split), shards in parts.items()}
        ledgers = [ledger for some in by_part.values() for ledger in some]
        remove_leftovers(self.folder)
        for name, records in merge_samples(ledgers, self.config.samples).items():
            write_records(self.folder / "samples" / f"{name}.jsonl", records)
        counts, found = summarize(raw, ledgers), self._contamination(ledgers)
        report = build_report(self.config, counts, flows, by_part, verdicts, found)
        write_json(self.folder / REPORT, report)
        write_json(self.folder / "speed.json", self._speed(raw, flows))
        write_page(self.folder, self.folder / "report.html")
        doomed = self.folder / ".work.deleted"  # at once out of the way: half deleted it could not be gone on with
        self.work.rename(doomed)
        shutil.rmtree(doomed)
        return _counts(report)

    def _contamination(self, ledgers: list[dict[str, Any]]) -> dict[str, Any] | None:
        """Lists every piece of an evaluation that was found; returns what the report tells of it."""
        if not self.config.decontamination.files:
            return None
        hits = [hit for ledger in ledgers for hit in ledger["hits"]]
        write_records(self.folder / "contamination.jsonl", hits)
        files = [asdict(file) for file in EvaluationIndex.load(self.work / "shared" / EVALUATIONS).counts]
        return {"files": files, "hits": len({hit["id"] for hit in hits})}

    def _speed(self, raw: dict[str, list[RawShard]], flows: dict[tuple[str, str], list[StepFlow]]) -> dict[str, Any]:
        """Seconds: of steps, summed over tasks; of what is not spread over tasks, as the clock has them."""
        read = sum(shard.total_bytes for shards in raw.values() for shard in shards)
        steps = [
            {"phase": phase, "split": split, "name": step.name, "documents": step.documents, "bytes": step.bytes,
             "seconds": step.seconds}
            for (phase, split), flow in flows.items()
            for step in flow
        ]  # fmt: skip
        reading = {"bytes": read, "seconds": self.seconds.pop("reading")}
        return {
            "seconds": time.perf_counter() - self.began,
            "workers": self.workers or self.config.workers or (cores() if self.config.executor == "local" else 0),
            "reading": reading,
            "judging": self.seconds,
            "steps": steps,
        }

    def _tasks(self, phase: str, split: str, steps: list[Step], shards: list[RawShard]) -> None:
        total = sum(shard.total_bytes for shard in shards)
        doing = {"clean": "cleaning", "filter": "filtering", "write": "writing"}[phase]
        with self.reporter.task(f"corpus: {doing} {split}", total=total) as task:
            run_tasks(
                steps,
                len(shards),
                self.config,
                self._logs(phase, split),
                lambda rank: task.advance(shards[rank].total_bytes),
                self.workers,
            )

    def _timed(self, what: str, work: Any, *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return work(*arguments)
        finally:
            self.seconds[what] = self.seconds.get(what, 0.0) + time.perf_counter() - began

    def _logs(self, phase: str, split: str) -> Path:
        return self.work / "logs" / f"{phase}-{split}"

    def _shards(self, raw: dict[str, list[RawShard]]) -> dict[str, int]:
        return {split: len(shards) for split, shards in raw.items()}

    def _ledgers(self, raw: dict[str, list[RawShard]], *phases: str) -> list[dict[str, Any]]:
        return [
            read_json(self.work / phase / split / f"{number:05d}.json")
            for phase in phases
            for split, shards in raw.items()
            for number in range(len(shards))
        ]


def _counts(report: dict[str, Any]) -> dict[str, Any]:
    """What a manifest keeps of the report: the counts, and not every line and sample size."""
    return {name: report[name] for name in ("read", "train", "valid", "dropped", "notes", "details", "sources")}
