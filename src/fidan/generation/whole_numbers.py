"""Products of whole numbers, four at a time: int8 weights with the int16 inputs of four rows.

The machine instruction for it multiplies pairs of 16-bit numbers and adds the two products (`vpmaddwd` on x86). A
loop with one row of inputs is compiled to it; a loop with four, whose weights are widened once for all, is not, so it
is written here for LLVM. Where there is no such instruction, products and sums are spelled out for LLVM's vectors.
What it leaves out: when this is used (`loops`).
"""

from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

I8, I16, I32 = ir.IntType(8), ir.IntType(16), ir.IntType(32)
# Feature of the processor → the name of LLVM's intrinsic, and how many pairs it takes; the widest first.
_PAIRS = (("avx512bw", "llvm.x86.avx512.pmaddw.d.512", 16), ("avx2", "llvm.x86.avx2.pmadd.wd", 8))


@intrinsic  # type: ignore[untyped-decorator]
def dot_four_whole(typing: Any, row: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """(K,) int8 with each of four (K,) int16, exact: four int32; the caller sees to it that 32 bits hold the sums."""
    signature = types.UniTuple(types.int32, 4)(row, a, b, c, d)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        arrays = [
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        weights, *inputs = [array.data for array in arrays]
        length = builder.extract_value(arrays[0].shape, 0)
        features = llvm.get_host_cpu_features()
        name, lanes = next(((name, pairs) for feature, name, pairs in _PAIRS if features.get(feature)), ("", 8))
        step = 2 * lanes if name else lanes
        sums = ir.VectorType(I32, lanes)
        totals = [cgutils.alloca_once_value(builder, ir.Constant(sums, None)) for _ in inputs]

        def load(pointer: Any, at: Any, element: Any) -> Any:
            vector = ir.VectorType(element, step)
            return builder.load(builder.bitcast(builder.gep(pointer, [at]), vector.as_pointer()), align=1)

        def products(weight: Any, values: Any) -> Any:
            if name:
                kind = ir.FunctionType(sums, [weight.type, weight.type])
                return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [weight, values])
            return builder.mul(builder.sext(weight, sums), builder.sext(values, sums))

        whole = ir.Constant(length.type, step)
        with cgutils.for_range(builder, builder.sdiv(length, whole)) as loop:
            at = builder.mul(loop.index, whole)
            weight = builder.sext(load(weights, at, I8), ir.VectorType(I16, step))
            for total, values in zip(totals, inputs, strict=True):
                found = products(weight, load(values, at, I16))
                builder.store(builder.add(builder.load(total), found), total)
        reduce_type = ir.FunctionType(I32, [sums])
        reduce = cgutils.get_or_insert_function(builder.module, reduce_type, f"llvm.vector.reduce.add.v{lanes}i32")
        results = [cgutils.alloca_once_value(builder, builder.call(reduce, [builder.load(t)])) for t in totals]
        rest = builder.mul(builder.sdiv(length, whole), whole)
        with cgutils.for_range(builder, builder.sub(length, rest)) as loop:
            at = builder.add(rest, loop.index)
            weight = builder.sext(builder.load(builder.gep(weights, [at])), I32)
            for result, values in zip(results, inputs, strict=True):
                value = builder.sext(builder.load(builder.gep(values, [at])), I32)
                builder.store(builder.add(builder.load(result), builder.mul(weight, value)), result)
        return context.make_tuple(builder, signature.return_type, [builder.load(result) for result in results])

    return signature, generate
