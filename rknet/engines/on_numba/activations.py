"""Activation functions (2.1) and their derivatives for the compiled engine.

In float64 they call the C library. In float32 they are built from one exponential that the
compiler can vectorise; calls to the C library would take three quarters of a training step.
Every derivative is computed from the activation's value, so no pre-activation is kept.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numba.extending import overload, register_jitable

#: The activations' codes: compile-time constants of a kernel.
CODES = {"tanh": 0, "logistic": 1, "relu": 2, "softplus": 3}
TANH, LOGISTIC, RELU, SOFTPLUS = CODES.values()

#: A product and a sum may be fused, the sign of zero does not matter, a / b may be a · (1 / b).
#: Reassociation is not allowed, so that results do not depend on the vector width.
FAST_MATH = {"contract", "nsz", "arcp"}

_F = np.float32
# exp(x) = 2ⁿ exp(r) with |r| ≤ ln 2 / 2; ln 2 in two parts, so that n ln 2 is exact.
_LOG2_E = _F(1 / math.log(2))
_LN2_HIGH = _F(0.693359375)
_LN2_LOW = _F(math.log(2) - 0.693359375)
# Beyond this exp under- or overflows in float32.
_RANGE = _F(87)


@register_jitable(fastmath=FAST_MATH)
def _reduced(x):
    """2ⁿ and exp(r) − 1, both float32, with x = n ln 2 + r."""
    # Comparisons, not min and max: a NaN stays one, so that divergence shows.
    x = -_RANGE if x < -_RANGE else x
    x = _RANGE if x > _RANGE else x
    n = np.floor(x * _LOG2_E + _F(0.5))
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    # Taylor to r⁷/7!: what is left out is below 6e-9 relative.
    p = _F(1 / 5040)
    p = p * r + _F(1 / 720)
    p = p * r + _F(1 / 120)
    p = p * r + _F(1 / 24)
    p = p * r + _F(1 / 6)
    p = p * r + _F(0.5)
    p = p * r + _F(1)
    scale = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return scale, p * r


@register_jitable(fastmath=FAST_MATH)
def _expm1_32(x):
    scale, p = _reduced(x)
    return scale * p + (scale - _F(1))


def _tanh(z):
    raise RuntimeError("compiled code only")


def _logistic(z):
    raise RuntimeError("compiled code only")


def _softplus(z):
    raise RuntimeError("compiled code only")


def _one_minus_exp(f):
    raise RuntimeError("compiled code only")


@overload(_tanh, jit_options={"fastmath": FAST_MATH})
def _overload_tanh(z):
    if z == types.float64:
        return lambda z: math.tanh(z)

    def tanh32(z):
        e = _expm1_32(_F(-2) * abs(z))
        return math.copysign(-e / (e + _F(2)), z)

    return tanh32


@overload(_logistic, jit_options={"fastmath": FAST_MATH})
def _overload_logistic(z):
    if z == types.float64:
        return lambda z: 1 / (1 + math.exp(-z))

    def logistic32(z):
        scale, p = _reduced(-z)
        return _F(1) / (_F(1) + (scale * p + scale))

    return logistic32


@overload(_softplus, jit_options={"fastmath": FAST_MATH})
def _overload_softplus(z):
    if z == types.float64:
        return lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z)))

    def softplus32(z):
        scale, p = _reduced(-abs(z))
        u = scale * p + scale
        # log(1 + u) = 2 artanh(s), s = u / (2 + u) ≤ 1/3; what is left out is below 2e-8 relative.
        s = u / (_F(2) + u)
        s2 = s * s
        q = _F(1 / 13)
        q = q * s2 + _F(1 / 11)
        q = q * s2 + _F(1 / 9)
        q = q * s2 + _F(1 / 7)
        q = q * s2 + _F(1 / 5)
        q = q * s2 + _F(1 / 3)
        q = q * s2 + _F(1)
        return max(z, _F(0)) + _F(2) * s * q

    return softplus32


@overload(_one_minus_exp, jit_options={"fastmath": FAST_MATH})
def _overload_one_minus_exp(f):
    if f == types.float64:
        return lambda f: -math.expm1(-f)
    return lambda f: -_expm1_32(-f)


@njit(inline="always", fastmath=FAST_MATH)
def activate(code, z):
    """σ(z) of (2.1)."""
    if code == TANH:
        return _tanh(z)
    elif code == LOGISTIC:
        return _logistic(z)
    elif code == RELU:
        return max(z, z * _F(0))
    else:
        return _softplus(z)


@njit(inline="always", fastmath=FAST_MATH)
def derivative(code, f):
    """σ'(z), from f = σ(z)."""
    # Constants in single precision leave the precision to f; plain integers would make it double.
    if code == TANH:
        return _F(1) - f * f
    elif code == LOGISTIC:
        return f * (_F(1) - f)
    elif code == RELU:
        return _F(f > 0)
    else:
        return _one_minus_exp(f)
