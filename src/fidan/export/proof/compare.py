"""A runtime held against the trained model and its tokenizer: ids, texts, logits, greedy text; a row each.

What it leaves out: which runtimes there are (`runtimes`), what only a GGUF file has (`gguf_logits`), and what is
asked of an encoder-decoder (`answers`).
"""

import math
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from fidan.export.proof.rows import Row, exact, within
from fidan.export.proof.runtimes import ModelRuntime, TokenRuntime
from fidan.model.decoder import Decoder
from fidan.tokenizer.tokenizer import Tokenizer, round_trip

# In fp32, absolute, for logits of order 1 to 10; larger logits carry proportionally larger rounding.
LOGIT_TOLERANCE = 1e-5
LONGEST = 384  # tokens of a probe
_GREEDY = 16
_PLACES = 32  # a probe; an xllamacpp with 32,000 tokens takes 0.1 s for each


class Frame(NamedTuple):
    """The ids that a folder's tokenizer puts around those of a text."""

    before: list[int]
    behind: list[int]

    def around(self, ids: Sequence[int]) -> list[int]:
        """A text's own ids, and these."""
        return [*self.before, *ids, *self.behind]


def frame_of(tokenizer: Tokenizer, encoder: bool) -> Frame:
    """`<s>` before a text to go on with; `</s>` behind one that an encoder reads."""
    return Frame([], [tokenizer.eos_id]) if encoder else Frame([tokenizer.bos_id], [])


@dataclass(frozen=True)
class Probe:
    """Ids whose logits are compared, after these places."""

    ids: list[int]
    places: list[int]


