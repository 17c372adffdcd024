"""The stream of synthetic documents, a pure function of its seed.

Document *i* depends only on the seed and *i* (and on the options), so a longer target appends and never changes what
came before, and any document can be made again without the ones before it. A duplicate, too, is made by making the
earlier document again.

Left out: files and shards; the pipeline writes them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from fidan.corpus.synthetic.noise import COPIERS, DUPLICATE_KINDS, NOISE_KINDS, PLANTERS, Label
from fidan.corpus.synthetic.pages import page
from fidan.corpus.synthetic.questions import questions
from fidan.corpus.synthetic.sentences import pick
from fidan.corpus.synthetic.stories import story

GENERATOR_VERSION = 1
"""Raised whenever the text for a given seed changes."""

_WRITERS: dict[str, Callable[[random.Random], str]] = {"story": story, "qa": questions, "page": page}
_DEFAULT_KINDS = {"story": 0.65, "qa": 0.2, "page": 0.15}
_NOISE_STREAM = 1 << 130


@dataclass(frozen=True, slots=True)
class SyntheticDocument:
    """One document; paragraphs are lines. ``labels`` says what noise was planted, and is empty when clean."""

    text: str
    kind: str
    labels: tuple[Label, ...] = ()


def _key(seed: int, index: int) -> int:
    # Seeding with one big integer is the same on every Python version, unlike seeding with a hash.
    return (seed % (1 << 64)) << 64 | index


def _weights(kinds: Mapping[str, float] | None) -> tuple[tuple[str, float], ...]:
    chosen = _DEFAULT_KINDS if kinds is None else kinds
    unknown = [kind for kind in chosen if kind not in _WRITERS]
    if unknown:
        raise ValueError(f"unknown kind {unknown[0]!r}; the kinds are {', '.join(_WRITERS)}")
    total = sum(chosen.values())
    if total <= 0 or any(weight < 0 for weight in chosen.values()):
        raise ValueError("the weights of kinds must be zero or more, and not all zero")
    bounds, reached = [], 0.0
    # In the order of _WRITERS, so that the order of the mapping does not matter.
    for kind in _WRITERS:
        if chosen.get(kind, 0) > 0:
            reached += chosen[kind] / total
            bounds.append((kind, reached))
    return tuple(bounds)


def _clean(seed: int, index: int, weights: tuple[tuple[str, float], ...]) -> SyntheticDocument:
    rng = random.Random(_key(seed, index))
    drawn = rng.random()
    kind = next((kind for kind, bound in weights if drawn < bound), weights[-1][0])
    return SyntheticDocument(_WRITERS[kind](rng), kind)


def _noise_rng(seed: int, index: int) -> random.Random:
    return random.Random(_NOISE_STREAM | _key(seed, index))


def _is_clean(seed: int, index: int, noise: float) -> bool:
    return noise <= 0 or _noise_rng(seed, index).random() >= noise


def _earlier(rng: random.Random, seed: int, index: int, noise: float) -> int | None:
    """Choose a clean document before ``index``: a random one, or the nearest clean one below it."""
    for candidate in range(int(rng.random() * index), -1, -1):
        if _is_clean(seed, candidate, noise):
            return candidate if candidate < index else None
    return None


def document(seed: int, index: int, *, noise: float, weights: tuple[tuple[str, float], ...]) -> SyntheticDocument:
    """Make document ``index`` of the stream by itself."""
    if _is_clean(seed, index, noise):
        return _clean(seed, index, weights)
    rng = _noise_rng(seed, index)
    rng.random()  # the draw that made this document dirty
    kind = pick(rng, NOISE_KINDS)
    if kind in DUPLICATE_KINDS:
        source = _earlier(rng, seed, index, noise)
        if source is not None:
            original = _clean(seed, source, weights)
            text, labels = COPIERS[kind](rng, original.text, source)
            return SyntheticDocument(text, original.kind, labels)
        kind = "menu"  # nothing clean stands before: the very first documents
    original = _clean(seed, index, weights)
    text, labels = PLANTERS[kind](rng, original.text)
    return SyntheticDocument(text, original.kind, labels)


def generate(
    seed: int, target_bytes: int, *, noise: float = 0.0, kinds: Mapping[str, float] | None = None
) -> Iterator[SyntheticDocument]:
    """Yield documents until their texts reach ``target_bytes`` of UTF-8.

    ``noise`` is the share of documents that carry planted noise, ``kinds`` the weights of ``story``, ``qa`` and
    ``page``. The stream for a larger target begins with the stream for a smaller one.
    """
    if target_bytes < 0:
        raise ValueError(f"target_bytes must not be negative, not {target_bytes}")
    if not 0.0 <= noise <= 1.0:
        raise ValueError(f"noise is a share from 0 to 1, not {noise}")
    return _stream(seed, target_bytes, noise, _weights(kinds))


def _stream(
    seed: int, target_bytes: int, noise: float, weights: tuple[tuple[str, float], ...]
) -> Iterator[SyntheticDocument]:
    written = 0
    for index in count():
        if written >= target_bytes:
            return
        made = document(seed, index, noise=noise, weights=weights)
        yield made
        written += len(made.text.encode("utf-8"))
