"""Sweeps through wide layers with few samples on the CPU, for the PyTorch engine.

At width 900 and five samples, a training step can be as fast as reading the parameters and their
moments from main memory and writing them back. But library products of so few samples are slower,
and threads that share each of them wait for each other hundreds of times a step (`make benchmark`
compares). Here a whole sweep is one kernel, which a team of threads goes through together. Its
products are written out as vectors, and the gradient goes to the optimiser a few rows at a time.

No sum depends on the number of threads that share the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numba
import numpy as np
import torch
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from rknet.engines.on_numba import activations, optimisers, simd
from rknet.engines.on_numba.activations import ACTIVATIONS
from rknet.engines.on_numba.cache import compiled
from rknet.engines.on_numba.optimisers import inlined
from rknet.engines.on_numba.simd import (
    SUMS,
    Emitter,
    apply,
    flush_denormals,
    fma,
    restore_denormals,
    scale,
    update_all,
)
from rknet.engines.on_torch import team
from rknet.engines.on_torch.affine import Maps
from rknet.engines.on_torch.layers import Memory, Scheme
from rknet.engines.on_torch.team import REST, Team, next_order, wait
from rknet.optimisers.base import Optimiser

#: The sums of more samples would not fit into 16 registers.
MOST_SAMPLES = 8
#: Rows of a matrix whose gradient is summed up together, so that they share what is read.
ROWS = 4
#: Narrower layers are PyTorch's: they do not wait for memory.
NARROWEST = 32
#: Rows of a matrix that a product goes through before its sums are stored.
TILE = 20

_INT64 = ir.IntType(64)
#: Bytes of a cache line.
_LINE = 64


def _pieces(
    emitter: Emitter, first: ir.Value, last: ir.Value, registers: int
) -> Iterator[tuple[ir.Value, int]]:
    """Loops over the indices from `first` to `last`, in steps of vectors, longest first.

    The longest vectors are `registers` long. Lanes are powers of two.
    """
    builder = emitter.builder
    steps = {registers * emitter.lanes, emitter.lanes, 1}
    for step in sorted(steps, reverse=True):
        whole = builder.and_(builder.sub(last, first), _INT64(-step))
        end = builder.add(first, whole)
        with cgutils.for_range_slice(builder, first, end, _INT64(step)) as (index, _):
            yield index, step
        first = end


def _power_of_two(number: int) -> int:
    """The largest power of two up to `number`."""
    return 1 << (number.bit_length() - 1)


def _fetch(emitter: Emitter, place: ir.Value, lanes: int) -> None:
    """Fetch from main memory, without waiting, what a vector at a place will be read from.

    Nothing is read, so the place may be behind the end of an array.
    """
    builder, byte, number = emitter.builder, ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    for at in range(0, lanes, 8 * _LINE // emitter.bits):
        line = builder.bitcast(emitter.at(place, at), byte)
        # To read, into all caches, data.
        builder.call(function, [line, number(0), number(3), number(1)])


def _sum_of_lanes(emitter: Emitter, vector: ir.Value) -> ir.Value:
    """The sum of a vector's lanes, by halves."""
    kind = ir.FunctionType(emitter.scalar, [emitter.scalar, vector.type])
    name = f"llvm.vector.reduce.fadd.v{vector.type.count}f{emitter.bits}"
    function = cgutils.get_or_insert_function(emitter.builder.module, kind, name)
    start = ir.Constant(emitter.scalar, -0.0)
    return emitter.builder.call(function, [start, vector], fastmath=("reassoc",))


@intrinsic(prefer_literal=True)
def _affine_rows(typing_context, out, out_at, y, y_at, K, K_at, b, b_at, width, rows, samples):
    """``out[s, i] = K[i] · y[s] + b[i]`` for all samples s and the first `rows` i of each."""
    R, S = rows.literal_value, samples.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        to, source, matrix, bias = (emitter.data(arguments, n) for n in (0, 2, 4, 6))
        width = arguments[8]
        row_starts = [emitter.at(matrix, builder.mul(width, _INT64(r))) for r in range(R)]
        starts = [emitter.at(source, builder.mul(width, _INT64(s))) for s in range(S)]
        totals = {(r, s): builder.load(emitter.at(bias, r)) for r in range(R) for s in range(S)}
        totals = {key: emitter.slot(total) for key, total in totals.items()}
        parts: dict[int, dict[tuple[int, int], ir.Value]] = {}
        for lanes in {emitter.lanes, 1}:
            parts[lanes] = {key: emitter.slot(emitter.zeros(lanes)) for key in totals}
        for k, lanes in _pieces(emitter, _INT64(0), width, 1):
            ys = [emitter.load(emitter.at(start, k), lanes) for start in starts]
            for r in range(R):
                place = emitter.at(row_starts[r], k)
                part = emitter.load(place, lanes)
                if lanes == emitter.lanes:
                    _fetch(emitter, emitter.at(place, builder.mul(width, _INT64(R))), lanes)
                for s in range(S):
                    slot = parts[lanes][r, s]
                    builder.store(simd.fused(builder, part, ys[s], builder.load(slot)), slot)
        for (r, s), slot in totals.items():
            total = builder.load(slot)
            for lanes in sorted(parts, reverse=True):
                total = builder.fadd(
                    total, _sum_of_lanes(emitter, builder.load(parts[lanes][r, s]))
                )
            builder.store(total, emitter.at(to, builder.mul(width, _INT64(s)), r))
        return context.get_dummy_value()

    integer = types.intp
    arrays = (out, integer, y, integer, K, integer, b, integer)
    return types.void(*arrays, integer, rows, samples), emit


