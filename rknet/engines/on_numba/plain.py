"""What the functions of `simd` do, in NumPy: Numba's switch to compile nothing runs these.

Arrays are one long row each; a function finds its block by the offset behind the array.
"""

from __future__ import annotations

import numpy as np


def fma(a, b, c):
    """``a b + c``, rounded once (in single precision almost always)."""
    return type(c)(np.float64(a) * np.float64(b) + np.float64(c))


def combine(out, out_at, blocks, blocks_at, terms, weights, first, end, size):
    """``out`` = a sum of blocks: ``weights[k]`` times that behind ``blocks_at + terms[k]``.

    It is of the k from `first` to `end`.
    """
    total = np.zeros(size, out.dtype)
    for k in range(first, end):
        at = blocks_at + terms[k]
        total += weights[k] * blocks[at : at + size]
    out[out_at : out_at + size] = total


def affine(out, out_at, y, y_at, theta, theta_at, rows, width):
    """``out = y Kᵀ + b`` for `rows` samples, with ``theta`` = (Kᵀ, b) row by row: (2.5)."""
    K = _matrix(theta, theta_at, width + 1, width)
    _matrix(out, out_at, rows, width)[:] = _matrix(y, y_at, rows, width) @ K[:-1] + K[-1]


def product(out, out_at, left, left_at, right, right_at, rows, width):
    """``out = left @ right`` for a (`rows`, `width`) and a (`width`, `width`) matrix."""
    left, right = _matrix(left, left_at, rows, width), _matrix(right, right_at, width, width)
    _matrix(out, out_at, rows, width)[:] = left @ right


def transpose(out, matrix, matrix_at, width):
    """``out`` = the transpose of the (`width`, `width`) matrix behind `matrix_at`."""
    _matrix(out, 0, width, width)[:] = _matrix(matrix, matrix_at, width, width).T


def gradient(out, out_at, y, y_at, delta, delta_at, stride, blocks, row, count, rows, width):
    """Rows `row` to ``row + count`` of yᵀ δ, the gradient of Kᵀ: f_uᵀ of (3.19).

    It is summed over `blocks` blocks (stages) of `rows` samples, which are `stride` apart.
    """
    total = _matrix(out, out_at, count, width)
    total[:] = 0
    for at in range(0, blocks * stride, stride):
        part = _matrix(y, y_at + at, rows, width)[:, row : row + count]
        total += part.T @ _matrix(delta, delta_at + at, rows, width)


def bias_gradient(out, out_at, delta, delta_at, stride, blocks, rows, width):
    """Σ δ, the gradient of b, over blocks as `gradient` takes them."""
    out[out_at : out_at + width] = 0
    for at in range(delta_at, delta_at + blocks * stride, stride):
        out[out_at : out_at + width] += _matrix(delta, at, rows, width).sum(axis=0)


def apply(function, values, at, size):
    """Replace `size` numbers by the `function` of them."""
    for e in range(at, at + size):
        values[e] = function(values[e])


def scale(function, values, at, others, others_at, size):
    """Multiply `size` numbers by the `function` of as many others."""
    for e in range(size):
        values[at + e] *= function(others[others_at + e])


def update_all(update, factors, decay, parameters, first, second, at, gradients, size):
    """Do a step of an optimiser on `size` parameters and their moments.

    The gradients are those of the cost and of `decay` / 2 times the parameters' squares.
    """
    for e in range(size):
        here = at + e
        slope = fma(decay, parameters[here], gradients[e])
        parameters[here], first[here], second[here] = update(
            parameters[here], first[here], second[here], slope, factors
        )


def flush_denormals():
    """Leave the processor as it is."""
    return 0


def restore_denormals(state):
    """Leave the processor as it is."""


def _matrix(array, at, rows, columns):
    return array[at : at + rows * columns].reshape(rows, columns)
