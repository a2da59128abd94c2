"""Runge–Kutta nets in full, (2.11): against plain iterations, autograd, and analytic solutions."""

from itertools import cycle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from problems import problem
from test_tableau import ORDERS, integrate

from rknet.cell import Cell
from rknet.engines.base import ENGINES, Problem
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.loop import train
from rknet.networks.base import UnsolvedError, network
from rknet.networks.general import CONTROLS, General
from rknet.networks.modules import ACTIVATIONS, arrays, general, load_arrays
from rknet.networks.modules.general import on_simplex
from rknet.paper.section3 import Flow, adjoint
from rknet.tableau import SCHEMES, ButcherTableau

IMPLICIT = [name for name, tableau in SCHEMES.items() if not tableau.is_explicit]
SOLVABLE = [name for name, tableau in SCHEMES.items() if 0 not in tableau.beta]
#: All coefficients differ: a mix-up of indices shows.
CROOKED = ButcherTableau.from_mapping(
    {"A": [["1/3", "-1/7"], ["2/5", "1/6"]], "beta": ["1/4", "3/4"]}
)


def made(scheme, controls="shared", steps="learned", depth=2, activation="tanh", **shape):
    """A module in float64 with random parameters, whose equations are solved to rounding."""
    tableau = SCHEMES[scheme] if isinstance(scheme, str) else scheme
    kind = General(tableau, controls, steps, tolerance=1e-15)
    module = kind.module(2, 3, depth, 2, activation=activation, step_size=0.3, **shape).double()
    rng = np.random.default_rng(0)
    found = {name: rng.uniform(-0.6, 0.6, array.shape) for name, array in module.arrays().items()}
    if steps != "fixed":
        found["h"] = rng.uniform(0.1, 0.4, depth)
    module.load_arrays(found)
    return module


def written_out(module, x, sweeps=60):
    """The output features straight from (2.11), and the parameters, for autograd.

    Every sweep finds all stages again from those before: explicit ones are there after s sweeps.
    """
    kind, tableau = module.network, module.network.scheme
    u = {name: torch.from_numpy(array).requires_grad_() for name, array in module.arrays().items()}
    A, s = np.array(tableau.A, dtype=float), tableau.stages
    sweeps = s if tableau.is_explicit else sweeps
    h = u["h"] if "h" in u else [module.step_size] * module.depth
    y = x @ u["lift"].T
    for layer in range(module.depth):
        f = [torch.zeros_like(y)] * s
        for _ in range(sweeps):
            stages = [y + h[layer] * sum(float(A[i, j]) * f[j] for j in range(s)) for i in range(s)]
            f = []
            for i, c in enumerate(tableau.c):
                match kind.controls:
                    case "shared":
                        K, b = u["K"][layer], u["b"][layer]
                    case "per_stage":
                        K, b = u["K"][layer, i], u["b"][layer, i]
                    case _:
                        K, b = (
                            v[layer] + float(c) * (v[layer + 1] - v[layer])
                            for v in (u["K"], u["b"])
                        )
                f.append(module.activation(stages[i] @ K.T + b))
        y = y + h[layer] * sum(float(tableau.beta[i]) * f[i] for i in range(s))
    return y, u


@pytest.fixture(params=["the solver that it chooses", "Newton's method"])
def solver(request, monkeypatch):
    if request.param == "Newton's method":
        monkeypatch.setattr(general, "CONTRACTION", 0.0)


CASES = [*zip([*SCHEMES, CROOKED], cycle(ACTIVATIONS), strict=False)]


@pytest.mark.parametrize("controls", CONTROLS)
@pytest.mark.parametrize(("scheme", "activation"), CASES, ids=lambda v: str(v)[:20])
def test_features_and_gradients_are_those_of_autograd(scheme, activation, controls):
    module = made(scheme, controls, activation=activation)
    agree(module)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("scheme", ["gauss2", "lobatto_iiib3", "sdirk3"])
def test_every_activation_with_either_solver(scheme, activation, solver):
    agree(made(scheme, "per_stage", activation=activation))


