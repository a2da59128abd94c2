"""The compiled engine's kernels: a training epoch and an evaluation (Numba).

All arrays but the samples are one long row. A layer's parameters are (d̂ + 1) d̂ numbers, (Kᵀ, b) row
by row. The optimiser's moments are arrays of their own. Features of a batch lie sample by sample,
in blocks that end at a multiple of `simd.LANES`, so that loops over features need no rest.

A layer combines blocks linearly: its stages, its output and, backwards, the adjoint of both are
sums of earlier blocks, whose weights are the kernel's arguments (`Layer`). So networks of all
schemes share the kernels. If a network learns its step sizes, kernels are compiled that train them
too (`Shape.steps`); those for fixed steps have nothing of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import config, njit

from rknet.engines.on_numba import activations, learned_steps, optimisers, simd
from rknet.engines.on_numba.activations import ACTIVATIONS, exponential
from rknet.engines.on_numba.cache import compiled
from rknet.engines.on_numba.learned_steps import inner, multiply, project, with_step
from rknet.engines.on_numba.optimisers import inlined
from rknet.engines.on_numba.simd import (
    GRADIENT_ROWS,
    affine,
    apply,
    bias_gradient,
    combine,
    flush_denormals,
    fma,
    gradient,
    padded,
    product,
    restore_denormals,
    scale,
    transpose,
    update_all,
    zeros,
)
from rknet.losses.base import Loss
from rknet.optimisers.base import Optimiser
from rknet.tableau import ButcherTableau

#: Samples that an evaluation sends through the network together.
EVALUATION_ROWS = 24


@dataclass(frozen=True)
class Shape:
    """What a kernel is compiled for; everything else it takes as arguments.

    Attributes
    ----------
    width, batch_size : int
    activation : str
        A name in `activations.ACTIVATIONS`.
    single : bool
        float32, else float64.
    optimiser, loss : type
        Kinds of `rknet.optimisers` and `rknet.losses`.
    steps : str
        ``fixed``, ``learned``, or ``simplex``: learned with h_l ≥ 0 and the same sum for ever.
    """

    width: int
    batch_size: int
    activation: str
    single: bool
    optimiser: type[Optimiser]
    loss: type[Loss]
    steps: str = "fixed"


class Sums(NamedTuple):
    """Linear combinations of blocks: the s stages of a layer, and then its output.

    Attributes
    ----------
    ends : ndarray, (s + 2,)
        Sum i has the terms from ``ends[i]`` to ``ends[i + 1]``.
    terms : ndarray
        Where the blocks begin.
    weights : ndarray
        Their factors, none of which is zero.
    """

    ends: np.ndarray
    terms: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, matrix: np.ndarray, block: int) -> Sums:
        """Those with the weights in the rows of a matrix, of blocks of so many numbers."""
        rows, columns = matrix.nonzero()
        ends = np.searchsorted(rows, np.arange(len(matrix) + 1))
        return cls(ends, columns * block, matrix[rows, columns])


class Layer(NamedTuple):
    """The weights of a layer's sums.

    Attributes
    ----------
    forward : ndarray, (s + 1, s + 1)
        Of the input y and the slopes f_j, in the stages y_i and in the output: (2.12) or (2.6).
    backward : ndarray, (s + 1, s + 1)
        Of the output's adjoint p and of f_y(y_j)ᵀ ξ_j, in ξ_i = h β_i p_i and in the input's
        adjoint: (3.24)–(3.26) in ξ_i instead of p_i, that is (3.17) and (3.13). They are the same
        numbers, but defined for weights β_i = 0 as well.
    """

    forward: np.ndarray
    backward: np.ndarray

    @classmethod
    def of(cls, tableau: ButcherTableau | None, h: float, residual: bool, dtype: np.dtype) -> Layer:
        """Those of a scheme with step size `h`; without one, a layer is a single slope."""
        A = np.array(tableau.A, float) * h if tableau else np.zeros((1, 1))
        beta = np.array(tableau.beta, float) * h if tableau else np.ones(1)
        ones = np.ones_like(beta)
        forward = np.block([[ones[:, None], A], [float(residual), beta]])
        backward = np.block([[beta[:, None], A.T], [float(residual), ones]])
        return cls(forward.astype(dtype), backward.astype(dtype))

    @property
    def stages(self) -> int:
        """Their number s."""
        return len(self.forward) - 1


class EvaluationMemory(NamedTuple):
    """Where an evaluation works: the blocks of one layer, the logits, and weights with its h."""

    flows: np.ndarray
    inputs: np.ndarray
    z: np.ndarray
    scaled: np.ndarray

    @classmethod
    def of(cls, width: int, stages: int, classes: int, dtype: np.dtype) -> EvaluationMemory:
        """The memory for networks of a shape."""
        block = padded(EVALUATION_ROWS * width)
        sizes = (stages + 1) * block, stages * block
        z = zeros((EVALUATION_ROWS, classes), dtype)
        return cls(*(zeros(size, dtype) for size in sizes), z, zeros((stages + 1) ** 2, dtype))


class TrainingMemory(NamedTuple):
    """Where a training epoch works: the blocks of all layers and what `_backward` needs.

    `z` are the logits, and `flat` the same with a rest up to a multiple of `simd.LANES`. Learned
    steps need the weights of a layer's sums with its h, and the derivatives by every h.
    """

    flows: np.ndarray
    inputs: np.ndarray
    pulled: np.ndarray
    deltas: np.ndarray
    K: np.ndarray
    gradients: np.ndarray
    z: np.ndarray
    flat: np.ndarray
    scaled: np.ndarray
    h_gradients: np.ndarray

    @classmethod
    def of(
        cls, rows: int, width: int, depth: int, stages: int, classes: int, dtype: np.dtype
    ) -> TrainingMemory:
        """The memory for networks of a shape, and batches of so many `rows`."""
        block = padded(rows * width)
        sizes = (
            (depth * (stages + 1) + 1) * block,
            depth * stages * block,
            (stages + 1) * block,
            stages * block,
            width * width,
            max(GRADIENT_ROWS * width, (width + 1) * classes),
        )
        flat = zeros(padded(rows * classes), dtype)
        z = flat[: rows * classes].reshape(rows, classes)
        of_steps = zeros((stages + 1) ** 2, dtype), zeros(depth, dtype)
        return cls(*(zeros(size, dtype) for size in sizes), z, flat, *of_steps)


@njit(inline="always")
def _forward(
    flows, flows_step, inputs, inputs_step, layers, depth, ends, terms, weights, activate, stages,
    block, rows, width, learned, h, scaled,
):  # fmt: skip
    """Send the first block of `flows` through all layers.

    A layer's blocks in `flows` are y and the slopes f_i, those in `inputs` the stages y_i. The next
    layer's follow by the steps given; with steps of 0 it overwrites them, and its output is y.
    If `h` is `learned`, the weights are those for h = 1.
    """
    parameters = (width + 1) * width
    of_layer = scaled if learned else weights
    for layer in range(depth):
        if learned:
            with_step(scaled, weights, terms, h[layer])
        y, y_i = layer * flows_step, layer * inputs_step
        for i in range(stages):
            f_i = y + (i + 1) * block
            combine(inputs, y_i, flows, y, terms, of_layer, ends[i], ends[i + 1], block)
            affine(flows, f_i, inputs, y_i, layers, layer * parameters, rows, width)
            apply(activate, flows, f_i, block)
            y_i += block
        combine(
            flows, y + flows_step, flows, y, terms, of_layer, ends[stages], ends[stages + 1], block
        )


@njit(inline="always")
def _backward(
    pulled, deltas, K, gradients, flows, inputs, layers, first, second, depth,
    update, factors, decay, ends, terms, weights, slope, stages, block, rows, width,
    learned, h, h_gradients,
):  # fmt: skip
    """Carry the adjoint back through all layers, and update each on the way.

    The blocks of `pulled` are p and f_y(y_i)ᵀ ξ_i, those of `deltas` σ'(z_i) ∘ ξ_i. A layer's
    gradient is (3.19) summed over stages and samples; `first` and `second` are the moments. If `h`
    is `learned`, the weights are those for h = 1: they give ξ_i / h first, for the derivative by h.
    """
    parameters = (width + 1) * width
    for layer in range(depth - 1, -1, -1):
        y, y_i = layer * (stages + 1) * block, layer * stages * block
        theta = layer * parameters
        transpose(K, layers, theta, width)
        if learned:
            h_gradients[layer] = 0
        for i in range(stages - 1, -1, -1):
            delta = i * block
            combine(deltas, delta, pulled, 0, terms, weights, ends[i], ends[i + 1], block)
            if learned:
                h_gradients[layer] += inner(deltas, delta, flows, y + delta + block, block)
            scale(slope, deltas, delta, flows, y + delta + block, block)
            if learned:
                multiply(deltas, delta, block, h[layer])
            product(pulled, delta + block, deltas, delta, K, 0, rows, width)
        combine(pulled, 0, pulled, 0, terms, weights, ends[stages], ends[stages + 1], block)
        # The gradient stays in the first cache: a few rows are summed up, and used at once.
        for row in range(0, width + 1, GRADIENT_ROWS):
            end = min(row + GRADIENT_ROWS, width + 1)
            if row + GRADIENT_ROWS <= width:
                gradient(
                    gradients, 0, inputs, y_i, deltas, 0, block, stages, row, GRADIENT_ROWS, rows,
                    width,
                )  # fmt: skip
            else:
                for single in range(row, width):
                    gradient(
                        gradients, (single - row) * width, inputs, y_i, deltas, 0, block, stages,
                        single, 1, rows, width,
                    )  # fmt: skip
                bias_gradient(
                    gradients, (width - row) * width, deltas, 0, block, stages, rows, width
                )
            update_all(
                update, factors, decay, layers, first, second, theta + row * width, gradients,
                (end - row) * width,
            )  # fmt: skip


@njit(inline="always")
def _logits(z, y, classifier, classes, rows, width):
    """``z = W y + μ`` for `rows` samples, with `classifier` = (Wᵀ, μ) row by row."""
    for k in range(rows):
        for c in range(classes):
            total = classifier[width * classes + c]
            for j in range(width):
                total = fma(classifier[j * classes + c], y[k * width + j], total)
            z[k, c] = total


@njit(inline="always")
def _softmax(z, flat, rows, classes):
    """Turn the logits into the probabilities ℋ(z) in place; `flat` are the same, and a rest."""
    for k in range(rows):
        largest = z[k, 0]
        for c in range(1, classes):
            largest = max(largest, z[k, c])
        for c in range(classes):
            z[k, c] -= largest
    for e in range(rows * classes, flat.size):
        flat[e] = 0
    apply(exponential, flat, 0, flat.size)
    for k in range(rows):
        total = z[k, 0]
        for c in range(1, classes):
            total += z[k, c]
        for c in range(classes):
            z[k, c] /= total


@njit(inline="always")
def _head_back(p, gradients, z, y, classifier, classes, rows, width):
    """p at the output layer, (3.11), and the classifier's gradient, from that by the logits `z`."""
    number = type(z[0, 0])
    for k in range(rows):
        for j in range(width):
            total = number(0)
            for c in range(classes):
                total = fma(classifier[j * classes + c], z[k, c], total)
            p[k * width + j] = total
    for c in range(classes):
        for j in range(width):
            total = number(0)
            for k in range(rows):
                total = fma(y[k * width + j], z[k, c], total)
            gradients[j * classes + c] = total
        total = number(0)
        for k in range(rows):
            total += z[k, c]
        gradients[width * classes + c] = total


