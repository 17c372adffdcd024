"""What a word counts as for and against Turkish, by its spelling alone.

- A word with a capital after a small letter (`TryFormat`) is in no language and does not count.
- A word begins with a capital letter where it is a name, in Turkish as elsewhere. Names say nothing about the
  language of a line, so only the other words count, the *common* ones; a function word, a word with a case ending
  behind its apostrophe (Ankara'da), with ə or in another script is common however it is written.
- Decisive is a word with ə, the letter that every other Azerbaijani word has and no Turkish one.
- A mark of a relative is a word of its lists (`turkish_marks`), and a spelling that Turkish does not have: a q that
  no u follows (Azerbaijani, Uzbek; words of up to three letters, as `SQL`, aside); the converb in -ıb or -üb, because
  Turkish hardens a final b (-ıp); an apostrophe after o or g that is no case ending (Uzbek o'z, to'g'ri).
- Doubtful is a spelling that Turkish has in foreign words only: w, x, sh, ch; a final b, c, d or g; d behind ç, ş
  or t, where Turkish assimilates (gitti, Az. getdi); letters of other alphabets. A word that has a mark is not.

What it leaves out: how a word is read (`spelling`), which words and endings count as whose (`turkish_marks`), and
counting (`evidence`).
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import inlined
from fidan.corpus.filters import turkish_marks
from fidan.corpus.filters.spelling import (
    DOUBTED_LETTER,
    FACTOR,
    FOREIGN_LETTER,
    LETTER_MASK,
    PROPER_LETTER,
    ROUNDED_LETTER,
    SCHWA,
    SCRIPT,
    START,
    TELLS,
    Letters,
    Word,
)
from fidan.corpus.tables import Table, build_table, place
from fidan.corpus.utf8 import Bytes, Whole

(WORDS, COMMON, OWN, SHARED, PROPER, ROUNDED, DECISIVE, DOUBTFUL, OTHER, COUNTS) = range(10)
"""Columns of the counts of a line: words; common words, and of these: with a mark of Turkish alone; with one shared
with relatives; with ı, ş or ğ; with ç, ö or ü; decisive against Turkish; doubtful; with a mark of a relative."""

# Traits of a word: in the lowest bits the column of its mark, or 0; then these.
MARK = 15
IS_WORD, IS_COMMON, HAS_PROPER, HAS_ROUNDED, HAS_SCHWA = (1 << bit for bit in range(4, 9))
TRAIT_BITS = 9
_COLUMNS_SIZE = 0x260
_B, _C, _D, _G, _H, _I, _Q, _S, _T, _U, _UE, _CH, _SH = (ord(letter) for letter in "bcdghıqstuüçş")


class Trie(NamedTuple):
    """Endings letter by letter. Node 0 is where the search begins, and where it cannot go on.

    Attributes:
        columns: (_COLUMNS_SIZE,), of small letters in `following`; 0 is of those that are in no ending.
        following: (nodes, letters), the next node.
        marks: (nodes,), what the ending that is read up to here is; 0: none.
    """

    columns: Bytes
    following: NDArray[np.int16]
    marks: Bytes


def _table(words: dict[str, int]) -> Table:
    keys = []
    for word in words:
        key = int(START)
        for letter in word:
            key = (key ^ ord(letter)) * int(FACTOR) & (1 << 64) - 1
        keys.append(key)
    return build_table(np.array(keys, np.uint64), np.array(list(words.values()), np.uint64))


@cache
def function_words() -> Table:
    """Marks of function words, by the hash of their letters."""
    found = dict.fromkeys(turkish_marks.SHARED_WORDS, SHARED)
    return _table(
        found | dict.fromkeys(turkish_marks.OWN_WORDS, OWN) | dict.fromkeys(turkish_marks.OTHER_WORDS, OTHER)
    )


@cache
def endings() -> Trie:
    """The endings, read from their last letter to the first."""
    marks = dict.fromkeys(turkish_marks.SHARED_ENDINGS, SHARED) | dict.fromkeys(turkish_marks.OWN_ENDINGS, OWN)
    marks |= dict.fromkeys(turkish_marks.OTHER_ENDINGS, OTHER)
    nodes: dict[str, int] = {"": 0}
    for ending in sorted(marks):
        for taken in range(1, len(ending) + 1):
            nodes.setdefault(ending[-taken:], len(nodes))
    alphabet = sorted({letter for ending in marks for letter in ending})
    columns = np.zeros(_COLUMNS_SIZE, np.uint8)
    for column, letter in enumerate(alphabet, start=1):
        columns[ord(letter)] = column
    following = np.zeros((len(nodes), len(alphabet) + 1), np.int16)
    for ending, node in nodes.items():
        if ending:
            following[nodes[ending[1:]], columns[ord(ending[0])]] = node
    mark_of = np.array([marks.get(ending, 0) for ending in nodes], np.uint8)
    return Trie(columns, following, mark_of)


@cache
def case_endings() -> Table:
    """Endings behind an apostrophe, by the hash of their letters."""
    return _table(dict.fromkeys(turkish_marks.CASE_ENDINGS, OWN))


@inlined
def _ending(word: Letters, length: Whole, columns: Bytes, following: NDArray[np.int16], marks: Bytes) -> Whole:
    """What the longest ending in the table is; 0: there is none. At least two letters come before it."""
    node, found = np.int64(0), np.int64(0)
    for at in range(length - 1, 1, -1):
        if word[at] >= _COLUMNS_SIZE:
            break
        node = np.int64(following[node, columns[word[at]]])
        if node == 0:
            break
        if marks[node]:
            found = np.int64(marks[node])
    return found


@inlined
def _pairs(word: Letters, length: Whole) -> tuple[Whole, Whole]:
    """Whether a word has pairs of letters that Turkish words do not, and whether it has a q without a u behind it."""
    doubtful = spells_q = False
    for at in range(1, length):
        before, letter = word[at - 1] & LETTER_MASK, word[at] & LETTER_MASK
        if before == _Q:
            spells_q |= letter not in (_U, _UE)
        elif letter == _H:
            doubtful |= before in (_S, _C)
        elif letter == _D:
            doubtful |= before in (_T, _CH, _SH)
    return doubtful, spells_q


@inlined
def traits_of(
    word: Letters,
    read: Word,
    capital: Whole,
    words: Table,
    columns: Bytes,
    following: NDArray[np.int16],
    marks: Bytes,
    case_endings: Table,
) -> Whole:
    """What a word counts as: 0 for one that does not count, or bits of `IS_WORD` and those after it."""
    length, seen = read.length, read.seen
    if length < 2 or (read.mixed and read.capitals < length):  # TryFormat
        return np.int64(0)
    last = word[length - 1] & LETTER_MASK
    doubtful, spells_q = _pairs(word, length) if seen & TELLS else (False, False)
    other = last == _B and length > 2 and word[length - 2] & LETTER_MASK in (_I, _UE)
    if length > 3:
        other |= spells_q or last == _Q  # not SQL, not amq
        doubtful |= read.base == 0 and last in (_B, _C, _D, _G)
    at = place(words, read.key)
    mark = np.int64(words[at + 1]) if words[at] == read.key else np.int64(0)
    common = not capital or mark > 0 or seen & (SCRIPT | SCHWA) != 0
    if mark == 0:
        mark = _ending(word, read.base if read.base else length, columns, following, marks)
    if read.base:
        at = place(case_endings, read.suffix)
        cased = read.base > 2 and case_endings[at] == read.suffix
        if cased and not read.uzbek:
            mark = np.int64(OWN)
        common |= cased
        other |= read.uzbek and not cased
    if other:
        mark = np.int64(OTHER)
    if mark == 0 and (doubtful or seen & (DOUBTED_LETTER | FOREIGN_LETTER | SCRIPT)):
        mark = np.int64(DOUBTFUL)
    traits = IS_WORD | mark | (IS_COMMON if common else 0)
    traits |= (HAS_PROPER if seen & PROPER_LETTER else 0) | (HAS_ROUNDED if seen & ROUNDED_LETTER else 0)
    traits |= HAS_SCHWA if seen & SCHWA else 0
    return traits