def agree(module):
    """Features and the gradients of all parameters and of the input, against `written_out`."""
    rng = np.random.default_rng(1)
    x = torch.from_numpy(rng.standard_normal((5, 2))).requires_grad_()
    weights = torch.from_numpy(rng.standard_normal((5, 3)))
    wanted, u = written_out(module, x)
    found = module.output_features(x)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
    trained = {name: p for name, p in module.trained().items() if name in ("K", "b", "h")}
    by = torch.autograd.grad((weights * found).sum(), [*trained.values(), x])
    expected = torch.autograd.grad((weights * wanted).sum(), [*(u[name] for name in trained), x])
    for name, one, other in zip([*trained, "x"], by, expected, strict=True):
        assert other.abs().max() > 1e-3, name
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("scheme", ["implicit_midpoint", "radau_iia3", "sdirk2"])
def test_steps_at_which_only_newtons_method_converges(scheme, monkeypatch):
    """The stage equations hold, whoever solved them; gradients are those of finite differences."""
    torch.manual_seed(0)
    module = General(SCHEMES[scheme], tolerance=1e-14).module(3, 3, 1, 2, step_size=1.0).double()
    skew = torch.tensor([[0, 3, -1], [-3, 0, 2], [1, -2, 0]], dtype=torch.float64)
    with torch.no_grad():
        module.K.copy_(skew[None])
    x = torch.randn(4, 3, dtype=torch.float64)
    (layer,) = module.layers
    with torch.no_grad():
        stages, f = general._solved(module.lift(x), layer)
    A = torch.tensor(np.array(SCHEMES[scheme].A, dtype=float))
    right = torch.stack([torch.tanh(y @ skew.T + module.b[0].detach()) for y in stages])
    torch.testing.assert_close(f, right, rtol=0, atol=1e-12)
    inner = torch.stack([module.lift(x) + 1.0 * torch.tensordot(row, f, 1) for row in A])
    torch.testing.assert_close(stages, inner, rtol=0, atol=1e-12)

    with pytest.raises(UnsolvedError), monkeypatch.context() as always:
        always.setattr(general, "CONTRACTION", np.inf)
        module.output_features(x)

    def cost():
        return module.output_features(x).square().sum()

    cost().backward()
    step = 1e-6
    for place in ((0, 0, 1), (0, 2, 2)):
        with torch.no_grad():
            values = []
            for sign in (1, -2):
                module.K[place] += sign * step
                values.append(float(cost()))
            module.K[place] += step
        numeric = (values[0] - values[1]) / (2 * step)
        assert float(module.K.grad[place]) == pytest.approx(numeric, rel=1e-6, abs=1e-7)


# Symplectic: the linear equations (3.24)–(3.26), for the coefficients Ã of (3.23) and for others.


def swept(right, s, like):
    """What f = right(f) has as its fixed point, (s, samples, d̂)."""
    f = np.zeros((s, *like.shape))
    for _ in range(60):
        f = right(f)
    return f


def flow_and_tangent(tableau, K, b, h, y, delta):
    """(3.4)–(3.6) for tanh, and its linearisation in a direction δy, both by plain sweeps."""
    A, beta = np.array(tableau.A, dtype=float), np.array(tableau.beta, dtype=float)
    features, deltas, stages, slopes = [y], [delta], [], []
    for matrix, bias in zip(K, b, strict=True):

        def inner(f, at):
            return at + h * np.tensordot(A, f, 1)

        def value(f, at, matrix=matrix, bias=bias):
            return np.tanh(inner(f, at) @ matrix.T + bias)

        f = swept(lambda f, y=y: value(f, y), len(beta), y)
        slope = 1 - f**2
        tangent = swept(
            lambda df, d=delta, slope=slope, matrix=matrix: slope * (inner(df, d) @ matrix.T),
            len(beta),
            y,
        )
        stages.append(inner(f, y))
        slopes.append(slope)
        y = y + h * np.tensordot(beta, f, 1)
        delta = delta + h * np.tensordot(beta, tangent, 1)
        features.append(y)
        deltas.append(delta)
    return Flow(np.stack(features), np.stack(stages), np.stack(slopes)), np.stack(deltas)


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(0)
    shapes = ((4, 3, 3), (4, 3), (5, 3), (5, 3), (5, 3))
    return [rng.uniform(-0.7, 0.7, shape) for shape in shapes]


