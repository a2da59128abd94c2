"""Learned step sizes: what the kernels need of them beside the sums of a layer.

With y_i = y + h Σ_j a_ij f_j and y⁺ = y + h Σ_j β_j f_j, (2.12), and ξ_j as in (3.24)–(3.26), the
derivative by a layer's h is Σ_j ⟨ξ_j / h, f_j⟩: one inner product a stage, of blocks that the sweep
has just used. ξ_j / h = β_j p + Σ_i a_ij f_y(y_i)ᵀ ξ_i is combined without h, so a layer that has
lost its step, h = 0, has a derivative as well.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic

from rknet.engines.on_numba.simd import Emitter, fused

#: Vectors in a loop that are written out.
_TOGETHER = 8


@njit(inline="always")
def with_step(out, weights, terms, h):
    """Weights of a layer's sums for its h, from those for h = 1: those of slopes, not of y."""
    for k in range(weights.size):
        out[k] = weights[k] if terms[k] == 0 else weights[k] * h


@njit
def project(h, total):
    """The nearest point to `h` with h_l ≥ 0 and Σ h_l = `total`, in place (Duchi et al. 2008).

    It is max(h - θ, 0). Each round takes the θ that is right if no more numbers become zero, and
    those below it do (Michelot 1986): a few rounds instead of sorting.
    """
    threshold, before = -np.inf, h.size + 1
    while True:
        positive, rest = 0, -total
        for value in h:
            if value > threshold:
                positive += 1
                rest += value
        threshold = rest / max(positive, 1)
        if positive >= before:
            break
        before = positive
    for layer in range(h.size):
        h[layer] = max(h[layer] - threshold, 0)


def _inner(a, a_at, b, b_at, size):
    """The sum of the products of `size` numbers of `a` and `b`."""
    return a[a_at : a_at + size] @ b[b_at : b_at + size]


def _multiply(values, at, size, factor):
    """Multiply `size` numbers by one."""
    values[at : at + size] *= factor


def _typed_inner(typing_context, a, a_at, b, b_at, size):
    """As `_inner`, in vectors; `size` is a multiple of `simd.LANES`."""
    length = size.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        lanes = emitter.lanes
        left, right = (emitter.data(arguments, n) for n in (0, 2))
        total = emitter.slot(emitter.zeros(lanes))
        for first, count in emitter.groups(length // lanes, _TOGETHER):
            start = emitter.times(first, lanes)
            value = builder.load(total)
            for k in range(count):
                pair = (emitter.load(emitter.at(x, start, k * lanes), lanes) for x in (left, right))
                value = fused(builder, *pair, value)
            builder.store(value, total)
        value = builder.load(total)
        while lanes > 1:  # add the second half to the first
            lanes //= 2
            halves = (list(range(lanes)), list(range(lanes, 2 * lanes)))
            value = builder.fadd(*(emitter.shuffle(value, value, half) for half in halves))
        return builder.extract_element(value, ir.Constant(ir.IntType(32), 0))

    integer = types.intp
    return a.dtype(a, integer, b, integer, size), emit


def _typed_multiply(typing_context, values, at, size, factor):
    """As `_multiply`, in vectors; `size` is a multiple of `simd.LANES`."""
    length = size.literal_value

    def emit(context, builder, signature, arguments):
        emitter = Emitter(context, builder, signature)
        lanes, data = emitter.lanes, emitter.data(arguments, 0)
        spread = emitter.spread(arguments[3], lanes)
        for first, count in emitter.groups(length // lanes, _TOGETHER):
            for k in range(count):
                place = emitter.at(data, emitter.times(first, lanes), k * lanes)
                emitter.store(builder.fmul(emitter.load(place, lanes), spread), place)
        return context.get_dummy_value()

    return types.void(values, types.intp, size, values.dtype), emit


def _emitted(simple, typed):
    return simple if config.DISABLE_JIT else intrinsic(prefer_literal=True)(typed)


inner, multiply = _emitted(_inner, _typed_inner), _emitted(_multiply, _typed_multiply)
