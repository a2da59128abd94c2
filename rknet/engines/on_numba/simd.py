"""Small matrix products as vector instructions, and denormals as zero, for the compiled engine.

A training step is thousands of products of matrices as small as 5 × 16 by 16 × 16. Left as loops,
they depend on the compiler unrolling and vectorising them, and it mostly does not: a step takes
twice as long (`make benchmark` compares). Here each product, whose shape is a compile-time
constant, is written out as LLVM vectors, a row of the result in registers. The target machine's
vector width does not matter: LLVM splits the vectors as needed.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_INT32, _INT64 = ir.IntType(32), ir.IntType(64)
#: A multiplication and an addition may become one instruction.
_FUSED = ("contract",)
#: How many numbers the vector registers hold in addition to the operands.
_REGISTER_NUMBERS = 24 * 16


def _emit_product(
    context: Any,
    builder: ir.IRBuilder,
    signature: Any,
    arguments: tuple[Any, ...],
    shape: tuple[int, int, int],
    left_strides: tuple[int, int],
    bias_row: bool = False,
    ones_row: bool = False,
) -> None:
    """Emit ``out = left @ right`` for contiguous `out` and `right`.

    Parameters
    ----------
    arguments
        Three times an array and the offset in it: `out`, `left`, `right`. (Views would do, but
        Numba counts references to them, which costs as much as the products.)
    shape
        Rows and columns of `out`, and the inner length.
    left_strides
        Of `left`, along rows and along the inner axis.
    bias_row
        Start every row of `out` from the row of `right` behind the inner ones, not from zero.
    ones_row
        Add a row to `out` for a row of ones below `left`.
    """
    rows, columns, inner = shape
    array_types = signature.args[0:6:2]
    out, left, right = (
        builder.gep(context.make_array(kind)(context, builder, array).data, [offset])
        for kind, array, offset in zip(array_types, arguments[0:6:2], arguments[1:6:2], strict=True)
    )
    scalar = context.get_data_type(array_types[0].dtype)
    vector = ir.VectorType(scalar, columns)
    undefined = ir.Constant(vector, ir.Undefined)
    first_lane = ir.Constant(ir.VectorType(_INT32, columns), [0] * columns)
    alignment = array_types[0].dtype.bitwidth // 8

    def row_pointer(base: ir.Value, row: int) -> ir.Value:
        return builder.bitcast(builder.gep(base, [_INT64(row * columns)]), vector.as_pointer())

    def load_row(row: int) -> ir.Value:
        return builder.load(row_pointer(right, row), align=alignment)

    def broadcast(row: int, k: int) -> ir.Value:
        offset = _INT64(row * left_strides[0] + k * left_strides[1])
        value = builder.load(builder.gep(left, [offset]))
        value = builder.insert_element(undefined, value, _INT32(0))
        return builder.shuffle_vector(value, undefined, first_lane)

    all_rows = range(rows + ones_row)
    block = max(1, _REGISTER_NUMBERS // max(columns, 16))
    for first in all_rows[::block]:
        block_rows = all_rows[first : first + block]
        start = load_row(inner) if bias_row else ir.Constant(vector, [0.0] * columns)
        sums = dict.fromkeys(block_rows, start)
        for k in range(inner):
            right_row = load_row(k)
            for row in block_rows:
                term = right_row
                if row < rows:
                    term = builder.fmul(broadcast(row, k), right_row, flags=_FUSED)
                sums[row] = builder.fadd(sums[row], term, flags=_FUSED)
        for row, value in sums.items():
            builder.store(value, row_pointer(out, row), align=alignment)


@intrinsic(prefer_literal=True)
def affine(typing_context, out, out_at, y, y_at, theta, theta_at, rows, width):
    """``out = y Kᵀ + b`` for `rows` samples, with ``theta`` = (Kᵀ, b) row by row: (2.5)."""
    r, w = rows.literal_value, width.literal_value

    def emit(context, builder, signature, arguments):
        _emit_product(context, builder, signature, arguments, (r, w, w), (w, 1), bias_row=True)
        return context.get_dummy_value()

    return types.void(out, types.intp, y, types.intp, theta, types.intp, rows, width), emit


@intrinsic(prefer_literal=True)
def product(typing_context, out, out_at, left, left_at, right, right_at, rows, width):
    """``out = left @ right`` for a (`rows`, `width`) and a (`width`, `width`) matrix."""
    r, w = rows.literal_value, width.literal_value

    def emit(context, builder, signature, arguments):
        _emit_product(context, builder, signature, arguments, (r, w, w), (w, 1))
        return context.get_dummy_value()

    return types.void(out, types.intp, left, types.intp, right, types.intp, rows, width), emit


@intrinsic(prefer_literal=True)
def gradient(typing_context, out, out_at, y, y_at, delta, delta_at, rows, width):
    """``out`` = (yᵀ δ, Σ δ) over `rows` samples: the gradient of (Kᵀ, b), f_uᵀ of (3.19)."""
    r, w = rows.literal_value, width.literal_value

    def emit(context, builder, signature, arguments):
        _emit_product(context, builder, signature, arguments, (w, w, r), (1, w), ones_row=True)
        return context.get_dummy_value()

    return types.void(out, types.intp, y, types.intp, delta, types.intp, rows, width), emit


@intrinsic(prefer_literal=True)
def transpose(typing_context, out, matrix, matrix_at, width):
    """``out`` = the transpose of the (`width`, `width`) matrix behind `matrix_at`."""
    w = width.literal_value
    lanes = 1 << (w - 1).bit_length()

    def emit(context, builder, signature, arguments):
        scalar = context.get_data_type(signature.args[0].dtype)
        alignment = signature.args[0].dtype.bitwidth // 8
        row_type, padded_type = ir.VectorType(scalar, w), ir.VectorType(scalar, lanes)
        base_out, base = (
            context.make_array(signature.args[n])(context, builder, arguments[n]).data
            for n in (0, 1)
        )
        base = builder.gep(base, [arguments[2]])

        def shuffle(first, second, lanes_of):
            mask = ir.Constant(ir.VectorType(_INT32, len(lanes_of)), list(lanes_of))
            return builder.shuffle_vector(first, second, mask)

        def pointer(to, row):
            address = builder.gep(to, [_INT64(row * w)])
            return builder.bitcast(address, row_type.as_pointer())

        undefined = ir.Constant(row_type, ir.Undefined)
        rows = [
            shuffle(
                builder.load(pointer(base, row), align=alignment),
                undefined,
                [min(lane, w) for lane in range(lanes)],
            )
            for row in range(w)
        ]
        rows += [ir.Constant(padded_type, ir.Undefined)] * (lanes - w)
        # Interleaving the first half of the rows with the second, log₂ times, transposes.
        half = lanes // 2
        low = [lane // 2 + lanes * (lane % 2) for lane in range(lanes)]
        high = [lane + half for lane in low]
        for _ in range(lanes.bit_length() - 1):
            rows = [
                shuffle(rows[n], rows[n + half], lanes_of)
                for n in range(half)
                for lanes_of in (low, high)
            ]
        for row in range(w):
            narrowed = shuffle(rows[row], rows[row], range(w))
            builder.store(narrowed, pointer(base_out, row), align=alignment)
        return context.get_dummy_value()

    return types.void(out, matrix, types.intp, width), emit


# Where the processor's rounding state lies, and its bits that flush denormals to zero.
_STATE = {
    "x86_64": ("llvm.x86.sse.stmxcsr", "llvm.x86.sse.ldmxcsr", 0x8040),
    "aarch64": ("llvm.aarch64.get.fpcr", "llvm.aarch64.set.fpcr", 1 << 24),
}
_MACHINE = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())


def _emit_state(builder: ir.IRBuilder, new: ir.Value | None) -> ir.Value:
    """Read the state as 64 bits, or set it to `new`."""
    module = builder.module
    get, put, _ = _STATE[_MACHINE]
    name = get if new is None else put
    if _MACHINE == "aarch64":
        if new is None:
            function = module.declare_intrinsic(name, fnty=ir.FunctionType(_INT64, []))
            return builder.call(function, [])
        function = module.declare_intrinsic(name, fnty=ir.FunctionType(ir.VoidType(), [_INT64]))
        return builder.call(function, [new])
    pointer = ir.IntType(8).as_pointer()
    function = module.declare_intrinsic(name, fnty=ir.FunctionType(ir.VoidType(), [pointer]))
    slot = builder.alloca(_INT32)
    if new is not None:
        builder.store(builder.trunc(new, _INT32), slot)
    builder.call(function, [builder.bitcast(slot, pointer)])
    return builder.zext(builder.load(slot), _INT64)


@intrinsic
def flush_denormals(typing_context):
    """From now on treat denormals as zero in this thread; return the state to restore.

    The vanishing gradients of a deep StandardNet become denormal, and arithmetic on those is
    many times slower. On processors other than x86-64 and AArch64 nothing changes.
    """

    def emit(context, builder, signature, arguments):
        if _MACHINE not in _STATE:
            return _INT64(0)
        state = _emit_state(builder, None)
        _emit_state(builder, builder.or_(state, _INT64(_STATE[_MACHINE][2])))
        return state

    return types.int64(), emit


@intrinsic
def restore_denormals(typing_context, state):
    """Undo `flush_denormals`, whose result `state` is."""

    def emit(context, builder, signature, arguments):
        if _MACHINE in _STATE:
            _emit_state(builder, arguments[0])
        return context.get_dummy_value()

    return types.void(types.int64), emit
