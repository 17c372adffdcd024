"""Question-answer pairs to ids for an encoder-decoder: what the encoder reads, what the decoder writes.

    source   question </s>, or question </s> context </s>
    target   answer </s>
    inputs   <s> answer, which is the target moved on by one: `EncodedPairs.padded` does it, and nothing else does

The two parts of a source are parted by an id, which no text can hold, as T5 ends its sources. A source that is too
long loses the end of its context first, and of its question only then; its ids still end with `</s>`. A target that
is too long loses its end and its `</s>`, so that nobody learns to stop in the middle of a sentence. Both are counted.
What it leaves out: the order in which pairs come (`fidan.training.pairs`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.pairs.pair import Pair
from fidan.errors import FidanError

IGNORE = -100  # the label of padding, as the losses know it

Ids = NDArray[np.int64]


class PairTokenizer(Protocol):
    """What pairs need of a tokenizer; `Tokenizer` has it, and `auto.AutoPairTokenizer`.

    Attributes:
        hash: tells it from others.
        vocab_size: V.
        bos_id: with which the decoder starts.
        eos_id: which ends a source, a part of it, and an answer.
        pad_id: of padding; -1: it has none.
        unk_id: for what it cannot write; -1: it can write everything.
    """

    @property
    def hash(self) -> str: ...  # noqa: D102
    @property
    def vocab_size(self) -> int: ...  # noqa: D102
    @property
    def bos_id(self) -> int: ...  # noqa: D102
    @property
    def eos_id(self) -> int: ...  # noqa: D102
    @property
    def pad_id(self) -> int: ...  # noqa: D102
    @property
    def unk_id(self) -> int: ...  # noqa: D102

    def encode(self, text: str) -> list[int]:
        """The ids of a text, without special ones around it."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, without the special ones among them."""


class Source(NamedTuple):
    """What an encoder reads.

    Attributes:
        ids: at least one.
        cut: ids that did not fit.
    """

    ids: list[int]
    cut: int


class Padded(NamedTuple):
    """Pairs side by side, each array of int64.

    Attributes:
        source: (B, S) ids, the pad id behind the shorter ones.
        inputs: (B, T) ids, which the decoder reads: `<s>` and the answer; the pad id behind the shorter ones.
        labels: (B, T) ids, which it should write: the answer and `</s>`; `IGNORE` where the inputs are padding.
        source_lengths: (B,) ids of each source that are no padding.
    """

    source: Ids
    inputs: Ids
    labels: Ids
    source_lengths: Ids


@dataclass(frozen=True)
class EncodedPairs:
    """Pairs as ids, one after the other; N pairs.

    Attributes:
        source_ids: of all sources.
        source_offsets: (N + 1,); pair n is from the n-th to the next.
        target_ids: of all targets, each with its `</s>` unless it was cut.
        target_offsets: (N + 1,).
        start_id: with which the decoder starts.
        pad_id: of padding.
        cut_sources: pairs whose source did not fit.
        cut_targets: pairs whose target did not fit.
        unknown: ids of the targets that stand for what the tokenizer cannot write, which no answer can then hold.
    """

    source_ids: Ids
    source_offsets: Ids
    target_ids: Ids
    target_offsets: Ids
    start_id: int
    pad_id: int
    cut_sources: int = 0
    cut_targets: int = 0
    unknown: int = 0

    def __len__(self) -> int:
        """N."""
        return len(self.source_offsets) - 1

    @property
    def source_lengths(self) -> Ids:
        """(N,) ids of each source."""
        return np.diff(self.source_offsets)

    @property
    def target_lengths(self) -> Ids:
        """(N,) labels of each pair."""
        return np.diff(self.target_offsets)

    def padded(self, places: Sequence[int] | Ids, multiple: int = 1) -> Padded:
        """Some pairs side by side, as wide as the longest of them.

        Args:
            places: which, at least one.
            multiple: S and T are rounded up to one of these; a compiled model then meets fewer shapes.
        """
        sources = [self.source_ids[self.source_offsets[n] : self.source_offsets[n + 1]] for n in places]
        targets = [self.target_ids[self.target_offsets[n] : self.target_offsets[n + 1]] for n in places]
        source = _side_by_side(sources, self.pad_id, multiple)
        labels = _side_by_side(targets, IGNORE, multiple)
        inputs = np.full_like(labels, self.pad_id)
        inputs[:, 0] = self.start_id
        before, behind = labels[:, :-1], inputs[:, 1:]
        kept = labels[:, 1:] != IGNORE  # a pair's last label is read by nobody
        behind[kept] = before[kept]
        return Padded(source, inputs, labels, np.array([len(ids) for ids in sources], np.int64))

    def counts(self) -> dict[str, int]:
        """For a manifest: pairs, ids, and what was lost."""
        return {
            "pairs": len(self),
            "source_tokens": len(self.source_ids),
            "target_tokens": len(self.target_ids),
            "longest_source": int(self.source_lengths.max()),
            "longest_target": int(self.target_lengths.max()),
            "cut_sources": self.cut_sources,
            "cut_targets": self.cut_targets,
            "unknown_tokens": self.unknown,
        }


