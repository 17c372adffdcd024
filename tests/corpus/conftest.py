"""Documents that several tests of the stage are made from."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fidan import turkish

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
