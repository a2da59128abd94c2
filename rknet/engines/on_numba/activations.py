"""Activation functions (2.1) and their derivatives for the compiled engine.

In float64 they call the C library. In float32 they are quotients of polynomials, or built from one
exponential, which the compiler can vectorise; calls to the C library would take three quarters of a
training step. Every derivative is computed from the activation's value, so no pre-activation is
kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from rknet.engines.on_numba.simd import fma

_F = np.float32
#: They go into loops that become vectors, so they raise nothing. No option lets LLVM round
#: otherwise than is written, so bits do not depend on the code around.
_OPTIONS: dict[str, Any] = {"forceinline": True, "error_model": "numpy"}

# tanh x = x P(x²) / Q(x²) with P and Q of degree four, by Remez' exchange: the largest relative
# error on |x| ≤ 8, 6.5e-9, is the least. Beyond, the value is that at 8. P and Q have the common
# factor with which rounding costs least: of all float32 numbers, none is more than 4.9 units in the
# last place off, and none is above 1.
_TANH_END = _F(8)
_P0, _P1, _P2, _P3, _P4 = map(_F, (1.0829728, 0.14559965, 0.00386787, 2.3710023e-05, 1.6492098e-08))
_Q0, _Q1, _Q2, _Q3, _Q4 = map(_F, (1.0829728, 0.5065905, 0.028335106, 0.00036942126, 9.228799e-07))

# exp(x) = 2ⁿ exp(r) with |r| ≤ ln 2 / 2; ln 2 in two parts, so that n ln 2 is exact.
_LOG2_E = _F(1 / math.log(2))
_LN2_HIGH = _F(0.693359375)
_LN2_LOW = _F(math.log(2) - 0.693359375)
# Beyond this exp under- or overflows in float32.
_RANGE = _F(87)


@register_jitable(**_OPTIONS)
def _reduced(x):
    """2ⁿ and exp(r) − 1, both float32, with x = n ln 2 + r."""
    # Comparisons, not min and max: a NaN stays one, so that divergence shows.
    x = -_RANGE if x < -_RANGE else x
    x = _RANGE if x > _RANGE else x
    n = np.floor(fma(x, _LOG2_E, _F(0.5)))
    r = fma(-n, _LN2_LOW, fma(-n, _LN2_HIGH, x))
    # Taylor to r⁷/7!: what is left out is below 6e-9 relative.
    p = fma(_F(1 / 5040), r, _F(1 / 720))
    p = fma(p, r, _F(1 / 120))
    p = fma(p, r, _F(1 / 24))
    p = fma(p, r, _F(1 / 6))
    p = fma(p, r, _F(0.5))
    p = fma(p, r, _F(1))
    scale = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return scale, p * r


@register_jitable(**_OPTIONS)
def _expm1_32(x):
    scale, p = _reduced(x)
    return fma(scale, p, scale - _F(1))


def tanh(z):
    """The hyperbolic tangent."""
    return type(z)(math.tanh(z))


def logistic(z):
    """The logistic function."""
    return type(z)(0.5 + 0.5 * math.tanh(0.5 * z))


@register_jitable(**_OPTIONS)
def relu(z):
    """The positive part; a NaN stays one."""
    return max(z, z * _F(0))


def softplus(z):
    """The softplus function."""
    return type(z)(np.logaddexp(0, np.float64(z)))


def exponential(z):
    """The exponential function, of numbers up to 0."""
    return type(z)(math.exp(z))


@register_jitable(**_OPTIONS)
def tanh_slope(f):
    """Its derivative, from its value."""
    # Constants in single precision leave the precision to f; plain integers would make it double.
    return fma(-f, f, type(f)(1))


@register_jitable(**_OPTIONS)
def logistic_slope(f):
    """Its derivative, from its value."""
    return f * (_F(1) - f)


@register_jitable(**_OPTIONS)
def relu_slope(f):
    """Its derivative, from its value."""
    return type(f)(f > _F(0))


def softplus_slope(f):
    """Its derivative, from its value."""
    return type(f)(-math.expm1(-f))


@overload(tanh, jit_options=_OPTIONS)
def _overload_tanh(z):
    if z == types.float64:
        return lambda z: math.tanh(z)

    def tanh32(z):
        # A NaN stays one.
        z = -_TANH_END if z < -_TANH_END else z
        z = _TANH_END if z > _TANH_END else z
        t = z * z
        p = fma(fma(fma(fma(_P4, t, _P3), t, _P2), t, _P1), t, _P0)
        q = fma(fma(fma(fma(_Q4, t, _Q3), t, _Q2), t, _Q1), t, _Q0)
        return z * p / q

    return tanh32


@overload(logistic, jit_options=_OPTIONS)
def _overload_logistic(z):
    if z == types.float64:
        return lambda z: 1 / (1 + math.exp(-z))

    def logistic32(z):
        scale, p = _reduced(-z)
        return _F(1) / (_F(1) + fma(scale, p, scale))

    return logistic32


@overload(softplus, jit_options=_OPTIONS)
def _overload_softplus(z):
    if z == types.float64:
        return lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z)))

    def softplus32(z):
        scale, p = _reduced(-abs(z))
        u = fma(scale, p, scale)
        # log(1 + u) = 2 artanh(s), s = u / (2 + u) ≤ 1/3; what is left out is below 2e-8 relative.
        s = u / (_F(2) + u)
        s2 = s * s
        q = fma(_F(1 / 13), s2, _F(1 / 11))
        q = fma(q, s2, _F(1 / 9))
        q = fma(q, s2, _F(1 / 7))
        q = fma(q, s2, _F(1 / 5))
        q = fma(q, s2, _F(1 / 3))
        q = fma(q, s2, _F(1))
        return fma(_F(2) * s, q, max(z, _F(0)))

    return softplus32


@overload(exponential, jit_options=_OPTIONS)
def _overload_exponential(z):
    if z == types.float64:
        return lambda z: math.exp(z)

    def exponential32(z):
        scale, p = _reduced(z)
        return fma(scale, p, scale)

    return exponential32


@overload(softplus_slope, jit_options=_OPTIONS)
def _overload_softplus_slope(f):
    if f == types.float64:
        return lambda f: -math.expm1(-f)
    return lambda f: -_expm1_32(-f)


class Activation(NamedTuple):
    """An activation as kernels call it."""

    value: Callable[[Any], Any]
    slope: Callable[[Any], Any]


#: By their names.
ACTIVATIONS = {
    "tanh": Activation(tanh, tanh_slope),
    "logistic": Activation(logistic, logistic_slope),
    "relu": Activation(relu, relu_slope),
    "softplus": Activation(softplus, softplus_slope),
}
