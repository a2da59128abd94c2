"""The compiled engine's inner loops as vector instructions, and denormals as zero.

A training step is thousands of products of matrices as small as 5 × 16 by 16 × 16. Left as loops,
they depend on the compiler unrolling and vectorising them, and it mostly does not. Here they are
emitted as LLVM vectors, in loops over blocks that the registers hold. The order in which numbers
are added is written out, and so is where a product and a sum are rounded together: on processors
with registers of the same length, bits do not depend on the code around.

`plain` says what each function does.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic

from rknet.engines.on_numba import plain

_INT32, _INT64 = ir.IntType(32), ir.IntType(64)
_FEATURES = binding.get_host_cpu_features()
#: Bytes in a vector register, and how many registers hold sums; the others hold operands.
_REGISTER = 64 if _FEATURES.get("avx512f") else 32 if _FEATURES.get("avx") else 16
SUMS = 10 if _REGISTER == 32 else 20
#: Instructions on vectors that a processor can have begun: fewer sums are made of two halves each.
_IN_FLIGHT = 8
#: Bytes in a cache line.
_LINE = 64
#: Terms of a sum that are written out, and steps of a transposition.
_UNROLLED, _TILE = 4, 16
#: Buffers end at a multiple of so many numbers: elementwise loops take at most as many at once.
LANES = 16
#: Rows of a layer's gradient that are summed up together, in registers.
GRADIENT_ROWS = 8


def padded(size: int) -> int:
    """The length of a buffer for `size` numbers that elementwise loops go through."""
    return -(-size // LANES) * LANES


def zeros(shape: int | tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array that begins where a cache line does, as `numpy.zeros` of some size does not."""
    size = int(np.prod(shape)) * dtype.itemsize
    memory = np.zeros(size + _LINE, np.uint8)
    first = -memory.ctypes.data % _LINE
    return memory[first : first + size].view(dtype).reshape(shape)


def _batched(items: list[Any], most: int) -> list[list[Any]]:
    return [items[first : first + most] for first in range(0, len(items), most)]


def _emitted(simple: Callable[..., Any]) -> Callable[..., Any]:
    """What is decorated emits instructions that do what `simple` does."""

    def decorate(typed: Callable[..., Any]) -> Callable[..., Any]:
        return simple if config.DISABLE_JIT else intrinsic(prefer_literal=True)(typed)

    return decorate


