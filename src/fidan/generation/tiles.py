"""Products of floating-point numbers, a tile at a time: a few rows of weights with a few rows of inputs.

Each number that is read serves several products, and each product is summed in one order, whatever stands beside it:
by lanes over the row, then the lanes by halves. So the logits of a text are the same bits alone and in company, which
LLVM's own vectors do not promise: how many sums it takes at a time depends on how many there are. Hence this is
written for LLVM by hand. What it leaves out: whole numbers (`whole_numbers`), and which tiles there are (`loops`).
"""

import platform
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

F32, I16, I32 = ir.FloatType(), ir.IntType(16), ir.IntType(32)
_WIDE = bool(llvm.get_host_cpu_features().get("avx512f"))
_FUSED = bool(llvm.get_host_cpu_features().get("fma")) or platform.machine() in ("arm64", "aarch64")
LANES = 16 if _WIDE else 8
OUTPUTS = 4  # rows of weights in a tile
MANY = 4 if _WIDE else 2  # rows of inputs: as many as there are registers for the sums


def _tile(outputs: int, rows: int) -> Any:
    """A function that computes `outputs` × `rows` products (1 or 4 outputs)."""

    @intrinsic  # type: ignore[untyped-decorator]
    def tile(typing: Any, x: Any, b: Any, weight: Any, n: Any, out: Any, add: Any) -> Any:
        """out[b:, n:] = x[b:] · weight[n:]ᵀ, or += where `add`; all three in C order."""
        signature = types.void(x, types.intp, weight, types.intp, out, types.boolean)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            x, weight, out = (
                context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 2, 4)
            )
            b, n = arguments[1], arguments[3]
            width = builder.extract_value(weight.shape, 1)
            _write_tile(
                builder,
                [builder.gep(x.data, [builder.mul(_plus(builder, b, i), width)]) for i in range(rows)],
                [builder.gep(weight.data, [builder.mul(_plus(builder, n, i), width)]) for i in range(outputs)],
                [_output(builder, out, _plus(builder, b, i), n) for i in range(rows)],
                width,
                builder.trunc(arguments[5], ir.IntType(1)) if arguments[5].type != ir.IntType(1) else arguments[5],
            )
            return context.get_dummy_value()

        return signature, generate

    return tile


def _write_tile(builder: Any, inputs: list[Any], weights: list[Any], out: list[Any], width: Any, add: Any) -> None:
    """The instructions: pointers to each row of inputs, of weights, and to where each row of inputs' results go."""
    lanes, results = ir.VectorType(F32, LANES), ir.VectorType(F32, len(weights))
    sums = [[cgutils.alloca_once_value(builder, ir.Constant(lanes, None)) for _ in weights] for _ in inputs]
    step = ir.Constant(width.type, LANES)
    with cgutils.for_range(builder, builder.sdiv(width, step)) as loop:
        at = builder.mul(loop.index, step)
        wide = [_widened(builder, _load(builder, pointer, at, LANES)) for pointer in weights]
        for row, pointer in zip(sums, inputs, strict=True):
            values = _load(builder, pointer, at, LANES)
            for total, weight in zip(row, wide, strict=True):
                builder.store(_fused(builder, weight, values, builder.load(total)), total)
    found = [
        cgutils.alloca_once_value(builder, _summed(builder, [builder.load(total) for total in row])) for row in sums
    ]
    rest = builder.mul(builder.sdiv(width, step), step)
    with cgutils.for_range(builder, builder.sub(width, rest)) as loop:
        at = builder.add(rest, loop.index)
        scalars = [_widened(builder, _load(builder, pointer, at, 1)) for pointer in weights]
        weight = _joined(builder, scalars)
        for total, pointer in zip(found, inputs, strict=True):
            values = _joined(builder, [_load(builder, pointer, at, 1)] * len(weights))
            builder.store(_fused(builder, weight, values, builder.load(total)), total)
    for total, pointer in zip(found, out, strict=True):
        place = builder.bitcast(pointer, results.as_pointer())
        value = builder.load(total)
        with builder.if_else(add) as (then, otherwise):
            with then:
                builder.store(builder.fadd(builder.load(place, align=4), value), place, align=4)
            with otherwise:
                builder.store(value, place, align=4)


def _summed(builder: Any, vectors: list[Any]) -> Any:
    """One or four vectors → a vector of the sum of each: halves are added until one number is left."""
    while (size := vectors[0].type.count) > 4:
        vectors = [
            builder.fadd(_shuffled(builder, v, v, range(size // 2)), _shuffled(builder, v, v, range(size // 2, size)))
            for v in vectors
        ]
    if len(vectors) == 1:
        (v,) = vectors
        pairs = builder.fadd(_shuffled(builder, v, v, (0, 1)), _shuffled(builder, v, v, (2, 3)))
        return builder.fadd(_shuffled(builder, pairs, pairs, (0,)), _shuffled(builder, pairs, pairs, (1,)))
    a, b, c, d = vectors
    first, second = (
        builder.fadd(_shuffled(builder, p, q, (0, 1, 4, 5)), _shuffled(builder, p, q, (2, 3, 6, 7)))
        for p, q in ((a, b), (c, d))
    )
    return builder.fadd(
        _shuffled(builder, first, second, (0, 2, 4, 6)), _shuffled(builder, first, second, (1, 3, 5, 7))
    )


def _plus(builder: Any, index: Any, more: int) -> Any:
    return builder.add(index, ir.Constant(index.type, more))


def _output(builder: Any, out: Any, row: Any, n: Any) -> Any:
    return builder.gep(out.data, [builder.add(builder.mul(row, builder.extract_value(out.shape, 1)), n)])


def _load(builder: Any, pointer: Any, at: Any, count: int) -> Any:
    vector = ir.VectorType(pointer.type.pointee, count)
    return builder.load(builder.bitcast(builder.gep(pointer, [at]), vector.as_pointer()), align=1)


def _widened(builder: Any, stored: Any) -> Any:
    """A vector of stored numbers as fp32; 16 bits are the upper half of one."""
    if stored.type.element == F32:
        return stored
    count = stored.type.count
    upper = builder.shl(
        builder.zext(stored, ir.VectorType(I32, count)),
        ir.Constant(ir.VectorType(I32, count), [ir.Constant(I32, 16)] * count),
    )
    return builder.bitcast(upper, ir.VectorType(F32, count))


def _joined(builder: Any, ones: list[Any]) -> Any:
    """Vectors of one number each → a vector of these numbers."""
    found = ir.Constant(ir.VectorType(F32, len(ones)), ir.Undefined)
    for i, one in enumerate(ones):
        number = builder.extract_element(one, ir.Constant(I32, 0))
        found = builder.insert_element(found, number, ir.Constant(I32, i))
    return found


def _shuffled(builder: Any, a: Any, b: Any, lanes: Any) -> Any:
    places = [ir.Constant(I32, lane) for lane in lanes]
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(I32, len(places)), places))


def _fused(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """A · b + c; in one instruction where the processor has it."""
    if not _FUSED:
        return builder.fadd(builder.fmul(a, b), c)
    kind = ir.FunctionType(a.type, [a.type] * 3)
    return builder.call(
        cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{a.type.count}f32"), [a, b, c]
    )


tile_many = _tile(OUTPUTS, MANY)
tile_two = _tile(OUTPUTS, 2)
tile_one = _tile(OUTPUTS, 1)
single_many = _tile(1, MANY)
single_two = _tile(1, 2)
single_one = _tile(1, 1)
