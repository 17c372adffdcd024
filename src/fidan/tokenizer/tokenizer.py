"""Text to ids and back: the class that every stage encodes and decodes by.

A thin layer over SentencePiece. Encoding is SentencePiece's own; `encoders` makes the same ids of many texts sooner.
Decoding is done here, on bytes, because it is the same for a whole text and for one that arrives token by token:
every id stands for fixed bytes (`token_bytes` says how many), their concatenation loses the one leading space that
encoding added (the dummy prefix), and is read as UTF-8.

`decode(encode(text)) == text` for every string, with one exception that lies in SentencePiece itself: it writes a
space as U+2581 (▁), so a literal ▁ comes back as a space (`round_trip` names what a text comes back as). Names of
control symbols inside a text ("<s>", "<|im_start|>") are encoded as the plain characters they are; only
`special_id` and the `bos`/`eos` arguments make control ids.

What it leaves out: training (`train`), other runtimes' formats (`hugging_face`), chat templates.
"""

import codecs
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import count, takewhile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sentencepiece
import xxhash

from fidan.errors import FidanError
from fidan.tokenizer.spans import Spans, spans_of_bytes

MODEL = "tokenizer.model"
SENTINEL = "<|mask_{}|>"  # stands for a gap in a source, and before what fills it in a target
SPACE = "\u2581"  # how SentencePiece writes a space inside a piece
_ZWJ = "\u200d"


def round_trip(text: str) -> str:
    """What `decode(encode(text))` gives: the text, with a literal ▁ as the space SentencePiece takes it for."""
    return text.replace(SPACE, " ")


class Tokenizer:
    """A SentencePiece model that changes nothing: text to ids and back.

    Args:
        model: the bytes of a `tokenizer.model`.
        name: how to call it in an error.

    Raises:
        FidanError: not a SentencePiece model, or one that cannot round-trip (it normalises, or has no byte pieces).
    """

    def __init__(self, model: bytes, name: str = MODEL) -> None:
        self._processor = sentencepiece.SentencePieceProcessor()
        try:
            loaded = bool(model) and self._processor.load_from_serialized_proto(model)
        except RuntimeError as error:
            raise FidanError(f"{name}: not a SentencePiece model ({error}). Train the tokenizer again.") from error
        if not loaded:
            raise FidanError(f"{name}: not a SentencePiece model. Train the tokenizer again.")
        self.hash: str = xxhash.xxh3_128(model).hexdigest()
        self.vocab_size: int = self._processor.vocab_size()
        self.unk_id: int = self._processor.unk_id()
        self.bos_id: int = self._processor.bos_id()
        self.eos_id: int = self._processor.eos_id()
        self.pad_id: int = self._processor.pad_id()
        self._require_exact(name)
        self.special_ids: frozenset[int] = frozenset(
            i for i in range(self.vocab_size) if self._processor.is_control(i) or self._processor.is_unknown(i)
        )
        self._bytes = [self._bytes_of(i) for i in range(self.vocab_size)]
        self.token_bytes: npt.NDArray[np.int64] = np.array([len(b) for b in self._bytes], dtype=np.int64)
        """UTF-8 bytes each id stands for, shape (V,): ▁ is one space, a byte piece 1, a special id 0."""
        self.token_bytes.setflags(write=False)

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """The tokenizer in a folder that holds `tokenizer.model`, or in that file itself.

        Raises:
            FidanError: there is none, or it is broken.
        """
        file = path / MODEL if path.is_dir() else path
        try:
            return cls(file.read_bytes(), str(file))
        except FileNotFoundError:
            raise FidanError(f"{file}: no such file. Train a tokenizer first, or name the folder it is in.") from None

    def encode(self, text: str, bos: bool = False, eos: bool = False) -> list[int]:
        """The ids of a text, with `<s>` before and `</s>` after it where asked.

        Raises:
            FidanError: the text holds half a surrogate pair, which no UTF-8 can say.
        """
        try:
            ids: list[int] = self._processor.encode(text)
        except RuntimeError:
            refuse_surrogates(text)
            raise
        return [self.bos_id] * bos + ids + [self.eos_id] * eos

    def encode_batch(self, texts: Sequence[str], threads: int = 1) -> list[npt.NDArray[np.int32]]:
        """The ids of many texts, an array each, in order; `threads` run outside Python's lock.

        Raises:
            FidanError: as `encode`.
        """
        if not texts:
            return []
        try:
            ids: list[npt.NDArray[np.int32]] = self._processor.encode(
                list(texts), num_threads=threads, return_type="numpy"
            )
        except TypeError:
            for text in texts:
                refuse_surrogates(text)
            raise
        return ids

    def spans(self, texts: Sequence[str], threads: int = 1) -> list[Spans]:
        """The ids of many texts and the characters they stand for; a literal ▁ counts as the space it becomes.

        Raises:
            FidanError: as `encode`.
        """
        found = []
        for text, ids in zip(texts, self.encode_batch(texts, threads), strict=True):
            lengths = self.token_bytes[ids]
            lengths[:1] -= 1  # the space that encoding put in front
            found.append(spans_of_bytes(round_trip(text), ids, lengths))
        return found

    def decode(self, ids: Iterable[int], skip_special: bool = True) -> str:
        """The text of ids; control ids are left out, or written by their names.

        Bytes that are no UTF-8, which only a model's own ids can make, become U+FFFD.
        """
        found, opened = [], False
        for i in ids:
            if i in self.special_ids:
                if not skip_special:
                    found.append(self.piece(i).encode())
                continue
            part = self._bytes[i]
            found.append(part if opened else part.removeprefix(b" "))
            opened = True
        return b"".join(found).decode("utf-8", errors="replace")

    def count_bytes(self, ids: Sequence[int] | npt.NDArray[np.integer]) -> int:
        """UTF-8 bytes of the one text these ids encode; the space that encoding put in front does not count.

        The sum of `token_bytes` is one more than the text. Special ids count nothing.
        """
        array = np.asarray(ids, dtype=np.int64)
        lengths = self.token_bytes[array]
        spoken = np.flatnonzero(lengths)
        if not len(spoken):
            return 0
        return int(lengths.sum()) - int(self._bytes[array[spoken[0]]].startswith(b" "))

    def piece(self, token: int) -> str:
        """The piece with this id, as SentencePiece writes it ("▁ve", "<0x0A>", "</s>")."""
        return str(self._processor.id_to_piece(int(token)))

    def piece_bytes(self, token: int) -> bytes:
        """What an id stands for in a text: nothing for a special one, part of a character for a byte piece."""
        return self._bytes[token]

    def special_id(self, name: str) -> int:
        """The id of a control symbol such as `<|im_start|>`.

        Raises:
            FidanError: this tokenizer has no such symbol.
        """
        token = int(self._processor.piece_to_id(name))
        if token not in self.special_ids or self.piece(token) != name:
            known = ", ".join(self.piece(i) for i in sorted(self.special_ids))
            raise FidanError(f"{name!r}: not a control symbol of this tokenizer. It has {known}.")
        return token

    @property
    def sentinel_ids(self) -> list[int]:
        """The ids of `<|mask_0|>`, `<|mask_1|>` …; as many as `tokenizer.sentinels` asked for."""
        known = {self.piece(i): i for i in self.special_ids}
        names = takewhile(known.__contains__, map(SENTINEL.format, count()))
        return [known[name] for name in names]

    def is_byte(self, token: int) -> bool:
        """Whether an id is one of the 256 byte pieces."""
        return bool(self._processor.is_byte(int(token)))

    def score(self, token: int) -> float:
        """The piece's score; for BPE minus the rank of its merge."""
        return float(self._processor.get_score(int(token)))

    @property
    def model_bytes(self) -> bytes:
        """The bytes of the model file."""
        return bytes(self._processor.serialized_model_proto())

    def _require_exact(self, name: str) -> None:
        missing = [
            word for word, i in (("unk", self.unk_id), ("bos", self.bos_id), ("eos", self.eos_id)) if i < 0
        ] + ["byte pieces"] * (not any(self.is_byte(i) for i in range(self.vocab_size)))
        if missing:
            raise FidanError(f"{name}: has no {', '.join(missing)}; a tokenizer of this package needs them.")
        if self._processor.normalize(" ﬁ  \tI\n") != f"{SPACE}{SPACE}ﬁ{SPACE}{SPACE}\tI\n":
            raise FidanError(
                f"{name}: changes text before it encodes (normalisation, or collapsing spaces), so texts would not "
                "come back as they were. Train it with the identity rule, as `fidan` does."
            )

    def _bytes_of(self, token: int) -> bytes:
        if token in self.special_ids or self._processor.is_unused(token):
            return b""
        piece = self.piece(token)
        if self.is_byte(token):
            return bytes([int(piece[3:5], 16)])  # <0x0A>
        return piece.replace(SPACE, " ").encode()