def drift(tableau, coefficients, layers):
    """By how much p·δy varies over layers, for an adjoint with these coefficients."""
    K, b, y, delta, last = layers
    along, deltas = flow_and_tangent(tableau, K, b, 0.4, y, delta)
    p = adjoint(coefficients, K, 0.4, along, last).p
    product = np.sum(p * deltas, axis=-1)
    return np.abs(product - product[-1]).max()


#: The schemes that are their own adjoint: state and adjoint are one Runge–Kutta method.
SYMPLECTIC = ("implicit_midpoint", "gauss2", "gauss3")


@pytest.mark.parametrize("name", SOLVABLE)
def test_state_and_adjoint_as_one_method_keep_the_invariant_only_if_it_is_symplectic(name, layers):
    """With Ã of (3.23), p·δy is the same at every layer, whatever A; with A itself, seldom."""
    tableau = SCHEMES[name]
    right = tableau.adjoint()
    A = np.array(tableau.A, dtype=float)
    assert drift(tableau, right, layers) < 1e-13
    same = drift(tableau, right._replace(A=A), layers)
    if name in SYMPLECTIC:
        np.testing.assert_allclose(right.A, A, atol=1e-15)
        assert same < 1e-13
    else:
        assert np.abs(right.A - A).max() > 0.01
        assert same > 1e-8


def test_lobattos_schemes_are_each_others_adjoint(layers):
    pair = [SCHEMES["lobatto_iiia3"], SCHEMES["lobatto_iiib3"]]
    for tableau, other in (pair, pair[::-1]):
        coefficients = tableau.adjoint()._replace(A=np.array(other.A, dtype=float))
        np.testing.assert_allclose(tableau.adjoint().A, coefficients.A, atol=1e-15)
        assert drift(tableau, coefficients, layers) < 1e-13


@pytest.mark.parametrize("name", SOLVABLE)
def test_the_backward_pass_is_the_partitioned_method(name, layers):
    """p⁽⁰⁾ of the module against (3.24)–(3.26) with (3.23), set up and solved as printed."""
    K, b, y, _, last = layers
    kind = General(SCHEMES[name], tolerance=1e-15)
    module = kind.module(3, 3, 4, 2, lift="zeros", step_size=0.4).double()
    module.load_arrays({**module.arrays(), "K": K, "b": b})
    x = torch.from_numpy(y).requires_grad_()
    (p,) = torch.autograd.grad((torch.from_numpy(last) * module.output_features(x)).sum(), x)
    along, _ = flow_and_tangent(SCHEMES[name], K, b, 0.4, y, y)
    wanted = adjoint(SCHEMES[name].adjoint(), K, 0.4, along, last).p[0]
    np.testing.assert_allclose(p.numpy(), wanted, atol=1e-13)


# Orders of convergence, of the network with its parameters as samples of a u(t).


def order(name, output, exact, few=6):
    few = few if ORDERS[name] > 4 else 20
    errors = [np.linalg.norm(output(depth) - exact) for depth in (few, 2 * few)]
    assert errors[1] > 1e-14, "rounding"
    return np.log2(errors[0] / errors[1])


def integrated(name, K, b, y, depth, controls="shared", activation="tanh"):
    """Output features of one sample at T = 1, with K and b as functions of time."""
    kind = General(SCHEMES[name], controls, tolerance=1e-15, iterations=100)
    width, h = len(y), 1 / depth
    options = {"lift": "zeros", "step_size": h, "activation": activation}
    module = kind.module(width, width, depth, 2, **options).double()
    times = h * np.arange(len(module.K))
    module.load_arrays(
        {
            **module.arrays(),
            "K": np.stack([K(t) for t in times]),
            "b": np.stack([b(t) for t in times]),
        }
    )
    with torch.no_grad():
        return module.output_features(torch.tensor(y[None]))[0].numpy()


@pytest.mark.parametrize("name", SCHEMES)
def test_measured_order_of_a_scalar_equation(name):
    """y' = tanh y has the solution sinh y(t) = eᵗ sinh y(0)."""
    one, none = (lambda t: np.eye(1)), (lambda t: np.zeros(1))
    found = order(
        name,
        lambda depth: integrated(name, one, none, np.array([0.7]), depth),
        np.arcsinh(np.e * np.sinh(0.7)),
    )
    assert found > ORDERS[name] - 0.25


