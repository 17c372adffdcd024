"""The corpus stage: read the sources into shards, clean each, drop duplicates over all of them, write the splits.

Every phase leaves finished shards in `work/`, so a run that was killed goes on from them, and its outputs are the
same to the byte as those of a run that was not; nor do they depend on how many workers there were. The stage leaves

    train/NNNNN.jsonl.zst, valid/NNNNN.jsonl.zst    documents: id, text, source
    dropped/<reason>.jsonl                          samples of what was dropped
    report.json                                     counts

What it leaves out: the manifest, which its caller writes.
"""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from fidan.artifact import atomic_write, hash_file, hash_json, read_json, write_json
from fidan.corpus import dedup
from fidan.corpus.base import Step
from fidan.corpus.documents import ENDING, SPLITS
from fidan.corpus.filters import language_model_path
from fidan.corpus.ledger import Ledger
from fidan.corpus.reading import RawShard, read_sources
from fidan.corpus.report import explain_empty, summarize, write_samples
from fidan.corpus.sources import size_hint, source_format, source_hash, source_names, source_seeds
from fidan.corpus.steps import ReadShard, VerdictFilter, WriteClean, WriteFinal, train_steps, valid_steps
from fidan.corpus.streams import content_kind
from fidan.corpus.tasks import run_tasks
from fidan.errors import SourceError
from fidan.progress import Reporter
from fidan.recipe import CorpusConfig
from fidan.settings import decisive
from fidan.workers import cores

VERSION = 1  # raised when the same settings and sources would give other outputs

_STATE, _REPORT = "state.json", "report.json"


