"""The two languages of the site: where their pages are written, in which order they stand, which of them are a pair.

It leaves out the titles of pages: a page's title is its first heading.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

COURSE, REFERENCE = "<course>", "<reference>"
"""Places in a navigation that generated pages take."""

Entry = str | dict[str, Any]


@dataclass(frozen=True)
class Language:
    """One language: `folder` holds its sources, `prefix` is where it stands on the site."""

    code: str
    name: str
    folder: str
    prefix: str
    description: str
    navigation: tuple[Entry, ...]
    to_dark: str
    to_light: str

    def listed(self) -> set[str]:
        """Every page of the navigation that is written by hand."""
        return {page for entry in self.navigation for page in _pages(entry)} - {COURSE, REFERENCE}


def _pages(entry: Entry) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    inner = [item for value in entry.values() for item in (value if isinstance(value, list) else [value])]
    return [page for item in inner for page in _pages(item)]


GUIDES = {
    "rehber/ilk-saat.md": "guides/first-hour.md",
    "rehber/kendi-134m.md": "guides/own-134m.md",
    "rehber/kendi-veriniz.md": "guides/own-data.md",
    "rehber/hukuk-asistani.md": "guides/law-assistant.md",
    "rehber/sunma.md": "guides/serving.md",
    "rehber/ollama.md": "guides/ollama.md",
}

PAIRS = {
    "index.md": "index.md",
    **GUIDES,
    "sss.md": "faq.md",
    "olcumler.md": "figures.md",
    "mimari.md": "architecture.md",
}
"""A Turkish page and the English page that says the same; the language switch leads from one to the other."""

TURKISH = Language(
    code="tr",
    name="Türkçe",
    folder="belgeler",
    prefix="",
    description="Ham metinden konuşan modele: küçük Türkçe dil modelleri, kursu ve rehberleriyle",
    navigation=(
        {"Ana sayfa": "index.md"},
        {"Kurs": [COURSE]},
        {"Rehber": list(GUIDES)},
        {"Sorular": "sss.md"},
        {"Başvuru": ["kurs/sozluk.md", "olcumler.md", "mimari.md"]},
    ),
    to_dark="Koyu görünüme geç",
    to_light="Açık görünüme geç",
)

ENGLISH = Language(
    code="en",
    name="English",
    folder="docs",
    prefix="en/",
    description="From raw text to a model that talks: small Turkish language models",
    navigation=(
        {"Home": "index.md"},
        {"Guides": list(GUIDES.values())},
        {
            "In depth": [
                "architecture.md", "scaling.md", "training.md", "evaluation.md", "generation.md", "chat.md", "law.md",
                "serving.md",
            ]
        },
        {"API": [REFERENCE]},
        {"Questions": "faq.md"},
        {"Figures": "figures.md"},
    ),
    to_dark="Switch to dark",
    to_light="Switch to light",
)  # fmt: skip

LANGUAGES = (TURKISH, ENGLISH)


def counterpart(language: Language, page: str) -> str | None:
    """The page of the other language that says the same, or None."""
    pairs = PAIRS if language is TURKISH else {english: turkish for turkish, english in PAIRS.items()}
    return pairs.get(page)


def url_of(language: Language, page: str) -> str:
    """Where a page stands on the site, without a leading slash: `en/guides/ollama/`; the home page is the prefix."""
    path = Path(page)
    folder = path.parent if path.name == "index.md" else path.with_suffix("")
    return language.prefix + ("" if str(folder) == "." else f"{folder.as_posix()}/")
