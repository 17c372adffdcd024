"""Documents that several tests of the stage are made from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fidan import turkish
from fidan.corpus import documents, pipeline
from fidan.corpus.config import CorpusConfig, NearDuplicatesConfig, QualityConfig, RepeatedLinesConfig, Source
from fidan.progress import SilentReporter

SENTENCES = (
    "Sabah erkenden kalkıp bahçedeki çiçekleri sulayan kadın, komşusuyla uzun uzun konuştu.",
    "Belediye, yeni otobüs hatlarının gelecek hafta çalışmaya başlayacağını duyurdu.",
    "Öğretmen sınıfa girince çocuklar sessizleşti ve ders başladı.",
    "Yağmur dinince balıkçılar yeniden denize açıldı, akşama kadar çalıştılar.",
    "Bu kitabı okuyan herkes, yazarın çocukluğunu geçirdiği köyü merak ediyor.",
)


def make_text(number: int) -> str:
    lines = [f"{SENTENCES[(number * k) % 5]} Sayı {number}." for k in (1, 2, 3)]
    return "\n".join(lines)


@pytest.fixture
def text_of() -> Callable[[int], str]:
    """The text of a document of `source`, by its number."""
    return make_text


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three hundred documents, some of them doubled in capitals, some short, some foreign, one broken."""
    texts = [make_text(n) for n in range(250)]
    texts += [turkish.upper(make_text(n)) for n in range(0, 30)]
    texts += [f"kısa {n}" for n in range(10)]
    texts += [
        f"The children played in the park for hours before going home in the evening, {n} times." for n in range(9)
    ]
    path = tmp_path / "source.txt"
    path.write_bytes("\n\n".join(texts).encode() + b"\n\nbozuk " + b"\xff" * 60)
    return path


class Stage:
    """The stage as tests use it, with the filters off that would drop documents made of five sentences."""

    @staticmethod
    def config(*sources: object, **settings: Any) -> CorpusConfig:
        mild = {
            "valid_fraction": 0.1,
            "shard_bytes": 15_000,
            "quality": QualityConfig(enabled=False),
            "near_duplicates": NearDuplicatesConfig(enabled=False),
            "repeated_lines": RepeatedLinesConfig(min_documents=0),
        }
        return CorpusConfig(sources=tuple(Source(str(path)) for path in sources), **{**mild, **settings})

    @staticmethod
    def build(config: CorpusConfig, folder: Path, workers: int = 1, seed: int = 3) -> dict[str, Any]:
        return pipeline.build_corpus(config, seed, folder, SilentReporter(), workers)

    @staticmethod
    def tree(folder: Path) -> dict[str, bytes]:
        """Every file but those that tell of times."""
        files = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
        return {name: p.read_bytes() for name, p in files.items() if name not in ("speed.json", "report.html")}

    @staticmethod
    def read(folder: Path, split: str) -> list[dict[str, Any]]:
        return [record for path in documents.shards(folder, split) for record in documents.read_documents(path)]


@pytest.fixture
def stage() -> Stage:
    """Configurations, runs and results of the stage."""
    return Stage()