@pytest.mark.parametrize("name", SCHEMES)
def test_measured_order_with_coupled_features(name):
    rng = np.random.default_rng(2)
    K, b, y = 2 * rng.standard_normal((3, 3)), rng.standard_normal(3), rng.standard_normal(3)
    exact = integrate(SCHEMES["dopri5"], lambda y: np.tanh(K @ y + b), y, 1.0, 1000)
    found = order(
        name, lambda depth: integrated(name, lambda t: K, lambda t: b, y, depth), exact, few=16
    )
    assert found == pytest.approx(ORDERS[name], abs=0.3)


@pytest.mark.parametrize("name", SCHEMES)
def test_measured_order_with_controls_in_time(name):
    """y' = y + t, where ReLU is the identity: y = 2eᵗ − t − 1. Without c, all orders were 1."""
    K, b = (lambda t: np.eye(1)), (lambda t: np.array([t]))
    found = order(
        name,
        lambda depth: integrated(
            name, K, b, np.array([1.0]), depth, controls="interpolated", activation="relu"
        ),
        2 * np.e - 2,
    )
    assert found == pytest.approx(ORDERS[name], abs=0.25)


# What a run starts from, and training.


@pytest.mark.parametrize("scheme", ["euler", "midpoint", "rk4", "dopri5"])
@pytest.mark.parametrize("controls", ["shared", "per_stage"])
def test_it_starts_as_the_plain_net_of_its_scheme(scheme, controls):
    plain = problem(scheme, dtype=np.float64)
    kind = General(SCHEMES[scheme], controls, "learned")
    start = kind.start(lambda: plain.start)
    one = AutogradEngine(plain)
    other = AutogradEngine(Problem(plain.cell, kind, start, plain.dataset, 0))
    assert other.evaluate() == pytest.approx(one.evaluate(), rel=1e-12)


def test_controls_of_the_start():
    given = problem("rk4").start
    stages = General(SCHEMES["rk4"], "per_stage").start(lambda: given)
    assert stages["K"].shape == (4, 4, 5, 5)
    assert stages["b"].shape == (4, 4, 5)
    assert (stages["K"] == given["K"][:, None]).all()
    between = General(SCHEMES["rk4"], "interpolated").start(lambda: given)
    assert between["b"].shape == (5, 5)
    assert (between["K"] == given["K"][[0, 1, 2, 3, 3]]).all()
    assert General(SCHEMES["gauss2"]).start(lambda: given)["K"] is given["K"]


def trained(definition, epochs=2, **settings):
    """A problem of a network, and how its training by autograd ended."""
    given = problem(samples=60, engine="autograd", epochs=epochs, learning_rate=0.05, **settings)
    kind = network(definition)
    start = kind.start(lambda: given.start)
    posed = Problem(given.cell, kind, start, given.dataset, 0)
    engine = ENGINES["autograd"].engine(posed)
    return engine, train(engine, posed)


@pytest.mark.parametrize(
    "definition",
    [
        {"tableau": "gauss2"},
        {"tableau": "radau_iia2", "controls": "interpolated", "steps": "learned"},
        {"tableau": "dopri5", "controls": "per_stage", "steps": "simplex"},  # a zero weight
        {"tableau": "rk4", "steps": "simplex"},
        {"tableau": "implicit_euler", "tolerance": 1e-10, "iterations": 9},  # beyond float32
    ],
    ids=str,
)
def test_it_trains_in_single_precision(definition):
    engine, history = trained(definition)
    assert history.status == "completed"
    assert history.epochs[-1].training_cost < history.epochs[0].training_cost
    found = engine.parameters()
    assert all(array.dtype == np.float32 for array in found.values())
    steps = definition.get("steps", "fixed")
    assert ("h" in found) == (steps != "fixed")
    if steps != "fixed":
        assert np.ptp(found["h"]) > 1e-3
    if steps == "simplex":
        assert found["h"].min() >= 0
        assert found["h"].sum() == pytest.approx(4 * 0.05, rel=1e-6)