def source_hashes(config: CorpusConfig, seed: int) -> dict[str, str]:
    """What the stage reads, by name: a hash of every source and of the language model.

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
    if config.language:
        hashes["language model"] = hash_file(language_model_path())
    return hashes


def build_corpus(
    config: CorpusConfig, seed: int, folder: Path, reporter: Reporter, workers: int = 0
) -> dict[str, Any]:
    """Make the corpus in `folder`, or go on making it.

    Args:
        config: the sources and what is done with them.
        seed: of synthetic sources and of the choice of held-out documents.
        folder: of the stage; unfinished work towards the same settings is gone on with, other work is removed.
        reporter: shows the work.
        workers: processes at once; 0: one for each core.

    Returns:
        The counts, which `report.json` holds too; see `fidan.corpus.report.summarize`.

    Raises:
        SourceError: a source cannot be used, or nothing of it is left.
        DiskFullError: no room; what is finished is kept.
        FidanError: a worker was killed.
    """
    for source in (*config.sources, *config.valid_sources):
        if source_format(source) in ("cc100", "jsonl", "parquet"):
            content_kind(Path(source.path))  # before anything older is removed: is it there?
    return _Build(config, seed, folder, reporter, workers or cores()).run()


class _Build:
    """One run of the stage: the phases, and where they keep their work."""

    def __init__(self, config: CorpusConfig, seed: int, folder: Path, reporter: Reporter, workers: int) -> None:
        self.config, self.seed, self.folder, self.reporter, self.workers = config, seed, folder, reporter, workers
        self.work = folder / "work"
        self.splits = SPLITS if config.valid_sources else SPLITS[:1]  # those with sources of their own

    def run(self) -> dict[str, Any]:
        if (counts := self._begin()) is not None:
            return counts
        raw = {split: self._read(split) for split in self.splits}
        for split, shards in raw.items():
            self._clean(split, shards)
        self._judge(raw)
        for split, shards in raw.items():
            self._write(split, shards)
        return self._finish(raw)

    def _begin(self) -> dict[str, Any] | None:
        """Make ready; the counts, when all was finished but the removal of the work."""
        self._remove_unfinished()
        sizes = [size_hint(source) for source in (*self.config.sources, *self.config.valid_sources)]
        self.plan = hash_json([VERSION, decisive(self.config), self.seed, sizes])
        report, state = self.folder / _REPORT, self.work / _STATE
        if report.is_file():
            made: dict[str, Any] = read_json(report)
            if made["plan"] == self.plan and made["files"] == self._outputs():
                self._remove_work()
                return _without_marks(made)
        if not state.is_file() or read_json(state) != {"plan": self.plan} or report.is_file():
            self._remove_work()
            report.unlink(missing_ok=True)
            for name in (*self._outputs(), *(f"dropped/{path.name}" for path in self._samples())):
                (self.folder / name).unlink()
            write_json(state, {"plan": self.plan})
        return None

    def _read(self, split: str) -> list[RawShard]:
        return read_sources(self.config, self.seed, split, self.work / "raw" / split, self.reporter)

    def _clean(self, split: str, shards: list[RawShard]) -> None:
        ledger = Ledger(self.config.dropped_samples)
        steps = train_steps(self.config, ledger) if split == "train" else valid_steps(ledger)
        raw, clean = self.work / "raw" / split, self.work / "clean" / split
        self._tasks("cleaning", split, [ReadShard(raw), *steps, WriteClean(clean, ledger)], shards)

    def _judge(self, raw: dict[str, list[RawShard]]) -> None:
        """Find duplicates over all shards and say of every document where it goes."""
        self.reporter.say("corpus: finding duplicates")
        hashes, ends = {}, {}
        for split, shards in raw.items():
            parts = [np.load(self._part("clean", split, number, "npy")) for number in range(len(shards))]
            hashes[split], ends[split] = np.concatenate(parts), np.cumsum([len(part) for part in parts])
        drop = self.config.drop_duplicates
        if self.config.valid_sources:
            train, valid = dedup.judge(hashes["train"], hashes["valid"], drop)
            verdicts = {"train": train, "valid": valid}
        else:
            verdicts = {"train": dedup.judge_and_split(hashes["train"], self.config.valid_fraction, self.seed, drop)}
        self._refuse_empty(raw, verdicts)
        for split, found in verdicts.items():
            for number, part in enumerate(np.split(found, ends[split][:-1])):
                with atomic_write(self._part("verdicts", split, number, "npy")) as file:
                    np.save(file, part)

    def _refuse_empty(self, raw: dict[str, list[RawShard]], verdicts: dict[str, dedup.Verdicts]) -> None:
        found = np.bincount(np.concatenate(list(verdicts.values())), minlength=4)
        for split, verdict in (("train", dedup.TRAIN), ("valid", dedup.VALID)):
            if not found[verdict]:
                counts = summarize(raw, self._ledgers("clean", raw))
                names = {dedup.TRAIN: "train", dedup.VALID: "valid", **dedup.REASONS}
                fraction = None if self.config.valid_sources else self.config.valid_fraction
                kept = {names[index]: int(number) for index, number in enumerate(found)}
                raise SourceError(explain_empty(split, counts, kept, fraction))

    def _write(self, split: str, shards: list[RawShard]) -> None:
        ledger = Ledger(self.config.dropped_samples)
        steps: list[Step] = [
            ReadShard(self.work / "clean" / split),
            VerdictFilter(self.work / "verdicts" / split, ledger),
            WriteFinal(self.folder, self.work / "final" / split, ledger),
        ]
        self._tasks("writing", split, steps, shards)

    def _finish(self, raw: dict[str, list[RawShard]]) -> dict[str, Any]:
        ledgers = [*self._ledgers("clean", raw), *self._ledgers("final", raw)]
        self._remove_unfinished()
        write_samples(self.folder / "dropped", ledgers)
        report = {**summarize(raw, ledgers), "plan": self.plan, "files": self._outputs()}
        write_json(self.folder / _REPORT, report)
        self._remove_work()
        return _without_marks(report)

    def _tasks(self, doing: str, split: str, steps: list[Step], shards: list[RawShard]) -> None:
        total = sum(shard.total_bytes for shard in shards)
        logs = self.work / "logs" / f"{doing}-{split}"
        with self.reporter.task(f"corpus: {doing} {split}", total=total) as task:
            run_tasks(steps, len(shards), self.workers, logs, lambda rank: task.advance(shards[rank].total_bytes))

    def _ledgers(self, phase: str, raw: dict[str, list[RawShard]]) -> list[dict[str, Any]]:
        return [
            read_json(self._part(phase, split, number, "json"))
            for split, shards in raw.items()
            for number in range(len(shards))
        ]

    def _part(self, phase: str, split: str, number: int, ending: str) -> Path:
        return self.work / phase / split / f"{number:05d}.{ending}"

    def _outputs(self) -> dict[str, int]:
        """The document files that are there, with their sizes in bytes."""
        return {
            path.relative_to(self.folder).as_posix(): path.stat().st_size
            for split in SPLITS
            for path in sorted((self.folder / split).glob(f"*{ENDING}"))
        }

    def _samples(self) -> list[Path]:
        return sorted((self.folder / "dropped").glob("*.jsonl"))

    def _remove_unfinished(self) -> None:
        """Remove what a killed run was just writing: such files would count as outputs, and take room."""
        places = [*(self.folder / name for name in (*SPLITS, "dropped")), *self.work.rglob("*/")]
        for path in (
            *self.folder.glob(".*.json.*.tmp"),
            *(path for place in places for path in place.glob(".*.tmp")),
        ):
            path.unlink(missing_ok=True)

    def _remove_work(self) -> None:
        if self.work.exists():
            shutil.rmtree(self.work)


def _without_marks(report: dict[str, Any]) -> dict[str, Any]:
    """The counts of a report: all but what tells a later run that it belongs to the files beside it."""
    return {name: value for name, value in report.items() if name not in ("plan", "files")}
