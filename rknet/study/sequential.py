"""Group-sequential tests: looks at more and more repetitions that keep the level of one test.

At a look, a test of the runs so far is significant if its p-value is at most the look's nominal
level. Levels come from a spending function α(t): the probability of a false alarm at any of the
looks up to the share t of all repetitions is α(t), so that over all looks it is α (Lan and DeMets,
1983). The p-values of the looks become normal scores Z; without an effect √t Z is a Brownian motion
seen at the shares t, and the probability that it first crosses a boundary at a look is integrated
from look to look (Armitage, McPherson and Rowe, 1969).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import interpolate, optimize, stats

#: The looks of a study, as numbers of repetitions.
LOOKS = (4, 8, 16, 32, 64)
#: What is said of a verdict that needs another look.
GO_ON = "go on"
#: A verdict is futile if its conditional power is below this,
FUTILE = 0.10
#: from this share of the repetitions on: before, a trend is mostly noise.
FUTILE_FROM = 0.25

#: Points of the grid on which densities are integrated, and its half width in standard deviations.
_POINTS, _WIDTH = 401, 8.0

Spending = Callable[[float, float], float]


def kim_demets(share: float, alpha: float) -> float:
    """Spend α t² (Kim and DeMets, 1987)."""
    return alpha * share**2


@lru_cache
def nominal_levels(
    looks: tuple[int, ...] = LOOKS, alpha: float = 0.05, spend: Spending = kim_demets
) -> tuple[float, ...]:
    """The level of a one-sided test at each look.

    Parameters
    ----------
    looks : tuple of int
        Repetitions at each look, ascending; all looks must be planned before the first.
    alpha : float
        The level of all looks together.
    spend : callable
        The level that is spent up to a share of the repetitions, of the share and `alpha`.

    Raises
    ------
    ValueError
        If the looks do not ascend from 1 or more.
    """
    walk, spent, bounds = _Walk(), 0.0, []
    for share in _shares(looks):
        walk = walk.to(share)
        wanted, spent = spend(share, alpha) - spent, spend(share, alpha)
        excess = lambda bound: walk.above(bound) - wanted  # noqa: B023, E731 - used at once
        bounds.append(optimize.brentq(excess, -_WIDTH, _WIDTH, xtol=1e-10))
        walk = walk.below(bounds[-1])
    return tuple(float(level) for level in stats.norm.sf(bounds))


def crossing(
    shares: Sequence[float],
    bounds: Sequence[float],
    drift: float = 0.0,
    start: tuple[float, float] = (0.0, 0.0),
) -> list[float]:
    """The probability of first crossing a boundary from below, look by look.

    Parameters
    ----------
    shares : sequence of float
        Of all repetitions, at each look.
    bounds : sequence of float
        Normal scores that must be exceeded.
    drift : float
        The mean of the score once the share is 1.
    start : pair of float
        A share that is past, and √t Z there.
    """
    walk, found = _Walk(*start), []
    for share, bound in zip(shares, bounds, strict=True):
        walk = walk.to(share, drift)
        found.append(walk.above(bound))
        walk = walk.below(bound)
    return found


@dataclass(frozen=True)
class _Walk:
    """√t Z at a share t: a known height, or a density on a grid, of what has not crossed."""

    share: float = 0.0
    height: float = 0.0
    grid: np.ndarray | None = None
    density: np.ndarray | None = None

    def to(self, share: float, drift: float = 0.0) -> _Walk:
        """The walk at a later share."""
        deviation, shift = np.sqrt(share - self.share), drift * (share - self.share)
        starts = np.array([self.height]) if self.grid is None else self.grid
        margin = _WIDTH * deviation
        grid = np.linspace(starts[0] + shift - margin, starts[-1] + shift + margin, _POINTS)
        kernel = stats.norm.pdf(grid[:, None], starts + shift, deviation)
        density = kernel[:, 0] if self.grid is None else _integral(starts, kernel * self.density)
        return replace(self, share=share, grid=grid, density=density)

    def above(self, bound: float) -> float:
        """The probability that the score exceeds `bound`."""
        grid, density = self._part(bound, above=True)
        return float(_integral(grid, density))

    def below(self, bound: float) -> _Walk:
        """The walk where the score does not exceed `bound`."""
        grid, density = self._part(bound, above=False)
        return replace(self, grid=grid, density=density)

    def _part(self, bound: float, above: bool) -> tuple[np.ndarray, np.ndarray]:
        limit = np.clip(bound * np.sqrt(self.share), self.grid[0], self.grid[-1])
        ends = (limit, self.grid[-1]) if above else (self.grid[0], limit)
        grid = np.linspace(*ends, _POINTS)
        return grid, interpolate.CubicSpline(self.grid, self.density)(grid)


@dataclass(frozen=True)
class Look:
    """The outcome of a test at a look: repetitions, and both of its p-values."""

    repetitions: int
    p_for: float
    p_against: float


@dataclass(frozen=True)
class Decision:
    """What the looks so far say.

    Attributes
    ----------
    verdict : str
        ``supported``, ``contradicted``, ``futile``, ``undecided`` (at the last look) or ``go on``.
    repetitions : int
        At the look that decided; a finished verdict never reopens. Else at the latest look.
    level : float
        The nominal level of that look: the test's interval at this level excludes effects.
    power : float
        The probability that a later look decides, in either direction, if the trend holds; 0 once
        it is finished.
    """

    verdict: str
    repetitions: int
    level: float
    power: float


def decide(so_far: Sequence[Look], looks: tuple[int, ...] = LOOKS) -> Decision:
    """Say whether a verdict is decided, futile, or goes on to the next look.

    Parameters
    ----------
    so_far : sequence of Look
        In order, at the first of the planned `looks`.
    looks : tuple of int
        As `nominal_levels` takes them; the level holds for each direction.

    Raises
    ------
    ValueError
        If there is no look, or these are not the planned ones.
    """
    done = tuple(look.repetitions for look in so_far)
    if not done or done != looks[: len(done)]:
        raise ValueError(f"the looks are planned at {looks}, and these are at {done}")
    levels = nominal_levels(looks)
    limits = futile_above(looks)
    for place, (look, level, limit) in enumerate(zip(so_far, levels, limits, strict=False), 1):
        verdict, best = _verdict(look, level), min(look.p_for, look.p_against)
        if verdict == GO_ON and place == len(looks):
            verdict = "undecided"
        elif verdict == GO_ON and best > limit:
            verdict = "futile"
        if verdict != GO_ON:
            return Decision(verdict, look.repetitions, level, 0.0)
    power = conditional_power(best, len(done), looks)
    return Decision(GO_ON, done[-1], levels[len(done) - 1], power)


@lru_cache
def futile_above(looks: tuple[int, ...] = LOOKS) -> tuple[float, ...]:
    """For each look, the p-value from which on the conditional power is below `FUTILE`.

    It is 1 before the share `FUTILE_FROM` and at the last look.
    """

    def limit(done: int, share: float) -> float:
        if share < FUTILE_FROM or done == len(looks):
            return 1.0
        excess = lambda p: conditional_power(p, done, looks) - FUTILE  # noqa: E731
        return float(optimize.brentq(excess, 1e-6, 1 - 1e-6, xtol=1e-6))

    return tuple(limit(done, share) for done, share in enumerate(_shares(looks), start=1))


def conditional_power(p: float, done: int, looks: tuple[int, ...] = LOOKS) -> float:
    """The probability that a later look is significant, if the effect is as estimated.

    Parameters
    ----------
    p : float
        One-sided, of the latest look.
    done : int
        The number of looks so far.
    looks : tuple of int
        As `nominal_levels` takes them.
    """
    shares = _shares(looks)
    share = shares[done - 1]
    score = float(stats.norm.isf(np.clip(p, 1e-15, 1 - 1e-15)))
    bounds = stats.norm.isf(nominal_levels(looks)[done:])
    height = score * np.sqrt(share)
    return sum(crossing(shares[done:], bounds, height / share, (share, height)))


def _verdict(look: Look, level: float) -> str:
    if look.p_for <= level:
        return "supported"
    return "contradicted" if look.p_against <= level else GO_ON


def _shares(looks: Sequence[int]) -> tuple[float, ...]:
    if not looks or looks[0] < 1 or list(looks) != sorted(set(looks)):
        raise ValueError(f"looks must ascend from 1 or more; these are {tuple(looks)}")
    return tuple(look / looks[-1] for look in looks)


def _integral(grid: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Simpson's rule over the last axis; the number of points is odd."""
    step = (grid[-1] - grid[0]) / (len(grid) - 1)
    weights = np.full(len(grid), 2.0)
    weights[1::2], weights[[0, -1]] = 4.0, 1.0
    return values @ weights * step / 3