def test_its_arrays_and_state_restore_it():
    definition = {"tableau": "gauss2", "controls": "interpolated", "steps": "learned"}
    engine, _ = trained(definition)
    again = network(definition).module(3, 5, 4, 3)
    load_arrays(again, arrays(engine.network))
    for name, array in engine.parameters().items():
        assert (arrays(again)[name] == array).all()
    other, _ = trained(definition, epochs=1)
    for name, array in engine.state().items():
        other.restore(name, array.copy())
    order = np.random.default_rng(0).permutation(60)
    engine.train_epoch(order)
    other.train_epoch(order)
    for name, array in engine.parameters().items():
        assert (other.parameters()[name] == array).all()
    with pytest.raises(RuntimeError, match=r"K: found the shape \(4, 5, 5\); expected \(5, 5, 5\)"):
        again.load_arrays({**engine.parameters(), "K": np.zeros((4, 5, 5), np.float32)})


def test_the_engine_gives_its_gradients():
    given = problem("rk4", dtype=np.float64, samples=40)
    kind = General(SCHEMES["rk4"], steps="learned")
    engine = AutogradEngine(Problem(given.cell, kind, given.start, given.dataset, 0))
    batch = np.arange(9)
    found, wanted = engine.gradients(batch), AutogradEngine(given).gradients(batch)
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name], array, atol=1e-14)
    step, costs = 1e-6, []
    for sign in (1, -2):
        with torch.no_grad():
            engine.network.h[2] += sign * step
            costs.append(float(engine._cost(torch.from_numpy(batch))))
    assert found["h"][2] == pytest.approx((costs[0] - costs[1]) / (2 * step), rel=1e-6)


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=6),
    st.floats(0.01, 10),
    st.integers(0, 2**32 - 1),
)
def test_the_projection_is_the_nearest_point_of_the_simplex(v, total, seed):
    found = on_simplex(torch.tensor(v, dtype=torch.float64), total).numpy()
    assert found.min() >= 0
    assert found.sum() == pytest.approx(total, rel=1e-9)
    others = total * np.random.default_rng(seed).dirichlet(np.ones(len(v)), size=50)
    nearest = np.linalg.norm(others - v, axis=1).min()
    assert np.linalg.norm(found - v) <= nearest + 1e-9


# Equations that are not solved.


def test_a_run_whose_stage_equations_have_no_solution_diverges_with_the_reason():
    """Of implicit Euler with ReLU, f = ReLU(2f + 1) has none."""
    given = problem(None, "donut_1d", samples=20, width=2, depth=2, step_size=1.0)
    kind = General(SCHEMES["implicit_euler"])
    start = {**given.start, "K": np.stack([2 * np.eye(2, dtype=np.float32)] * 2)}
    start["b"] = np.full((2, 2), 9, np.float32)
    cell = Cell(**{**given.cell.settings(), "engine": "autograd", "activation": "relu"})
    posed = Problem(cell, kind, start, given.dataset, 0)
    history = train(ENGINES["autograd"].engine(posed), posed)
    assert history.status == "diverged"
    assert len(history.epochs) == 1
    assert history.reason.startswith("layer 1: the stage equations are not solved: off by ")
    assert history.reason.endswith(" iterations")


def test_singular_equations_are_said_to_be():
    module = General(SCHEMES["implicit_euler"]).module(
        1, 1, 1, 2, activation="relu", lift="zeros", step_size=1.0
    )
    ones = {"K": np.ones((1, 1, 1), np.float32), "b": np.ones((1, 1), np.float32)}
    module.load_arrays({**module.arrays(), **ones})
    with pytest.raises(
        UnsolvedError, match="layer 1: the linear equations of a sample are singular"
    ):
        module(torch.ones(1, 1))


def test_features_that_are_no_numbers_end_the_iteration():
    module = General(SCHEMES["gauss2"]).module(2, 2, 1, 2)
    with pytest.raises(UnsolvedError, match="off by nan after 1 iterations"):
        module(torch.full((1, 2), np.nan))


# Definitions.


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        ({"tableau": "rk4"}, "tableau"),
        ({"tableau": "rk4", "controls": "shared", "steps": "fixed"}, "tableau"),
        ({"tableau": "rk4", "steps": "learned"}, "general"),
        ({"tableau": {"A": [[0]], "beta": [1]}, "controls": "per_stage"}, "general"),
        ({"tableau": "gauss2"}, "general"),
        ({"tableau": "gauss2", "controls": "shared", "tolerance": "1e-6"}, "general"),
    ],
    ids=str,
)
def test_a_net_is_general_only_if_it_must_be(definition, kind):
    found = network(definition)
    assert set(found.definition()) == {kind}
    assert network(found.definition()) == found


