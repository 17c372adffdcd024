"""Settings of what turns clean documents into tokens."""

from dataclasses import dataclass
from typing import Literal

from fidan.recipe.require import require
from fidan.settings import added, incidental


@dataclass(frozen=True)
class TokenizerConfig:
    """SentencePiece BPE that round-trips every string; see docs/architecture.md for why each option is as it is."""

    vocab_size: int = 32_000
    character_coverage: float = 0.9995
    sample_bytes: int = 200_000_000  # text it learns from; bounds memory (about 10 bytes a byte)
    threads: int = incidental(2)  # for measuring it; training gives the same model with any number
    sentinels: int = added(0)  # control symbols that stand for gaps in a text, which denoising needs

    def __post_init__(self) -> None:
        least = 400 + self.sentinels
        require(self.vocab_size >= least, f"vocab_size = {self.vocab_size}: bytes, letters, sentinels need {least}.")
        require(0.9 <= self.character_coverage <= 1.0, "character_coverage: between 0.9 and 1.")
        require(self.sentinels >= 0, f"sentinels = {self.sentinels}: must not be negative.")
        require(self.threads >= 1, f"threads = {self.threads}: must be at least 1.")
        require(self.sample_bytes > 0, f"sample_bytes = {self.sample_bytes}: must be positive.")


@dataclass(frozen=True)
class PackConfig:
    """Clean documents to token files. Everything about it follows from the corpus and the tokenizer."""

    workers: int = incidental(0)  # 0: as many as there are cores
    encoder: Literal["auto", "fast", "sentencepiece"] = incidental("auto")  # the ids are the same

    def __post_init__(self) -> None:
        require(self.workers >= 0, f"workers = {self.workers}: must not be negative; 0 means all cores.")