def _train_kernel(shape: Shape) -> Callable[..., Any]:
    """The function that trains for one epoch; its closure holds plain constants and functions."""
    rows, width, single = shape.batch_size, shape.width, shape.single
    block = padded(rows * width)
    activate, slope = ACTIVATIONS[shape.activation]
    factors_of, update = inlined(shape.optimiser.factors), inlined(shape.optimiser.update)
    cost_gradient = inlined(shape.loss.gradient)
    learned, on_simplex = shape.steps != "fixed", shape.steps == "simplex"

    def train(
        layers, layers_first, layers_second, classifier, classifier_first, classifier_second,
        h, h_first, h_second, horizon, x, labels, order, steps, rate, momentum, decay,
        trains_classifier, depth, stages,
        ends, terms, weights, back_ends, back_terms, back_weights,
        flows, inputs, pulled, deltas, K, gradients, z, flat, scaled, h_gradients,
    ):  # fmt: skip
        """Train once over `order`; return the number of optimiser steps ever taken.

        `layers` are L (d̂ + 1) d̂ numbers, `classifier` (d̂ + 1) K, `h` L if they are learned, all
        with their two moments; `horizon` is the sum that all h keep on the simplex; `x` are the
        lifted samples (N, d̂). What comes after the weights is memory to work in.
        """
        processor_state = flush_denormals()
        number = np.float32 if single else np.float64
        classes, shrinking = z.shape[1], number(decay)
        flows_step, inputs_step = (stages + 1) * block, stages * block
        y = flows[depth * flows_step :]
        for first in range(0, order.size, rows):
            count = min(rows, order.size - first)
            # An incomplete last batch is filled up with samples that have no gradient.
            for k in range(rows):
                sample = order[first + min(k, count - 1)]
                for j in range(width):
                    flows[k * width + j] = x[sample, j]
            steps += 1
            in_double = factors_of(steps, rate, momentum)
            factors = (number(in_double[0]), number(in_double[1]))
            _forward(
                flows, flows_step, inputs, inputs_step, layers, depth, ends, terms, weights,
                activate, stages, block, rows, width, learned, h, scaled,
            )  # fmt: skip
            _logits(z, y, classifier, classes, rows, width)
            _softmax(z, flat, rows, classes)
            for k in range(rows):
                share = number(1) / number(count) if k < count else number(0)
                cost_gradient(z, k, labels[order[first + min(k, count - 1)]], classes, share)
            _head_back(pulled, gradients, z, y, classifier, classes, rows, width)
            if trains_classifier:
                update_all(
                    update, factors, shrinking, classifier, classifier_first, classifier_second, 0,
                    gradients, classifier.size,
                )  # fmt: skip
            _backward(
                pulled, deltas, K, gradients, flows, inputs, layers, layers_first, layers_second,
                depth, update, factors, shrinking, back_ends, back_terms, back_weights, slope,
                stages, block, rows, width, learned, h, h_gradients,
            )  # fmt: skip
            if learned:
                update_all(update, factors, shrinking, h, h_first, h_second, 0, h_gradients, depth)
            if on_simplex:
                project(h, horizon)
        restore_denormals(processor_state)
        return steps

    return train