def test_usual_options_make_no_other_network():
    assert network({"tableau": "gauss2"}) == network(
        {"tableau": "gauss2", "controls": "shared", "steps": "fixed", "iterations": 50.0}
    )
    assert network({"tableau": "gauss2"}) != network({"tableau": "gauss2", "iterations": 51})


REFUSED = {
    "controls": ({"tableau": "rk4", "controls": "own"}, "controls: unknown value 'own'; there are"),
    "steps": ({"tableau": "rk4", "steps": "learnt"}, "steps: .* did you mean 'learned'"),
    "list": ({"tableau": "rk4", "steps": ["learned"]}, "steps: unknown value"),
    "key": ({"tableau": "rk4", "control": "shared"}, "'control'; allowed are tableau, controls"),
    "tolerance": ({"tableau": "gauss2", "tolerance": 0}, "tolerance: found 0; expected"),
    "text": ({"tableau": "gauss2", "tolerance": "low"}, "tolerance: found 'low'; expected"),
    "truth": ({"tableau": "gauss2", "tolerance": True}, "tolerance: found True; expected"),
    "iterations": ({"tableau": "gauss2", "iterations": 2.5}, "iterations: found 2.5; expected"),
    "many": ({"tableau": "gauss2", "iterations": 10**9}, "iterations: .* from 1 to 10000"),
    "infinite": ({"tableau": "gauss2", "iterations": float("inf")}, "iterations: found inf"),
    "no equations": ({"tableau": "rk4", "tolerance": 0.1}, "tolerance: found 0.1 with an explicit"),
    "nor steps": ({"tableau": "rk4", "iterations": 9}, "iterations: found 9 with an explicit"),
    "nodes": (
        {"tableau": {"A": [[2]], "beta": [1]}, "controls": "interpolated"},
        "controls: found interpolated with the nodes c = 2; expected nodes from 0 to 1",
    ),
    "scheme": ({"tableau": "gaus2", "controls": "shared"}, "tableau: unknown scheme 'gaus2'"),
    "no scheme": ({"tableau": 3, "controls": "per_stage"}, "tableau: expected the name"),
    "coefficients": (
        {"tableau": {"A": [[1]], "beta": [2]}, "steps": "learned"},
        "tableau: the weights",
    ),
    "as written out": ({"general": {"tableau": "rk4"}}, "tableau: expected the name"),
    "no mapping": ({"general": 3}, "tableau: expected the name"),
    "wrong inside": (
        {"general": {"tableau": {"A": [[1]], "beta": [2]}}},
        "tableau: the weights beta must sum to 1",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_is_named(what):
    definition, words = REFUSED[what]
    with pytest.raises(ValueError, match=words):
        network(definition)


def problems(definition, dimension=2, **settings):
    cell = Cell("spiral", "Mine", **{"width": 4, "depth": 3, "engine": "autograd", **settings})
    kind = network(definition)
    return [*ENGINES[cell.engine].problems(kind, cell), *kind.problems(cell, dimension, 2)]


def test_problems_with_a_cell():
    for definition in ({"tableau": "gauss2"}, {"tableau": "rk4", "steps": "learned"}):
        assert problems(definition) == []
    for engine in ("compiled", "torch"):
        (found,) = problems({"tableau": "gauss2"}, engine=engine)
        assert found.startswith(
            f"engine: found {engine}, which cannot train Mine; set engine: auto"
        )
    (found,) = problems({"tableau": "rk4", "steps": "simplex"}, step_size=0)
    assert found.startswith("step_size: found 0.0 with steps: simplex; expected a number above 0")
    (found,) = problems({"tableau": "gauss2"}, width=1)
    assert found.startswith("width: found 1")


def test_a_step_too_long_for_a_scheme_is_refused_and_one_that_newtons_method_solves_is_not():
    assert problems({"tableau": "gauss2"}, step_size=1.0) == []
    (found,) = problems({"tableau": "gauss2"}, step_size=100, activation="softplus")
    assert found.startswith(
        "step_size: found 100.0 with Mine; its implicit scheme needs a smaller one: before training"
    )
    assert "after 50 iterations" in found
