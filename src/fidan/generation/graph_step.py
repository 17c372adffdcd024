"""A decoding step on a CUDA device, recorded once and replayed: a small model's step is all launches otherwise.

A graph repeats the same kernels on the same memory, so everything that changes from token to token is in tensors that
stay where they are: the tokens, their places, the cache with all its room (what is not written yet is masked). A
graph belongs to its cache's memory; where that is taken anew a new graph is recorded, which costs a few steps. What
it leaves out: CPUs (`fast_step`).
"""

from collections.abc import Callable

import torch
from torch import Tensor

from fidan.generation.cache import KeyValueCache
from fidan.generation.engine import PlainStep
from fidan.model.decoder import Decoder, Places

TOLERANCE = 1e-3  # of the largest logit, between a replay and the same step without a graph


class FixedStep:
    """A step on memory that stays where it is, of as many rows as the cache has room for.

    Args:
        model: the decoder.
        cache: it writes into; all of its room is attended to, under a mask. Rows that nobody has are computed, too.
    """

    def __init__(self, model: Decoder, cache: KeyValueCache) -> None:
        device, rows = cache.keys.device, cache.keys.shape[1]
        self._model, self._cache = model, cache
        self._tokens = torch.zeros(rows, 1, dtype=torch.long, device=device)
        self._places = torch.zeros(rows, dtype=torch.long, device=device)
        self._rows = torch.arange(rows, device=device)
        self._keys = torch.arange(cache.keys.shape[3], device=device)

    def set(self, tokens: list[int]) -> None:
        """What the next run reads."""
        self._tokens[: len(tokens)].copy_(torch.tensor(tokens, device=self._tokens.device)[:, None])
        self._places[: len(tokens)].copy_(torch.tensor(self._cache.lengths, device=self._places.device))

    def run(self) -> Tensor:
        """(B, V) logits; the cache's own `lengths` are left to the caller."""
        places = Places(self._places[:, None], self._keys <= self._places[:, None, None])
        hidden = self._model.model(self._tokens, cache=self, places=places)
        logits: Tensor = self._model.lm_head(hidden[:, -1]).float()
        return logits

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """As a `KeyValueStore`: write at the place, give everything."""
        self._cache.keys[layer][self._rows, :, self._places] = keys[:, :, 0]
        self._cache.values[layer][self._rows, :, self._places] = values[:, :, 0]
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
        cache.extend()
        return self._logits[: len(tokens)].clone()

    def _record(self, tokens: list[int], cache: KeyValueCache) -> None:
        step = FixedStep(self._model, cache)
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
