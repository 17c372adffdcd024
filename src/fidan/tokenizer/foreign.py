"""Others' tokenizers, so that they can be measured beside ours: any `tokenizer.json`, and which file a path means.

Read by the `tokenizers` library, which knows where in the text each token stands. Byte-level BPE (GPT-2, Llama 3,
Qwen), SentencePiece-like ones with byte pieces (Llama 2, Gemma) and WordPiece (BERT) all work; one that changes the
text shows it in its round trips. What it leaves out: tokenizers without a `tokenizer.json`, and every use but
measuring: these are no tokenizers for a model of this package.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from fidan.errors import FidanError
from fidan.tokenizer.hugging_face import TOKENIZER_JSON
from fidan.tokenizer.spans import Spans
from fidan.tokenizer.tokenizer import MODEL, SPACE, Tokenizer

_BYTE_PIECE = re.compile(r"<0x[0-9A-F]{2}>")
# The characters by which byte-level BPE writes the bytes from 0x80 on, which are parts of characters: those that
# Latin-1 prints stand for themselves, the others follow after 33 of ASCII's (GPT-2's bytes_to_unicode).
_HIGH_BYTES = frozenset([*map(chr, range(0xA1, 0x100)), *map(chr, range(0x122, 0x144))]) - {"\xad"}


class HuggingFaceTokenizer:
    """A `tokenizer.json`, as `spans.Measurable` wants it.

    Args:
        path: the file.

    Raises:
        FidanError: there is none, or the library cannot read it.

    Attributes:
        vocab_size: one above the highest id.
        special_ids: its special tokens, its unknown token, and numbers below the highest id that no token has.
    """

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer as Library  # takes a moment, and only this needs it

        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise FidanError(f"{path}: no such file. Name a folder that holds a {TOKENIZER_JSON}.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise FidanError(f"{path}: cannot be read ({error}).") from error
        try:
            self._library = Library.from_str(text)
        except Exception as error:  # the tokenizers library raises nothing more precise for a broken file
            raise FidanError(f"{path}: no {TOKENIZER_JSON} that tokenizers can read ({error}).") from error
        self._library.no_truncation()
        self._library.no_padding()
        self._library.encode_special_tokens = True  # a name in a text is plain characters, as in ours
        content = orjson.loads(text)
        names: dict[int, str] = {i: piece for piece, i in self._library.get_vocab().items()}
        self.vocab_size: int = max(names) + 1
        special = {i for i, token in self._library.get_added_tokens_decoder().items() if token.special}
        self.special_ids: frozenset[int] = frozenset(
            special | _unknown(content, names) | (set(range(self.vocab_size)) - names.keys())
        )
        byte_level = _mentions(content, "ByteLevel")
        self._bytes = frozenset(
            i for i, name in names.items() if _BYTE_PIECE.fullmatch(name) or (byte_level and name in _HIGH_BYTES)
        )

    def is_byte(self, token: int) -> bool:
        """Whether an id is a byte piece (`<0x0A>`), or in byte-level BPE one byte from 0x80 on by itself."""
        return token in self._bytes

    def spans(self, texts: Sequence[str], threads: int = 1) -> list[Spans]:
        """As `Measurable.spans` says; the library decides the threads."""
        found = []
        for text, encoding in zip(
            texts, self._library.encode_batch(list(texts), add_special_tokens=False), strict=True
        ):
            places = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
            if encoding.tokens and not encoding.tokens[0].strip(SPACE) and not text[:1].isspace():
                places[0] = 0  # a space put in front, which the library gives the first character's place
            found.append(Spans(np.array(encoding.ids, dtype=np.int64), places[:, 0], places[:, 1]))
        return found

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids, as the library writes it."""
        return str(self._library.decode(list(ids), skip_special_tokens=False))


def open_tokenizer(path: Path) -> Tokenizer | HuggingFaceTokenizer:
    """The tokenizer that a path means: ours where there is a `tokenizer.model`, else a `tokenizer.json`.

    Args:
        path: a folder, or one of these files itself.

    Raises:
        FidanError: neither is there, or it cannot be read.
    """
    if path.is_dir():
        for name in (MODEL, TOKENIZER_JSON):
            if (path / name).is_file():
                return open_tokenizer(path / name)
        raise FidanError(f"{path}: no tokenizer here. Name a folder with a {MODEL} or a {TOKENIZER_JSON}.")
    if path.suffix == ".json":
        return HuggingFaceTokenizer(path)
    try:
        return Tokenizer.load(path)
    except FidanError as error:
        beside = path.with_name(TOKENIZER_JSON)
        if not beside.is_file():
            raise
        raise FidanError(f"{error} To measure it by its {TOKENIZER_JSON}, name {beside}.") from error


def _unknown(content: dict[str, Any], names: dict[int, str]) -> set[int]:
    model = content["model"]
    if model.get("unk_id") is not None:
        return {model["unk_id"]}
    return {i for i, name in names.items() if name == model.get("unk_token")}


def _mentions(content: Any, kind: str) -> bool:
    """Whether a part of this type is anywhere in the file but in its vocabulary."""
    parts = [content.get("pre_tokenizer"), content.get("decoder")]
    return f'"type":"{kind}"' in orjson.dumps(parts).decode()
