"""The compiled activations against PyTorch and NumPy, in both precisions."""

import numpy as np
import pytest
import torch
from numba import njit

from rknet.engines.on_numba.activations import ACTIVATIONS as COMPILED
from rknet.engines.on_numba.activations import exponential, tanh
from rknet.engines.on_numba.simd import apply
from rknet.networks.base import ACTIVATIONS as NAMES
from rknet.networks.modules import ACTIVATIONS


def compiled(function):
    """The function of every number."""

    @njit
    def of_each(z):
        apply(function, z, 0, z.size)

    def of(z):
        f = z.copy()
        of_each(f)
        return f

    return of


def float32_numbers(first, last, step=1):
    """All float32 numbers from `first` to `last`, or every so many."""
    bits = (int(np.float32(end).view(np.uint32)) for end in (first, last))
    return np.arange(*bits, step, dtype=np.uint32).view(np.float32)


def units_off(found, exact):
    """Errors in units of the last place of float32."""
    _, exponents = np.frexp(exact)
    return np.abs(found - exact) * np.exp2(24 - np.maximum(exponents, -125))


def test_there_is_one_for_every_name():
    assert tuple(COMPILED) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_and_derivatives(name, dtype):
    rng = np.random.default_rng(0)
    z = np.concatenate(
        [rng.uniform(-9, 9, 20_000), rng.uniform(-100, 100, 2000), 10.0 ** -rng.uniform(0, 9, 2000)]
    ).astype(dtype)
    f = compiled(COMPILED[name].value)(z)
    d = compiled(COMPILED[name].slope)(f)
    exact = torch.from_numpy(z).double().requires_grad_()
    # PyTorch's softplus is the identity beyond 20; (2.1) is not.
    sigma = ACTIVATIONS[name] if name != "softplus" else lambda x: torch.logaddexp(0 * x, x)
    value = sigma(exact)
    (slope,) = torch.autograd.grad(value.sum(), exact)
    unit = np.finfo(dtype).eps
    # A few units in the last place of the value, of 1 for the derivative (it comes from the
    # value), down to the smallest normal number, below which the exponential is cut off.
    np.testing.assert_allclose(f, value.detach(), rtol=8 * unit, atol=4e-38)
    np.testing.assert_allclose(d, slope, rtol=8 * unit, atol=8 * unit)


@pytest.mark.parametrize(
    ("first", "last", "step"),
    [(1e-37, 0.02, 401), (0.02, 8.1, 23), (5.8, 5.83, 1), (8.1, 3e38, 997)],
)
def test_the_tangent_in_single_precision_is_at_most_five_units_off(first, last, step):
    z = float32_numbers(first, last, step)
    found = compiled(tanh)(z)
    assert units_off(found, np.tanh(z.astype(np.float64))).max() < 4.9
    # Otherwise the derivative, 1 − f², would be negative.
    assert found.max() <= 1
    np.testing.assert_array_equal(compiled(tanh)(-z), -found)


def test_the_tangent_of_the_smallest_numbers_and_of_zeros():
    z = np.array([1e-45, 1e-40, 1.2e-38, 0.0, -0.0, -1e-40], np.float32)
    found = compiled(tanh)(z)
    np.testing.assert_array_equal(found, z)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(z))


def test_the_exponential_up_to_zero():
    z = -float32_numbers(1e-30, 87, 997)
    assert units_off(compiled(exponential)(z), np.exp(z.astype(np.float64))).max() < 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_nan_stays_a_nan(name, dtype):
    assert np.isnan(compiled(COMPILED[name].value)(np.full(40, np.nan, dtype))).all()


@pytest.mark.parametrize("name", NAMES)
def test_infinities_do_not_become_nan_where_the_limit_is_finite(name):
    f = compiled(COMPILED[name].value)(np.array([-np.inf, np.inf], np.float32))
    limits = {"tanh": [-1, 1], "logistic": [0, 1]}
    if name in limits:
        np.testing.assert_allclose(f, limits[name], atol=1e-37, rtol=3e-7)