def encode_source(tokenizer: PairTokenizer, question: str, context: str = "", max_source: int = 0) -> Source:
    """The ids that an encoder reads of a question.

    Args:
        tokenizer: the model's.
        question: not empty.
        context: a text that the answer should rest on; empty: none.
        max_source: ids at most; 0: no limit.

    Raises:
        FidanError: the question is empty, or `max_source` has no room for two ids.
    """
    if not question.strip():
        raise FidanError("the question is empty. Write one.")
    if max_source < 0 or max_source == 1:
        raise FidanError(
            f"max_source = {max_source}: at least 2, for one id of the question and its end; 0: no limit."
        )
    ids = [*tokenizer.encode(question), tokenizer.eos_id]
    if context:
        ids += [*tokenizer.encode(context), tokenizer.eos_id]
    if not max_source or len(ids) <= max_source:
        return Source(ids, 0)
    return Source([*ids[: max_source - 1], tokenizer.eos_id], len(ids) - max_source)


def encode_pairs(
    tokenizer: PairTokenizer, pairs: Sequence[Pair], max_source: int = 0, max_target: int = 0
) -> EncodedPairs:
    """All pairs as ids.

    Args:
        tokenizer: the model's.
        pairs: at least one.
        max_source: ids of a source at most, as `encode_source` cuts them; 0: no limit.
        max_target: labels of a pair at most, its `</s>` among them; 0: no limit.

    Raises:
        FidanError: there is no pair, a limit is too small, or the tokenizer lacks an id that is needed.
    """
    if not pairs:
        raise FidanError("no pairs of questions and answers to encode. Give at least one.")
    if max_target < 0 or max_target == 1:
        raise FidanError(f"max_target = {max_target}: at least 2, for one id of the answer and its end; 0: no limit.")
    require_ids(tokenizer)
    sources = [encode_source(tokenizer, pair.question, pair.context, max_source) for pair in pairs]
    targets = [[*tokenizer.encode(pair.answer), tokenizer.eos_id] for pair in pairs]
    limit = max_target or max(map(len, targets))
    kept = [target[:limit] for target in targets]
    target_ids, target_offsets = _in_a_row(kept)
    source_ids, source_offsets = _in_a_row([source.ids for source in sources])
    return EncodedPairs(
        source_ids,
        source_offsets,
        target_ids,
        target_offsets,
        tokenizer.bos_id,
        tokenizer.pad_id,
        cut_sources=sum(source.cut > 0 for source in sources),
        cut_targets=sum(len(target) > limit for target in targets),
        unknown=int((target_ids == tokenizer.unk_id).sum()) if tokenizer.unk_id >= 0 else 0,
    )


def require_ids(tokenizer: PairTokenizer) -> None:
    """Refuse a tokenizer that cannot mark where an answer starts and ends, or what is padding.

    Raises:
        FidanError: it lacks one of the three, or its padding is its end, whose labels would not be learnt.
    """
    wanted = {"start": tokenizer.bos_id, "end": tokenizer.eos_id, "padding": tokenizer.pad_id}
    if missing := [name for name, token in wanted.items() if token < 0]:
        raise FidanError(
            f"the tokenizer has no id for {' and '.join(missing)}, which pairs need. Train one with fidan, or choose "
            "another."
        )
    if tokenizer.pad_id == tokenizer.eos_id:
        raise FidanError(
            f"the tokenizer's padding and its end are one id, {tokenizer.eos_id}, so that the end of a source would "
            "pass for padding. Train one with fidan, or choose another."
        )


def _side_by_side(rows: Sequence[Ids], fill: int, multiple: int) -> Ids:
    width = -(-max(map(len, rows)) // multiple) * multiple
    made = np.full((len(rows), width), fill, np.int64)
    for place, row in enumerate(rows):
        made[place, : len(row)] = row
    return made


def _in_a_row(rows: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return np.concatenate([np.asarray(row, np.int64) for row in rows]), offsets
