"""The settings of the corpus stage: what is read, what is repaired, what is dropped and why, each with its source.

A section's values are checked here, with the reason, before anything runs. What it leaves out: what the settings do,
which is told where it is done (`cleaning/`, `filters/`, `duplicates/`).

Thresholds marked FineWeb-2 are those of huggingface/fineweb-2, configs/tur_Latn.yml, chosen on Turkish web text;
those marked Gopher are of Rae et al. 2021 (arXiv:2112.11446, table A1) as datatrove has them, which FineWeb-2 left as
they were.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from fidan.settings import incidental
from fidan.turkish import STOP_WORDS


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _shares(settings: Any, *names: str) -> None:
    for name in names:
        value = getattr(settings, name)
        _require(0.0 <= value <= 1.0, f"{name} = {value}: a share, between 0 and 1.")


@dataclass(frozen=True)
class Source:
    """Where raw text comes from. In a recipe a plain string is short for `{ path = "…" }`.

    `format = "auto"` goes by the name's ending: `.jsonl`, `.parquet`, a folder (of .txt files), `hf:owner/name`,
    `synthetic:20MB`; anything else is CC100 form (a paragraph a line, an empty line between documents). `.gz`,
    `.xz` and `.zst` are opened on the way.
    """

    path: str
    format: Literal["auto", "cc100", "jsonl", "parquet", "folder", "hf", "synthetic"] = "auto"
    text: str = "text"  # the column that holds the text (jsonl, parquet, hf)
    name: str = ""  # how documents of this source are labelled; empty: the file's name

    def __post_init__(self) -> None:
        _require(bool(self.path), "path is empty: name a file, a folder, hf:owner/name or synthetic:SIZE.")

    @staticmethod
    def short_form(path: str) -> dict[str, Any]:
        """What a plain string in a recipe stands for."""
        return {"path": path}


@dataclass(frozen=True)
class CleaningConfig:
    """What is done to the text of a document, line by line."""

    encoding: bool = True  # repair mojibake: UTF-8 read as something else, cp1254 read as cp1252
    markup: bool = True  # HTML entities and left-over tags
    punctuation: bool = True  # one spelling of quotes and dashes
    boilerplate: bool = True  # menus, cookie notices, "devamını oku", link and tag lists
    personal_data: tuple[Literal["tckn", "vkn", "iban", "phone", "email", "ip", "plate"], ...] = (
        "tckn",
        "vkn",
        "iban",
        "phone",
        "email",
        "ip",
    )  # masked; plates are off: every "34 AB 123" of a text looks like one


@dataclass(frozen=True)
class LanguageConfig:
    """Which language is kept. Judged by a fastText model; for Turkish (tr, tur, tur_Latn) also by marks of its own.

    At 0.5 a document is dropped when anything else is likelier than Turkish; a text of names alone has 0.5. A
    paragraph of a document that is kept is likely Turkish too, so that it only goes below 0.1, and when another
    language is clear.
    """

    code: str = "tr"  # the model's label, without `__label__`; "" turns the filter off
    threshold: float = 0.5  # least probability of a document
    line_threshold: float = 0.1  # least probability of a paragraph; those below are taken out; 0: none is
    model: str = ""  # path of another fastText model, as lid.176.bin or GlotLID's; empty: lid.176.ftz, as shipped

    def __post_init__(self) -> None:
        _shares(self, "threshold", "line_threshold")

    @property
    def turkish(self) -> bool:
        """Whether Turkish is kept, by any of the names that models have for it."""
        return self.code in ("tr", "tur", "tur_Latn")


@dataclass(frozen=True)
class QualityConfig:
    """What prose looks like, in counts. `enabled = false` turns all of it off."""

    enabled: bool = True
    min_words: int = 50  # Gopher; words are those with a letter or digit
    max_words: int = 100_000  # Gopher
    min_word_length: float = 3.0  # FineWeb-2: mean, in characters
    max_word_length: float = 21.0  # FineWeb-2
    max_symbol_ratio: float = 0.1  # Gopher: "#" to tokens, and "…" to tokens
    max_bullet_lines: float = 0.9  # Gopher: share of lines that begin with "•" or "-"
    max_ellipsis_lines: float = 0.3  # Gopher: share of lines that end in "…"
    min_alphabetic: float = 0.773  # FineWeb-2: share of tokens with a letter
    min_stop_words: int = 2  # Gopher: different ones
    stop_words: tuple[str, ...] = STOP_WORDS  # FineWeb-2; compared by Turkish casing
    min_line_punctuation: float = 0.091  # FineWeb-2: share of lines that end as sentences do
    max_duplicate_line_chars: float = 0.1  # FineWeb-2 (char_duplicates_ratio; below Gopher's 0.2, which it replaces)
    max_newline_ratio: float = 0.222  # FineWeb-2: line breaks to tokens
    max_duplicate_lines: float = 0.272  # FineWeb-2 (dup_line_frac)
    max_top_ngram: tuple[float, ...] = (0.214, 0.168, 0.147)  # FineWeb-2: n = 2, 3, 4, share of characters
    max_duplicate_ngrams: tuple[float, ...] = (0.154, 0.144, 0.134, 0.124, 0.113, 0.103)  # FineWeb-2: n = 5 … 10

    def __post_init__(self) -> None:
        _require(self.min_words <= self.max_words, f"min_words = {self.min_words}: must not be above max_words.")
        _require(self.min_word_length <= self.max_word_length, "min_word_length: must not be above max_word_length.")
        _require(len(self.max_top_ngram) == 3, "max_top_ngram: three shares, for n = 2, 3, 4.")
        _require(len(self.max_duplicate_ngrams) == 6, "max_duplicate_ngrams: six shares, for n = 5 to 10.")


@dataclass(frozen=True)
class PerplexityConfig:
    """Head, middle and tail by how well a small model of good text predicts a document, after CCNet."""

    reference: str = ""  # good text to learn from, in any form a source has; empty: off
    order: int = 5  # characters of an n-gram
    cuts: tuple[float, ...] = (1 / 3, 2 / 3)  # quantiles of the corpus where head ends and middle ends
    keep: tuple[Literal["head", "middle", "tail"], ...] = ("head", "middle", "tail")  # all: only labelled

    def __post_init__(self) -> None:
        _require(2 <= self.order <= 8, f"order = {self.order}: between 2 and 8.")
        ordered = len(self.cuts) == 2 and 0.0 < self.cuts[0] < self.cuts[1] < 1.0
        _require(ordered, f"cuts = {list(self.cuts)}: two shares, the smaller first.")
        _require(bool(self.keep), "keep is empty: name head, middle or tail.")


@dataclass(frozen=True)
class RepeatedLinesConfig:
    """Lines that stand in many documents of the corpus, such as a site's footer."""

    min_documents: int = 50  # a line in at least this many documents is taken out of all but the first; 0: off
    min_words: int = 4  # shorter lines are left: "Teşekkür ederim." is no footer
    max_alone: float = 0.4  # share of its places beside lines that do not repeat; above it, a line is speech: stays
    drop_duplicates: bool = False  # also take out every later copy of a paragraph, keeping the first

    def __post_init__(self) -> None:
        _require(
            self.min_documents == 0 or self.min_documents >= 2,
            f"min_documents = {self.min_documents}: 0 (off), or at least 2.",
        )
        _require(self.min_words >= 1, f"min_words = {self.min_words}: at least 1.")
        _shares(self, "max_alone")

    @property
    def enabled(self) -> bool:
        """Whether any line can be taken out."""
        return bool(self.min_documents) or self.drop_duplicates


