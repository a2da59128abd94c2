"""Butcher tableaus against exact coefficients, order conditions and measured orders."""

from fractions import Fraction

import numpy as np
import pytest

from rknet.tableau import SCHEMES, ButcherTableau

ORDERS = {
    "euler": 1,
    "midpoint": 2,
    "heun": 2,
    "ralston": 2,
    "kutta3": 3,
    "ssprk3": 3,
    "rk4": 4,
    "rk38": 4,
    "heun3": 3,
    "bosh3": 3,
    "ssprk43": 3,
    "kutta_nystrom5": 5,
    "dopri5": 5,
    "rkf5": 5,
    "implicit_euler": 1,
    "implicit_midpoint": 2,
    "crank_nicolson": 2,
    "gauss2": 4,
    "gauss3": 6,
    "radau_iia2": 3,
    "radau_iia3": 5,
    "lobatto_iiia3": 4,
    "lobatto_iiib3": 4,
    "sdirk2": 2,
    "sdirk3": 3,
}
EXPLICIT = [name for name, tableau in SCHEMES.items() if tableau.is_explicit]

# From Hairer, Nørsett & Wanner, and Gottlieb & Shu for ssprk3.
EXACT = {
    "euler": ([[0]], [1], [0]),
    "midpoint": ([[0, 0], [Fraction(1, 2), 0]], [0, 1], [0, Fraction(1, 2)]),
    "heun": ([[0, 0], [1, 0]], [Fraction(1, 2), Fraction(1, 2)], [0, 1]),
    "ralston": (
        [[0, 0], [Fraction(2, 3), 0]],
        [Fraction(1, 4), Fraction(3, 4)],
        [0, Fraction(2, 3)],
    ),
    "kutta3": (
        [[0, 0, 0], [Fraction(1, 2), 0, 0], [-1, 2, 0]],
        [Fraction(1, 6), Fraction(2, 3), Fraction(1, 6)],
        [0, Fraction(1, 2), 1],
    ),
    "ssprk3": (
        [[0, 0, 0], [1, 0, 0], [Fraction(1, 4), Fraction(1, 4), 0]],
        [Fraction(1, 6), Fraction(1, 6), Fraction(2, 3)],
        [0, 1, Fraction(1, 2)],
    ),
    "rk4": (
        [[0, 0, 0, 0], [Fraction(1, 2), 0, 0, 0], [0, Fraction(1, 2), 0, 0], [0, 0, 1, 0]],
        [Fraction(1, 6), Fraction(1, 3), Fraction(1, 3), Fraction(1, 6)],
        [0, Fraction(1, 2), Fraction(1, 2), 1],
    ),
    "rk38": (
        [[0, 0, 0, 0], [Fraction(1, 3), 0, 0, 0], [-Fraction(1, 3), 1, 0, 0], [1, -1, 1, 0]],
        [Fraction(1, 8), Fraction(3, 8), Fraction(3, 8), Fraction(1, 8)],
        [0, Fraction(1, 3), Fraction(2, 3), 1],
    ),
}
GAUSS2 = ButcherTableau(
    [["1/4", 1 / 4 - 3**0.5 / 6], [1 / 4 + 3**0.5 / 6, "1/4"]],
    ["1/2", "1/2"],
    [1 / 2 - 3**0.5 / 6, 1 / 2 + 3**0.5 / 6],
)


def integrate(tableau, f, y, time, steps):
    """An explicit scheme written straight from (2.11), for comparison."""
    h = time / steps
    A, beta = np.array(tableau.A, dtype=float), np.array(tableau.beta, dtype=float)
    for _ in range(steps):
        slopes = np.zeros((tableau.stages, len(y)))
        for i in range(tableau.stages):
            slopes[i] = f(y + h * A[i] @ slopes)
        y = y + h * beta @ slopes
    return y


@pytest.mark.parametrize("name", EXACT)
def test_coefficients_are_exact(name):
    A, beta, c = EXACT[name]
    scheme = SCHEMES[name]
    assert [list(row) for row in scheme.A] == A
    assert list(scheme.beta) == beta
    assert list(scheme.c) == c
    assert scheme.is_explicit


