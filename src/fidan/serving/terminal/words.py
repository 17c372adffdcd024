"""Words that a user types: with and without Turkish letters, in capitals and small; and the nearest known one."""

import difflib
from collections.abc import Iterable

from fidan.turkish import fold

_PLAIN = str.maketrans("çğıöşü-", "cgiosu_")


def plain(word: str) -> str:
    """A word as it is compared: small letters without Turkish marks, `-` as `_`.

    >>> plain("SICAKLIK"), plain("Sıcaklık"), plain("İLK-K")
    ('sicaklik', 'sicaklik', 'ilk_k')
    """
    return fold(word).translate(_PLAIN)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like what was typed; None: none is like it."""
    by_plain = {plain(one): one for one in known}
    found = difflib.get_close_matches(plain(word), by_plain, n=1, cutoff=0.5)
    return by_plain[found[0]] if found else None
