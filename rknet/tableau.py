"""Butcher tableaus: the named Runge–Kutta schemes and their adjoint coefficients (3.23)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

Number = int | float | str | Fraction
Row = tuple[Fraction, ...]

#: Decimal coefficients ("0.333333333333") may miss a condition by their rounding, but not by more.
TOLERANCE = 1e-9

#: The most characters in a written coefficient.
_LONGEST = 100


class AdjointCoefficients(NamedTuple):
    """The coefficients (Ã, β̃, c̃) of the adjoint scheme (3.24)–(3.26), float64."""

    A: np.ndarray
    beta: np.ndarray
    c: np.ndarray


@dataclass(frozen=True)
class ButcherTableau:
    r"""A Runge–Kutta scheme as the triple (A, β, c) of Figure 1, exact and immutable.

    ::

        c | A          c_1 | a_11 … a_1s
        --+----   =     ⋮  |  ⋮       ⋮
          | βᵀ         c_s | a_s1 … a_ss
                       ----+------------
                           | β_1  …  β_s

    Parameters
    ----------
    A : sequence of s rows of s numbers
        Runge–Kutta matrix. Numbers may be given as ``1``, ``0.5``, ``"1/3"`` or ``Fraction``.
    beta : sequence of s numbers
        Weights; they sum to one.
    c : sequence of s numbers
        Nodes; each is the sum of its row of `A`.

    Raises
    ------
    ValueError
        If a coefficient is no finite number, if the shapes disagree, or if a condition fails;
        the message says which.

    Notes
    -----
    The scheme is (2.11); the networks use it with one parameter per layer, (2.12), where c
    no longer appears.
    """

    A: tuple[Row, ...]
    beta: Row
    c: Row

    def __init__(
        self, A: Sequence[Sequence[Number]], beta: Sequence[Number], c: Sequence[Number]
    ) -> None:
        rows = tuple(_exact_row(row, f"A[{i}]") for i, row in enumerate(_sequence(A, "A")))
        object.__setattr__(self, "A", rows)
        object.__setattr__(self, "beta", _exact_row(beta, "beta"))
        object.__setattr__(self, "c", _exact_row(c, "c"))
        self._check()

    def _check(self) -> None:
        s = self.stages
        if s == 0:
            raise ValueError("beta: a tableau needs at least one stage, found none")
        if len(self.A) != s or any(len(row) != s for row in self.A):
            raise ValueError(
                f"A must be {s} × {s}, as beta has {s} weights; "
                f"found rows of lengths {[len(row) for row in self.A]}"
            )
        if len(self.c) != s:
            raise ValueError(f"c must have {s} nodes, as beta has {s} weights; found {len(self.c)}")
        if not _equal(sum(self.beta), Fraction(1)):
            raise ValueError(
                "the weights beta must sum to 1 (consistency); "
                f"they sum to {_shown(sum(self.beta))}"
            )
        for i, (row, node) in enumerate(zip(self.A, self.c, strict=True)):
            if not _equal(sum(row), node):
                raise ValueError(
                    f"c[{i}] must be the sum of row A[{i}], {_shown(sum(row))}; "
                    f"found {_shown(node)}"
                )

    @classmethod
    def from_mapping(cls, coefficients: Mapping[str, Any]) -> ButcherTableau:
        """Build a tableau from a mapping with the keys ``A``, ``beta`` and, if wanted, ``c``.

        Raises
        ------
        ValueError
            As the constructor does; also for a missing or unknown key.
        """
        unknown = set(coefficients) - {"A", "beta", "c"}
        if unknown or not {"A", "beta"} <= set(coefficients):
            raise ValueError(
                f"a tableau has the keys A, beta and, if wanted, c; found {sorted(coefficients)}"
            )
        A = [_exact_row(row, f"A[{i}]") for i, row in enumerate(_sequence(coefficients["A"], "A"))]
        return cls(A, coefficients["beta"], coefficients.get("c", [sum(row) for row in A]))

    def to_mapping(self) -> dict[str, Any]:
        """The coefficients as strings (``"1/3"``), as `from_mapping` and YAML take them."""
        return {
            "A": [[str(a) for a in row] for row in self.A],
            "beta": [str(b) for b in self.beta],
            "c": [str(x) for x in self.c],
        }

    @property
    def stages(self) -> int:
        """Number of stages s."""
        return len(self.beta)

    @property
    def is_explicit(self) -> bool:
        """Whether a_ij = 0 for all j ≥ i."""
        return all(a == 0 for i, row in enumerate(self.A) for a in row[i:])

    @cached_property
    def order(self) -> int:
        """Order of the scheme, by the order conditions up to order 4 (so 4 means "at least 4")."""
        order = 0
        for p, residuals in self.order_residuals().items():
            if any(abs(r) > TOLERANCE for r in residuals.values()):
                break
            order = p
        return order

    def order_residuals(self) -> dict[int, dict[str, float]]:
        """By order, the residual of each order condition, up to order 4.

        Returns
        -------
        dict
            ``{p: {condition: left side − right side}}``; a scheme has order p if all residuals
            up to p vanish (Hairer, Nørsett & Wanner, Solving ODEs I, table II.2.1).
        """
        A, b = np.array(self.A, dtype=object), np.array(self.beta, dtype=object)
        c = A.sum(axis=1)
        conditions = {
            1: {"Σ βᵢ = 1": b.sum() - 1},
            2: {"Σ βᵢcᵢ = 1/2": b @ c - Fraction(1, 2)},
            3: {
                "Σ βᵢcᵢ² = 1/3": b @ c**2 - Fraction(1, 3),
                "Σ βᵢaᵢⱼcⱼ = 1/6": b @ (A @ c) - Fraction(1, 6),
            },
            4: {
                "Σ βᵢcᵢ³ = 1/4": b @ c**3 - Fraction(1, 4),
                "Σ βᵢcᵢaᵢⱼcⱼ = 1/8": (b * c) @ (A @ c) - Fraction(1, 8),
                "Σ βᵢaᵢⱼcⱼ² = 1/12": b @ (A @ c**2) - Fraction(1, 12),
                "Σ βᵢaᵢⱼaⱼₖcₖ = 1/24": b @ (A @ (A @ c)) - Fraction(1, 24),
            },
        }
        return {p: {k: float(v) for k, v in rs.items()} for p, rs in conditions.items()}

    def adjoint(self) -> AdjointCoefficients:
        """Coefficients of the adjoint scheme by (3.23): β̃ = β, ã_ij = β_j − β_j a_ji / β_i, c̃ = c.

        Raises
        ------
        ValueError
            If a weight is zero: (3.23) then has no solution. Training does not need it: it sweeps
            in ξ_i = hβ_i p_i, (3.17), which stays defined.
        """
        zero = [i for i, b in enumerate(self.beta) if b == 0]
        if zero:
            raise ValueError(
                f"(3.23) has no solution: the weights beta{zero} are zero; all must be non-zero"
            )
        beta, s = self.beta, self.stages
        A = [[beta[j] - beta[j] * self.A[j][i] / beta[i] for j in range(s)] for i in range(s)]
        return AdjointCoefficients(
            np.array(A, dtype=float), np.array(beta, dtype=float), np.array(self.c, dtype=float)
        )


def _sequence(value: Any, where: str) -> Sequence[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray):
        raise ValueError(f"{where} must be a list, found {value!r}")
    return value  # type: ignore[return-value]  # an array is as good


def _exact_row(values: Any, where: str) -> Row:
    return tuple(_exact(v, f"{where}[{j}]") for j, v in enumerate(_sequence(values, where)))


def _exact(value: Number, where: str) -> Fraction:
    try:
        if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError
        # Exact, so an exponent could take all memory.
        if isinstance(value, str) and ("e" in value.lower() or len(value) > _LONGEST):
            raise ValueError
        # The shortest decimal that gives the float: 0.1 means 1/10.
        return Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)
    except (TypeError, ValueError, ZeroDivisionError):
        raise ValueError(
            f"{where} must be a finite number or a fraction like '1/3', found {repr(value)[:200]}"
        ) from None


def _equal(left: Fraction | int, right: Fraction) -> bool:
    return abs(left - right) <= TOLERANCE


def _shown(value: Fraction | int) -> str:
    return str(value) if Fraction(value).denominator < 10_000 else f"{float(value):.12g}"


def _explicit(*rows: str, beta: str) -> ButcherTableau:
    """A tableau from the lower triangle of A, row by row as it is printed."""
    s = len(rows) + 1
    lower = [[], *(row.split() for row in rows)]
    return ButcherTableau.from_mapping(
        {"A": [row + ["0"] * (s - len(row)) for row in lower], "beta": beta.split()}
    )


def _implicit(*rows: str, beta: str) -> ButcherTableau:
    """A tableau from all of A, row by row as it is printed."""
    return ButcherTableau.from_mapping({"A": [row.split() for row in rows], "beta": beta.split()})


#: The named schemes: explicit ones of the orders 1, 2, 2, 2, 3, 3, 4, 4, 3, 3, 3, 5, 5, 5, then
#: implicit ones of the orders 1, 2, 2, 4, 6, 3, 5, 4, 4, 2, 3. They are in Hairer, Nørsett and
#: Wanner, Solving ODEs I, II.1–II.5, and Hairer and Wanner, Solving ODEs II, IV.5–IV.6; bosh3 is
#: Bogacki's and Shampine's (1989), ssprk43 Kraaijevanger's (1991). Of pairs: the higher order.
SCHEMES: dict[str, ButcherTableau] = {
    "euler": _explicit(beta="1"),
    "midpoint": _explicit("1/2", beta="0 1"),
    "heun": _explicit("1", beta="1/2 1/2"),
    "ralston": _explicit("2/3", beta="1/4 3/4"),
    "kutta3": _explicit("1/2", "-1 2", beta="1/6 2/3 1/6"),
    "ssprk3": _explicit("1", "1/4 1/4", beta="1/6 1/6 2/3"),
    "rk4": _explicit("1/2", "0 1/2", "0 0 1", beta="1/6 1/3 1/3 1/6"),
    "rk38": _explicit("1/3", "-1/3 1", "1 -1 1", beta="1/8 3/8 3/8 1/8"),
    "heun3": _explicit("1/3", "0 2/3", beta="1/4 0 3/4"),
    "bosh3": _explicit("1/2", "0 3/4", beta="2/9 1/3 4/9"),
    "ssprk43": _explicit("1/2", "1/2 1/2", "1/6 1/6 1/6", beta="1/6 1/6 1/6 1/2"),
    "kutta_nystrom5": _explicit(
        "1/3",
        "4/25 6/25",
        "1/4 -3 15/4",
        "2/27 10/9 -50/81 8/81",
        "2/25 12/25 2/15 8/75 0",
        beta="23/192 0 125/192 0 -27/64 125/192",
    ),
    "dopri5": _explicit(
        "1/5",
        "3/40 9/40",
        "44/45 -56/15 32/9",
        "19372/6561 -25360/2187 64448/6561 -212/729",
        "9017/3168 -355/33 46732/5247 49/176 -5103/18656",
        beta="35/384 0 500/1113 125/192 -2187/6784 11/84",
    ),
    "rkf5": _explicit(
        "1/4",
        "3/32 9/32",
        "1932/2197 -7200/2197 7296/2197",
        "439/216 -8 3680/513 -845/4104",
        "-8/27 2 -3544/2565 1859/4104 -11/40",
        beta="16/135 0 6656/12825 28561/56430 -9/50 2/55",
    ),
    "implicit_euler": _implicit("1", beta="1"),
    "implicit_midpoint": _implicit("1/2", beta="1"),
    "crank_nicolson": _implicit("0 0", "1/2 1/2", beta="1/2 1/2"),
    # With √3, √15, √6 and √2, written out.
    "gauss2": _implicit(
        "1/4 -0.038675134594812882254574",
        "0.538675134594812882254574 1/4",
        beta="1/2 1/2",
    ),
    "gauss3": _implicit(
        "5/36 -0.035976667524938903456395 0.009789444015308326049580",
        "0.300263194980864592438025 2/9 -0.022485417203086814660247",
        "0.267988333762469451728198 0.480421111969383347900840 5/36",
        beta="5/18 4/9 5/18",
    ),
    "radau_iia2": _implicit("5/12 -1/12", "3/4 1/4", beta="3/4 1/4"),
    "radau_iia3": _implicit(
        "0.196815477223660425868386 -0.065535425850198388108523 0.023770974348220152420408",
        "0.394424314739087276997412 0.292073411665228463020503 -0.041548752125997930198186",
        "0.376403062700467275050075 0.512485826188421613838813 1/9",
        beta="0.376403062700467275050075 0.512485826188421613838813 1/9",
    ),
    "lobatto_iiia3": _implicit("0 0 0", "5/24 1/3 -1/24", "1/6 2/3 1/6", beta="1/6 2/3 1/6"),
    "lobatto_iiib3": _implicit("1/6 -1/6 0", "1/6 1/3 0", "1/6 5/6 0", beta="1/6 2/3 1/6"),
    # Alexander's, and Crouzeix' (Nørsett's) of order 3.
    "sdirk2": _implicit(
        "0.292893218813452475599156 0",
        "0.707106781186547524400844 0.292893218813452475599156",
        beta="0.707106781186547524400844 0.292893218813452475599156",
    ),
    "sdirk3": _implicit(
        "0.788675134594812882254574 0",
        "-0.577350269189625764509149 0.788675134594812882254574",
        beta="1/2 1/2",
    ),
}
