"""Text to the terms that are counted and looked up: folded words, cut to what inflection leaves alone.

A Turkish word carries its suffixes at its end, so its first letters stand for it. What it leaves out: how terms are
weighed (`fidan.law.bm25`).
"""

import re
from functools import lru_cache

from fidan.turkish import FOLDED, lower

ANALYSER = "prefix-5"
"""The name of what `terms` does, kept in an index: two analysers' terms cannot be compared."""

PREFIX = 5  # letters; Can et al. 2008, "Information retrieval on Turkish texts", found 5 as good as a lemmatiser

_WORD = re.compile(r"[a-zçğıöşü]+(?='|[^\w]|$)|\w+")
_SUFFIX = re.compile(r"'[a-zçğıöşü]+")


def terms(text: str) -> list[str]:
    """The terms of a text, in order, repeated as often as they occur.

    >>> terms("Kiracının TBK'daki hakları 344")
    ['kirac', 'tbk', 'hakla', '344']
    """
    folded = _SUFFIX.sub(" ", lower(text).translate(FOLDED))
    return [stem(word) for word in _WORD.findall(folded)]


@lru_cache(maxsize=1 << 18)
def stem(word: str) -> str:
    """A folded word without what inflection changes."""
    return word if word[0].isdigit() else word[:PREFIX]
