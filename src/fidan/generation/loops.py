"""One decoding step of a decoder on a CPU, as compiled loops over its weights.

To write a token, every weight is read once and used once for each row: memory, not arithmetic, sets the pace. So the
loops read weights as they are stored (fp32, bf16 as its upper halves, int8), do everything else in fp32, and spread
the rows of each matrix over the cores. PyTorch's own matrix–vector product leaves more than half of the memory's
speed unused, and its eager operations cost more than a small model's arithmetic.

With int8 weights the inputs become whole numbers of up to 16 bits, a scale for each row; products and sums are then
exact. All sums of a row are taken in an order of its own, so its logits are the same bits whatever other rows there
are. What it leaves out: prompts, which are matrix products and PyTorch's business (`engine`).
"""

from typing import Any

import numpy as np
from numba import prange, types
from numba.extending import overload

from fidan.compiled import inlined, parallel, reordered
from fidan.generation.tiles import (
    MANY,
    OUTPUTS,
    single_many,
    single_one,
    single_two,
    tile_many,
    tile_one,
    tile_two,
)
from fidan.generation.whole_numbers import dot_four_whole

BLOCK = 32  # rows of a matrix that one core takes at a time
f32, i32, u32 = np.float32, np.int32, np.uint32


def widen(value: Any) -> Any:
    """A stored number as fp32; 16 bits are the upper half of one."""


@overload(widen, inline="always")  # type: ignore[untyped-decorator]
def _widen(value: Any) -> Any:
    def whole(value: Any) -> Any:
        return f32(value)

    def upper_half(value: Any) -> Any:
        return u32(u32(value) << u32(16)).view(f32)

    return upper_half if value == types.uint16 else whole


def narrow(value: Any, like: Any) -> Any:
    """An fp32 number as `like` is stored, rounded to the nearest, ties to the even."""


@overload(narrow, inline="always")  # type: ignore[untyped-decorator]
def _narrow(value: Any, like: Any) -> Any:
    def whole(value: Any, like: Any) -> Any:
        return f32(value)

    def upper_half(value: Any, like: Any) -> Any:
        bits = f32(value).view(u32)
        return np.uint16((bits + u32(0x7FFF) + ((bits >> u32(16)) & u32(1))) >> u32(16))

    return upper_half if like.dtype == types.uint16 else whole


@inlined
def dot(row: Any, x: Any) -> Any:
    """(K,) stored · (K,) fp32."""
    total = f32(0)
    for i in range(row.shape[0]):
        total += widen(row[i]) * x[i]
    return total


@inlined
def dot_whole(row: Any, x: Any) -> Any:
    """(K,) int8 · (K,) int16, exact; the caller sees to it that 32 bits hold the sum."""
    total = i32(0)
    for i in range(row.shape[0]):
        total = i32(total + i32(i32(row[i]) * i32(x[i])))
    return total


def project(x: Any, weight: Any, scale: Any, out: Any, add: Any) -> None:
    """out = x Wᵀ, or out += x Wᵀ where `add`: (B, K), (N, K) stored, (N,) → (B, N)."""


