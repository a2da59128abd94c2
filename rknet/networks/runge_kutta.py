"""The Runge–Kutta nets (2.12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from rknet.networks.base import NETWORKS, Network, Y, only_keys
from rknet.registry import suggestion
from rknet.tableau import SCHEMES, ButcherTableau

#: What `rknet.networks.general.General` has a choice of, as it is in a `RungeKutta`.
_USUAL = {"controls": "shared", "steps": "fixed"}


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

    A run depends only on the coefficients: a change of another scheme does not retrain it. Whatever
    is more than an explicit scheme whose stages share one (K, b) and one fixed h is a `General`.

    Raises
    ------
    ValueError
        If no scheme has the name, or the coefficients do not form a tableau.
    """
    convolution = definition.get("convolution")
    if isinstance(convolution, Mapping) and "tableau" in convolution:
        scheme = _coefficients(convolution["tableau"])
        return {**definition, "convolution": {**convolution, "tableau": scheme}}
    if "tableau" not in definition:
        return definition
    scheme = _coefficients(definition["tableau"])
    more = {key: value for key, value in definition.items() if value != _USUAL.get(key, ...)}
    more["tableau"] = scheme
    if any(key in NETWORKS for key in more if key != "tableau"):
        return more  # two kinds, of which neither can be made
    plain = set(more) == {"tableau"} and (not isinstance(scheme, Mapping) or _explicit(scheme))
    return more if plain else {"general": more}


def _coefficients(scheme: Any) -> Any:
    """The coefficients of a scheme's name; anything else as it is."""
    if not isinstance(scheme, str):
        return scheme
    if scheme not in SCHEMES:
        raise ValueError(
            f"tableau: unknown scheme {scheme!r}; there are {', '.join(SCHEMES)}"
            f"{suggestion(scheme, tuple(SCHEMES))}"
        )
    return SCHEMES[scheme].to_mapping()


def _explicit(coefficients: Mapping[str, Any]) -> bool:
    try:
        return ButcherTableau.from_mapping(coefficients).is_explicit
    except ValueError as error:
        raise ValueError(f"tableau: {error}") from None


def _advanced(y: Y, h: float, weights: Sequence[Fraction], slopes: Sequence[Y]) -> Y:
    """y + h Σ weights · slopes, without the terms of zero weights."""
    for weight, slope in zip(weights, slopes, strict=False):
        if weight != 0:
            y = y + h * float(weight) * slope  # type: ignore[operator, assignment]  # see `step`
    return y
