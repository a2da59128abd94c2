"""The adjoint schemes of Section 3: against finite differences, and with wrong coefficients."""

import numpy as np
import pytest

from rknet.paper import section3
from rknet.paper.section3 import (
    COLUMNS,
    EXPLICIT,
    TOLERANCE,
    Point,
    adjoint,
    commutation_error,
    conditions,
    flow,
    invariant_drift,
    lagrangian_gradient,
    linearised,
    variation,
)
from rknet.tableau import SCHEMES, ButcherTableau

SOLVABLE = [name for name, tableau in EXPLICIT.items() if 0 not in tableau.beta]
#: Its coefficients have no structure: a mix-up of indices shows.
CROOKED = ButcherTableau(
    [[0, 0, 0], ["1/5", 0, 0], ["2/7", "3/11", 0]], ["1/3", "1/4", "5/12"], [0, "1/5", "43/77"]
)


@pytest.fixture
def layers():
    rng = np.random.default_rng(0)
    return rng.standard_normal((3, 4, 4)), rng.standard_normal((3, 4)), rng.standard_normal((2, 4))


def test_the_forward_scheme_by_hand():
    K, b = np.array([[[2.0]]]), np.array([[0.5]])
    found = flow(SCHEMES["heun"], K, b, 0.1, np.array([[1.0]]))
    f1 = np.tanh(2.5)
    f2 = np.tanh(2 * (1 + 0.1 * f1) + 0.5)
    assert found.y[:, 0, 0] == pytest.approx([1, 1 + 0.05 * (f1 + f2)], rel=1e-15)
    assert found.slopes[0, :, 0, 0] == pytest.approx([1 - f1**2, 1 - f2**2], rel=1e-14)


@pytest.mark.parametrize("tableau", [*EXPLICIT.values(), CROOKED])
def test_the_linearised_flow_is_the_derivative(tableau, layers):
    K, b, y = layers
    direction = np.random.default_rng(1).standard_normal(y.shape)
    along = flow(tableau, K, b, 0.3, y)
    found = linearised(tableau, K, 0.3, along, direction)
    step = 1e-5
    ahead, behind = (flow(tableau, K, b, 0.3, y + s * direction).y for s in (step, -step))
    np.testing.assert_allclose(found, (ahead - behind) / (2 * step), atol=1e-9)


def test_the_adjoint_solves_its_equations(layers):
    """(3.24)–(3.26) hold for what `adjoint` returns, stage by stage."""
    K, b, y = layers
    h, along = 0.3, flow(CROOKED, K, b, 0.3, y)
    wanted = CROOKED.adjoint()
    found = adjoint(wanted, K, h, along, np.random.default_rng(2).standard_normal(y.shape))
    for layer in range(len(K)):
        g = [-(along.slopes[layer, i] * found.stages[layer, i]) @ K[layer] for i in range(3)]
        after = found.p[layer] + h * sum(wanted.beta[i] * g[i] for i in range(3))
        np.testing.assert_allclose(found.p[layer + 1], after, atol=1e-13)
        for i in range(3):
            stage = found.p[layer] + h * sum(wanted.A[i, j] * g[j] for j in range(3))
            np.testing.assert_allclose(found.stages[layer, i], stage, atol=1e-13)


@pytest.mark.parametrize("error", [commutation_error, invariant_drift])
@pytest.mark.parametrize("tableau", [*(SCHEMES[name] for name in SOLVABLE), CROOKED])
def test_the_right_coefficients_agree_and_others_do_not(error, tableau):
    right = tableau.adjoint()
    assert error(tableau, right) <= TOLERANCE
    others = [
        np.array(tableau.A, dtype=float),
        right.A + 1e-6,
        *([right.A.T] if tableau.stages > 1 else []),
    ]
    for A in others:
        assert error(tableau, right._replace(A=A)) > 1e3 * TOLERANCE


def test_the_checks_of_all_schemes():
    frame = section3.check()
    assert list(frame.columns) == COLUMNS
    outcomes = frame.set_index(["check", "scheme", "role"])["outcome"]
    for check in ("commutation", "invariant"):
        assert outcomes[check, "midpoint", "check"] == "not applicable"
        for name in SOLVABLE:
            assert outcomes[check, name, "check"] == "agrees"
            assert outcomes[check, name, "control"] == "differs"
    assert outcomes["training", "midpoint", "check"] == "agrees"
    for name, tableau in EXPLICIT.items():
        for check in ("variation (3.14)", "conditions (3.16)"):
            assert outcomes[check, name, "check"] == "agrees"
        assert outcomes["conditions (3.16)", name, "printed"] == "not applicable"
        depend = name in SOLVABLE and tableau.stages > 1
        printed = outcomes["variation (3.14)", name, "printed"]
        assert printed == ("differs" if depend else "not applicable")


def point(tableau, seed=0):
    """Where the Lagrangian is differentiated: two layers of width 3."""
    rng, stages = np.random.default_rng(seed), tableau.stages
    shapes = ((2, 3, 3), (2, 3), (3, 3), (3, 3), (2, stages, 3), (2, stages, 3))
    return Point(*map(rng.standard_normal, shapes))


def lagrangian(tableau, h, at):
    """(3.8) as printed, sum by sum, for 𝓕(y) = ½‖y‖² and the input 0."""
    A, beta, value = tableau.A, tableau.beta, at.Y[-1] @ at.Y[-1] / 2 - at.P[0] @ at.Y[0]
    stages = range(tableau.stages)
    for K, b, y, after, p, f, xi in zip(
        at.K, at.b, at.Y[:-1], at.Y[1:], at.P[1:], at.F, at.Xi, strict=True
    ):
        value += p @ (y + h * sum(float(beta[i]) * f[i] for i in stages) - after)
        for i in stages:
            inner = y + h * sum(float(A[i][j]) * f[j] for j in stages)
            value += xi[i] @ (np.tanh(K @ inner + b) - f[i])
    return value


@pytest.mark.parametrize("tableau", [SCHEMES["euler"], SCHEMES["rk4"], CROOKED])
def test_the_derivation_against_finite_differences(tableau):
    at, h, step = point(tableau), 0.4, 1e-5
    delta = np.random.default_rng(1).standard_normal(at.F.shape)
    ahead, behind = (lagrangian(tableau, h, at._replace(F=at.F + s * delta)) for s in (step, -step))
    wanted = (ahead - behind) / (2 * step)
    assert np.sum(lagrangian_gradient(tableau, h, at) * delta) == pytest.approx(wanted, rel=1e-7)
    assert variation(tableau, h, at, delta, delta) == pytest.approx(wanted, rel=1e-7)
    # (3.15): the conditions (3.16), each times its direction.
    each = conditions(tableau, h, at, range(1, tableau.stages + 1))
    assert np.sum(each * delta) == pytest.approx(wanted, rel=1e-7)
    if tableau.stages > 1:
        assert variation(tableau, h, at, delta, 2 * delta) != pytest.approx(wanted, rel=1e-3)


def test_there_is_no_stage_0():
    at = point(CROOKED)
    assert conditions(CROOKED, 0.4, at, [0, 1, 2, 3]) is None
    assert conditions(CROOKED, 0.4, at, [4]) is None
    assert conditions(CROOKED, 0.4, at, [2]).shape == (2, 1, 3)