class StreamDecoder:
    """Text of ids that arrive one at a time, in whole characters only.

    A character of several byte pieces waits until it is complete, and the last character waits until the next one
    shows that no accent, joiner or skin tone follows. What `push` and `finish` returned, joined, is `decode` of all
    ids; after a prompt, what `decode` of the prompt and the ids has more than `decode` of the prompt.

    Args:
        tokenizer: of the ids.
        prompt: ids that came before. The space in front of a text is dropped only where the text begins.
    """

    def __init__(self, tokenizer: Tokenizer, prompt: Iterable[int] = ()) -> None:
        self._tokenizer = tokenizer
        self._opened = any(i not in tokenizer.special_ids for i in prompt)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    def push(self, token: int) -> str:
        """The text that is certain now that `token` has come; often empty."""
        if token in self._tokenizer.special_ids:
            return ""
        part = self._tokenizer.piece_bytes(token)
        text = self._held + self._decoder.decode(part if self._opened else part.removeprefix(b" "))
        self._opened = True
        cut = _last_character(text)
        self._held = text[cut:]
        return text[:cut]

    def finish(self) -> str:
        """The rest; nothing may be pushed after it."""
        text = self._held + self._decoder.decode(b"", final=True)
        self._held = ""
        return text


def _last_character(text: str) -> int:
    """Where the last character a reader would see begins (0 for an empty text)."""
    index = max(len(text) - 1, 0)
    while index > 0 and _joins(text[index - 1], text[index]):
        index -= 1
    return index


def _joins(before: str, character: str) -> bool:
    if character.isascii() and before != _ZWJ:
        return False
    return (
        unicodedata.category(character).startswith("M")
        or _ZWJ in (before, character)
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or ("\U0001f1e6" <= character <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff")  # flags
        or "\U000e0020" <= character <= "\U000e007f"  # tags, of the flags of regions
    )


def refuse_surrogates(text: str) -> None:
    """Name the half of a surrogate pair in a text, if it has one.

    Raises:
        FidanError: it has.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FidanError(
            f"a text to encode holds {text[error.start]!r}, half of a surrogate pair, at character {error.start:,}: "
            "it was decoded wrongly. Read it as UTF-8 with errors='replace'."
        ) from error
