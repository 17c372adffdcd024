"""An encoder-decoder as an engine: prompts are sources, which are read once; the rows' texts begin with `<s>`.

The decoder's own keys and values are kept as those of any decoder are. Those that cross-attention has of a source
never change: they are computed when it is read, and stand once for all beams that are written of it. Sources of like
length are read together, each padded to the longest among them and padding hidden. Source and text have the context
each to themselves. What it leaves out: picking tokens, ends, text (`generate`); compiled loops and CUDA graphs.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from fidan.generation.cache import KeyValueCache
from fidan.model.cross_attention import Source
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.model.masks import Mask, padding_mask

SOURCE_POSITIONS = 8192  # of one pass through the encoder, padding counted, which bounds its memory


class EncoderDecoderEngine:
    """See `fidan.generation.engine.Engine`.

    Args:
        model: put into evaluation mode.
        bos_id: the id that every text begins with.
    """

    def __init__(self, model: EncoderDecoder, bos_id: int) -> None:
        self.model, self.bos_id = model.eval(), bos_id
        self.vocabulary, self.context = model.vocabulary, model.config.context
        self.longest_prompt = self.context

    def beginning(self, prompt: Sequence[int]) -> Sequence[int]:
        """`<s>`: the prompt is a source, and no part of the text."""
        return [self.bos_id]

    def open(self, prompts: Sequence[Sequence[int]], new_tokens: int, copies: int = 1) -> "EncoderDecoderDecoding":
        """As `Engine.open` says; there may be any number of copies."""
        return EncoderDecoderDecoding(self, prompts, new_tokens)


class EncoderDecoderDecoding:
    """See `fidan.generation.engine.Decoding`."""

    def __init__(self, engine: EncoderDecoderEngine, prompts: Sequence[Sequence[int]], new_tokens: int) -> None:
        self._model = engine.model
        embedding = engine.model.lm_head.weight
        capacity = min(1 + new_tokens, engine.context)
        self._cache = KeyValueCache(engine.model.config, len(prompts), capacity, embedding.dtype, embedding.device)
        self._sources = read_sources(engine.model, prompts)
        self._rows = list(range(len(prompts)))  # the source's number of each row
        self._source = self._sources
        self.logits = torch.empty(0)
        self.advance([engine.bos_id] * len(prompts))

    @torch.inference_mode()
    def advance(self, tokens: Sequence[int]) -> None:
        """As `Decoding.advance` says."""
        new = torch.tensor(list(tokens), device=self._cache.keys.device)[:, None]
        hidden = self._model.decode(new, self._source, self._cache.length, self._cache)
        self.logits = self._model.lm_head(hidden[:, -1]).float()

    def select(self, rows: Sequence[int]) -> None:
        """As `Decoding.select` says."""
        self._cache.select(rows)
        self.logits = self.logits[torch.tensor(list(rows), device=self.logits.device)]
        before, self._rows = self._rows, [self._rows[row] for row in rows]
        if self._rows != before:  # beams change places among rows of one source, whose keys stay where they are
            self._source = source_rows(self._sources, self._rows)


@torch.inference_mode()
def read_sources(model: EncoderDecoder, sources: Sequence[Sequence[int]]) -> Source:
    """Encode sources of any lengths, with the keys and values that every layer's cross-attention has of them.

    Args:
        model: the encoder-decoder.
        sources: ids of each, at least one.

    Returns:
        In the sources' order. The mask is None where all are of one length; the memory is not kept.
    """
    weight = model.lm_head.weight
    longest = max(len(source) for source in sources)
    layers: list[tuple[Tensor, Tensor]] = [
        (weight.new_zeros(shape), weight.new_zeros(shape))
        for shape in [(len(sources), model.config.kv_heads, longest, model.config.head_width)] * model.config.n_layers
    ]
    order = sorted(range(len(sources)), key=lambda row: len(sources[row]), reverse=True)
    while order:
        length = len(sources[order[0]])
        size = max(1, SOURCE_POSITIONS // length)
        together, order = order[:size], order[size:]
        lengths = torch.tensor([len(sources[row]) for row in together], device=weight.device)
        tokens = torch.zeros(len(together), length, dtype=torch.long)
        for at, row in enumerate(together):
            tokens[at, : len(sources[row])] = torch.tensor(list(sources[row]))
        memory = model.encode(tokens.to(weight.device), _present(lengths, length))
        index = torch.tensor(together, device=weight.device)
        for (keys, values), new in zip(layers, model.keys_values(memory), strict=True):
            keys[index, :, :length], values[index, :, :length] = new
    lengths = torch.tensor([len(source) for source in sources], device=weight.device)
    present = _present(lengths, longest)
    return Source(weight.new_empty(0), None if present is None else padding_mask(present), layers)


def _present(lengths: Tensor, longest: int) -> Tensor | None:
    """(B, S) booleans, True for a token; None: there is no padding."""
    present = torch.arange(longest, device=lengths.device) < lengths[:, None]
    return None if bool(present.all()) else present


def source_rows(sources: Source, rows: Sequence[int]) -> Source:
    """What is seen of sources, for rows that are each of one of them; rows of a single source share its memory."""
    assert sources.keys_values is not None
    index = torch.tensor(list(rows), device=sources.memory.device)

    def of(tensor: Tensor) -> Tensor:
        if len(set(rows)) == 1:
            return tensor[rows[0] : rows[0] + 1].expand(len(rows), *tensor.shape[1:])
        return tensor.index_select(0, index)

    mask = sources.mask
    if mask is not None:
        mask = Mask(of(mask.allowed), None if mask.blind is None else of(mask.blind))
    return Source(sources.memory, mask, [(of(keys), of(values)) for keys, values in sources.keys_values])
