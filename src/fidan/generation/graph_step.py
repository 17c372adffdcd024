"""A decoding step on a CUDA device, recorded once and replayed: a small model's step is all launches otherwise.

A graph repeats the same kernels on the same memory, so everything that changes from token to token is in tensors that
stay where they are: the tokens, the place, the cache with all its room (what is not written yet is masked). A graph
belongs to its cache; another one is recorded anew, which costs a few steps. What it leaves out: CPUs (`fast_step`).
"""

from collections.abc import Callable

import torch
from torch import Tensor

from fidan.generation.cache import KeyValueCache
from fidan.generation.engine import PlainStep
from fidan.model.decoder import Decoder, Places

TOLERANCE = 1e-3  # of the largest logit, between a replay and the same step without a graph


class FixedStep:
    """A step on memory that stays where it is.

    Args:
        model: the decoder.
        cache: it writes into; all of its room is attended to, under a mask.
        rows: B.
    """

    def __init__(self, model: Decoder, cache: KeyValueCache, rows: int) -> None:
        device = cache.keys.device
        self._model, self._cache = model, cache
        self._tokens = torch.zeros(rows, 1, dtype=torch.long, device=device)
        self._place = torch.zeros(1, dtype=torch.long, device=device)
        self._starts = torch.zeros(rows, dtype=torch.long, device=device)
        self._keys = torch.arange(cache.keys.shape[3], device=device)

    def set(self, tokens: list[int]) -> None:
        """What the next run reads."""
        self._tokens.copy_(torch.tensor(tokens, device=self._tokens.device)[:, None])
        self._place.fill_(self._cache.length)
        if self._cache.starts is not None:
            self._starts.copy_(self._cache.starts)

    def run(self) -> Tensor:
        """(B, V) logits; the cache's own `length` is left to the caller."""
        begun = self._keys >= self._starts[:, None, None]
        places = Places(self._place - self._starts[:, None], begun & (self._keys <= self._place))
        hidden = self._model.model(self._tokens, cache=self, places=places)
        logits: Tensor = self._model.lm_head(hidden[:, -1]).float()
        return logits

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """As a `KeyValueStore`: write at the place, give everything."""
        self._cache.keys[layer].index_copy_(2, self._place, keys)
        self._cache.values[layer].index_copy_(2, self._place, values)
        return self._cache.keys[layer], self._cache.values[layer]


class GraphStep:
    """A `Step` that replays a graph; where none can be recorded it says so, and takes plain steps.

    Args:
        model: on a CUDA device.
        say: told why there is no graph.
    """

    def __init__(self, model: Decoder, say: Callable[[str], None] = lambda text: None) -> None:
        self._model, self._say, self._plain = model, say, PlainStep(model)
        self._works = True
        self._keys: Tensor | None = None  # of the cache that the graph belongs to

    def __call__(self, tokens: list[int], cache: KeyValueCache) -> Tensor:
        """As `engine.Step` says."""
        if self._works and cache.keys is not self._keys:
            try:
                self._record(tokens, cache)
            except RuntimeError as error:  # of CUDA, in many words
                self._works = False
                self._say(f"decoding without a CUDA graph, slower: {str(error).splitlines()[0]}")
        if not self._works:
            return self._plain(tokens, cache)
        self._step.set(tokens)
        self._graph.replay()
        cache.length += 1
        return self._logits.clone()

    def _record(self, tokens: list[int], cache: KeyValueCache) -> None:
        step = FixedStep(self._model, cache, len(tokens))
        step.set(tokens)
        # Kernels choose their ways in the first runs, which may not be recorded.
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                expected = step.run()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            logits = step.run()
        graph.replay()
        if float((logits - expected).abs().max()) > TOLERANCE * float(expected.abs().max()):
            raise RuntimeError("the replayed step gives other logits than the step itself")
        self._step, self._graph, self._logits, self._keys = step, graph, logits, cache.keys
