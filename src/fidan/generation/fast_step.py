"""A decoder's weights laid out for the compiled loops, and the step that runs them: see `loops`.

The matrices of all layers are put into one array of each kind, and the model's own become views of it, so that
nothing is held twice and the model still works. What it leaves out: devices other than the CPU.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fidan.generation import loops
from fidan.generation.cache import KeyValueCache
from fidan.generation.int8 import Int8Linear
from fidan.model.decoder import Decoder


class Weights(NamedTuple):
    """Arrays of all layers (L); matrices are stored as fp32, as the 16 bits of bf16, or as int8 with scales."""

    embedding: NDArray[Any]  # (V, D)
    norms: NDArray[np.float32]  # (L + 1, 2, D): before attention, before feed-forward; the last one's first is final
    qkv: NDArray[Any]  # (L, (H + 2G)·K, D)
    qkv_scale: NDArray[np.float32]  # (L, (H + 2G)·K); of no meaning for floats
    o: NDArray[Any]  # (L, D, H·K)
    o_scale: NDArray[np.float32]
    gate_up: NDArray[Any]  # (L, 2F, D)
    gate_up_scale: NDArray[np.float32]
    down: NDArray[Any]  # (L, D, F)
    down_scale: NDArray[np.float32]
    head: NDArray[Any]  # (V, D)
    head_scale: NDArray[np.float32]


class FastStep:
    """One token a row through a decoder on the CPU.

    Args:
        model: in fp32 or bf16, its matrices also in int8 (`int8.quantise`).
        say: told if the loops have to be compiled first.

    Raises:
        ValueError: the model is no Llama, of another type, or not on the CPU.
    """

    def __init__(self, model: Decoder, say: Callable[[str], None] = lambda text: None) -> None:
        if unlike := model.config.llama_shaped():
            raise ValueError(f"the compiled loops are for a Llama, and this model has {', '.join(unlike)}.")
        embedding = model.model.embed_tokens.weight
        if embedding.device.type != "cpu" or embedding.dtype not in (torch.float32, torch.bfloat16):
            raise ValueError(
                f"a model in {embedding.dtype} on {embedding.device}: fp32 or bf16 on the CPU is needed."
            )
        _launch_threads()
        self._weights = _lay_out(model)
        cos, sin = model.model.cos, model.model.sin
        assert cos is not None, "a Llama's positions are rotary"
        assert sin is not None, "a Llama's positions are rotary"
        self._cos, self._sin = cos.numpy(), sin.numpy()
        self._heads, self._eps = model.config.n_heads, model.config.norm_eps
        self._say: Callable[[str], None] | None = say

    def __call__(self, tokens: list[int], cache: KeyValueCache) -> Tensor:
        """As `engine.Step` says."""
        # As many threads as PyTorch takes, so that one setting (OMP_NUM_THREADS) is for both.
        numba.set_num_threads(min(torch.get_num_threads(), numba.config.NUMBA_NUM_THREADS))
        with self._patience():
            logits = loops.step(
                np.array(tokens),
                self._weights,
                _stored(cache.keys),
                _stored(cache.values),
                np.array(cache.lengths),
                self._cos,
                self._sin,
                self._heads,
                self._eps,
            )
        cache.extend()
        return torch.from_numpy(logits)

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """Says that the loops are being compiled if the first step takes long."""
        if self._say is None:
            yield
            return
        message = "compiling the decoding loops for this processor: half a minute, once"
        timer = threading.Timer(1.5, self._say, [message])
        self._say = None
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _launch_threads() -> None:
    """Have Numba start its threads, which sets how many PyTorch takes where both use one OpenMP; put that back."""
    before = torch.get_num_threads()
    numba.set_num_threads(1)
    if torch.get_num_threads() != before:
        torch.set_num_threads(before)


def _stored(tensor: Tensor) -> NDArray[Any]:
    """The tensor's memory as NumPy knows it, which has no bf16."""
    if tensor.dtype == torch.bfloat16:
        return tensor.detach().view(torch.int16).numpy().view(np.uint16)
    return tensor.detach().numpy()


def _lay_out(model: Decoder) -> Weights:
    blocks: list[Any] = list(model.model.layers)
    layers = [(block.self_attn, block.mlp) for block in blocks]
    norms = [(block.input_layernorm.weight, block.post_attention_layernorm.weight) for block in blocks]
    final = model.model.norm.weight
    gains = torch.stack([torch.stack(pair) for pair in [*norms, (final, final)]]).detach().float()
    qkv = _together([[attention.q_proj, attention.k_proj, attention.v_proj] for attention, _ in layers])
    o = _together([[attention.o_proj] for attention, _ in layers])
    gate_up = _together([[mlp.gate_proj, mlp.up_proj] for _, mlp in layers])
    down = _together([[mlp.down_proj] for _, mlp in layers])
    head = _stored(_matrix(model.lm_head)), _scale(model.lm_head).numpy()
    embedding = _stored(model.model.embed_tokens.weight)
    return Weights(embedding, gains.numpy(), *qkv, *o, *gate_up, *down, *head)


def _matrix(linear: nn.Module) -> Tensor:
    matrix = linear.values if isinstance(linear, Int8Linear) else linear.weight
    assert isinstance(matrix, Tensor)
    return matrix.detach()


def _scale(linear: nn.Module) -> Tensor:
    return linear.scale if isinstance(linear, Int8Linear) else torch.ones(_matrix(linear).shape[0])


def _together(layers: list[list[nn.Module]]) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """The matrices of each layer, one below the other, in one array; the layers' own become views of it."""
    sizes = [_matrix(linear).shape[0] for linear in layers[0]]
    first = _matrix(layers[0][0])
    whole = torch.empty(len(layers), sum(sizes), first.shape[1], dtype=first.dtype)
    for rows, linears in zip(whole, layers, strict=True):
        for part, linear in zip(rows.split(sizes), linears, strict=True):
            part.copy_(_matrix(linear))
            if isinstance(linear, Int8Linear):
                linear.values = part
            else:
                assert isinstance(linear, nn.Linear)
                linear.weight = nn.Parameter(part, requires_grad=False)
    return _stored(whole), torch.stack(
        [torch.cat([_scale(linear) for linear in linears]) for linears in layers]
    ).numpy()
