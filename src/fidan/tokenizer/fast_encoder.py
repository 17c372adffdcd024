"""SentencePiece's BPE as a compiled loop that remembers words: the same ids, many times as fast.

SentencePiece merges over a whole text: of all neighbours whose union is a piece, the union that was learnt first, the
leftmost one of these, and again until there is none. Where two characters stand side by side in no piece at all, no
merge can cross, so the text is cut there and each part is encoded by itself. With our vocabularies the parts are
words with the space before them. A part that came before is looked up, by all its bytes; a new one is merged in a
simple loop, which takes the square of its length. A text with a part longer than `LONGEST` is therefore
SentencePiece's own.

What it takes is what `fidan` trains: pieces numbered in the order of their merges, every character of a piece a piece
itself, a byte piece for every byte, no symbols of a user's own. `why_not` says what is missing in another model.

What it leaves out: who chooses this encoder, and holding its ids against SentencePiece's (`encoders`).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus.tables import Table, build_table, new_table, place
from fidan.corpus.utf8 import Bytes, Whole, decode
from fidan.errors import FidanError
from fidan.tokenizer.encoders import Name, Rows
from fidan.tokenizer.hugging_face import merges
from fidan.tokenizer.tokenizer import SPACE, Tokenizer, refuse_surrogates

Ids: TypeAlias = NDArray[np.int32]
Counts: TypeAlias = NDArray[np.int64]

LONGEST = 255  # bytes of a part
WORDS = 1 << 19  # take 29 MB; 1 << 17 is slower by a third

_SPACE = SPACE.encode()
_BYTES, _IDS = 12, 4  # room a word; Turkish ones take 10.9 bytes and 2.5 ids
_NO_UNION = 1 << 31
_START, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15)


class FastEncoder:
    """Texts to ids, by one core at a time: an encoder remembers words, and is not for several threads.

    Args:
        tokenizer: whose ids they are.
        words: how many parts are remembered at once, at least 64; then all are forgotten.

    Raises:
        FidanError: the model is none that this encoder takes.
    """

    name: Name = "fast"

    def __init__(self, tokenizer: Tokenizer, words: int = WORDS) -> None:
        if reason := why_not(tokenizer):
            raise FidanError(f"The fast encoder cannot take this tokenizer: {reason}.")
        self._tokenizer = tokenizer
        learnt = _learnt(tokenizer)
        self._together = _together(learnt)
        single = {ord(piece): i for piece, i in learnt.items() if len(piece) == 1}
        self._characters = np.full(max(single) + 1, -1, dtype=np.int32)
        self._characters[list(single)] = list(single.values())
        self._bytes = np.zeros(256, dtype=np.int32)
        for i in filter(tokenizer.is_byte, range(tokenizer.vocab_size)):
            self._bytes[tokenizer.piece_bytes(i)[0]] = i
        self._unions = _unions(tokenizer)
        self._marks = np.array([tokenizer.bos_id, tokenizer.eos_id], dtype=np.int32)
        self._words = new_table(words)
        self._spellings = np.empty(_BYTES * words, dtype=np.uint8)
        self._found = np.empty(_IDS * words, dtype=np.int32)
        self._used = np.zeros(3, dtype=np.int64)  # words, bytes of spellings, ids

    def rows(self, texts: Sequence[str]) -> Rows:
        """The ids of texts, as `Encoder.rows` says."""
        try:
            encoded = [text.encode() for text in texts]
        except UnicodeEncodeError:
            for text in texts:
                refuse_surrogates(text)
            raise
        sizes = lengths = np.array([len(text) for text in encoded], dtype=np.int64)
        data = b" " + b" ".join(encoded)  # each with the space that encoding puts in front
        if _SPACE in data:
            encoded = [text.replace(_SPACE, b" ") for text in encoded]
            lengths = np.array([len(text) for text in encoded], dtype=np.int64)
            data = b" " + b" ".join(encoded)
        counts = np.zeros(len(texts), dtype=np.int64)
        ids = np.empty(len(data) + 2 * len(texts), dtype=np.int32)
        parts, done = [ids[:0]], 0
        starts = np.cumsum(lengths + 1) - lengths - 1
        while done < len(texts):
            done, written = _encode(
                np.frombuffer(data, np.uint8), starts, lengths, done, self._together, self._characters, self._bytes,
                self._unions, self._marks, self._words, self._spellings, self._found, self._used, ids, counts,
            )  # fmt: skip
            parts.append(ids[:written].copy())
            if done < len(texts):
                row = np.array(self._tokenizer.encode(texts[done], bos=True, eos=True), dtype=np.int32)
                counts[done] = len(row)
                parts.append(row)
                done += 1
        return Rows(np.concatenate(parts), counts, sizes)


def why_not(tokenizer: Tokenizer) -> str:
    """What hinders this encoder with a model, in words; empty where nothing does."""
    learnt = _learnt(tokenizer)
    if sum(map(tokenizer.is_byte, range(tokenizer.vocab_size))) != 256:
        return "it has not one piece for every byte"
    # SentencePiece's BPE gives the scores 0, -1, -2, ... A symbol of a user's own has the score 0, too, an unused
    # piece is no result, and a unigram model has other scores: none of them passes here.
    if [tokenizer.score(i) for i in learnt.values()] != [-rank for rank in range(len(learnt))]:
        return "its pieces are not numbered in the order of their merges, as those of SentencePiece's BPE are"
    if strange := sorted({character for piece in learnt for character in piece} - learnt.keys()):
        return f"the character {strange[0]!r} of a piece is no piece itself"
    if named := [i for i in tokenizer.special_ids if len(tokenizer.piece(i)) == 1]:
        return f"its control symbol {tokenizer.piece(named[0])!r} is a single character"
    return ""


def _learnt(tokenizer: Tokenizer) -> dict[str, int]:
    """The pieces that merges make and the characters they are made of, with plain spaces, in the order of ids."""
    return {
        tokenizer.piece(i).replace(SPACE, " "): i
        for i in range(tokenizer.vocab_size)
        if i not in tokenizer.special_ids and not tokenizer.is_byte(i)
    }


def _together(learnt: dict[str, int]) -> NDArray[np.bool_]:
    """Whether a part may go on at a character: (last byte of the one before << 8 | first byte), 65,536 answers."""
    together = np.zeros((256, 256), dtype=np.bool_)
    together[:, 0x80:0xC0] = True  # within a character
    for piece in learnt:
        for left, right in pairwise(piece):
            together[left.encode()[-1], right.encode()[0]] = True
    return together.reshape(-1)


def _unions(tokenizer: Tokenizer) -> Table:
    """Two pieces' ids (left + 1 << 32 | right) to the id of the piece that they make together."""
    ids = {tokenizer.piece(i): i for i in range(tokenizer.vocab_size)}
    pairs = merges(tokenizer)
    keys = np.array([(ids[left] + 1) << 32 | ids[right] for left, right in pairs], dtype=np.uint64)
    return build_table(keys, np.array([ids[left + right] for left, right in pairs], dtype=np.uint64))


