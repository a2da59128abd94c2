"""The networks as modules: against the integrator they are, and against plain NumPy."""

import numpy as np
import pytest
import torch
from test_tableau import EXPLICIT, GAUSS2, ORDERS, integrate

from rknet.networks.modules import EulerNet, RK4Net, RungeKuttaNet, StandardNet
from rknet.tableau import SCHEMES


def numpy_features(network, x):
    """Features of a StandardNet or EulerNet in NumPy."""
    arrays = {k: v.astype(float) for k, v in network.arrays().items()}
    y = [x @ arrays["lift"].T]
    for K, b in zip(arrays["K"], arrays["b"], strict=True):
        f = np.tanh(y[-1] @ K.T + b)
        y.append(f if isinstance(network, StandardNet) else y[-1] + network.step_size * f)
    return y


@pytest.mark.parametrize("kind", [StandardNet, EulerNet])
def test_features_and_logits_against_numpy(kind):
    torch.manual_seed(0)
    network = kind(2, 4, 3, 2).double()
    x = np.random.default_rng(0).standard_normal((7, 2))
    expected = numpy_features(network, x)
    features = network.features(torch.from_numpy(x))
    assert len(features) == 4
    for found, wanted in zip(features, expected, strict=True):
        np.testing.assert_allclose(found.detach().numpy(), wanted, rtol=1e-6)
    arrays = network.arrays()
    logits = expected[-1] @ arrays["W"].T + arrays["mu"]
    np.testing.assert_allclose(network(torch.from_numpy(x)).detach().numpy(), logits, rtol=1e-6)


@pytest.mark.parametrize("name", EXPLICIT)
def test_a_network_with_one_layer_repeated_is_the_integrator(name):
    """With the same (K, b) in all layers, (2.12) integrates y' = tanh(K y + b)."""
    rng = np.random.default_rng(1)
    K, b, y0 = rng.standard_normal((3, 3)), rng.standard_normal(3), rng.standard_normal(3)

    def output(depth):
        network = RungeKuttaNet(
            SCHEMES[name], 3, 3, depth, 2, lift="zeros", step_size=1 / depth
        ).double()
        arrays = {**network.arrays(), "K": np.tile(K, (depth, 1, 1)), "b": np.tile(b, (depth, 1))}
        network.load_arrays(arrays)
        return network.features(torch.from_numpy(y0[None]))[-1][0].detach().numpy()

    def f(y):
        return np.tanh(K @ y + b)

    np.testing.assert_allclose(output(20), integrate(SCHEMES[name], f, y0, 1.0, 20), rtol=1e-13)
    reference = integrate(SCHEMES["rk4"], f, y0, 1.0, 4000)
    errors = [np.linalg.norm(output(depth) - reference) for depth in (20, 40)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(ORDERS[name], abs=0.2)


def test_lifts():
    x = torch.randn(5, 2)
    padded = StandardNet(2, 6, 1, 2, lift="zeros").features(x)[0]
    assert torch.equal(padded, torch.cat([x, torch.zeros(5, 4)], dim=1))  # (2.3)
    lift = StandardNet(2, 6, 1, 2, lift="random").lift.weight
    assert lift.abs().max() <= 2**-0.5
    assert torch.linalg.matrix_rank(lift) == 2


def test_what_is_trained():
    network = RK4Net(2, 4, 3, 2, train_classifier=False)
    assert not network.lift.weight.requires_grad
    assert not any(p.requires_grad for p in network.classifier.parameters())
    assert all(p.requires_grad for p in network.layers.parameters())
    assert sum(p.numel() for p in RK4Net(2, 4, 3, 2).layers.parameters()) == 3 * (4**2 + 4)


@pytest.mark.parametrize("optimiser", [torch.optim.SGD, torch.optim.LBFGS])
def test_any_optimiser_trains_it(optimiser):
    torch.manual_seed(0)
    network = RK4Net(2, 4, 2, 2)
    x = torch.randn(40, 2)
    labels = (x.norm(dim=1) > 1).long()
    steps = optimiser([p for p in network.parameters() if p.requires_grad], lr=0.1)

    def closure():
        steps.zero_grad()
        cost = torch.nn.functional.cross_entropy(network(x), labels)
        cost.backward()
        return cost

    first = float(closure().detach())
    for _ in range(20):
        steps.step(closure)
    assert float(closure().detach()) < first


def test_arrays_round_trip():
    first, second = RK4Net(2, 4, 3, 2), RK4Net(2, 4, 3, 2)
    second.load_arrays(first.arrays())
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((3, 2, 1, 2), {}, "width must be at least the input dimension, 3; found 2"),
        ((2, 2, 0, 2), {}, "at least 1 layer and 2 classes; found 0"),
        ((2, 2, 1, 1), {}, "at least 1 layer and 2 classes; found 1 and 1"),
        ((2, 2, 1, 2), {"activation": "sine"}, "activation must be one of tanh.*'sine'"),
        ((2, 2, 1, 2), {"lift": "ones"}, "lift must be one of random.*'ones'"),
    ],
)
def test_wrong_arguments_are_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        RK4Net(*arguments, **options)


def test_an_implicit_scheme_is_refused():
    with pytest.raises(ValueError, match="explicit tableau"):
        RungeKuttaNet(GAUSS2, 2, 2, 1, 2)