def _evaluate_kernel(shape: Shape) -> Callable[..., Any]:
    """The function that evaluates a whole split; its closure is as `_train_kernel` says."""
    rows, width = EVALUATION_ROWS, shape.width
    block = padded(rows * width)
    activate = ACTIVATIONS[shape.activation].value
    cost_of = inlined(shape.loss.cost)
    learned = shape.steps != "fixed"

    def evaluate(
        layers, classifier, h, x, labels, depth, stages, ends, terms, weights, flows, inputs, z,
        scaled,
    ):  # fmt: skip
        """Mean cost and share of samples classified correctly."""
        processor_state = flush_denormals()
        classes = z.shape[1]
        cost, correct = 0.0, 0
        for first in range(0, labels.size, rows):
            count = min(rows, labels.size - first)
            for k in range(rows):
                for j in range(width):
                    flows[k * width + j] = x[first + min(k, count - 1), j]
            _forward(
                flows, 0, inputs, 0, layers, depth, ends, terms, weights, activate, stages, block,
                rows, width, learned, h, scaled,
            )  # fmt: skip
            _logits(z, flows, classifier, classes, rows, width)
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

    train: Callable[..., int]
    evaluate: Callable[..., tuple[float, float]]


@cache
def kernels(shape: Shape) -> Kernels:
    """The training and the evaluation kernel for `shape`."""
    functions = _train_kernel(shape), _evaluate_kernel(shape)
    if config.DISABLE_JIT:
        return Kernels(*functions)
    parts = activations, optimisers, simd, learned_steps, shape.optimiser, shape.loss
    return Kernels(*compiled(parts, shape, *functions))