@intrinsic(prefer_literal=True)
def _add_rows(typing_context, out, out_at, xi, xi_at, K, K_at, width, first, last, rows, samples):
    """``out[s] += Σ xi[s, i] K[i]`` over the first `rows` i, in columns `first` to `last`."""
    S = samples.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        to, factors, matrix = (emitter.data(arguments, n) for n in (0, 2, 4))
        width, first, last, rows = arguments[6:10]
        sample_starts = [builder.mul(width, _INT64(s)) for s in range(S)]
        for k, lanes in _pieces(emitter, first, last, _power_of_two(max(1, SUMS // S))):
            places = [emitter.at(to, start, k) for start in sample_starts]
            sums = [emitter.slot(emitter.load(place, lanes)) for place in places]
            with emitter.loop(rows) as row:
                place = emitter.at(matrix, builder.mul(width, row), k)
                part = emitter.load(place, lanes)
                if lanes >= emitter.lanes:
                    _fetch(emitter, emitter.at(place, builder.mul(width, rows)), lanes)
                for start, slot in zip(sample_starts, sums, strict=True):
                    factor = builder.load(emitter.at(factors, start, row))
                    factor = emitter.spread(factor, lanes)
                    builder.store(simd.fused(builder, factor, part, builder.load(slot)), slot)
            for slot, place in zip(sums, places, strict=True):
                emitter.store(builder.load(slot), place)
        return context.get_dummy_value()

    integer = types.intp
    arrays = (out, integer, xi, integer, K, integer)
    return types.void(*arrays, *(integer,) * 4, samples), emit


@intrinsic(prefer_literal=True)
def _gradient_rows(
    typing_context,
    out,
    out_at,
    delta,
    delta_at,
    y,
    y_at,
    K,
    first,
    second,
    ahead,
    width,
    terms,
    rows,
):
    """``out[i] = Σ_t delta[t, i] y[t]`` over all `terms` t, for the first `rows` i.

    Meanwhile, the next rows of K and of its moments are fetched, from the index `ahead` on.
    """
    R = rows.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        to, factors, inputs = (emitter.data(arguments, n) for n in (0, 2, 4))
        arrays = [emitter.data(arguments, n, arguments[9]) for n in (6, 7, 8)]
        width, terms = arguments[10:12]
        row_starts = [builder.mul(width, _INT64(r)) for r in range(R)]
        for k, lanes in _pieces(emitter, _INT64(0), width, _power_of_two(SUMS // R)):
            if lanes >= emitter.lanes:
                for array, start in product(arrays, row_starts):
                    _fetch(emitter, emitter.at(array, start, k), lanes)
            sums = [emitter.slot(emitter.zeros(lanes)) for _ in range(R)]
            with emitter.loop(terms) as term:
                start = builder.mul(width, term)
                part = emitter.load(emitter.at(inputs, start, k), lanes)
                for r, slot in enumerate(sums):
                    factor = emitter.spread(builder.load(emitter.at(factors, start, r)), lanes)
                    builder.store(simd.fused(builder, factor, part, builder.load(slot)), slot)
            for slot, start in zip(sums, row_starts, strict=True):
                emitter.store(builder.load(slot), emitter.at(to, start, k))
        return context.get_dummy_value()

    integer = types.intp
    arrays = (out, integer, delta, integer, y, integer, K, first, second)
    return types.void(*arrays, integer, integer, integer, rows), emit


@njit(error_model="numpy")
def _share(width, thread, threads):
    """The first row (and column) of a thread, and the one after its last."""
    groups = -(-width // ROWS)
    return (
        min(width, ROWS * (groups * thread // threads)),
        min(width, ROWS * (groups * (thread + 1) // threads)),
    )


@njit(error_model="numpy")
def _add(out, out_at, weight, blocks, at, samples, first, last, width):
    """``out += weight blocks`` for all samples, from feature `first` to `last`."""
    for s in range(samples):
        to, source = out_at + s * width, at + s * width
        for k in range(first, last):
            out[to + k] = fma(weight, blocks[source + k], out[to + k])


@njit(error_model="numpy")
def _put(out, out_at, weight, blocks, at, samples, first, last, width):
    """``out = weight blocks`` for all samples, from feature `first` to `last`."""
    for s in range(samples):
        to, source = out_at + s * width, at + s * width
        for k in range(first, last):
            out[to + k] = weight * blocks[source + k]


@njit(inline="always")
def _forward(
    thread, threads, gate, K, b, stages, slopes, output, A, beta, residual, depth, width, activate,
    samples, together,
):  # fmt: skip
    """(2.12) or (2.6), from the first of the `stages` to the `output`, both filled.

    `stages` and `slopes`, the y_i and f_i, lie layer by layer and stage by stage.
    """
    first, last = _share(width, thread, threads)
    count, block = len(beta), samples * width
    for layer in range(depth):
        y, theta = layer * count * block, layer * width * width
        for i in range(count):
            y_i = y + i * block
            if i > 0:
                _put(stages, y_i, type(beta[0])(1), stages, y, samples, first, last, width)
            for j in range(i):
                if A[i, j] != 0:
                    f_j = y + j * block
                    _add(stages, y_i, A[i, j], slopes, f_j, samples, first, last, width)
            wait(gate, threads)
            for begin in range(first, last, together):
                # The last rows overlap with those before: the same numbers once more.
                row = min(begin, last - together)
                _affine_rows(
                    slopes, y_i + row, stages, y_i, K, theta + row * width, b,
                    layer * width + row, width, together, samples,
                )  # fmt: skip
            for s in range(samples):
                apply(activate, slopes, y_i + s * width + first, last - first)
        out, at = (stages, y + count * block) if layer < depth - 1 else (output, 0)
        _put(out, at, type(beta[0])(residual), stages, y, samples, first, last, width)
        for i in range(count):
            if beta[i] != 0:
                f_i = y + i * block
                _add(out, at, beta[i], slopes, f_i, samples, first, last, width)


@njit(inline="always")
def _update(update, factors, decay, parameters, first, second, moments, at, gradient, size):
    """A step of the optimiser on `size` parameters; moments that it has not are nowhere."""
    update_all(
        update, factors, decay, parameters[at:], first[at if moments > 0 else 0 :],
        second[at if moments > 1 else 0 :], 0, gradient, size,
    )  # fmt: skip


@njit(inline="always")
def _backward(
    thread, threads, gate, K, b, K_first, b_first, K_second, b_second, moments, stages, slopes, p,
    deltas, pulled, gradients, A, beta, residual, depth, width, factors, decay, slope, update,
    samples,
):  # fmt: skip
    """(3.24)–(3.26), from `p` at the output to `p` at the input; each layer is updated.

    `deltas` and `pulled`, the σ'(z_i) ∘ ξ_i and f_y(y_i)ᵀ ξ_i with ξ_i = h β_i p_i, are one
    layer's. `gradients` is each thread's memory, ROWS rows or all its biases. Of the moments, only
    as many as there are `moments` have a place of their own.
    """
    first, last = _share(width, thread, threads)
    count, block = len(beta), samples * width
    gradient = gradients[thread]
    for layer in range(depth - 1, -1, -1):
        y, theta = layer * count * block, layer * width * width
        for i in range(count - 1, -1, -1):
            delta = i * block
            # (3.17) and (3.13): (3.24)–(3.26) where no weight is zero.
            _put(deltas, delta, beta[i], p, 0, samples, first, last, width)
            for j in range(i + 1, count):
                if A[j, i] != 0:
                    _add(deltas, delta, A[j, i], pulled, j * block, samples, first, last, width)
            for s in range(samples):
                row = s * width + first
                scale(slope, deltas, delta + row, slopes, y + delta + row, last - first)
            wait(gate, threads)
            for s in range(samples):
                for k in range(first, last):
                    pulled[delta + s * width + k] = 0
            for row in range(0, width, TILE):
                _add_rows(
                    pulled, delta, deltas, delta + row, K, theta + row * width, width, first, last,
                    min(TILE, width - row), samples,
                )  # fmt: skip
        if not residual:
            _put(p, 0, type(beta[0])(0), p, 0, samples, first, last, width)
        for i in range(count):
            _add(p, 0, type(beta[0])(1), pulled, i * block, samples, first, last, width)
        # Until here, other threads read all of K.
        wait(gate, threads)
        terms = count * samples
        for row in range(first, last, ROWS):
            # The last rows overlap with those before, which have been trained.
            begin = min(row, last - ROWS)
            at, size = theta + row * width, (min(row + ROWS, last) - row) * width
            _gradient_rows(
                gradient, 0, deltas, begin, stages, y, K, K_first, K_second, at + size, width,
                terms, ROWS,
            )  # fmt: skip
            _update(
                update, factors, decay, K, K_first, K_second, moments, at,
                gradient[(row - begin) * width :], size,
            )  # fmt: skip
        for i in range(first, last):
            total = type(beta[0])(0)
            for t in range(terms):
                total += deltas[t * width + i]
            gradient[i - first] = total
        _update(
            update, factors, decay, b, b_first, b_second, moments, layer * width + first,
            gradient, last - first,
        )  # fmt: skip


#: Orders to the kernel.
FORWARD, BACKWARD = 1, 2


@dataclass(frozen=True)
class Shape:
    """What the kernels are compiled for; everything else they take as arguments."""

    samples: int
    activation: str
    optimiser: type[Optimiser]


def _sweeps_kernel(shape: Shape) -> Callable[..., None]:
    """The function that a `Team` goes through; its closure holds plain constants and functions."""
    samples, together = shape.samples, min(ROWS, SUMS // shape.samples)
    activate, slope = ACTIVATIONS[shape.activation]
    update = inlined(shape.optimiser.update)

    def sweeps(
        thread, threads, gate, K, b, K_first, b_first, K_second, b_second, moments, stages, slopes,
        output, p, deltas, pulled, gradients, A, beta, residual, depth, width, numbers,
    ):  # fmt: skip
        """Sweep forward or back, as ordered; `numbers` are the optimiser's factors and decay."""
        state = flush_denormals()
        while True:
            order = next_order(gate, threads)
            if order == REST:
                break
            if order == FORWARD:
                _forward(
                    thread, threads, gate, K, b, stages, slopes, output, A, beta, residual, depth,
                    width, activate, samples, together,
                )  # fmt: skip
            else:
                _backward(
                    thread, threads, gate, K, b, K_first, b_first, K_second, b_second, moments,
                    stages, slopes, p, deltas, pulled, gradients, A, beta, residual, depth, width,
                    (numbers[0], numbers[1]), numbers[2], slope, update, samples,
                )  # fmt: skip
            wait(gate, threads)
            if thread == 0:
                break
        restore_denormals(state)

    return sweeps


@cache
def kernel(shape: Shape) -> Callable[..., None]:
    """The kernel for `shape`."""
    parts = simd, activations, optimisers, team, shape.optimiser
    return compiled(parts, shape, _sweeps_kernel(shape), nogil=True)[0]


def has_kernels(device: torch.device, samples: int, width: int) -> bool:
    """Whether `WideSweeps` can do the sweeps; if Numba compiles nothing, PyTorch does them."""
    fits = samples <= MOST_SAMPLES and width >= NARROWEST
    return device.type == "cpu" and fits and not numba.config.DISABLE_JIT


def most_threads(width: int) -> int:
    """How many threads can share the rows of a layer, two blocks each."""
    return max(1, width // (2 * ROWS))


class WideSweeps:
    """The sweeps through all layers, as `LibrarySweeps`, by the kernels.

    Parameters
    ----------
    scheme : Scheme
    maps : Maps
    team : Team
    memory : Memory
    """

    def __init__(self, scheme: Scheme, maps: Maps, team: Team, memory: Memory) -> None:
        samples, width = memory.p.shape
        self._maps, self._team = maps, team
        number = memory.p.numpy().dtype.type
        nowhere = np.zeros(ROWS * width, number)
        moments = [_flat(each["K"], each["b"]) for each in maps.moments]
        first, second = [*moments, *[(nowhere, nowhere)] * (2 - len(moments))]
        self._numbers = np.zeros(3, number)
        self._work = (
            kernel(Shape(samples, scheme.activation, type(maps.optimiser))),
            *_flat(maps.parameters["K"], maps.parameters["b"]),
            *first,
            *second,
            len(moments),
            *_flat(memory.stages, memory.slopes, memory.output),
            *_flat(memory.p, memory.deltas, memory.pulled),
            np.empty((team.size, ROWS * width), number),
            np.array(scheme.A, number),
            np.array(scheme.beta, number),
            scheme.residual,
            len(maps.layers),
            width,
            self._numbers,
        )

    def forward(self) -> None:
        """From the memory's input to its output."""
        self._team.do(FORWARD, self._work)

    def backward(self) -> None:
        """Carry the adjoint from the output to the input, and train every layer on the way."""
        steps, optimiser = self._maps.steps[:-1], self._maps.optimiser
        steps += 1
        step = int(steps[0, 0])
        factors = optimiser.factors(step, optimiser.learning_rate, optimiser.momentum)
        self._numbers[:] = *factors, optimiser.weight_decay
        self._team.do(BACKWARD, self._work)


def _flat(*tensors: torch.Tensor) -> tuple[np.ndarray, ...]:
    return tuple(tensor.numpy().reshape(-1) for tensor in tensors)
