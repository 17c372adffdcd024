"""Packed tokens, read: one long row of ids over many files, mapped into memory rather than loaded.

A packed folder holds, for each shard of the corpus, the ids of its documents one after the other
(`train-00000.tokens.bin`, little-endian), where each document starts (`….offsets.npy`, uint64, one more than
documents) and how many UTF-8 bytes its text has (`….bytes.npy`, uint64); `index.json` says which shards there are,
how large, and which tokenizer made them. A document is `<s> ids </s>`.

What it leaves out: making them (`packing`), and the order in which a model sees them (`batches`).
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fidan.artifact import read_json, size_faults
from fidan.errors import ArtifactMismatch

INDEX = "index.json"
TOKENS, OFFSETS, BYTES = "tokens.bin", "offsets.npy", "bytes.npy"
_OPEN_SHARDS = 64  # each holds three file descriptors, of which a process often has but 1,024

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Shard:
    tokens: npt.NDArray[np.integer]  # (tokens,), as stored
    offsets: npt.NDArray[np.uint64]  # (documents + 1,)
    bytes: npt.NDArray[np.uint64]  # (documents,)


class PackedTokens:
    """One split of a packed folder. Make it with `open`.

    Attributes:
        tokens: ids in all, the `<s>` and `</s>` of every document among them.
        documents: how many there are.
        text_bytes: UTF-8 bytes of the documents' texts.
        vocab_size: every id is below it.
        tokenizer_hash: of the tokenizer that made the ids.
    """

    def __init__(self, folder: Path, index: Mapping[str, Any], split: str) -> None:
        self.folder, self.split = folder, split
        self.vocab_size: int = index["vocab_size"]
        self.tokenizer_hash: str = index["tokenizer"]
        self._dtype = np.dtype(index["dtype"]).newbyteorder("<")
        self._shards: list[dict[str, Any]] = index["splits"][split]
        # where each shard begins, and where the last one ends: (shards + 1,)
        self._token_starts = np.cumsum([0, *(shard["tokens"] for shard in self._shards)])
        self._document_starts = np.cumsum([0, *(shard["documents"] for shard in self._shards)])
        self.tokens = int(self._token_starts[-1])
        self.documents = int(self._document_starts[-1])
        self.text_bytes: int = sum(shard["text_bytes"] for shard in self._shards)
        self._open: OrderedDict[int, _Shard] = OrderedDict()

    @classmethod
    def open(cls, folder: Path, split: str, tokenizer_hash: str | None = None) -> "PackedTokens":
        """The tokens of `split` in `folder`.

        Args:
            folder: as `packing.pack` filled it.
            split: `train` or `valid`.
            tokenizer_hash: `Tokenizer.hash` of the tokenizer in use; None: whichever made them.

        Raises:
            ArtifactMismatch: another tokenizer made them, files are missing or have another size, no such split.
        """
        if not (folder / INDEX).is_file():
            raise ArtifactMismatch(f"{folder}: no packed tokens here (no {INDEX}). Run the pack stage first.")
        index = read_json(folder / INDEX)
        if tokenizer_hash is not None and index["tokenizer"] != tokenizer_hash:
            raise ArtifactMismatch(
                f"{folder}: packed with the tokenizer {index['tokenizer']}, but {tokenizer_hash} is in use. "
                "Run the pack stage again with this tokenizer, or use the one the tokens were made with."
            )
        if split not in index["splits"]:
            raise ArtifactMismatch(f"{folder}: no split {split!r}; it has {', '.join(index['splits'])}.")
        for shard in index["splits"][split]:
            if faults := size_faults(folder, shard["files"]):
                raise ArtifactMismatch(f"{folder}: {faults[0]}. Delete this folder and run the pack stage again.")
        return cls(folder, index, split)

    def window(self, start: int, length: int) -> Ids:
        """The ids `start` to `start + length` of the whole row, across documents and files; shape (length,).

        Raises:
            IndexError: it reaches beyond the row.
        """
        self._require_inside(start, length)
        window = np.empty(length, dtype=np.int64)
        number = self._shard_at(start)
        filled = 0
        while filled < length:
            inside = start + filled - int(self._token_starts[number])
            part = self._shard(number).tokens[inside : inside + length - filled]
            window[filled : filled + len(part)] = part
            filled += len(part)
            number += 1
        return window

    def documents_in(self, start: int, length: int) -> range:
        """The numbers of the documents of which `window(start, length)` shows something.

        Raises:
            IndexError: it reaches beyond the row.
        """
        self._require_inside(start, length)
        return range(self._document_at(start), self._document_at(start + length - 1) + 1) if length else range(0)

    def document(self, i: int) -> Ids:
        """The ids of document `i`, `<s>` first and `</s>` last."""
        shard, inside = self._find(i)
        return self._slice(shard, inside)

    def document_bytes(self, i: int) -> int:
        """UTF-8 bytes of the text of document `i`."""
        shard, inside = self._find(i)
        return int(shard.bytes[inside])

    def spread(self, limit: int) -> Iterator[tuple[Ids, int]]:
        """Whole documents of about `limit` tokens or fewer, evenly spread over all; each with its UTF-8 bytes."""
        every = max(1, -(-self.tokens // limit))
        return ((self.document(i), self.document_bytes(i)) for i in range(0, self.documents, every))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": OrderedDict()}  # another process maps the files itself

    def _require_inside(self, start: int, length: int) -> None:
        if start < 0 or length < 0 or start + length > self.tokens:
            raise IndexError(f"window {start}+{length}: the {self.split} split has {self.tokens} tokens.")

    def _shard_at(self, token: int) -> int:
        return int(np.searchsorted(self._token_starts, token, side="right")) - 1

    def _document_at(self, token: int) -> int:
        number = self._shard_at(token)
        inside = np.searchsorted(self._shard(number).offsets, np.uint64(token - self._token_starts[number]), "right")
        return int(self._document_starts[number] + inside) - 1

    def _find(self, i: int) -> tuple[_Shard, int]:
        if not 0 <= i < self.documents:
            raise IndexError(f"document {i}: the {self.split} split has {self.documents}.")
        number = int(np.searchsorted(self._document_starts, i, side="right")) - 1
        return self._shard(number), i - int(self._document_starts[number])

    @staticmethod
    def _slice(shard: _Shard, inside: int) -> Ids:
        return shard.tokens[int(shard.offsets[inside]) : int(shard.offsets[inside + 1])].astype(np.int64)

    def _shard(self, number: int) -> _Shard:
        if number in self._open:
            self._open.move_to_end(number)
            return self._open[number]
        described = self._shards[number]
        base, count = self.folder / described["name"], described["tokens"]
        path = base.with_name(f"{base.name}.{TOKENS}")
        shard = _Shard(
            # an empty file cannot be mapped
            np.memmap(path, dtype=self._dtype, mode="r") if count else np.empty(0, dtype=self._dtype),
            np.load(base.with_name(f"{base.name}.{OFFSETS}"), mmap_mode="r" if count else None),
            np.load(base.with_name(f"{base.name}.{BYTES}"), mmap_mode="r" if count else None),
        )
        self._open[number] = shard
        if len(self._open) > _OPEN_SHARDS:
            self._open.popitem(last=False)
        return shard
