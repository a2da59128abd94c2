"""The compiled engine's inner loops: a training epoch and an evaluation (Numba).

A layer's parameters are a row of (d̂ + 1) d̂ numbers, (Kᵀ, b) row by row. The optimiser's moments
are arrays of their own. Features of a batch lie sample by sample, so that every loop
over features runs over contiguous numbers.

The forward sweep is `_forward`, the adjoint sweep with the optimiser in it `_backward`.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from llvmlite import binding
from numba import njit

from rknet.engines.on_numba import activations, simd
from rknet.engines.on_numba.activations import FAST_MATH, activate, derivative
from rknet.engines.on_numba.cache import CachedKernel, compiled
from rknet.engines.on_numba.optimisers import Choice, inlined
from rknet.engines.on_numba.simd import (
    affine,
    flush_denormals,
    gradient,
    product,
    restore_denormals,
    transpose,
)
from rknet.losses.base import Loss

# Otherwise LLVM checks once, before the loop over layers, whether arrays overlap over all layers;
# it takes a layer's own rows for an overlap, and no inner loop is vectorised.
binding.set_option("", "-hoist-runtime-checks=false")

#: Samples that an evaluation sends through the network together.
EVALUATION_ROWS = 24


@dataclass(frozen=True)
class Shape:
    """What a kernel is compiled for; everything else it takes as arguments.

    Attributes
    ----------
    width, batch_size : int
    A : tuple of tuples of float
        h·A of the scheme; for StandardNet one stage, ``((0.0,),)``.
    beta : tuple of float
        h·β of the scheme; for StandardNet ``(1.0,)``.
    residual : bool
        Whether the layer's input is added: (2.12), not (2.6).
    activation : int
        Code in `activations.CODES`.
    single : bool
        float32, else float64.
    optimisers : Choice
        The optimisers to choose from; an argument of the kernel names one.
    loss : type
        A kind of `rknet.losses`.
    """

    width: int
    batch_size: int
    A: tuple[tuple[float, ...], ...]
    beta: tuple[float, ...]
    residual: bool
    activation: int
    single: bool
    optimisers: Choice
    loss: type[Loss]


# The sweeps go through all layers, and update parameters number by number, because Numba counts
# references to the arrays that an inlined function is given: once a layer, that costs a fifth of
# the time.


@njit(inline="always", fastmath=FAST_MATH)
def _forward(y, stages, slopes, layers, A, beta, residual, activation, rows, width):
    """Send `y` through all layers in place, (2.12) or (2.6).

    `stages` and `slopes` keep the stages y_i and slopes f_i: a row a layer, or one row for all.
    """
    size = rows * width
    for layer in range(layers.shape[0]):
        slot = min(layer, stages.shape[0] - 1)
        for i in range(len(beta)):
            here = i * size
            for e in range(size):
                stages[slot, here + e] = y[e]
            for j in range(i):
                a, earlier = A[i][j], j * size
                if a != 0:
                    for e in range(size):
                        stages[slot, here + e] += a * slopes[slot, earlier + e]
            at = slot * stages.shape[1] + here
            affine(slopes, at, stages, at, layers, layer * layers.shape[1], rows, width)
            for e in range(size):
                slopes[slot, here + e] = activate(activation, slopes[slot, here + e])
        if residual:
            for i in range(len(beta)):
                here = i * size
                for e in range(size):
                    y[e] += beta[i] * slopes[slot, here + e]
        else:
            for e in range(size):
                y[e] = slopes[slot, e]


@njit(inline="always", fastmath=FAST_MATH)
def _backward(
    p, deltas, pulled, K, g, stages, slopes, layers, first, second,
    update, optimiser, factors, A, beta, residual, activation, rows, stage_rows, width,
):  # fmt: skip
    """Carry the adjoint `p` from the output back through all layers, and update each on the way.

    The sweep is (3.24)–(3.26) in ξ_i = h β_i p_i instead of p_i, that is (3.17) and (3.13): the
    same numbers, but defined for weights β_i = 0 as well. `deltas` are σ'(z_i) ∘ ξ_i, `pulled`
    are f_y(y_i)ᵀ ξ_i. A layer's gradient is (3.19) summed over stages and samples; `first` and
    `second` are the optimiser's moments, and `update` is a step of the one with this code.
    """
    size = rows * width
    for layer in range(layers.shape[0] - 1, -1, -1):
        transpose(K, layers, layer * layers.shape[1], width)
        for i in range(len(beta) - 1, -1, -1):
            here = i * size
            for e in range(size):
                deltas[here + e] = beta[i] * p[e]
            for j in range(i + 1, len(beta)):
                a, later = A[j][i], j * size
                if a != 0:
                    for e in range(size):
                        deltas[here + e] += a * pulled[later + e]
            for e in range(size):
                deltas[here + e] *= derivative(activation, slopes[layer, here + e])
            product(pulled, here, deltas, here, K, 0, rows, width)
        if not residual:
            for e in range(size):
                p[e] = 0
        for i in range(len(beta)):
            here = i * size
            for e in range(size):
                p[e] += pulled[here + e]
        gradient(g, 0, stages, layer * stages.shape[1], deltas, 0, stage_rows, width)
        for e in range((width + 1) * width):
            layers[layer, e], first[layer, e], second[layer, e] = update(
                optimiser, layers[layer, e], first[layer, e], second[layer, e], g[e], factors
            )


@njit(inline="always", fastmath=FAST_MATH)
def _logits(z, y, classifier, classes, rows, width):
    """``z = W y + μ`` for `rows` samples, with `classifier` = (Wᵀ, μ) row by row."""
    for k in range(rows):
        for c in range(classes):
            total = classifier[0, width * classes + c]
            for j in range(width):
                total += classifier[0, j * classes + c] * y[k * width + j]
            z[k, c] = total


@njit(inline="always", fastmath=FAST_MATH)
def _softmax(z, k, classes):
    """Turn the logits of sample `k` into the probabilities ℋ(z) in place."""
    largest = z[k, 0]
    for c in range(1, classes):
        largest = max(largest, z[k, c])
    total = z.dtype.type(0)
    for c in range(classes):
        z[k, c] = math.exp(z[k, c] - largest)
        total += z[k, c]
    for c in range(classes):
        z[k, c] /= total


def _train_kernel(shape: Shape) -> Callable[..., Any]:
    """The function that trains for one epoch; its closure holds plain constants and functions."""
    number = np.float32 if shape.single else np.float64
    rows, width = shape.batch_size, shape.width
    A = tuple(tuple(number(a) for a in row) for row in shape.A)
    beta = tuple(number(b) for b in shape.beta)
    residual, activation = shape.residual, shape.activation
    stage_count = len(beta)
    stage_rows = stage_count * rows
    single = shape.single
    factors_of, update = shape.optimisers.factors, shape.optimisers.update
    cost_gradient = inlined(shape.loss.gradient)

    def train(
        layers, layers_first, layers_second, classifier, classifier_first, classifier_second,
        classes, x, labels, order, steps, optimiser, rate, momentum, decay, trains_classifier,
    ):  # fmt: skip
        """Train once over `order`; return the number of optimiser steps ever taken.

        `layers` is (L, (d̂ + 1) d̂), `classifier` (1, (d̂ + 1) K), both with their two moments;
        `x` are the lifted samples (N, d̂).
        """
        processor_state = flush_denormals()
        number = np.float32 if single else np.float64
        depth, size = layers.shape[0], rows * width
        stages = np.empty((depth, stage_count * size), x.dtype)
        slopes = np.empty((depth, stage_count * size), x.dtype)
        deltas = np.empty(stage_count * size, x.dtype)
        pulled = np.empty(stage_count * size, x.dtype)
        y, p = np.empty(size, x.dtype), np.empty(size, x.dtype)
        K = np.empty(width * width, x.dtype)
        layer_gradient = np.empty((width + 1) * width, x.dtype)
        classifier_gradient = np.empty((width + 1) * classes, x.dtype)
        z = np.empty((rows, classes), x.dtype)
        for first in range(0, order.size, rows):
            count = min(rows, order.size - first)
            # An incomplete last batch is filled up with samples that have no gradient.
            for k in range(rows):
                sample = order[first + min(k, count - 1)]
                for j in range(width):
                    y[k * width + j] = x[sample, j]
            steps += 1
            in_double = factors_of(optimiser, steps, rate, momentum)
            factors = (number(in_double[0]), number(in_double[1]), number(decay))

            _forward(y, stages, slopes, layers, A, beta, residual, activation, rows, width)

            _logits(z, y, classifier, classes, rows, width)
            for k in range(rows):
                _softmax(z, k, classes)
                share = number(1) / number(count) if k < count else number(0)
                cost_gradient(z, k, labels[order[first + min(k, count - 1)]], classes, share)
            # p at the output layer, (3.11).
            for k in range(rows):
                for j in range(width):
                    total = number(0)
                    for c in range(classes):
                        total += classifier[0, j * classes + c] * z[k, c]
                    p[k * width + j] = total
            if trains_classifier:
                for c in range(classes):
                    for j in range(width):
                        total = number(0)
                        for k in range(rows):
                            total += y[k * width + j] * z[k, c]
                        classifier_gradient[j * classes + c] = total
                    total = number(0)
                    for k in range(rows):
                        total += z[k, c]
                    classifier_gradient[width * classes + c] = total
                for e in range(classifier_gradient.size):
                    classifier[0, e], classifier_first[0, e], classifier_second[0, e] = update(
                        optimiser, classifier[0, e], classifier_first[0, e],
                        classifier_second[0, e], classifier_gradient[e], factors,
                    )  # fmt: skip
            _backward(
                p, deltas, pulled, K, layer_gradient, stages, slopes,
                layers, layers_first, layers_second, update, optimiser, factors,
                A, beta, residual, activation, rows, stage_rows, width,
            )  # fmt: skip
        restore_denormals(processor_state)
        return steps

    return train


def _evaluate_kernel(shape: Shape) -> Callable[..., Any]:
    """The function that evaluates a whole split; its closure is as `_train_kernel` says."""
    number = np.float32 if shape.single else np.float64
    rows, width = EVALUATION_ROWS, shape.width
    A = tuple(tuple(number(a) for a in row) for row in shape.A)
    beta = tuple(number(b) for b in shape.beta)
    residual, activation = shape.residual, shape.activation
    stage_count = len(beta)
    cost_of = inlined(shape.loss.cost)

    def evaluate(layers, classifier, classes, x, labels):
        """Mean cost and share of samples classified correctly."""
        processor_state = flush_denormals()
        size = rows * width
        stages = np.empty((1, stage_count * size), x.dtype)
        slopes = np.empty((1, stage_count * size), x.dtype)
        y = np.empty(size, x.dtype)
        z = np.empty((rows, classes), x.dtype)
        cost, correct = 0.0, 0
        for first in range(0, labels.size, rows):
            count = min(rows, labels.size - first)
            for k in range(rows):
                for j in range(width):
                    y[k * width + j] = x[first + min(k, count - 1), j]
            _forward(y, stages, slopes, layers, A, beta, residual, activation, rows, width)
            _logits(z, y, classifier, classes, rows, width)
            for k in range(count):
                best = 0
                for c in range(1, classes):
                    if z[k, c] > z[k, best]:
                        best = c
                label = labels[first + k]
                # Costs are summed in double precision.
                total = 0.0
                for c in range(classes):
                    total += math.exp(np.float64(z[k, c]) - z[k, best])
                cost += cost_of(z, k, label, classes, z[k, best], total)
                correct += best == label
        restore_denormals(processor_state)
        return cost / labels.size, correct / labels.size

    return evaluate


class Kernels(NamedTuple):
    """What is compiled for a shape."""

    train: CachedKernel
    evaluate: CachedKernel


@cache
def kernels(shape: Shape) -> Kernels:
    """The training and the evaluation kernel for `shape`."""
    files = __file__, activations.__file__, simd.__file__, inspect.getfile(shape.loss)
    sources = [*map(Path, files), *shape.optimisers.sources]
    functions = _train_kernel(shape), _evaluate_kernel(shape)
    return Kernels(*compiled(sources, shape, *functions, fastmath=FAST_MATH))
