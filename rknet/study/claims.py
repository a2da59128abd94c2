"""A claim of the paper, its parts, and the runs that are looked at to decide them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from rknet.cell import AXES, Cell
from rknet.engines.base import ENGINES
from rknet.optimisers.base import OPTIMISERS
from rknet.study.statistics import Test, TooFewRuns

#: Where experiments depart from the protocol (Section 4).
DEPARTURES = {
    "width": {"epochs": 80},
    "activation": {"epochs": 60},
    "images": {"tolerance": 0.1},
    "digits": {"epochs": 20, "tolerance": 0.1},
}


@dataclass(frozen=True)
class Results:
    """All that claims are decided by.

    Attributes
    ----------
    metrics, curves : dict of pandas.DataFrame
        By experiment, as `rknet.study.frames` collects them; what has not been run is missing.
    features : pandas.DataFrame or None
        As `rknet.study.features.measure` makes it.
    schemes : pandas.DataFrame or None
        As `rknet.paper.section3.check_schemes` makes it.
    """

    metrics: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    features: pd.DataFrame | None = None
    schemes: pd.DataFrame | None = None


class Runs:
    """The runs with one lift, and a memory of those that have been looked at.

    Runs that depart from the paper's protocol are not seen, and of a cell trained by several
    engines one is.

    Parameters
    ----------
    results : Results
    lift : str
    """

    def __init__(self, results: Results, lift: str) -> None:
        self.results, self.lift = results, lift
        self._seen: dict[str, dict[tuple, bool]] = {}

    def last(
        self,
        experiment: str,
        metric: str = "accuracy_percent",
        split: str = "validation",
        **cell: object,
    ) -> pd.Series:
        """The last epoch's value by seed, of the runs of one cell that did not diverge.

        Parameters
        ----------
        experiment, metric, split : str
        **cell : object
            Axes of the cell; those left out are as in the paper.

        Raises
        ------
        TooFewRuns
            If there is no such run.
        """
        rows = self._rows(self.results.metrics, experiment, cell, metric=metric, split=split)
        return rows.set_index("seed")["value"].rename(None)

    def curve(
        self,
        experiment: str,
        metric: str = "accuracy_percent",
        split: str = "validation",
        **cell: object,
    ) -> pd.DataFrame:
        """Values by seed (rows) and epoch (columns), as `last`; empty once a run has stopped."""
        rows = self._rows(self.results.curves, experiment, cell, metric=metric, split=split)
        return rows.pivot(index="seed", columns="epoch", values="value")

    def features(self, experiment: str, measure: str, **cell: object) -> pd.DataFrame:
        """A measure of the features by seed (rows) and layer (columns), as `last`."""
        frames = {} if self.results.features is None else {experiment: self.results.features}
        rows = self._rows(frames, experiment, cell)
        return rows.pivot(index="seed", columns="layer", values=measure)

    def found(self, experiment: str, axis: str, **cell: object) -> list:
        """The values of an axis among the cells that have runs, in rising order."""
        rows = self._cells(self.results.metrics, experiment, cell, besides=axis)
        return sorted(rows[axis].unique())

    def __str__(self) -> str:
        """The experiments and numbers of the runs looked at; ``none`` of a pure computation."""
        texts = []
        for experiment, runs in self._seen.items():
            diverged = sum(runs.values())
            also = f", {diverged} of them diverged" if diverged else ""
            texts.append(f"{experiment}: {len(runs)} run{'s' * (len(runs) > 1)}{also}")
        return "; ".join(texts) or "none"

    @classmethod
    def joined(cls, several: Iterable[Runs]) -> Runs:
        """The memories of several as one."""
        several = list(several)
        joined = cls(several[0].results, several[0].lift)
        for runs in several:
            for experiment, seen in runs._seen.items():
                joined._seen.setdefault(experiment, {}).update(seen)
        return joined

    def _cells(
        self,
        frames: Mapping[str, pd.DataFrame],
        experiment: str,
        cell: Mapping[str, object],
        besides: str = "",
        **observation: str,
    ) -> pd.DataFrame:
        """Rows of the wanted cell, or of the cells that vary only in the axis `besides`."""
        if experiment not in frames:
            raise TooFewRuns(f"no results of the experiment {experiment}")
        usual = Cell("", "", 1, 1, lift=self.lift, **DEPARTURES.get(experiment, {}))
        paper = {axis: getattr(usual, axis) for axis in AXES[4:] if axis != "engine"}
        optimiser = str(cell.get("optimiser", usual.optimiser))
        rate = OPTIMISERS[optimiser].default_learning_rate
        wanted = {**paper, "learning_rate": rate, **cell}
        wanted.pop(besides, None)
        frame = frames[experiment]
        wanted.update(observation)
        rows = frame[np.all([frame[column] == value for column, value in wanted.items()], axis=0)]
        if rows.empty:
            asked = ", ".join(f"{axis} {value}" for axis, value in cell.items())
            raise TooFewRuns(f"no run in {experiment} of {asked}, lift {self.lift}")
        return rows

    def _rows(
        self,
        frames: Mapping[str, pd.DataFrame],
        experiment: str,
        cell: Mapping[str, object],
        **observation: str,
    ) -> pd.DataFrame:
        rows = self._cells(frames, experiment, cell, **observation)
        rows = rows.sort_values("engine", key=lambda e: e.map(_preference), kind="stable")
        run = [axis for axis in (*AXES, "seed") if axis != "engine"]
        position = [column for column in ("epoch", "layer") if column in rows]
        rows = rows.drop_duplicates([*run, *position])
        diverged = rows["status"] == "diverged"
        for key, gone in zip(rows[run].itertuples(index=False), diverged, strict=True):
            self._seen.setdefault(experiment, {})[tuple(key)] = gone
        rows = rows[~diverged]
        if rows.empty:
            asked = ", ".join(f"{axis} {value}" for axis, value in cell.items())
            raise TooFewRuns(f"every run in {experiment} of {asked} diverged")
        return rows


@dataclass(frozen=True)
class Part:
    """One testable part of a statement: what is looked at, and the test of it."""

    quantity: str
    test: Callable[[Runs], Test]


@dataclass(frozen=True)
class Claim:
    """A statement of the paper.

    Attributes
    ----------
    id : str
    section : str
        Where the paper makes it.
    statement : str
    experiment : str
        Whose runs decide it, once for every lift they have; empty if no run does.
    parts : tuple of Part
        The statement holds if all of them do.
    """

    id: str
    section: str
    statement: str
    experiment: str
    parts: tuple[Part, ...]

    def lifts(self, results: Results) -> list[str]:
        """The lifts it can be decided for."""
        if self.experiment not in results.metrics:
            return ["–"]
        found = set(results.metrics[self.experiment]["lift"])
        return [lift for lift in ("random", "zeros") if lift in found] or ["–"]


def pairs(first: pd.Series, second: pd.Series) -> pd.Series:
    """The differences first − second of the seeds that both have."""
    return (first - second).dropna()


def pooled(differences: list[pd.Series]) -> pd.Series:
    """Differences of several cells as one sample.

    Raises
    ------
    TooFewRuns
        If they all come from one seed: one repetition, however many cells.
    """
    sample = pd.concat(differences)
    if sample.index.nunique() < 2:
        raise TooFewRuns(f"pairs need two seeds at least; there is {sample.index.nunique()}")
    return sample.reset_index(drop=True)


def _preference(engine: str) -> int:
    return ENGINES[engine].preference