@compiled
def _encode(
    data: Bytes,
    starts: Counts,
    lengths: Counts,
    first: int,
    together: NDArray[np.bool_],
    characters: Ids,
    byte_ids: Ids,
    unions: Table,
    marks: Ids,
    words: Table,
    spellings: Bytes,
    found: Ids,
    used: Counts,
    ids: Ids,
    counts: Counts,
) -> tuple[int, int]:
    """Encode the texts from `first` on; the number of the one that it stopped at, and how many ids it wrote.

    It stops at a text with a part of more than `LONGEST` bytes, of which it writes nothing, or after the last one.
    A word's value is `place of its spelling << 40 | place of its ids << 16 | bytes << 8 | ids`.
    """
    row: Whole = 0
    unions_here = np.empty(LONGEST, dtype=np.int64)
    for text in range(first, starts.size):
        written = row
        ids[written] = marks[0]
        written += 1
        at = starts[text]
        end = at + lengths[text] + 1
        while at < end and lengths[text]:
            begin, key = at, _START
            while True:
                byte = np.uint64(data[np.uint64(at)])
                key = (key ^ byte) * _FACTOR
                at += 1
                if at == end or not together[byte << np.uint64(8) | np.uint64(data[np.uint64(at)])]:
                    break
            length = at - begin
            if length > LONGEST:
                return text, row
            key |= np.uint64(1)
            slot = place(words, key)
            value = np.int64(words[slot + 1])
            if words[slot] == key and _same(data, begin, length, spellings, value):
                count, source = value & 0xFF, value >> 16 & 0xFFFFFF
                for k in range(count):
                    ids[np.uint64(written + k)] = found[np.uint64(source + k)]
            else:
                count = _merge(data, begin, at, characters, byte_ids, unions, unions_here, ids, written)
                if used[0] * _IDS == found.size or used[1] + length > spellings.size or used[2] + count > found.size:
                    words[:] = 0
                    used[:] = 0
                elif words[slot] != key:
                    for k in range(length):
                        spellings[used[1] + k] = data[begin + k]
                    for k in range(count):
                        found[used[2] + k] = ids[written + k]
                    words[slot] = key
                    words[slot + 1] = used[1] << 40 | used[2] << 16 | length << 8 | count
                    used[0] += 1
                    used[1] += length
                    used[2] += count
            written += count
        ids[written] = marks[1]
        counts[text] = written + 1 - row
        row = written + 1
    return starts.size, row


@inlined
def _same(data: Bytes, begin: Whole, length: Whole, spellings: Bytes, value: Whole) -> bool:
    """Whether the word of a value is spelt as the bytes are: two words may have one key."""
    if value >> 8 & 0xFF != length:
        return False
    source = value >> 40
    k = 0
    while k < length and data[np.uint64(begin + k)] == spellings[np.uint64(source + k)]:
        k += 1
    return bool(k == length)


@inlined
def _merge(
    data: Bytes,
    begin: Whole,
    end: Whole,
    characters: Ids,
    byte_ids: Ids,
    unions: Table,
    here: Counts,
    ids: Ids,
    at: Whole,
) -> Whole:
    """Write the ids of a part to `ids[at:]`; how many. `here` is room for the unions of neighbours."""
    count = 0
    while begin < end:
        code, width = decode(data, begin)
        known = characters[code] if code < characters.size else -1
        if known >= 0:
            ids[at + count] = known
            count += 1
        else:  # byte pieces, which take part in no merge
            for k in range(width):
                ids[at + count + k] = byte_ids[data[begin + k]]
            count += width
        begin += width
    for k in range(count - 1):
        here[k] = _union(unions, ids[at + k], ids[at + k + 1])
    while True:
        best, where = _NO_UNION, 0  # ids are in the order of merges
        for k in range(count - 1):
            if here[k] < best:
                best, where = here[k], k
        if best == _NO_UNION:
            return count
        ids[at + where] = best
        count -= 1
        for k in range(where + 1, count):
            ids[at + k] = ids[at + k + 1]
            here[k] = here[k + 1]
        if where:
            here[where - 1] = _union(unions, ids[at + where - 1], best)
        if where < count - 1:
            here[where] = _union(unions, best, ids[at + where + 1])


@inlined
def _union(unions: Table, left: Whole, right: Whole) -> Whole:
    slot = place(unions, np.uint64((np.int64(left) + 1) << 32 | np.int64(right)))
    return np.int64(unions[slot + 1]) if unions[slot] else _NO_UNION
