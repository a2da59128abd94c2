"""Wide affine maps of few samples on the CPU, for the PyTorch engine: products, and Adam.

At width 900 and five samples, a training step can be as fast as reading the parameters and their
moments from main memory and writing them back. But library products of so few samples are slower
(`make benchmark` compares). Here they are written out as vectors, as in `simd`. The gradient, a
product over samples and stages, goes directly into Adam and is never stored.

No sum depends on the number of threads that share the work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple

import numba
import torch
from llvmlite import ir
from numba import prange, types
from numba.core import cgutils
from numba.extending import intrinsic
from torch import Tensor

from rknet.engines.on_numba import simd
from rknet.engines.on_numba.cache import compiled
from rknet.engines.on_numba.simd import flush_denormals, restore_denormals
from rknet.engines.on_torch.affine import Affine, Library
from rknet.optimisers.adam import BETA1, BETA2, EPSILON, Adam
from rknet.optimisers.base import Optimiser

#: The sums of more samples and a block of rows would not fit into 32 registers.
MOST_SAMPLES = 8
#: Rows of a matrix that are gone through together, so that they share what is read of the samples.
ROWS = 4

_INT32, _INT64 = ir.IntType(32), ir.IntType(64)
#: A multiplication and an addition may become one instruction.
_FUSED = ("contract",)
# The vectors, in bytes, that a row is cut into, from the left. Four registers together share a
# factor, so that the gradient is not held up by loading factors.
_LONG, _REGISTER, _SHORT = 256, 64, 16
#: Threads take columns in multiples of these.
_COLUMNS = 16


class _Emitter(simd.Vectors):
    """Emits operations on vectors; addresses are integers."""

    def load_at(self, address: ir.Value, index: ir.Value, lanes: int = 1) -> ir.Value:
        return self.load(self._pointer(address, index), lanes)

    def store_at(self, vector: ir.Value, address: ir.Value, index: ir.Value) -> None:
        self.store(vector, self._pointer(address, index))

    def _pointer(self, address: ir.Value, index: ir.Value) -> ir.Value:
        base = self.builder.inttoptr(address, self.scalar.as_pointer())
        return self.builder.gep(base, [index])

    def spread(self, single: ir.Value, lanes: int) -> ir.Value:
        """`lanes` times the one lane of a vector."""
        mask = ir.Constant(ir.VectorType(_INT32, lanes), [0] * lanes)
        undefined = ir.Constant(single.type, ir.Undefined)
        return self.builder.shuffle_vector(single, undefined, mask)

    def single(self, number: ir.Value) -> ir.Value:
        """A float64 as a vector of one."""
        if self.bits == 32:
            number = self.builder.fptrunc(number, self.scalar)
        nothing = ir.Constant(ir.VectorType(self.scalar, 1), ir.Undefined)
        return self.builder.insert_element(nothing, number, _INT32(0))

    def fma(self, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        """``a b + c``."""
        return self.builder.fadd(self.builder.fmul(a, b, flags=_FUSED), c, flags=_FUSED)

    def sqrt(self, vector: ir.Value) -> ir.Value:
        return self._call("sqrt", vector.type, vector)

    def sum(self, vector: ir.Value) -> ir.Value:
        """The sum of the lanes, by halves, as a vector of one."""
        start, any_order = ir.Constant(self.scalar, -0.0), ("reassoc",)
        total = self._call("vector.reduce.fadd", self.scalar, start, vector, fastmath=any_order)
        single = ir.Constant(ir.VectorType(self.scalar, 1), ir.Undefined)
        return self.builder.insert_element(single, total, _INT32(0))

    def _call(self, name: str, result: ir.Type, *arguments: ir.Value, **options: Any) -> ir.Value:
        kind = ir.FunctionType(result, [argument.type for argument in arguments])
        name = f"llvm.{name}.v{arguments[-1].type.count}f{self.bits}"
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        return self.builder.call(function, arguments, **options)

    def lanes(self, *widths: int) -> list[int]:
        """Lanes of vectors so many bytes wide, and one lane for what is left."""
        return [*(8 * width // self.bits for width in widths), 1]

    def pieces(
        self, first: ir.Value, last: ir.Value, lanes: list[int]
    ) -> Iterator[tuple[ir.Value, int]]:
        """Loops over the indices from `first` to `last`, in steps of `lanes`, longest first."""
        builder = self.builder
        for step in lanes:
            # Lanes are powers of two.
            whole = builder.and_(builder.sub(last, first), _INT64(-step))
            end = builder.add(first, whole)
            with cgutils.for_range_slice(builder, first, end, _INT64(step)) as (index, _):
                yield index, step
            first = end


@intrinsic(prefer_literal=True)
def _affine_rows(typing_context, out, y, K, b, row, height, width, rows, samples, bits):
    """``out[s, i] = K[i] · y[s] + b[i]`` for all samples s and `rows` i from `row` on."""
    R, S, float_bits = (literal.literal_value for literal in (rows, samples, bits))

    def emit(context, builder, signature, arguments):
        out, y, K, b, row, height, width = arguments[:7]
        emitter = _Emitter(builder, float_bits)
        rows = [builder.add(row, _INT64(r)) for r in range(R)]
        row_starts = [builder.mul(i, width) for i in rows]
        sample_starts = [builder.mul(width, _INT64(s)) for s in range(S)]
        lanes = emitter.lanes(_REGISTER, _SHORT)
        sums = {
            key: cgutils.alloca_once(builder, emitter.zeros(key[0]).type)
            for key in product(lanes, range(R), range(S))
        }
        for (count, *_), total in sums.items():
            builder.store(emitter.zeros(count), total)
        for k, count in emitter.pieces(_INT64(0), width, lanes):
            ys = [emitter.load_at(y, builder.add(start, k), count) for start in sample_starts]
            for r, s in product(range(R), range(S)):
                part, total = (
                    emitter.load_at(K, builder.add(row_starts[r], k), count),
                    sums[count, r, s],
                )
                builder.store(emitter.fma(part, ys[s], builder.load(total)), total)
        for r, s in product(range(R), range(S)):
            total = emitter.load_at(b, rows[r])
            for count in lanes:
                total = builder.fadd(total, emitter.sum(builder.load(sums[count, r, s])))
            emitter.store_at(total, out, builder.add(builder.mul(height, _INT64(s)), rows[r]))
        return context.get_dummy_value()

    return types.void(*(types.intp,) * 7, rows, samples, bits), emit


@intrinsic(prefer_literal=True)
def _add_rows(typing_context, out, xi, K, row, height, width, first, last, rows, samples, bits):
    """``out[s] += Σ xi[s, i] K[i]`` over `rows` i from `row` on, in columns `first` to `last`."""
    R, S, float_bits = (literal.literal_value for literal in (rows, samples, bits))

    def emit(context, builder, signature, arguments):
        out, xi, K, row, height, width, first, last = arguments[:8]
        emitter = _Emitter(builder, float_bits)
        rows = [builder.add(row, _INT64(r)) for r in range(R)]
        row_starts = [builder.mul(i, width) for i in rows]
        factors = {
            (r, s): emitter.load_at(xi, builder.add(builder.mul(height, _INT64(s)), rows[r]))
            for r, s in product(range(R), range(S))
        }
        for k, lanes in emitter.pieces(first, last, emitter.lanes(_REGISTER, _SHORT)):
            parts = [emitter.load_at(K, builder.add(start, k), lanes) for start in row_starts]
            for s in range(S):
                at = builder.add(builder.mul(width, _INT64(s)), k)
                total = emitter.load_at(out, at, lanes)
                for r, part in enumerate(parts):
                    total = emitter.fma(emitter.spread(factors[r, s], lanes), part, total)
                emitter.store_at(total, out, at)
        return context.get_dummy_value()

    return types.void(*(types.intp,) * 8, rows, samples, bits), emit


@intrinsic(prefer_literal=True)
def _adam_rows(typing_context, theta, y, delta, row, shape, numbers, rows, terms, bits):
    """Adam on `rows` rows i from `row` on, the gradient of K[i] being ``Σ_t delta[t, i] y[t]``.

    The last of `numbers` is the weight decay, if there is any.
    """
    R, T, float_bits = (literal.literal_value for literal in (rows, terms, bits))

    def emit(context, builder, signature, arguments):
        y, delta, row = arguments[1:4]
        (K, b, m_K, m_b, v_K, v_b), (height, width), numbers = (
            cgutils.unpack_tuple(builder, arguments[n]) for n in (0, 4, 5)
        )
        emitter = _Emitter(builder, float_bits)
        numbers = [emitter.single(number) for number in numbers]
        rows = [builder.add(row, _INT64(r)) for r in range(R)]
        factors = {
            (r, t): emitter.load_at(delta, builder.add(builder.mul(height, _INT64(t)), rows[r]))
            for r, t in product(range(R), range(T))
        }

        def update(gradient, parameter, first, second, at):
            lanes = gradient.type.count
            keep_m, gain_m, keep_v, gain_v, size, epsilon, *decay = (
                emitter.spread(number, lanes) for number in numbers
            )
            theta = emitter.load_at(parameter, at, lanes)
            for each in decay:
                gradient = emitter.fma(each, theta, gradient)
            m, v = (emitter.load_at(moment, at, lanes) for moment in (first, second))
            m = emitter.fma(keep_m, m, builder.fmul(gain_m, gradient))
            v = emitter.fma(keep_v, v, builder.fmul(builder.fmul(gain_v, gradient), gradient))
            direction = builder.fdiv(m, builder.fadd(emitter.sqrt(v), epsilon))
            moved = builder.fsub(theta, builder.fmul(size, direction))
            for vector, address in ((m, first), (v, second), (moved, parameter)):
                emitter.store_at(vector, address, at)

        for k, lanes in emitter.pieces(_INT64(0), width, emitter.lanes(_LONG, _REGISTER, _SHORT)):
            gradients = [emitter.zeros(lanes)] * R
            for t in range(T):
                part = emitter.load_at(y, builder.add(builder.mul(width, _INT64(t)), k), lanes)
                for r in range(R):
                    factor = emitter.spread(factors[r, t], lanes)
                    gradients[r] = emitter.fma(factor, part, gradients[r])
            for i, gradient in zip(rows, gradients, strict=True):
                update(gradient, K, m_K, v_K, builder.add(builder.mul(i, width), k))
        for r, i in enumerate(rows):
            gradient = emitter.zeros(1)
            for t in range(T):
                gradient = builder.fadd(gradient, factors[r, t])
            update(gradient, b, m_b, v_b, i)
        return context.get_dummy_value()

    addresses = (types.intp,) * 3
    return types.void(theta, *addresses, shape, numbers, rows, terms, bits), emit


class Kernels(NamedTuple):
    """Functions of addresses (of contiguous arrays), sizes and numbers, shared among threads."""

    affine: Callable[..., None]
    add_products: Callable[..., None]
    adam: Callable[..., None]


@cache
def kernels(samples: int, terms: int, bits: int) -> Kernels:
    """The kernels for batches of so many `samples` and gradients of so many `terms`."""

    def affine(out, y, K, b, height, width):
        for block in prange(-(-height // ROWS)):
            state = flush_denormals()
            row = ROWS * block
            if row + ROWS <= height:
                _affine_rows(out, y, K, b, row, height, width, ROWS, samples, bits)
            else:
                for i in range(row, height):
                    _affine_rows(out, y, K, b, i, height, width, 1, samples, bits)
            restore_denormals(state)

    def add_products(out, xi, K, height, width, columns):
        for block in prange(-(-width // columns)):
            state = flush_denormals()
            first = columns * block
            last = min(first + columns, width)
            whole = height - height % ROWS
            for row in range(0, whole, ROWS):
                _add_rows(out, xi, K, row, height, width, first, last, ROWS, samples, bits)
            for i in range(whole, height):
                _add_rows(out, xi, K, i, height, width, first, last, 1, samples, bits)
            restore_denormals(state)

    def adam(theta, y, delta, shape, numbers):
        height = shape[0]
        for block in prange(-(-height // ROWS)):
            state = flush_denormals()
            row = ROWS * block
            if row + ROWS <= height:
                _adam_rows(theta, y, delta, row, shape, numbers, ROWS, terms, bits)
            else:
                for i in range(row, height):
                    _adam_rows(theta, y, delta, i, shape, numbers, 1, terms, bits)
            restore_denormals(state)

    shape = (samples, terms, bits)
    sources = [Path(__file__), Path(simd.__file__)]
    return Kernels(*compiled(sources, shape, affine, add_products, adam, parallel=True))


def has_kernels(device: torch.device, samples: int) -> bool:
    """Whether `FewSamples` can do the operations; if Numba compiles nothing, PyTorch does them."""
    return device.type == "cpu" and samples <= MOST_SAMPLES and not numba.config.DISABLE_JIT


class FewSamples(Library):
    """The operations on affine maps, by the kernels; optimisers other than Adam are PyTorch's.

    Parameters
    ----------
    optimiser : Optimiser
    samples : int
        In the batches, at most `MOST_SAMPLES`.
    """

    def __init__(self, optimiser: Optimiser, samples: int) -> None:
        super().__init__(optimiser)
        self._samples, self._optimiser = samples, optimiser
        # A job's threads are counted by PyTorch.
        self._threads = min(torch.get_num_threads(), numba.config.NUMBA_NUM_THREADS)
        numba.set_num_threads(self._threads)
        if type(optimiser) is Adam:
            self.train = self._adam

    def apply(self, affine: Affine, y: Tensor, out: Tensor) -> None:
        """As `Library.apply`."""
        K, b = affine.parameters
        self._kernels(y).affine(*_addresses(out, y, K, b), *K.shape)

    def pull_back(self, affine: Affine, xi: Tensor, out: Tensor) -> None:
        """As `Library.pull_back`."""
        K, _ = affine.parameters
        # Threads share the columns, so that each sums up its own.
        columns = _COLUMNS * -(-K.shape[1] // (_COLUMNS * self._threads))
        self._kernels(xi).add_products(*_addresses(out.zero_(), xi, K), *K.shape, columns)

    def _adam(self, affine: Affine, deltas: Tensor, inputs: Tensor) -> None:
        for steps in affine.steps:
            steps += 1
        step = float(affine.steps[0])
        # Both sides of the fraction m̂ / (√v̂ + ε), times √(1 - β₂ᵗ).
        root = math.sqrt(1 - BETA2**step)
        size, epsilon = self._optimiser.learning_rate * root / (1 - BETA1**step), EPSILON * root
        numbers = (BETA1, 1 - BETA1, BETA2, 1 - BETA2, size, epsilon)
        if self._optimiser.weight_decay:
            numbers += (self._optimiser.weight_decay,)
        theta = _addresses(*affine.parameters, *chain(*affine.moments))
        shape = tuple(affine.parameters[0].shape)
        self._kernels(inputs).adam(theta, *_addresses(inputs, deltas), shape, numbers)

    def _kernels(self, rows: Tensor) -> Kernels:
        return kernels(self._samples, len(rows), 8 * rows.itemsize)


def _addresses(*tensors: Tensor) -> tuple[int, ...]:
    return tuple(tensor.data_ptr() for tensor in tensors)