# Without liberties: said, since what is left unsaid is taken over from the caller. (`contract` would round a sum once
# or twice, as it happens to be compiled.)
@overload(project, jit_options={"parallel": True, "fastmath": False, "nogil": True})  # type: ignore[untyped-decorator]
def _project(x: Any, weight: Any, scale: Any, out: Any, add: Any) -> Any:
    if weight.dtype == types.int8:

        def whole(x: Any, weight: Any, scale: Any, out: Any, add: Any) -> None:
            numbers, steps = np.empty(x.shape, np.int16), np.empty(x.shape[0], f32)
            limit = f32(min(32767, 2**31 // (127 * x.shape[1]) - 1))  # 127 · limit · K stays below 2³¹
            for b in range(x.shape[0]):
                largest = f32(0)
                for i in range(x.shape[1]):
                    largest = max(largest, abs(x[b, i]))
                steps[b] = largest / limit
                inverse = limit / largest if largest > 0 else f32(0)
                for i in range(x.shape[1]):
                    numbers[b, i] = np.int16(np.rint(x[b, i] * inverse))
            together = x.shape[0] // 4 * 4
            for block in prange((weight.shape[0] + BLOCK - 1) // BLOCK):
                first, last = block * BLOCK, min(weight.shape[0], (block + 1) * BLOCK)
                for b in range(0, together, 4):
                    for n in range(first, last):
                        found = dot_four_whole(weight[n], numbers[b], numbers[b + 1], numbers[b + 2], numbers[b + 3])
                        for i in range(4):
                            value = f32(found[i]) * (scale[n] * steps[b + i])
                            out[b + i, n] = out[b + i, n] + value if add else value
                for b in range(together, x.shape[0]):
                    for n in range(first, last):
                        value = f32(dot_whole(weight[n], numbers[b])) * (scale[n] * steps[b])
                        out[b, n] = out[b, n] + value if add else value

        return whole

    def floats(x: Any, weight: Any, scale: Any, out: Any, add: Any) -> None:
        together, pairs = x.shape[0] // MANY * MANY, x.shape[0] // 2 * 2
        for block in prange((weight.shape[0] + BLOCK - 1) // BLOCK):
            first, last = block * BLOCK, min(weight.shape[0], (block + 1) * BLOCK)
            whole = first + (last - first) // OUTPUTS * OUTPUTS
            for b in range(0, together, MANY):
                for n in range(first, whole, OUTPUTS):
                    tile_many(x, b, weight, n, out, add)
                for n in range(whole, last):
                    single_many(x, b, weight, n, out, add)
            for b in range(together, pairs, 2):
                for n in range(first, whole, OUTPUTS):
                    tile_two(x, b, weight, n, out, add)
                for n in range(whole, last):
                    single_two(x, b, weight, n, out, add)
            for b in range(pairs, x.shape[0]):
                for n in range(first, whole, OUTPUTS):
                    tile_one(x, b, weight, n, out, add)
                for n in range(whole, last):
                    single_one(x, b, weight, n, out, add)

    return floats


@inlined
def normalise(x: Any, gain: Any, eps: Any, out: Any) -> None:
    """RMSNorm of every row: (B, D), (D,) → (B, D)."""
    for b in range(x.shape[0]):
        total = f32(0)
        for i in range(x.shape[1]):
            total += x[b, i] * x[b, i]
        factor = f32(1) / np.sqrt(total / f32(x.shape[1]) + f32(eps))
        for i in range(x.shape[1]):
            out[b, i] = x[b, i] * factor * gain[i]


@inlined
def turn(head: Any, cos: Any, sin: Any) -> None:
    """Rotary position, in place: (K,) with its (K,) cosines and sines, whose halves are equal."""
    half = head.shape[0] // 2
    for i in range(half):
        first, second = head[i], head[i + half]
        head[i] = first * cos[i] - second * sin[i]
        head[i + half] = second * cos[i] + first * sin[i]


@parallel
def attend(qkv: Any, cos: Any, sin: Any, keys: Any, values: Any, places: Any, heads: Any, out: Any) -> None:
    """Turn queries and keys, keep keys and values, attend to what each row has so far.

    Args:
        qkv: (B, (H + 2G)·K) of the new token.
        cos: (positions, K).
        sin: likewise.
        keys: (B or more, G, capacity, K), stored.
        values: likewise.
        places: (B,) of each row's new token, from 0.
        heads: H.
        out: (B, H·K).
    """
    groups, width = keys.shape[1], keys.shape[3]
    each = heads // groups
    scale = f32(1) / np.sqrt(f32(width))
    for item in prange(qkv.shape[0] * groups):
        b, g = item // groups, item % groups
        place = places[b]
        key = qkv[b, (heads + g) * width : (heads + g + 1) * width]
        value = qkv[b, (heads + groups + g) * width : (heads + groups + g + 1) * width]
        turn(key, cos[place], sin[place])
        for i in range(width):
            keys[b, g, place, i] = narrow(key[i], keys)
            values[b, g, place, i] = narrow(value[i], values)
        scores = np.empty(place + 1, f32)
        for h in range(g * each, (g + 1) * each):
            query = qkv[b, h * width : (h + 1) * width]
            turn(query, cos[place], sin[place])
            largest = f32(-np.inf)
            for t in range(place + 1):
                scores[t] = dot(keys[b, g, t], query) * scale
                largest = max(largest, scores[t])
            total = f32(0)
            for t in range(place + 1):
                scores[t] = np.exp(scores[t] - largest)
                total += scores[t]
            result = out[b, h * width : (h + 1) * width]
            result[:] = f32(0)
            for t in range(place + 1):
                share = scores[t] / total
                for i in range(width):
                    result[i] += share * widen(values[b, g, t, i])


@parallel
def gate(both: Any, out: Any) -> None:
    """silu(gate) · up: (B, 2F), the gate first → (B, F)."""
    width = out.shape[1]
    for block in prange((width + BLOCK - 1) // BLOCK):
        for b in range(out.shape[0]):
            for i in range(block * BLOCK, min(width, (block + 1) * BLOCK)):
                out[b, i] = both[b, i] / (f32(1) + np.exp(-both[b, i])) * both[b, width + i]


@reordered
def step(
    tokens: Any,
    weights: Any,
    keys: Any,
    values: Any,
    places: Any,
    cos: Any,
    sin: Any,
    heads: Any,
    eps: Any,
) -> Any:
    """One token a row through the whole model.

    Args:
        tokens: (B,) ids.
        weights: `fidan.generation.fast_step.Weights`.
        keys: (layers, B or more, G, capacity, K), stored; the new ones are put in.
        values: likewise.
        places: (B,) where in the cache each row's new token goes.
        cos: (positions, K) in fp32.
        sin: likewise.
        heads: H.
        eps: of the norms.

    Returns:
        (B, V) logits in fp32.
    """
    rows, width = tokens.shape[0], weights.embedding.shape[1]
    x, normed = np.empty((rows, width), f32), np.empty((rows, width), f32)
    qkv = np.empty((rows, weights.qkv.shape[1]), f32)
    mixed = np.empty((rows, weights.o.shape[2]), f32)
    both, hidden = np.empty((rows, weights.gate_up.shape[1]), f32), np.empty((rows, weights.down.shape[2]), f32)
    logits = np.empty((rows, weights.head.shape[0]), f32)
    for b in range(rows):
        for i in range(width):
            x[b, i] = widen(weights.embedding[tokens[b], i])
    for layer in range(weights.qkv.shape[0]):
        normalise(x, weights.norms[layer, 0], eps, normed)
        project(normed, weights.qkv[layer], weights.qkv_scale[layer], qkv, False)
        attend(qkv, cos, sin, keys[layer], values[layer], places, heads, mixed)
        project(mixed, weights.o[layer], weights.o_scale[layer], x, True)
        normalise(x, weights.norms[layer, 1], eps, normed)
        project(normed, weights.gate_up[layer], weights.gate_up_scale[layer], both, False)
        gate(both, hidden)
        project(hidden, weights.down[layer], weights.down_scale[layer], x, True)
    normalise(x, weights.norms[-1, 0], eps, normed)
    project(normed, weights.head, weights.head_scale, logits, False)
    return logits
