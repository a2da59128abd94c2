"""Learned step sizes in the compiled engine, against autograd and `torch.optim`."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, cycle
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from problems import ACTIVATIONS, problem
from test_engines import CROOKED, each_optimiser, relative_distance
from test_tableau import GAUSS2

from rknet.cell import Cell
from rknet.engines.base import preferred
from rknet.engines.compiled import Compiled
from rknet.engines.on_numba import learned_steps
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.engines.on_numba.learned_steps import project
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.loop import train
from rknet.losses.base import LOSSES
from rknet.networks.base import network
from rknet.networks.general import General
from rknet.networks.modules import ACTIVATIONS as SIGMA
from rknet.networks.modules.general import on_simplex
from rknet.networks.runge_kutta import RungeKutta
from rknet.optimisers.base import OPTIMISERS
from rknet.tableau import SCHEMES

ROOT = Path(__file__).parents[2]
EXPLICIT = {name: scheme for name, scheme in SCHEMES.items() if scheme.is_explicit}
BATCH = np.array([3, 1, 4, 15, 9])
#: Also one that is lost, and one backwards.
STEPS = np.array([0.3, 0.0, -0.2, 0.05])


def learning(scheme="rk4", steps="learned", h=None, **settings):
    """A problem with learned steps."""
    usual = problem("euler", **{"dtype": np.float64, **settings})
    start = {} if h is None else {"h": h.astype(usual.start["K"].dtype)}
    tableau = SCHEMES[scheme] if isinstance(scheme, str) else scheme
    learned = General(tableau, steps=steps)
    return replace(usual, network=learned, start={**usual.start, **start})


class Reference:
    """The network as (2.12) is written, all of it differentiated by autograd."""

    def __init__(self, given):
        self.cell, self.scheme, data = given.cell, given.network.scheme, given.dataset.training
        start = {"h": np.full(self.cell.depth, self.cell.step_size), **given.start}
        self.lift = torch.tensor(start.pop("lift"))
        self.trained = {name: torch.tensor(a, requires_grad=True) for name, a in start.items()}
        self.x, self.labels = torch.from_numpy(data.x).double(), torch.from_numpy(data.labels)

    def cost(self, batch):
        K, b, W, mu, h = (self.trained[name] for name in ("K", "b", "W", "mu", "h"))
        sigma, net = SIGMA[self.cell.activation], RungeKutta(self.scheme)
        y = self.x[batch] @ self.lift.T
        for K_l, b_l, h_l in zip(K, b, h, strict=True):
            y = net.step(lambda y, K=K_l, b=b_l: sigma(y @ K.T + b), y, h_l)
        return LOSSES[self.cell.loss].torch_costs(y @ W.T + mu, self.labels[batch]).mean()

    def gradients(self, batch):
        found = torch.autograd.grad(self.cost(torch.from_numpy(batch)), [*self.trained.values()])
        return {name: by.numpy() for name, by in zip(self.trained, found, strict=True)}

    def train(self, order, after=lambda h: None):
        """With `torch.optim`; `after` every step, h is changed in place."""
        cell = self.cell
        kind = OPTIMISERS[cell.optimiser](cell.learning_rate, cell.momentum, cell.weight_decay)
        stepper = kind.torch_optimiser(self.trained.values())
        for batch in torch.from_numpy(order).split(cell.batch_size):
            stepper.zero_grad()
            self.cost(batch).backward()
            stepper.step()
            after(self.trained["h"].data)
        return {name: array.detach().numpy() for name, array in self.trained.items()}


def without_lift(engine):
    return {name: array for name, array in engine.parameters().items() if name != "lift"}


@pytest.mark.parametrize(
    ("scheme", "activation", "loss"),
    [
        *zip(EXPLICIT.values(), cycle(ACTIVATIONS), cycle(("mse", "cross_entropy"))),
        *((CROOKED, activation, "cross_entropy") for activation in ACTIVATIONS),
    ],
)  # fmt: skip
def test_the_derivative_by_h_is_the_derivative(scheme, activation, loss):
    given = learning(scheme, h=STEPS, activation=activation, loss=loss)
    wanted = Reference(given).gradients(BATCH)
    found = CompiledEngine(given).gradients(BATCH)
    assert relative_distance(found, wanted) < 1e-12
    assert wanted["h"][1] != 0, "a lost step can come back"
    assert not wanted["K"][1].any()


@pytest.mark.parametrize("steps", ["learned", "simplex"])
@pytest.mark.parametrize("width", [3, 16, 19])
def test_the_derivative_at_other_shapes(width, steps):
    given = learning(
        "kutta3", steps, STEPS, dataset="donut_3d_6c", width=width, batch_size=7, samples=27
    )
    batch = np.arange(20, 27)
    found = CompiledEngine(given).gradients(batch)
    assert relative_distance(found, Reference(given).gradients(batch)) < 1e-12


@each_optimiser
def test_fifty_steps_of_every_optimiser(optimiser):
    """Weight decay is that of all parameters."""
    given = learning("midpoint", weight_decay=0.03, **optimiser)
    order = np.random.default_rng(0).permutation(1500)[:248]
    wanted = Reference(given).train(order)
    engine = CompiledEngine(given)
    engine.train_epoch(order)
    assert np.ptp(wanted["h"]) > 1e-3
    assert relative_distance(without_lift(engine), wanted) < 1e-11


@pytest.mark.parametrize("steps", ["learned", "simplex"])
def test_a_whole_training_in_double_precision(steps):
    """Two epochs, 240 steps of Adam."""
    given = learning("rk4", steps, depth=6, learning_rate=0.01, samples=600)
    order = np.concatenate([np.random.default_rng(seed).permutation(600) for seed in (0, 1)])

    def nearest(h):
        if steps == "simplex":
            h.copy_(torch.from_numpy(nearest_by_bisection(h.numpy(), 6 * 0.05)))

    wanted = Reference(given).train(order, nearest)
    assert (wanted["h"] == 0).any() == (steps == "simplex")
    for kind in (CompiledEngine, AutogradEngine):
        engine = kind(given)
        for epoch in np.split(order, 2):
            engine.train_epoch(epoch)
        assert relative_distance(without_lift(engine), wanted) < 1e-9


def nearest_by_bisection(h, total):
    """max(h - θ, 0), with the θ that gives the sum."""
    low, high = h.min() - total, h.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(h - middle, 0).sum() > total else (low, middle)
    return np.maximum(h - high, 0)


numbers = st.floats(-2, 2) | st.sampled_from([0.0, 0.05, -0.05, 1.0])


@given(st.lists(numbers, min_size=1, max_size=6), st.floats(0.01, 3))
def test_no_point_of_the_simplex_is_nearer(values, total):
    """The nearest point is the nearest one on the plane of some face, if it is on the face."""
    h = np.array(values)
    found = h.copy()
    project(found, total)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(total, rel=1e-12)
    candidates = []
    for size in range(1, len(h) + 1):
        for face in map(list, combinations(range(len(h)), size)):
            point = np.zeros_like(h)
            point[face] = h[face] - (h[face].sum() - total) / size
            if point.min() >= -1e-12:
                candidates.append(point)
    nearest = min(candidates, key=lambda point: np.linalg.norm(point - h))
    np.testing.assert_allclose(found, nearest, atol=1e-12)
    module = on_simplex(torch.from_numpy(h), total).numpy()
    np.testing.assert_allclose(found, module, atol=1e-12)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=120))
def test_a_projection_ends_whatever_is_rounded(values):
    h = np.array(values, np.float32)
    project(h, 5.0)
    assert h.min() >= 0
    assert h.sum(dtype=float) == pytest.approx(5, rel=0.05)


def test_what_is_no_number_stays_none():
    h = np.array([0.1, np.nan, 0.2])
    project(h, 0.3)
    assert np.isnan(h).tolist() == [False, True, False]
    h[:] = np.nan
    project(h, 0.3)
    assert np.isnan(h).all()


@pytest.mark.parametrize("steps", ["learned", "simplex"])
def test_a_training_that_diverges_ends(steps):
    given = learning("euler", steps, dtype=np.float32, optimiser="sgd", learning_rate=1e30)
    assert train(CompiledEngine(given), given).status == "diverged"


@pytest.mark.parametrize("scheme", ["euler", "heun3"])
def test_steps_stay_on_the_simplex_in_single_precision(scheme):
    engine = CompiledEngine(learning(scheme, "simplex", depth=30, dtype=np.float32))
    for seed in range(2):
        engine.train_epoch(np.random.default_rng(seed).permutation(1500))
    h = engine.parameters()["h"]
    assert h.dtype == np.float32
    assert (h >= 0).all()
    assert (h == 0).any()
    assert h.sum(dtype=float) == pytest.approx(30 * 0.05, rel=1e-5)


def test_at_first_it_is_the_network_with_fixed_steps():
    learned, fixed = CompiledEngine(learning("rk4")), CompiledEngine(problem(dtype=np.float64))
    np.testing.assert_allclose(learned.evaluate(), fixed.evaluate(), rtol=1e-13)
    for engine in (learned, fixed):
        engine.train_epoch(BATCH)
    found, wanted = learned.parameters(), fixed.parameters()
    assert np.ptp(found.pop("h")) > 0
    assert relative_distance(found, wanted) < 1e-12


def test_kernels_for_fixed_steps_have_nothing_of_learned_ones():
    """What they would need is no number, and nothing comes of it."""
    ends = []
    for poison in (False, True):
        engine = CompiledEngine(problem("rk4"))
        if poison:
            engine._state[6:] = np.full((3, 4), np.nan, np.float32)
            for memory in (*engine._for_training[-2:], engine._for_evaluation[-1]):
                memory[:] = np.nan
        engine.train_epoch(np.arange(100))
        found = {k: v.tobytes() for k, v in engine.parameters().items() if k != "h"}
        ends.append((found, engine.evaluate()))
        if poison:
            memories = (*engine._for_training[-2:], engine._for_evaluation[-1])
            assert all(np.isnan(array).all() for array in (*engine._state[6:], *memories))
        else:
            assert "h" not in engine.parameters()
            assert len(engine.state()) == 7
    assert ends[0] == ends[1]


@pytest.mark.parametrize("steps", ["learned", "simplex"])
def test_training_goes_on_exactly(steps):
    orders = [np.random.default_rng(seed).permutation(600) for seed in range(2)]
    through, before = (CompiledEngine(learning(steps=steps, samples=600)) for _ in range(2))
    for engine in (through, before):
        engine.train_epoch(orders[0])
    after = CompiledEngine(learning(steps=steps, samples=600))
    for name, array in before.state().items():
        after.restore(name, array.copy())
    for engine in (through, after):
        engine.train_epoch(orders[1])
    for name, array in through.state().items():
        assert array.tobytes() == after.state()[name].tobytes()
    assert {"h", "h moment 1", "h moment 2"} <= set(through.state())


@pytest.mark.parametrize(
    ("definition", "width", "engine"),
    [
        ({"tableau": "rk4", "steps": "learned"}, 16, "compiled"),
        ({"tableau": "euler", "steps": "simplex"}, 128, "compiled"),
        ({"tableau": "euler", "steps": "simplex"}, 129, "autograd"),
        ({"tableau": "rk4", "steps": "learned", "controls": "per_stage"}, 16, "autograd"),
        ({"tableau": "gauss2", "steps": "learned"}, 16, "autograd"),
        ({"tableau": "rk4", "controls": "per_stage"}, 16, "autograd"),
    ],
)
def test_the_compiled_engine_is_preferred_where_it_can(definition, width, engine):
    assert preferred(network(definition), Cell("spiral", "Net", width, 3)) == engine


def test_what_the_compiled_engine_cannot_train_is_refused():
    implicit = learning(GAUSS2, steps="learned")
    with pytest.raises(ValueError, match="cannot train Net; set engine: autograd"):
        Compiled.engine(implicit)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [16, 48, 80, 304])
def test_products_of_blocks(size, dtype):
    @njit
    def emitted(a, b, factor):
        total = learned_steps.inner(a, 3, b, 5, size)
        learned_steps.multiply(a, 3, size, factor)
        return total

    a, b = np.random.default_rng(0).standard_normal((2, size + 9)).astype(dtype)
    found = a.copy()
    total = emitted(found, b, dtype(0.3))
    unit = float(np.finfo(dtype).eps)
    assert total == pytest.approx(float(a[3 : size + 3] @ b[5 : size + 5]), abs=4 * size * unit)
    wanted = a.copy()
    wanted[3 : size + 3] *= dtype(0.3)
    np.testing.assert_array_equal(found, wanted)


#: Trains a little, once by autograd, and says how both ended.
PROGRAM = """
import numpy as np
from test_learned_steps import AutogradEngine, CompiledEngine, learning
for steps in ("learned", "simplex"):
    for kind in (CompiledEngine, AutogradEngine):
        engine = kind(learning("heun", steps, samples=15, learning_rate=0.05))
        engine.train_epoch(np.arange(15))
        found = engine.parameters()
        print(*engine.evaluate(), *found["h"], *found["K"].ravel())
"""


def test_without_a_compiler_training_is_the_same():
    folders = ":".join(map(str, (ROOT, ROOT / "tests", ROOT / "tests/engines")))
    env = {**os.environ, "PYTHONPATH": folders, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True
    )
    lines = [[float(number) for number in line.split()] for line in done.stdout.splitlines()]
    assert len(lines) == 4
    for found, wanted in zip(lines[::2], lines[1::2], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-13)
