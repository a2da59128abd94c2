"""Runge–Kutta nets in full (2.11): any scheme, controls of every stage, and learned steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rknet.cell import Cell
from rknet.networks.base import NETWORKS, Network, UnsolvedError, only_keys
from rknet.registry import unknown
from rknet.tableau import TOLERANCE as NEAR
from rknet.tableau import ButcherTableau

if TYPE_CHECKING:
    from rknet.networks.modules.general import GeneralNet

#: How the stages of a layer get their controls (K, b), and what the step sizes are.
CONTROLS = ("shared", "per_stage", "interpolated")
STEPS = ("fixed", "learned", "simplex")

#: How stage equations are solved, if the definition does not say. Runs train in single precision,
#: whose unit roundoff is 6e-8; a dozen of them is what a layer's sums lose anyway.
TOLERANCE, ITERATIONS, MOST_ITERATIONS = 1e-6, 50, 10_000

#: Matrices K at the start, uniform on ±1/√d̂, have 2-norms near 2/√3, and hardly ever larger ones.
_NORM = 2.0

#: How many samples the stage equations are tried with.
_SAMPLES = 7


@NETWORKS.register("general")
class General(Network):
    """A Runge–Kutta net of any scheme, (2.11).

    A person writes ``{"tableau": …}`` with more keys, or with an implicit scheme, and
    `rknet.networks.runge_kutta.written_out` makes ``{"general": {"tableau": …, …}}`` of it.

    Parameters
    ----------
    scheme : ButcherTableau
        The scheme.
    controls : str, optional
        ``shared``: the stages of a layer share one (K, b), (2.12). ``per_stage``: each has its own,
        (2.11). ``interpolated``: u is continuous and piecewise linear in time, with values at the
        layers' boundaries, and u_i = u(t_l + h c_i).
    steps : str, optional
        ``fixed``: h is the cell's. ``learned``: each layer's h_l is trained; at the start it is the
        cell's. ``simplex``: as learned, but never negative, and they sum to the same horizon.
    tolerance : float, optional
        By how much an implicit scheme's stage equations may be off, see
        `rknet.networks.modules.general`.
    iterations : int, optional
        The most iterations that solve them.

    Attributes
    ----------
    scheme, controls, steps, tolerance, iterations
        As given.

    Raises
    ------
    ValueError
        If controls are interpolated at a node outside of the layer.
    """

    residual = True

    def __init__(
        self,
        scheme: ButcherTableau,
        controls: str = "shared",
        steps: str = "fixed",
        tolerance: float = TOLERANCE,
        iterations: int = ITERATIONS,
    ) -> None:
        self.scheme, self.controls, self.steps = scheme, controls, steps
        self.tolerance, self.iterations = tolerance, iterations
        outside = [str(c) for c in scheme.c if not -NEAR <= c <= 1 + NEAR]
        if controls == "interpolated" and outside:
            raise ValueError(
                f"controls: found interpolated with the nodes c = {', '.join(outside)[:200]}; "
                "expected nodes from 0 to 1, inside the layer"
            )

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> General:
        """The network of a scheme and its options.

        Raises
        ------
        ValueError
            If the coefficients do not form a tableau, a key is unknown, or a value is not allowed
            or has no effect.
        """
        only_keys(definition, "general")
        options = definition["general"]
        if not isinstance(options, Mapping) or not isinstance(options.get("tableau"), Mapping):
            raise ValueError(
                "tableau: expected the name of a scheme, or a mapping with A, beta and, if wanted, "
                'c, as in {tableau: gauss2, controls: per_stage}; no key "general"'
            )
        only_keys(options, "tableau", "controls", "steps", "tolerance", "iterations")
        try:
            scheme = ButcherTableau.from_mapping(options["tableau"])
        except ValueError as error:
            raise ValueError(f"tableau: {error}") from None
        rest = {key: value for key, value in options.items() if key != "tableau"}
        return cls(scheme, **_checked(rest, scheme.is_explicit))

    def definition(self) -> dict[str, Any]:
        """Plain values that `from_definition` takes: what has an effect."""
        options: dict[str, Any] = {
            "tableau": self.scheme.to_mapping(),
            "controls": self.controls,
            "steps": self.steps,
        }
        if not self.scheme.is_explicit:
            options |= {"tolerance": self.tolerance, "iterations": self.iterations}
        return {"general": options}

    def start(self, draw: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """What all networks of a shape start from: all stages of a layer begin alike.

        Learned steps are not among them: a module starts with its step size in all layers.
        """
        arrays = draw()
        return {**arrays, "K": self.spread(arrays["K"]), "b": self.spread(arrays["b"])}

    def spread(self, layers: np.ndarray) -> np.ndarray:
        """Values of layers, (L, …), as this network's controls.

        Returns
        -------
        ndarray
            (L, …) if they are shared; (L, s, …) if each stage has its own, then all the same;
            (L + 1, …) if they are interpolated: the value at the start of each layer, and at the
            horizon that of the last layer again.
        """
        if self.controls == "per_stage":
            return np.repeat(layers[:, None], self.scheme.stages, axis=1)
        if self.controls == "interpolated":
            return np.concatenate([layers, layers[-1:]])
        return layers

    def module(self, *shape: Any, **options: Any) -> GeneralNet:
        """The network as a PyTorch module; the arguments are those of `Network.module`."""
        from rknet.networks.modules.general import GeneralNet

        return GeneralNet(self, *shape, **options)

    def problems(self, cell: Cell, dimension: int, classes: int) -> Iterator[str]:
        """The problems of the network with a cell on a dataset, found before training.

        Stage equations have one solution if their right side is a contraction, by
        |h| ‖A‖₂ max σ' max ‖K_i‖₂ < 1. If it may be none, they are tried with a few samples, as
        they are before training: only what is not solved then is a problem.
        """
        size_problems = list(super().problems(cell, dimension, classes))
        yield from size_problems
        if self.steps == "simplex" and not cell.step_size > 0:
            yield (
                f"step_size: found {cell.step_size} with steps: simplex; expected a number above "
                "0, as the steps share the horizon, depth times step_size"
            )
        elif not size_problems and not self.scheme.is_explicit:
            yield from self._unsolved(cell, dimension, classes)

    def _unsolved(self, cell: Cell, dimension: int, classes: int) -> Iterator[str]:
        """The problem that the stage equations are not solved, if so."""
        A = np.array(self.scheme.A, dtype=float)
        if abs(cell.step_size) * np.linalg.norm(A, 2) * _NORM < 1:
            return
        import torch

        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(0)
            options: dict[str, Any] = {"activation": cell.activation, "step_size": cell.step_size}
            module = self.module(dimension, cell.width, cell.depth, classes, **options)
            try:
                module.output_features(torch.randn(_SAMPLES, dimension))
            except UnsolvedError as error:
                yield (
                    f"step_size: found {cell.step_size} with {cell.network}; its implicit scheme "
                    f"needs a smaller one: before training, in {error}"
                )


def _checked(options: Mapping[str, Any], explicit: bool) -> dict[str, Any]:
    """The options beside the tableau; refuses values that are not allowed or have no effect."""
    for key, known in (("controls", CONTROLS), ("steps", STEPS)):
        if (found := options.get(key, known[0])) not in known:
            raise ValueError(f"{key}: {unknown('value', str(found)[:200], known)}")
    solving = {key: options[key] for key in ("tolerance", "iterations") if key in options}
    if explicit and solving:
        key = next(iter(solving))
        raise ValueError(
            f"{key}: found {solving[key]!r} with an explicit scheme, which has no equations to "
            "solve; leave it out"
        )
    if "tolerance" in solving:
        solving["tolerance"] = _number(solving["tolerance"])
        if not 0 < solving["tolerance"] < 1:
            raise ValueError(
                f"tolerance: found {options['tolerance']!r}; expected a number above 0, below 1"
            )
    if "iterations" in solving:
        count = _number(solving["iterations"])
        if not (1 <= count <= MOST_ITERATIONS and count == int(count)):
            raise ValueError(
                f"iterations: found {options['iterations']!r}; expected a whole number from 1 to "
                f"{MOST_ITERATIONS}"
            )
        solving["iterations"] = int(count)
    return {**options, **solving}


def _number(value: Any) -> float:
    """The number of a value, which YAML takes for text if it is 1e-6; NaN if it is none."""
    try:
        return math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