def roots(s, ends):
    """Nodes on [0, 1]: Gauß' s without ends, Radau's with the right one, Lobatto's with both."""
    legendre = np.polynomial.Legendre.basis(s)
    lower = np.polynomial.Legendre.basis(s - 1)
    polynomial = {0: legendre, 1: legendre - lower, 2: lower.deriv()}[ends]
    inner = polynomial.roots()
    return np.sort((1 + np.concatenate([inner, [-1, 1]] if ends == 2 else [inner])) / 2)


@pytest.mark.parametrize(
    ("name", "nodes"),
    [
        ("implicit_euler", roots(1, 1)),
        ("implicit_midpoint", roots(1, 0)),
        ("crank_nicolson", roots(2, 2)),
        ("gauss2", roots(2, 0)),
        ("gauss3", roots(3, 0)),
        ("radau_iia2", roots(2, 1)),
        ("radau_iia3", roots(3, 1)),
        ("lobatto_iiia3", roots(3, 2)),
    ],
)
def test_collocation_at_roots_of_legendre_polynomials(name, nodes):
    """a_ij and β_j integrate the Lagrange polynomials of the nodes, to c_i and to 1."""
    tableau, powers = SCHEMES[name], np.arange(len(nodes))
    lagrange = np.linalg.inv(nodes[:, None] ** powers).T  # of each node, by powers
    upto = np.append(nodes, 1)[:, None] ** (powers + 1) / (powers + 1)
    *A, beta = upto @ lagrange.T
    np.testing.assert_allclose(np.array(tableau.A, dtype=float), A, atol=1e-14)
    np.testing.assert_allclose(np.array(tableau.beta, dtype=float), beta, atol=1e-14)


def test_lobattos_scheme_that_is_no_collocation():
    """IIIB by its condition D(3): Σ_i β_i c_i^(k−1) a_ij = β_j (1 − c_j^k) / k."""
    tableau = SCHEMES["lobatto_iiib3"]
    A, beta, c = np.array(tableau.A), np.array(tableau.beta), np.array([0, Fraction(1, 2), 1])
    assert (beta == SCHEMES["lobatto_iiia3"].beta).all()
    for k in (1, 2, 3):
        assert (beta * c ** (k - 1) @ A == beta * (1 - c**k) / k).all()


@pytest.mark.parametrize(("name", "at_infinity"), [("sdirk2", 0.0), ("sdirk3", 1 - 3**0.5)])
def test_diagonally_implicit_schemes(name, at_infinity):
    """One γ on the diagonal, and the limit of the stability function: of the two γ, the better."""
    tableau = SCHEMES[name]
    assert len({tableau.A[i][i] for i in range(2)}) == 1
    assert tableau.A[0][1] == 0
    A, beta = np.array(tableau.A, dtype=float), np.array(tableau.beta, dtype=float)
    assert 1 - beta @ np.linalg.solve(A, np.ones(2)) == pytest.approx(at_infinity, abs=1e-12)


@pytest.mark.parametrize("name", SCHEMES)
def test_irrational_coefficients_have_twenty_digits(name):
    """Their conditions hold far better than those of float64 would."""
    for residuals in list(SCHEMES[name].order_residuals().values())[: ORDERS[name]]:
        assert max(map(abs, residuals.values())) < 1e-20


@pytest.mark.parametrize("name", SCHEMES)
def test_order_by_conditions(name):
    assert SCHEMES[name].order == min(ORDERS[name], 4)


def test_order_of_an_implicit_scheme():
    assert not GAUSS2.is_explicit
    assert GAUSS2.order == 4


@pytest.mark.parametrize("name", EXPLICIT)
@pytest.mark.parametrize(
    ("f", "y0", "exact"),
    [
        pytest.param(
            lambda y: np.array([y[1], -y[0]]),
            [0.0, 1.0],
            [np.sin(1.0), np.cos(1.0)],
            id="linear",
        ),
        # The logistic equation y' = y (1 − y).
        pytest.param(lambda y: y * (1 - y), [0.25], [1 / (1 + 3 * np.exp(-1.0))], id="nonlinear"),
    ],
)
def test_measured_order(name, f, y0, exact):
    errors = [
        np.linalg.norm(integrate(SCHEMES[name], f, np.array(y0), 1.0, steps) - exact)
        for steps in ((10, 20) if ORDERS[name] > 4 else (40, 80))
    ]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(ORDERS[name], abs=0.3)