def probes(tokenizer: Tokenizer, context: int, texts: Sequence[str]) -> list[Probe]:
    """What logits are compared on: some texts, and random ids up to the context, which meet all of the vocabulary.

    Places are spread evenly; the last one, where a wrong rotation shows most, is among them.
    """
    longest = min(context - 1, LONGEST)  # a server keeps one place for its answer
    ordinary = [i for i in range(tokenizer.vocab_size) if i not in tokenizer.special_ids]
    strung = [tokenizer.bos_id, *random.Random(3).choices(ordinary, k=longest - 1)]
    rows = [*(tokenizer.encode(text, bos=True)[:longest] for text in texts), strung]
    return [Probe(ids, sorted({len(ids) - 1 - i * len(ids) // _PLACES for i in range(_PLACES)})) for ids in rows]


def compare_ids(
    runtime: TokenRuntime, tokenizer: Tokenizer, texts: Sequence[str], ids: Sequence[list[int]], frame: Frame
) -> Row:
    """The ids of texts; where one holds the name of a control symbol, as plain text.

    Args:
        runtime: to compare.
        tokenizer: ours.
        texts: any.
        ids: what ours makes of them.
        frame: what the runtime shall put around them.
    """
    named = [i for i, text in enumerate(texts) if _symbols(tokenizer).search(text)]
    found = runtime.ids(texts, symbols=True)
    for i, row in zip(named, runtime.ids([texts[i] for i in named], symbols=False), strict=True):
        found[i] = row
    return exact("ids", runtime.name, "texts", [frame.around(row) for row in ids], found, texts)


def compare_symbols(runtime: TokenRuntime, tokenizer: Tokenizer, texts: Sequence[str], frame: Frame) -> Row:
    """The ids of the texts that hold names of control symbols, read as the symbols, as a chat needs them."""
    texts = [text for text in texts if _symbols(tokenizer).search(text)]
    expected = [frame.around(_with_symbols(tokenizer, text)) for text in texts]
    return exact("control symbols", runtime.name, "texts", expected, runtime.ids(texts, symbols=True), texts)


def _symbols(tokenizer: Tokenizer) -> re.Pattern[str]:
    names = sorted((tokenizer.piece(i) for i in tokenizer.special_ids), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))


def _with_symbols(tokenizer: Tokenizer, text: str) -> list[int]:
    """What is between symbols is encoded as a text of its own."""
    ids, start = [], 0
    for match in _symbols(tokenizer).finditer(text):
        ids += [*tokenizer.encode(text[start : match.start()]), tokenizer.special_id(match[0])]
        start = match.end()
    return ids + tokenizer.encode(text[start:])


def compare_texts(runtime: TokenRuntime, texts: Sequence[str], ids: Sequence[list[int]]) -> Row:
    """Texts that come back from their ids."""
    back = runtime.texts(ids)
    return exact("decoded text", runtime.name, "texts", [round_trip(text) for text in texts], back, texts)


def logits_of(model: Decoder, probe: Probe) -> Tensor:
    """(places, V) logits of our model, fp32."""
    with torch.inference_mode():
        logits: Tensor = model(torch.tensor([probe.ids]))[0, probe.places]
    return logits.float()


def compare_logits(runtime: ModelRuntime, model: Decoder, every: Sequence[Probe]) -> Row:
    """Logits, in fp32, as `logit_row` says."""
    pairs = ((logits_of(model, probe), runtime.logits(probe.ids, probe.places)) for probe in every)
    return logit_row(runtime.name, pairs, lambda number, place: every[number].places[place])


def logit_row(
    runtime: str,
    pairs: Iterable[tuple[Tensor, Tensor]],
    place_of: Callable[[int, int], int] = lambda n, place: place,
    tolerance: float = LOGIT_TOLERANCE,
) -> Row:
    """Logits, ours and a runtime's.

    Args:
        runtime: its name.
        pairs: (places, V) of each probe, ours and its.
        place_of: the token after which a row of a probe stands, by the numbers of both.
        tolerance: the limit, which is multiplied by the greatest logit where that is above 1.
    """
    worst, limit, count, note = 0.0, tolerance, 0, ""
    for number, (expected, found) in enumerate(pairs):
        count += expected.numel()
        if found.shape != expected.shape:
            note = f"{found.shape[1]:,} logits a token, not {expected.shape[1]:,}"
            return within("logits", runtime, count, "logits", math.inf, limit, note)
        apart = (expected - found).abs().nan_to_num(nan=torch.inf)
        allowed = tolerance * max(1.0, float(expected.abs().max()))
        if float(apart.max()) * limit >= worst * allowed:
            worst, limit = float(apart.max()), allowed
            place, token = divmod(int(apart.argmax()), apart.shape[1])
            note = f"worst: probe {number}, after token {place_of(number, place)}, logit of {token}"
    return within("logits", runtime, count, "logits", worst, limit, note)


def compare_greedy(runtime: ModelRuntime, model: Decoder, ids: Sequence[int], tolerance: float) -> Row:
    """Greedy text after ids; where it parts from ours, the two best logits must tie.

    Args:
        runtime: to compare.
        model: ours. It reads the runtime's own text, so one near-tie does not set everything after it apart.
        ids: the beginning; half a context of it is taken.
        tolerance: how far below the best logit of ours the token of the runtime may lie.
    """
    ids = ids[: model.config.context // 2]
    found = runtime.greedy(ids, min(_GREEDY, model.config.context - 1 - len(ids)))
    logits = logits_of(model, Probe([*ids, *found], list(range(len(ids) - 1, len(ids) + len(found) - 1))))
    return greedy_row(runtime.name, logits, found, tolerance)


def greedy_row(runtime: str, logits: Tensor, found: Sequence[int], tolerance: float) -> Row:
    """Tokens that a runtime took for the likeliest: how far below the best of our (tokens, V) logits each is."""
    behind = logits.max(dim=1).values - logits[range(len(found)), found]
    at = int(behind.argmax())
    note = f"near-ties: {ties}" if (ties := int((behind > 0).sum())) else ""
    if float(behind[at]) > tolerance:
        note = f"token {at} is {found[at]}, where ours is {int(logits[at].argmax())}"
    return within("greedy text", runtime, len(found), "tokens", float(behind[at]), tolerance, note)