@dataclass(frozen=True)
class NearDuplicatesConfig:
    """MinHash with locality-sensitive hashing: documents meet where all hashes of a band agree, and are confirmed.

    Two documents whose sets of n-grams have the Jaccard similarity s meet with probability 1 - (1 - s^rows)^bands;
    with 14 bands of 8 (FineWeb-2) that is 0.92 at s = 0.8, 0.99 at 0.85 and 0.05 at s = 0.5, which is far too often.
    So pairs that meet are confirmed by the similarity estimated from all hashes, whose standard error is 0.038 at
    s = 0.8 and 0.047 at s = 0.5. A threshold of 0.7 takes 0.3% of the pairs at s = 0.8 away, and leaves 1 in 100,000
    at s = 0.5 (1 in 116 at 0.6); 0.65 would leave 1 in 3,000, and 0.75 take 5% away. Who wants more of the pairs near
    s = 0.8 takes 16 bands of 7, which find 0.97 of them with as many hashes; see `duplicates/minhash.py`.
    """

    enabled: bool = True
    bands: int = 14
    rows: int = 8
    ngram: int = 5  # words
    threshold: float = 0.7  # least similarity estimated from all hashes, to confirm a pair; 0: bands alone decide
    rehydrate: tuple[tuple[int, ...], ...] = ()  # [[size, copies], …]: clusters from a size on are written as often
    # FineWeb-2 rehydrates with [[1, 1], [2, 2], [3, 3], [5, 5], [100, 8], [1000, 1]]

    def __post_init__(self) -> None:
        _require(self.bands >= 1 and self.rows >= 1 and self.ngram >= 1, "bands, rows, ngram: at least 1.")
        _shares(self, "threshold")
        _require(
            all(len(pair) == 2 and min(pair) >= 0 for pair in self.rehydrate), "rehydrate: pairs [size, copies]."
        )
        sizes = [pair[0] for pair in self.rehydrate]
        _require(sizes == sorted(set(sizes)), "rehydrate: sizes must grow.")


