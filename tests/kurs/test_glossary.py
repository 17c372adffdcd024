"""The glossary: every term once, in the library where it says, with words that another row does not use."""

import importlib
import re

import pytest

from tests.kurs.glossary import GLOSSARY, Term, read_terms
from tests.kurs.prose import cover
from tests.kurs.style import other_words

TERMS = read_terms(GLOSSARY.read_text(encoding="utf-8"))


def resolved(path: str) -> object:
    """What a dotted path of the library names: a module's, a class's, or a setting."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            fields = getattr(found, "__dataclass_fields__", {})
            found = fields[part] if part in fields else getattr(found, part)
        return found
    raise ModuleNotFoundError(path)


def test_it_is_whole() -> None:
    assert len(TERMS) >= 120
    turkish = [term.turkish for term in TERMS]
    assert len(set(turkish)) == len(turkish)
    for term in TERMS:
        assert term.meaning.endswith("."), term
        assert re.fullmatch(r"0\d|1[0-7]", term.chapter), term
        assert term.english, term


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.turkish)
def test_every_term_is_in_the_library(term: Term) -> None:
    assert term.code.startswith("fidan.")
    assert resolved(term.code) is not None


def test_what_is_not_there_is_noticed() -> None:
    with pytest.raises(AttributeError):
        resolved("fidan.model.masks.casual_mask")
    with pytest.raises(AttributeError):
        resolved("fidan.model.maskes.causal_mask")


def test_no_word_is_used_in_one_row_and_not_in_another() -> None:
    unused = [word for term in TERMS for word in term.unused]
    assert len(set(unused)) == len(unused)
    for term in TERMS:
        assert not list(other_words(cover(f"{term.turkish}\n\n{term.meaning}"), TERMS)), term


def test_a_table_of_other_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="5 cells"):
        read_terms("| a | b | c | d | e |")
