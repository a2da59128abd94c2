"""The Runge–Kutta nets (2.12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from rknet.networks.base import NETWORKS, Network, Y, only_keys
from rknet.registry import suggestion
from rknet.tableau import SCHEMES, ButcherTableau


@NETWORKS.register("tableau")
class RungeKutta(Network):
    """The Runge–Kutta net of an explicit scheme; all stages of a layer share one (K, b).

    Its definition is ``{"tableau": …}``, with coefficients as `ButcherTableau.from_mapping` takes
    them.
    """

    residual = True
    swept = True

    def __init__(self, tableau: ButcherTableau) -> None:
        self.tableau: ButcherTableau = tableau

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> RungeKutta:
        """The network of a scheme.

        Raises
        ------
        ValueError
            If the coefficients do not form a tableau.
        """
        only_keys(definition, "tableau")
        scheme = definition["tableau"]
        if not isinstance(scheme, Mapping):
            raise ValueError(
                f"tableau: found {scheme!r}; expected the name of a scheme, or a mapping with A, "
                'beta and, if wanted, c, of numbers and fractions like "1/3"'
            )
        try:
            return cls(ButcherTableau.from_mapping(scheme))
        except ValueError as error:
            raise ValueError(f"tableau: {error}") from None

    def definition(self) -> dict[str, Any]:
        """Plain values that `from_definition` takes: the coefficients, whatever they are called."""
        return {"tableau": self.tableau.to_mapping()}

    def step(self, f: Callable[[Y], Y], y: Y, h: float) -> Y:
        """One layer, (2.12)."""
        slopes: list[Y] = []
        for row in self.tableau.A:
            slopes.append(f(_advanced(y, h, row, slopes)))
        return _advanced(y, h, self.tableau.beta, slopes)


def written_out(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """A network's definition, with the coefficients of a scheme instead of its name.

    A run depends only on the coefficients: a change of another scheme does not retrain it.

    Raises
    ------
    ValueError
        If no scheme has the name.
    """
    scheme = definition.get("tableau")
    if not isinstance(scheme, str):
        return definition
    if scheme not in SCHEMES:
        raise ValueError(
            f"tableau: unknown scheme {scheme!r}; there are {', '.join(SCHEMES)}"
            f"{suggestion(scheme, tuple(SCHEMES))}"
        )
    return {**definition, "tableau": SCHEMES[scheme].to_mapping()}


def _advanced(y: Y, h: float, weights: Sequence[Fraction], slopes: Sequence[Y]) -> Y:
    """y + h Σ weights · slopes, without the terms of zero weights."""
    for weight, slope in zip(weights, slopes, strict=False):
        if weight != 0:
            y = y + h * float(weight) * slope  # type: ignore[operator, assignment]  # see `step`
    return y