@dataclass(frozen=True)
class DecontaminationConfig:
    """Documents that hold a piece of an evaluation are dropped, and every hit is listed."""

    files: tuple[str, ...] = ()  # evaluation files: .jsonl, .json, .csv, .tsv, .txt, possibly compressed
    ngram: int = 13  # words in common, on folded text (as GPT-3: Brown et al. 2020, appendix C)
    min_words: int = 8  # items shorter than ngram count when they have at least this many words, and match whole

    def __post_init__(self) -> None:
        _require(1 <= self.min_words <= self.ngram, f"min_words = {self.min_words}: between 1 and ngram.")


@dataclass(frozen=True)
class CorpusConfig:
    """Raw text to clean documents, split into train and valid."""

    sources: tuple[Source, ...] = ()
    valid_sources: tuple[Source, ...] = ()  # held-out text of its own; empty: a share of `sources` is held out
    valid_fraction: float = 0.01  # by document hash; only without `valid_sources`
    min_chars: int = 40
    max_chars: int = 200_000
    cleaning: CleaningConfig = field(default_factory=CleaningConfig)
    repeated_lines: RepeatedLinesConfig = field(default_factory=RepeatedLinesConfig)
    language: LanguageConfig = field(default_factory=LanguageConfig)
    quality: QualityConfig = field(default_factory=QualityConfig)
    perplexity: PerplexityConfig = field(default_factory=PerplexityConfig)
    decontamination: DecontaminationConfig = field(default_factory=DecontaminationConfig)
    drop_duplicates: bool = True  # exact ones, after folding
    near_duplicates: NearDuplicatesConfig = field(default_factory=NearDuplicatesConfig)
    noise: float = 0.0  # share of synthetic documents with planted noise (only for synthetic sources)
    shard_bytes: int = 32_000_000  # text in a shard, the unit of parallel work and of resuming
    executor: Literal["local", "ray", "slurm"] = incidental("local")  # where tasks run; see docs/scaling.md
    workers: int = incidental(0)  # tasks at once; 0: one for each core (local), as many as there are shards elsewhere
    slurm: tuple[str, ...] = incidental(())  # options of sbatch, as ["partition=cpu", "time=04:00:00"]
    memory_mb: int = incidental(
        2000
    )  # for what is compared over all documents; more than that goes by way of the disk
    samples: int = incidental(10)  # dropped and kept documents to look at, a reason

    def __post_init__(self) -> None:
        _require(bool(self.sources), 'sources is empty: name at least one, e.g. sources = ["data/tr.txt.xz"].')
        _require(0 <= self.min_chars < self.max_chars, f"min_chars = {self.min_chars}: must be below max_chars.")
        _shares(self, "noise")
        _require(self.shard_bytes >= 1000, f"shard_bytes = {self.shard_bytes}: must be at least 1000.")
        _require(self.workers >= 0, f"workers = {self.workers}: 0 or more.")
        _require(self.memory_mb >= 10, f"memory_mb = {self.memory_mb}: at least 10.")
        _require(
            self.drop_duplicates or not self.near_duplicates.enabled,
            "drop_duplicates = false keeps equal documents, so near_duplicates.enabled must be false, too.",
        )
        _require(not self.slurm or self.executor == "slurm", 'slurm: only with executor = "slurm".')
        if not self.valid_sources:
            _require(
                0.0 < self.valid_fraction < 1.0,
                f"valid_fraction = {self.valid_fraction}: must lie between 0 and 1, or name valid_sources.",
            )