def fused(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
    """``a b + c`` of numbers or vectors, rounded once if the processor can."""
    vector = isinstance(a.type, ir.VectorType)
    scalar = a.type.element if vector else a.type
    bits = 32 if isinstance(scalar, ir.FloatType) else 64
    name = f"llvm.fmuladd.{f'v{a.type.count}' if vector else ''}f{bits}"
    kind = ir.FunctionType(a.type, [a.type] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [a, b, c])


class Emitter:
    """Emits operations on the arrays of a function's signature, all of one type of numbers."""

    def __init__(self, context: Any, builder: ir.IRBuilder, signature: Any) -> None:
        number = next(kind.dtype for kind in signature.args if isinstance(kind, types.Array))
        self.context, self.builder, self._kinds = context, builder, signature.args
        self.bits = number.bitwidth
        self.scalar = ir.FloatType() if self.bits == 32 else ir.DoubleType()
        self.lanes = 8 * _REGISTER // self.bits

    def load(self, pointer: ir.Value, lanes: int) -> ir.Value:
        """The vector at a pointer to a number."""
        kind = ir.VectorType(self.scalar, lanes).as_pointer()
        return self.builder.load(self.builder.bitcast(pointer, kind), align=self.bits // 8)

    def store(self, value: ir.Value, pointer: ir.Value) -> None:
        """Put a vector at a pointer to a number."""
        pointer = self.builder.bitcast(pointer, value.type.as_pointer())
        self.builder.store(value, pointer, align=self.bits // 8)

    def zeros(self, lanes: int) -> ir.Constant:
        """A vector of zeros."""
        return ir.Constant(ir.VectorType(self.scalar, lanes), [0.0] * lanes)

    def data(self, arguments: tuple[Any, ...], n: int, at: ir.Value | None = None) -> ir.Value:
        """The address of array argument `n`, at the offset behind it if none is given."""
        array = self.context.make_array(self._kinds[n])(self.context, self.builder, arguments[n])
        return self.at(array.data, arguments[n + 1] if at is None else at)

    def at(self, base: ir.Value, *offsets: ir.Value | int) -> ir.Value:
        """`base` moved by offsets."""
        for offset in offsets:
            step = offset if isinstance(offset, ir.Value) else _INT64(offset)
            base = self.builder.gep(base, [step])
        return base

    def spread(self, number: ir.Value, lanes: int) -> ir.Value:
        """A vector with a number in every lane."""
        undefined = ir.Constant(ir.VectorType(self.scalar, lanes), ir.Undefined)
        one = self.builder.insert_element(undefined, number, _INT32(0))
        return self.shuffle(one, undefined, [0] * lanes)

    def shuffle(self, first: ir.Value, second: ir.Value, lanes_of: list[int]) -> ir.Value:
        """Lanes of two vectors, counted on from one to the other."""
        mask = ir.Constant(ir.VectorType(_INT32, len(lanes_of)), lanes_of)
        return self.builder.shuffle_vector(first, second, mask)

    @contextmanager
    def loop(
        self, stop: ir.Value | int, step: int = 1, start: ir.Value | int = 0
    ) -> Iterator[ir.Value | int]:
        """A loop from `start` to `stop`; none if it is known to go round once."""
        if (start, stop) == (0, step):
            yield 0
            return
        builder = self.builder
        first, end = (n if isinstance(n, ir.Value) else _INT64(n) for n in (start, stop))
        before = builder.basic_block
        head, body, behind = (builder.append_basic_block(name) for name in ("for", "do", "done"))
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(_INT64)
        index.add_incoming(first, before)
        builder.cbranch(builder.icmp_signed("<", index, end), body, behind)
        builder.position_at_end(body)
        yield index
        index.add_incoming(builder.add(index, _INT64(step), flags=("nsw",)), builder.basic_block)
        jump = builder.branch(head)
        # It is long enough; LLVM would write out more.
        jump.set_metadata("llvm.loop", _loop_notes(builder.module, ["llvm.loop.unroll.disable"]))
        builder.position_at_end(behind)

    def times(self, index: ir.Value | int, factor: int) -> ir.Value | int:
        """The product."""
        return index * factor if isinstance(index, int) else self.builder.mul(index, _INT64(factor))

    def groups(self, count: int, most: int) -> Iterator[tuple[ir.Value | int, int]]:
        """(first, size) of even groups of at most `most` of `count`: a loop, and what is left."""
        size = -(-count // -(-count // most))
        whole = count // size * size
        with self.loop(whole, size) as first:
            yield first, size
        if whole < count:
            yield whole, count - whole

    def slot(self, start: ir.Value) -> ir.Value:
        """Where loops keep a sum: a register, after all."""
        return cgutils.alloca_once_value(self.builder, start)

    def store_rows(
        self, sums: list[dict[tuple[int, int], ir.Value]], out: ir.Value, stride: int
    ) -> None:
        """Store the sums of all sets, by (r, at), in row r and from column `at` on of `out`."""
        for r, at in sums[0]:
            total, *others = (self.builder.load(part[r, at]) for part in sums)
            for other in others:
                total = self.builder.fadd(total, other)
            self.store(total, self.at(out, r * stride + at))

    def columns(self, width: int) -> list[tuple[int, int]]:
        """(first, lanes) of vectors that cover a row; the last of many ends with it and overlaps.

        A row shorter than a vector is cut into powers of two, which registers are passed as.
        """
        if width >= self.lanes:
            return [(min(at, width - self.lanes), self.lanes) for at in range(0, width, self.lanes)]
        cuts, at = [], 0
        for bit in reversed(range(width.bit_length())):
            if width >> bit & 1:
                cuts.append((at, 1 << bit))
                at += 1 << bit
        return cuts

    def accumulate(
        self,
        sums: list[dict[tuple[int, int], ir.Value]],
        left: ir.Value,
        strides: tuple[int, int],
        right: ir.Value,
        right_stride: int,
        inner: int,
    ) -> None:
        """Add ``Σ_k left[r, k] right[k]``, with the strides of left's rows and columns.

        The sums are of the vectors ``right[k, at:]``, by (r, at). The terms go to the sets of sums
        in turn.
        """
        builder = self.builder
        for first, count in self.groups(inner, _UNROLLED):
            totals = [{key: builder.load(slot) for key, slot in part.items()} for part in sums]
            start_left = self.at(left, self.times(first, strides[1]))
            start_right = self.at(right, self.times(first, right_stride))
            for k in range(count):
                factors, vectors = {}, {}
                part = totals[k % len(totals)]
                for (r, at), total in part.items():
                    lanes = total.type.count
                    if at not in vectors:
                        place = self.at(start_right, k * right_stride + at)
                        vectors[at] = self.load(place, lanes)
                    if r not in factors:
                        place = self.at(start_left, r * strides[0] + k * strides[1])
                        factors[r] = builder.load(place)
                    factor = self.spread(factors[r], lanes)
                    part[r, at] = fused(builder, factor, vectors[at], total)
            for slots, part in zip(sums, totals, strict=True):
                for key, total in part.items():
                    builder.store(total, slots[key])


def _emit_product(
    emitter: Emitter, out: ir.Value, left: ir.Value, right: ir.Value, rows: int, width: int,
    bias: bool,
) -> None:  # fmt: skip
    """Emit ``out = left @ right``, plus the row behind `right` if there is a `bias`."""
    columns = emitter.columns(width)
    together = min(4, len(columns))
    for first, group in emitter.groups(rows, SUMS // together):
        left_rows = emitter.at(left, emitter.times(first, width))
        out_rows = emitter.at(out, emitter.times(first, width))
        for part in _batched(columns, together):
            keys = [(r, *piece) for piece in part for r in range(group)]
            starts = {at: emitter.zeros(lanes) for at, lanes in part}
            if bias:
                row = emitter.at(right, width * width)
                starts = {at: emitter.load(emitter.at(row, at), lanes) for at, lanes in part}
            sums = [{(r, at): emitter.slot(starts[at]) for r, at, _ in keys}]
            if len(keys) <= _IN_FLIGHT:
                sums.append({(r, at): emitter.slot(emitter.zeros(n)) for r, at, n in keys})
            emitter.accumulate(sums, left_rows, (width, 1), right, width, width)
            emitter.store_rows(sums, out_rows, width)


@_emitted(plain.fma)
def fma(typing_context, a, b, c):
    """As `plain.fma`."""
    if not a == b == c:
        return None

    def emit(context, builder, signature, arguments):
        return fused(builder, *arguments)

    return a(a, a, a), emit


@_emitted(plain.combine)
def combine(typing_context, out, out_at, blocks, blocks_at, terms, weights, first, end, size):
    """As `plain.combine`."""
    length = size.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        lanes = emitter.lanes
        to, source = (emitter.data(arguments, n) for n in (0, 2))
        places, factors = (emitter.data(arguments, n, _INT64(0)) for n in (4, 5))
        for start, group in emitter.groups(length // lanes, 8):
            start = emitter.times(start, lanes)
            sums = {(0, k * lanes): emitter.slot(emitter.zeros(lanes)) for k in range(group)}
            with emitter.loop(arguments[7], start=arguments[6]) as index:
                weight = emitter.spread(builder.load(emitter.at(factors, index)), lanes)
                block = emitter.at(source, builder.load(emitter.at(places, index)), start)
                for (_, at), total in sums.items():
                    value = emitter.load(emitter.at(block, at), lanes)
                    builder.store(fused(builder, weight, value, builder.load(total)), total)
            emitter.store_rows([sums], emitter.at(to, start), 0)
        return context.get_dummy_value()

    integer = types.intp
    arguments = (out, integer, blocks, integer, terms, weights, integer, integer, size)
    return types.void(*arguments), emit


@_emitted(plain.affine)
def affine(typing_context, out, out_at, y, y_at, theta, theta_at, rows, width):
    """As `plain.affine`."""
    r, w = rows.literal_value, width.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        _emit_product(emitter, *(emitter.data(arguments, n) for n in (0, 2, 4)), r, w, bias=True)
        return context.get_dummy_value()

    return types.void(out, types.intp, y, types.intp, theta, types.intp, rows, width), emit


@_emitted(plain.product)
def product(typing_context, out, out_at, left, left_at, right, right_at, rows, width):
    """As `plain.product`."""
    r, w = rows.literal_value, width.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        _emit_product(emitter, *(emitter.data(arguments, n) for n in (0, 2, 4)), r, w, bias=False)
        return context.get_dummy_value()

    return types.void(out, types.intp, left, types.intp, right, types.intp, rows, width), emit


@_emitted(plain.transpose)
def transpose(typing_context, out, matrix, matrix_at, width):
    """As `plain.transpose`."""
    w = width.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        to, source = emitter.data(arguments, 0, _INT64(0)), emitter.data(arguments, 1)
        if w <= _TILE:
            _emit_tile(emitter, to, source, w, w)
            return context.get_dummy_value()
        # The last tile of a row or column ends with it, and overlaps with the one before.
        last, end = _INT64(w - _TILE), -(-w // _TILE) * _TILE

        def clipped(index):
            return builder.select(builder.icmp_signed("<", index, last), index, last)

        with emitter.loop(end, _TILE) as i:
            row = clipped(i)
            with emitter.loop(end, _TILE) as j:
                column = clipped(j)
                _emit_tile(
                    emitter,
                    emitter.at(to, emitter.times(column, w), row),
                    emitter.at(source, emitter.times(row, w), column),
                    _TILE,
                    w,
                )
        return context.get_dummy_value()

    return types.void(out, matrix, types.intp, width), emit


def _emit_tile(emitter: Emitter, out: ir.Value, matrix: ir.Value, size: int, stride: int) -> None:
    """Emit the transpose of (`size`, `size`) numbers in matrices whose rows are `stride` apart."""
    lanes = 1 << (size - 1).bit_length()
    undefined = ir.Constant(ir.VectorType(emitter.scalar, size), ir.Undefined)
    nothing = ir.Constant(ir.VectorType(emitter.scalar, lanes), ir.Undefined)
    rows = [
        emitter.shuffle(
            emitter.load(emitter.at(matrix, row * stride), size),
            undefined,
            [min(lane, size) for lane in range(lanes)],
        )
        for row in range(size)
    ]
    rows += [nothing] * (lanes - size)
    # Interleaving the first half of the rows with the second, log₂ times, transposes.
    half = lanes // 2
    low = [lane // 2 + lanes * (lane % 2) for lane in range(lanes)]
    high = [lane + half for lane in low]
    for _ in range(lanes.bit_length() - 1):
        rows = [
            emitter.shuffle(rows[n], rows[n + half], lanes_of)
            for n in range(half)
            for lanes_of in (low, high)
        ]
    for row in range(size):
        narrowed = emitter.shuffle(rows[row], rows[row], list(range(size)))
        emitter.store(narrowed, emitter.at(out, row * stride))


@_emitted(plain.gradient)
def gradient(
    typing_context, out, out_at, y, y_at, delta, delta_at, stride, blocks, row, count, rows, width
):
    """As `plain.gradient`."""
    n, r, w = count.literal_value, rows.literal_value, width.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        to, left, right = (emitter.data(arguments, n) for n in (0, 2, 4))
        left = emitter.at(left, arguments[8])
        columns = emitter.columns(w)
        for part in _batched(columns, min(SUMS // n, 3)):
            sums = {
                (k, at): emitter.slot(emitter.zeros(lanes)) for at, lanes in part for k in range(n)
            }
            with emitter.loop(arguments[7]) as index:
                block = builder.mul(index, arguments[6])
                emitter.accumulate(
                    [sums], emitter.at(left, block), (1, w), emitter.at(right, block), w, r
                )
            emitter.store_rows([sums], to, w)
        return context.get_dummy_value()

    integer = types.intp
    arrays = (out, integer, y, integer, delta, integer)
    return types.void(*arrays, integer, integer, integer, count, rows, width), emit


@_emitted(plain.bias_gradient)
def bias_gradient(typing_context, out, out_at, delta, delta_at, stride, blocks, rows, width):
    """As `plain.bias_gradient`."""
    r, w = rows.literal_value, width.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        to, source = (emitter.data(arguments, n) for n in (0, 2))
        for at, lanes in emitter.columns(w):
            total = emitter.slot(emitter.zeros(lanes))
            with emitter.loop(arguments[5]) as index:
                block = emitter.at(source, builder.mul(index, arguments[4]), at)
                for first, count in emitter.groups(r, _UNROLLED):
                    value = builder.load(total)
                    for k in range(count):
                        place = emitter.at(block, emitter.times(first, w), k * w)
                        value = builder.fadd(value, emitter.load(place, lanes))
                    builder.store(value, total)
            emitter.store(builder.load(total), emitter.at(to, at))
        return context.get_dummy_value()

    integer = types.intp
    arrays = (out, integer, delta, integer)
    return types.void(*arrays, integer, integer, rows, width), emit


def _emit_each(
    emitter: Emitter,
    function: Callable[..., ir.Value],
    results: int,
    arrays: list[ir.Value],
    size: ir.Value,
) -> None:
    """Emit a loop over `size` numbers of each array; the first few get the function's results.

    LLVM makes vectors of it: notes say that the arrays do not overlap, and to take one vector at a
    time, since numbers that are left over are slow.
    """
    builder, module = emitter.builder, emitter.builder.module
    domain = module.add_metadata([f"loop {len(module.metadata)}"])
    scopes = [module.add_metadata([f"array {n}", domain]) for n in range(len(arrays))]
    of_array = [
        {
            "alias.scope": module.add_metadata([scope]),
            "noalias": module.add_metadata([other for other in scopes if other is not scope]),
        }
        for scope in scopes
    ]

    def noted(instruction: ir.Instruction, n: int) -> ir.Instruction:
        for name, note in of_array[n].items():
            instruction.set_metadata(name, note)
        return instruction

    before = builder.basic_block
    body, behind = (builder.append_basic_block(name) for name in ("each", "each.end"))
    builder.cbranch(builder.icmp_signed(">", size, _INT64(0)), body, behind)
    builder.position_at_end(body)
    index = builder.phi(_INT64)
    index.add_incoming(_INT64(0), before)
    places = [builder.gep(array, [index], inbounds=True) for array in arrays]
    values = [noted(builder.load(place), n) for n, place in enumerate(places)]
    found = function(values)
    for n in range(results):
        value = builder.extract_value(found, n) if results > 1 else found
        noted(builder.store(value, places[n]), n)
    following = builder.add(index, _INT64(1), flags=("nsw",))
    index.add_incoming(following, builder.basic_block)
    jump = builder.cbranch(builder.icmp_signed("<", following, size), body, behind)
    jump.set_metadata("llvm.loop", _loop_notes(module, ["llvm.loop.interleave.count", _INT32(1)]))
    # Numba's target has vectors of half the length on many processors. llvmlite takes attributes
    # that it knows only, although LLVM takes all.
    set.add(builder.function.attributes, f'"prefer-vector-width"="{8 * _REGISTER}"')
    builder.position_at_end(behind)


def _loop_notes(module: ir.Module, *notes: list[Any]) -> Any:
    """Metadata for one loop."""
    nodes = [module.add_metadata(note) for note in notes]
    # It names itself first, and belongs to one loop.
    node = module.add_metadata([f"loop {len(module.metadata)}", *nodes])
    node.operands = (node, *nodes)
    return node


def _call(context: Any, builder: ir.IRBuilder, kind: Any, signature: Any) -> Callable[..., Any]:
    """A compiled function, as one of LLVM values."""
    implementation = context.get_function(kind, signature)
    context.add_linking_libs(getattr(implementation, "libs", ()))
    return lambda values: implementation(builder, values)


@_emitted(plain.apply)
def apply(typing_context, function, values, at, size):
    """As `plain.apply`."""
    call = function.get_call_type(typing_context, (values.dtype,), {})

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        called = _call(context, builder, signature.args[0], call)
        data = emitter.data(arguments, 1)
        _emit_each(emitter, called, 1, [data], arguments[3])
        return context.get_dummy_value()

    return types.void(function, values, types.intp, types.intp), emit


@_emitted(plain.scale)
def scale(typing_context, function, values, at, others, others_at, size):
    """As `plain.scale`."""
    call = function.get_call_type(typing_context, (others.dtype,), {})

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        called = _call(context, builder, signature.args[0], call)
        arrays = [emitter.data(arguments, n) for n in (1, 3)]
        _emit_each(emitter, lambda v: builder.fmul(v[0], called([v[1]])), 1, arrays, arguments[5])
        return context.get_dummy_value()

    integer = types.intp
    return types.void(function, values, integer, others, integer, integer), emit


@_emitted(plain.update_all)
def update_all(
    typing_context, update, factors, decay, parameters, first, second, at, gradients, size
):
    """As `plain.update_all`."""
    call = update.get_call_type(typing_context, (*(parameters.dtype,) * 4, factors), {})

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        called = _call(context, builder, signature.args[0], call)
        arrays = [emitter.data(arguments, n, arguments[6]) for n in (3, 4, 5)]
        arrays.append(emitter.data(arguments, 7, _INT64(0)))

        def updated(values):
            parameter, first, second, slope = values
            slope = fused(builder, arguments[2], parameter, slope)
            return called([parameter, first, second, slope, arguments[1]])

        _emit_each(emitter, updated, 3, arrays, arguments[8])
        return context.get_dummy_value()

    integer = types.intp
    arrays = (parameters, first, second, integer, gradients, integer)
    return types.void(update, factors, parameters.dtype, *arrays), emit


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


@_emitted(plain.flush_denormals)
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


@_emitted(plain.restore_denormals)
def restore_denormals(typing_context, state):
    """Undo `flush_denormals`, whose result `state` is."""

    def emit(context, builder, signature, arguments):
        if _MACHINE in _STATE:
            _emit_state(builder, arguments[0])
        return context.get_dummy_value()

    return types.void(types.int64), emit
