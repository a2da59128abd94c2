"""The compiled activations against PyTorch, in both precisions."""

import numpy as np
import pytest
import torch
from numba import njit

from rknet.engines.on_numba.activations import CODES, activate, derivative
from rknet.networks.modules import ACTIVATIONS


def compiled(code):
    """σ(z) and σ'(z), element by element."""

    @njit
    def apply(z):
        f, d = np.empty_like(z), np.empty_like(z)
        for i in range(z.size):
            f[i] = activate(code, z[i])
            d[i] = derivative(code, f[i])
        return f, d

    return apply


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_and_derivatives(name, dtype):
    rng = np.random.default_rng(0)
    z = np.concatenate(
        [rng.uniform(-9, 9, 20_000), rng.uniform(-100, 100, 2000), 10.0 ** -rng.uniform(0, 9, 2000)]
    ).astype(dtype)
    f, d = compiled(CODES[name])(z)
    exact = torch.from_numpy(z).double().requires_grad_()
    # PyTorch's softplus is the identity beyond 20; (2.1) is not.
    sigma = ACTIVATIONS[name] if name != "softplus" else lambda x: torch.logaddexp(0 * x, x)
    value = sigma(exact)
    (slope,) = torch.autograd.grad(value.sum(), exact)
    unit = np.finfo(dtype).eps
    # A few units in the last place of the value, of 1 for the derivative (it comes from the
    # value), down to the smallest normal number, below which the exponential is cut off.
    np.testing.assert_allclose(f, value.detach(), rtol=8 * unit, atol=4e-38)
    np.testing.assert_allclose(d, slope, rtol=8 * unit, atol=4 * unit)


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_nan_stays_a_nan(name, dtype):
    f, _ = compiled(CODES[name])(np.full(40, np.nan, dtype))
    assert np.isnan(f).all()


@pytest.mark.parametrize("name", CODES)
def test_infinities_do_not_become_nan_where_the_limit_is_finite(name):
    f, _ = compiled(CODES[name])(np.array([-np.inf, np.inf], np.float32))
    limits = {"tanh": [-1, 1], "logistic": [0, 1]}
    if name in limits:
        np.testing.assert_allclose(f, limits[name], atol=1e-37)
