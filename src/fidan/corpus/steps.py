"""The steps a document walks through, in one place.

A new filter is one line in `filter_steps`, a new repair one in `clean_steps`. What it leaves out: what a step does
(`cleaning/`, `filters/`, `duplicates/`), how shards are read and written (`shard_steps`), and how tasks are run
(`tasks`).
"""

from pathlib import Path

from fidan.corpus.base import Step
from fidan.corpus.cleaning.boilerplate import BoilerplateLines
from fidan.corpus.cleaning.normalize import Normalizer
from fidan.corpus.cleaning.personal_data import PersonalData
from fidan.corpus.config import CorpusConfig
from fidan.corpus.duplicates.lines import RepeatedLines
from fidan.corpus.duplicates.minhash import MinHash
from fidan.corpus.filters.basic import LengthFilter, Utf8Filter
from fidan.corpus.filters.decontamination import DecontaminationFilter
from fidan.corpus.filters.language import LanguageFilter
from fidan.corpus.filters.perplexity import PerplexityScore
from fidan.corpus.filters.quality import QualityFilter
from fidan.corpus.ledger import Ledger
from fidan.corpus.shard_steps import ReadShard, VerdictFilter, WriteClean, WriteFiltered, WriteFinal

MODEL, EVALUATIONS = "model.npy", "evaluations.npy"  # made once for all tasks


def clean_steps(config: CorpusConfig, ledger: Ledger) -> list[Step]:
    """What is done to the text of a training document, line by line."""
    steps: list[Step] = [Utf8Filter(ledger), Normalizer(ledger, config.cleaning)]
    if config.cleaning.boilerplate:
        steps.append(BoilerplateLines(ledger))
    if config.cleaning.personal_data:
        steps.append(PersonalData(ledger, config.cleaning.personal_data))
    return steps


def filter_steps(config: CorpusConfig, ledger: Ledger, lines: Path, shared: Path) -> list[Step]:
    """What may drop a training document, cheap steps first.

    Args:
        config: which filters, and their bounds.
        ledger: of the task.
        lines: folder of the verdicts on lines.
        shared: folder of what was made once for all tasks: the model of good text, the index of evaluations.
    """
    steps: list[Step] = []
    if config.repeated_lines.enabled:
        steps.append(RepeatedLines(ledger, lines))
    min_words = config.quality.min_words if config.quality.enabled else 0
    steps.append(LengthFilter(ledger, config.min_chars, config.max_chars, min_words))
    if config.language.code:
        steps.append(LanguageFilter(ledger, config.language))
    if config.quality.enabled:
        steps.append(QualityFilter(ledger, config.quality))
    if config.decontamination.files:
        steps.append(DecontaminationFilter(ledger, shared / EVALUATIONS))
    if config.perplexity.reference:
        steps.append(PerplexityScore(shared / MODEL))
    return steps


def valid_steps(config: CorpusConfig, ledger: Ledger) -> list[Step]:
    """What held-out documents of their own sources go through: normalised, and none dropped that has any text.

    Nothing else is filtered, so that figures compare with those of others on the same file.
    """
    return [Utf8Filter(ledger, max_share=1.0), Normalizer(ledger, config.cleaning), LengthFilter(ledger, 0, None)]


def clean_phase(config: CorpusConfig, work: Path, split: str) -> list[Step]:
    """From raw shards to cleaned ones."""
    ledger = Ledger(config.samples)
    steps = clean_steps(config, ledger) if split == "train" else valid_steps(config, ledger)
    writer = WriteClean(work / "clean" / split, ledger, config.repeated_lines)
    return [ReadShard(work / "raw" / split), *steps, writer]


def filter_phase(config: CorpusConfig, work: Path, split: str) -> list[Step]:
    """From cleaned shards to those that the filters leave."""
    ledger = Ledger(config.samples)
    steps = filter_steps(config, ledger, work / "lines", work / "shared") if split == "train" else []
    minhash = MinHash(config.near_duplicates) if config.near_duplicates.enabled else None
    return [ReadShard(work / "clean" / split), *steps, WriteFiltered(work / "filter" / split, ledger, minhash)]


def write_phase(config: CorpusConfig, work: Path, folder: Path, split: str) -> list[Step]:
    """From filtered shards and the verdicts on their documents to the splits."""
    ledger = Ledger(config.samples)
    return [
        ReadShard(work / "filter" / split),
        VerdictFilter(work / "verdicts" / split, ledger),
        WriteFinal(folder, work / "write" / split, ledger),
    ]