@pytest.mark.parametrize("name", [n for n in SCHEMES if 0 not in SCHEMES[n].beta])
def test_adjoint_solves_its_condition(name):
    scheme = SCHEMES[name]
    adjoint = scheme.adjoint()
    beta, A = np.array(scheme.beta, dtype=float), np.array(scheme.A, dtype=float)
    # (3.23): β_i ã_ij + β̃_j a_ji − β_i β̃_j = 0.
    residual = beta[:, None] * adjoint.A + beta * A.T - np.outer(beta, beta)
    np.testing.assert_allclose(residual, 0, atol=1e-15)
    np.testing.assert_array_equal(adjoint.beta, beta)
    np.testing.assert_array_equal(adjoint.c, np.array(scheme.c, dtype=float))


def test_adjoint_of_euler_is_implicit_in_p():
    assert SCHEMES["euler"].adjoint().A == [[1.0]]


def test_adjoint_needs_weights():
    with pytest.raises(ValueError, match=r"weights beta\[0\] are zero"):
        SCHEMES["midpoint"].adjoint()


@pytest.mark.parametrize(
    ("A", "beta", "c", "message"),
    [
        ([], [], [], "at least one stage"),
        ([[0]], ["1/2"], [0], "sum to 1.*they sum to 1/2"),
        ([[0, 0], [1, 0]], [1], [0], r"A must be 1 × 1"),
        ([[0, 0], [1]], ["1/2", "1/2"], [0, 1], r"rows of lengths \[2, 1\]"),
        ([[0]], [1], [0, 1], "c must have 1 nodes"),
        ([[0, 0], [1, 0]], ["1/2", "1/2"], [0, 2], r"c\[1\] must be the sum of row A\[1\], 1"),
        ([[float("nan")]], [1], [0], r"A\[0\]\[0\] must be a finite number"),
        ([["x"]], [1], [0], r"A\[0\]\[0\] must be a finite number.*'x'"),
        ([["1/0"]], [1], [0], "must be a finite number"),
        ([[True]], [1], [1], "must be a finite number"),
        ("0", [1], [0], "A must be a list"),
        ([0], [1], [0], r"A\[0\] must be a list"),
        ([[0]], 1, [0], "beta must be a list"),
    ],
)
def test_a_wrong_tableau_is_refused(A, beta, c, message):
    with pytest.raises(ValueError, match=message):
        ButcherTableau(A, beta, c)


def test_a_row_sum_alone_does_not_make_an_order():
    # Row sums and consistency hold; only the conditions beyond them tell the order.
    wrong = ButcherTableau([[0, 0], ["1/2", 0]], ["1/2", "1/2"], [0, "1/2"])
    assert wrong.order == 1


@pytest.mark.parametrize(
    "mapping", [{}, {"A": [[0]]}, {"A": [[0]], "beta": [1], "d": 1}], ids=["empty", "less", "more"]
)
def test_mapping_keys_are_checked(mapping):
    with pytest.raises(ValueError, match="has the keys A, beta"):
        ButcherTableau.from_mapping(mapping)


@pytest.mark.parametrize("name", SCHEMES)
def test_mapping_round_trip(name):
    assert ButcherTableau.from_mapping(SCHEMES[name].to_mapping()) == SCHEMES[name]


def test_floats_mean_their_shortest_decimal():
    assert ButcherTableau([[0, 0], [0.1, 0]], [0.5, 0.5], [0, 0.1]).A[1][0] == Fraction(1, 10)


def test_it_is_immutable_and_hashable():
    with pytest.raises(AttributeError):
        SCHEMES["rk4"].beta = ()
    assert len(set(SCHEMES.values())) == len(SCHEMES)
