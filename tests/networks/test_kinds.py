"""Kinds of networks: from a definition and back, their step, and what is refused."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_tableau import GAUSS2

from rknet.cell import Cell
from rknet.networks.base import BUILT_IN, NETWORKS, Network, network
from rknet.networks.general import CONTROLS, STEPS, General
from rknet.networks.modules import ACTIVATIONS, EulerNet, RK4Net, RungeKuttaNet, StandardNet
from rknet.networks.own import Own
from rknet.networks.runge_kutta import RungeKutta
from rknet.networks.standard import Standard
from rknet.tableau import SCHEMES, ButcherTableau

FRACTIONS = st.fractions(-3, 3, max_denominator=12)


@st.composite
def tableaus(draw):
    """Explicit tableaus: A below the diagonal, and weights that sum to one."""
    s = draw(st.integers(1, 4))
    A = [[draw(FRACTIONS) if j < i else Fraction(0) for j in range(s)] for i in range(s)]
    weights = [draw(FRACTIONS) for _ in range(s - 1)]
    return ButcherTableau(A, [*weights, 1 - sum(weights)], [sum(row) for row in A])


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
DEFINITIONS = st.one_of(
    st.just({"standard": {}}),
    st.sampled_from(list(SCHEMES)).map(lambda name: {"tableau": name}),
    st.fixed_dictionaries(
        {"tableau": st.sampled_from(list(SCHEMES))},
        optional={"controls": st.sampled_from(CONTROLS), "steps": st.sampled_from(STEPS)},
    ),
    st.fixed_dictionaries(
        {"tableau": st.sampled_from(["gauss2", "sdirk3"])},
        optional={"tolerance": st.floats(1e-12, 0.5), "iterations": st.integers(1, 100)},
    ),
    tableaus().map(lambda tableau: {"tableau": tableau.to_mapping()}),
    st.dictionaries(st.sampled_from(["hidden", "rate", "Width"]), PLAIN).map(
        lambda options: {"module": "nets/mine.py", "options": options}
    ),
)


@given(DEFINITIONS)
def test_a_definition_gives_its_network_and_back(definition):
    found = network(definition)
    written = found.definition()
    again = network(written)
    assert again.definition() == written
    assert again == found
    assert hash(again) == hash(found)
    (key,) = set(written) & set(NETWORKS)
    assert isinstance(found, NETWORKS[key])


@given(DEFINITIONS, DEFINITIONS)
def test_networks_are_equal_if_their_definitions_are(first, second):
    a, b = network(first), network(second)
    assert (a == b) == (a.definition() == b.definition())
    assert a != first


@given(tableaus())
def test_a_tableau_is_kept_exactly(tableau):
    found = network(RungeKutta(tableau).definition())
    assert found.tableau == tableau
    assert (found.residual, found.swept) == (True, True)


def test_the_papers_networks_are_built_in():
    found = {name: network(definition) for name, definition in BUILT_IN.items()}
    assert found == {
        "StandardNet": Standard(),
        "EulerNet": RungeKutta(SCHEMES["euler"]),
        "RK4Net": RungeKutta(SCHEMES["rk4"]),
    }
    assert (Standard().tableau, Standard().residual, Standard().swept) == (None, False, True)


#: Definitions that are refused, and the words.
REFUSED = {
    "nothing": ({}, "one of the keys convolution, general, module, standard, tableau; found none"),
    "unknown": ({"tableaux": "rk4"}, "found tableaux"),
    "two": ({"tableau": "rk4", "standard": {}}, "found tableau, standard"),
    "more": ({"tableau": "rk4", "step": 1}, "unknown key 'step'; allowed are tableau"),
    "more of standard": ({"standard": {}, "step": 1}, "unknown key 'step'"),
    "more of module": ({"module": "a.py", "step": 1}, "'step'; allowed are module, options"),
    "standard": ({"standard": {"width": 3}}, "standard: expected {}, found {'width': 3}"),
    "scheme": ({"tableau": "rk5"}, "tableau: unknown scheme 'rk5'; there are euler, .*mean 'rkf5'"),
    "no tableau": ({"tableau": 4}, "tableau: found 4; expected the name of a scheme, or a mapping"),
    "keys": ({"tableau": {"A": [[0]]}}, "tableau: a tableau has the keys A, beta"),
    "weights": ({"tableau": {"A": [[0]], "beta": [2]}}, "tableau: .*sum to 1"),
    "exponent": ({"tableau": {"A": [[0]], "beta": ["1e9"]}}, "beta.0. must be a finite number"),
    "long": ({"tableau": {"A": [[0]], "beta": ["1" * 101]}}, "must be a finite number"),
    "no file": ({"module": 3}, "module: found 3; expected a Python file"),
    "no Python": ({"module": "net.txt"}, "module: found 'net.txt'; expected a Python file"),
    "options": ({"module": "a.py", "options": [1]}, r"options: found \[1\]; expected a mapping"),
    "axis": ({"module": "a.py", "options": {"width": 3}}, "options: 'width' is .* rename yours"),
    "classes": ({"module": "a.py", "options": {"classes": 3}}, "options: 'classes'"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_with_a_definition_is_named(what):
    definition, words = REFUSED[what]
    with pytest.raises(ValueError, match=words) as error:
        network(definition)
    assert len(str(error.value)) < 400


@given(tableaus(), st.floats(0.01, 0.5), st.floats(-2, 2), st.floats(-2, 2))
def test_the_step_of_a_linear_layer_is_its_stability_function(tableau, h, rate, y):
    """Of f(y) = λy, (2.12) makes R(hλ) y with R(z) = 1 + z βᵀ(I − zA)⁻¹1."""
    A, beta = np.array(tableau.A, float), np.array(tableau.beta, float)
    z = h * rate
    wanted = (1 + z * beta @ np.linalg.solve(np.eye(len(beta)) - z * A, np.ones(len(beta)))) * y
    found = RungeKutta(tableau).step(lambda y: rate * y, y, h)
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@given(tableaus(), st.integers(0, 9))
def test_the_step_is_stage_by_stage(tableau, seed):
    """On arrays and tensors alike, against sums over whole rows of A."""
    rng = np.random.default_rng(seed)
    K, b, y = rng.standard_normal((3, 3)), rng.standard_normal(3), rng.standard_normal((5, 3))
    A, beta = np.array(tableau.A, float), np.array(tableau.beta, float)
    slopes = np.zeros((len(beta), 5, 3))
    for i in range(len(beta)):
        slopes[i] = np.tanh((y + 0.1 * np.tensordot(A[i], slopes, 1)) @ K.T + b)
    wanted = y + 0.1 * np.tensordot(beta, slopes, 1)
    kind = RungeKutta(tableau)
    np.testing.assert_allclose(kind.step(lambda y: np.tanh(y @ K.T + b), y, 0.1), wanted)
    K, b = torch.from_numpy(K), torch.from_numpy(b)
    found = kind.step(lambda y: torch.tanh(y @ K.T + b), torch.from_numpy(y), 0.1)
    np.testing.assert_allclose(found.numpy(), wanted)


@given(st.floats(-9, 9), st.floats(0.01, 1))
def test_a_standard_net_has_no_step_size(y, h):
    assert Standard().step(np.tanh, y, h) == np.tanh(y)


def test_a_network_in_one_piece_has_no_step():
    with pytest.raises(NotImplementedError, match="Own has no layers"):
        Own("mine.py").step(np.tanh, 1.0, 0.1)


@pytest.mark.parametrize(
    ("kind", "definition"),
    [
        (StandardNet, {"standard": {}}),
        (EulerNet, {"tableau": "euler"}),
        (RK4Net, {"tableau": "rk4"}),
        (lambda *shape, **o: RungeKuttaNet(SCHEMES["heun"], *shape, **o), {"tableau": "heun"}),
    ],
)
def test_the_module_of_a_kind_is_the_class_of_that_name(kind, definition):
    options = {"activation": "softplus", "lift": "zeros", "step_size": 0.3}
    module = network(definition).module(2, 4, 3, 2, **options, train_classifier=False)
    other = kind(2, 4, 3, 2, **options)
    other.load_arrays(module.arrays())
    x = torch.randn(5, 2)
    assert torch.equal(module(x), other(x))
    assert not module.classifier.weight.requires_grad


def test_every_activation_has_its_function():
    from rknet.networks.base import ACTIVATIONS as NAMES

    assert tuple(ACTIVATIONS) == NAMES


def test_an_implicit_scheme_is_another_kind():
    kind = RungeKutta(GAUSS2)
    assert network(kind.definition()) == General(GAUSS2)
    with pytest.raises(ValueError, match="explicit tableau"):
        kind.module(2, 4, 3, 2)


def test_a_feature_space_is_no_smaller_than_the_input():
    kind = network({"tableau": "rk4"})
    assert list(kind.problems(Cell("spiral", "RK4Net", 2, 1), 2, 2)) == []
    (problem,) = kind.problems(Cell("spiral", "RK4Net", 1, 1), 2, 2)
    assert problem.startswith("width: found 1; spiral has 2 input dimensions")


def test_roots_are_where_the_code_is():
    assert Standard().roots() == ("rknet.networks.standard:Standard",)
    assert Own("nets/mine.py").roots() == ("rknet.networks.own:Own", "nets/mine.py")
    assert NETWORKS.roots("tableau") == ("rknet.networks.runge_kutta:RungeKutta",)


def test_kinds_load_no_pytorch():
    code = (
        "import sys\nfrom rknet.networks.base import BUILT_IN, NETWORKS, network\n"
        "[network(d) for d in BUILT_IN.values()], list(NETWORKS)\n"
        "print(sorted({'torch', 'numba', 'pandas'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_a_kind_of_ones_own_needs_only_a_step():
    """What a file in the package would hold, with the module that every kind of layers has."""

    class Damped(Network):
        @classmethod
        def from_definition(cls, definition):
            return cls()

        def definition(self):
            return {"damped": {}}

        def step(self, f, y, h):
            return 0.5 * y + h * f(y)

    module = Damped().module(2, 3, 2, 2, step_size=0.2)
    x = torch.randn(4, 2)
    y = module.lift(x)
    for layer in module.layers:
        y = 0.5 * y + 0.2 * torch.tanh(layer(y))
    assert torch.allclose(module.features(x)[-1], y)
    assert "damped" in repr(Damped())
