"""What makes a model's folder a repository: licence, recipe, rules for large files, and the card.

What it leaves out: the model itself (`hugging_face`), the sums, which are written after everything (`sums`), and the
way to the Hub (`push`).
"""

from pathlib import Path

from fidan.artifact import atomic_write
from fidan.export.card.facts import CardFacts
from fidan.export.card.writing import RECIPE, write_card
from fidan.export.licence import LICENCE, licence_text
from fidan.settings import to_toml

_LARGE = ("*.safetensors", "*.gguf", "*.model")  # what git keeps as a pointer, and the Hub stores apart


def complete_folder(folder: Path, facts: CardFacts) -> None:
    """Write everything that belongs beside the model; `write_sums` comes last, after any other file.

    Raises:
        FidanError: the licence's text is not there.
    """
    _write(folder / LICENCE, licence_text(facts.export))
    rules = "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in _LARGE)
    _write(folder / ".gitattributes", rules.encode())
    if facts.recipe:
        _write(folder / RECIPE, to_toml(facts.recipe).encode())
    write_card(folder, facts)


def _write(path: Path, content: bytes) -> None:
    with atomic_write(path) as file:
        file.write(content)
