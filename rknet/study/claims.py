"""A claim of the paper, its parts, and the runs that decide them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from rknet.cell import AXES
from rknet.study.frames import one_engine
from rknet.study.publication import Publication
from rknet.study.statistics import VERDICTS, Test, TooFewRuns


@dataclass(frozen=True)
class Results:
    """The results that decide claims.

    Attributes
    ----------
    metrics, curves : dict of pandas.DataFrame
        By experiment, as `rknet.study.frames` collects them; experiments that were not run are
        missing.
    features : pandas.DataFrame or None
        As `rknet.study.features.measure` makes it.
    checks : pandas.DataFrame or None
        As the paper's module of checks computes it, which needs no run.
    publication : Publication or None
        If runs depart from its protocol, the verdict says so.
    """

    metrics: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    features: pd.DataFrame | None = None
    checks: pd.DataFrame | None = None
    publication: Publication | None = None


class Runs:
    """The runs with one lift; it remembers which of them were used.

    A claim names the axes that it is about. On every other axis, the experiment must have a single
    value. If several engines have trained a cell, one of them counts.

    Parameters
    ----------
    results : Results
    lift : str
    """

    def __init__(self, results: Results, lift: str) -> None:
        self.results, self.lift = results, lift
        self._seen: dict[str, dict[tuple, bool]] = {}
        self._departing: dict[str, dict[str, None]] = {}

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
            Axes of the cell; the experiment decides those left out.

        Raises
        ------
        TooFewRuns
            If there is no such run, or if the experiment varies an axis that is left out; the
            message names it.
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
        """The values of an axis among the cells that have runs, in ascending order."""
        rows = self._cells(self.results.metrics, experiment, cell, besides=axis)
        return sorted(rows[axis].unique())

    def __str__(self) -> str:
        """The experiments and numbers of the runs used; ``none`` for a pure computation."""
        texts = []
        for experiment, runs in self._seen.items():
            diverged = sum(runs.values())
            also = f", {diverged} of them diverged" if diverged else ""
            departing = ", ".join(self._departing.get(experiment, ()))
            also += f", not at the paper's protocol ({departing})" if departing else ""
            texts.append(f"{experiment}: {len(runs)} run{'s' * (len(runs) > 1)}{also}")
        return "; ".join(texts) or "none"

    @classmethod
    def joined(cls, several: Iterable[Runs]) -> Runs:
        """One object that remembers the runs of several."""
        several = list(several)
        joined = cls(several[0].results, several[0].lift)
        for runs in several:
            for experiment, seen in runs._seen.items():
                joined._seen.setdefault(experiment, {}).update(seen)
            for experiment, departing in runs._departing.items():
                joined._departing.setdefault(experiment, {}).update(departing)
        return joined

    def _cells(
        self,
        frames: Mapping[str, pd.DataFrame],
        experiment: str,
        cell: Mapping[str, object],
        besides: str = "",
        **observation: str,
    ) -> pd.DataFrame:
        """The rows of the wanted cell, or of the cells that vary only in the axis `besides`."""
        if experiment not in frames:
            raise TooFewRuns(f"no results of the experiment {experiment}")
        frame = frames[experiment]
        wanted = {"lift": self.lift, **cell, **observation}
        rows = frame[np.all([frame[column] == value for column, value in wanted.items()], axis=0)]
        asked = ", ".join(f"{axis} {value}" for axis, value in cell.items())
        if rows.empty:
            raise TooFewRuns(f"no run in {experiment} of {asked}, lift {self.lift}")
        left_out = [axis for axis in AXES if axis not in (*wanted, besides, "engine")]
        varied = [axis for axis in left_out if rows[axis].nunique() > 1]
        if varied:
            raise TooFewRuns(
                f"{experiment} also varies {', '.join(varied)} of {asked}, which the claim does "
                "not name: give those cells an experiment of their own"
            )
        return rows

    def _rows(
        self,
        frames: Mapping[str, pd.DataFrame],
        experiment: str,
        cell: Mapping[str, object],
        **observation: str,
    ) -> pd.DataFrame:
        rows = self._cells(frames, experiment, cell, **observation)
        run = [axis for axis in (*AXES, "seed") if axis != "engine"]
        position = [column for column in ("epoch", "layer") if column in rows]
        rows = one_engine(rows, [*run, *position])
        self._remember(experiment, rows[[*run, "status"]], cell)
        rows = rows[rows["status"] != "diverged"]
        if rows.empty:
            asked = ", ".join(f"{axis} {value}" for axis, value in cell.items())
            raise TooFewRuns(f"every run in {experiment} of {asked} diverged")
        return rows

    def _remember(self, experiment: str, rows: pd.DataFrame, named: Mapping[str, object]) -> None:
        """Note which runs are used, and where they depart from the paper's protocol."""
        runs = rows.drop_duplicates()
        seen = self._seen.setdefault(experiment, {})
        for *key, status in runs.itertuples(index=False):
            seen[tuple(key)] = status == "diverged"
        if self.results.publication is None:
            return
        # With an optimiser goes its rate.
        meant = {*named, *(["learning_rate"] if "optimiser" in named else [])}
        for cell in runs.drop(columns=["seed", "status"]).drop_duplicates().to_dict("records"):
            found = dict.fromkeys(self.results.publication.departing(cell, meant))
            self._departing.setdefault(experiment, {}).update(found)


@dataclass(frozen=True)
class Part:
    """One testable part of a claim: a quantity, and the test of it."""

    quantity: str
    test: Callable[[Runs], Test]


@dataclass(frozen=True)
class Claim:
    """A claim of the paper, which can be checked.

    Attributes
    ----------
    id : str
        Has no dot: the id of a part is the claim's id, a dot and a number.
    section : str
        The section of the paper that makes it.
    statement : str
        The text of the claim.
    experiment : str
        The experiment with the runs that decide it, once for each lift; empty if no run does.
    parts : tuple of Part
        The claim holds if all its parts hold.
    """

    id: str
    section: str
    statement: str
    experiment: str
    parts: tuple[Part, ...]

    def lifts(self, results: Results) -> list[str]:
        """The lifts for which it can be decided."""
        if self.experiment not in results.metrics:
            return ["–"]
        found = set(results.metrics[self.experiment]["lift"])
        return sorted(found) or ["–"]


def pairs(first: pd.Series, second: pd.Series) -> pd.Series:
    """The differences first − second, for the seeds that both have."""
    return (first - second).dropna()


def pooled(differences: list[pd.Series]) -> pd.Series:
    """The differences of several cells, as one sample.

    Raises
    ------
    TooFewRuns
        If all come from one seed: that is one repetition, however many cells there are.
    """
    sample = pd.concat(differences)
    if sample.index.nunique() < 2:
        raise TooFewRuns(f"pairs need two seeds at least; there is {sample.index.nunique()}")
    return sample.reset_index(drop=True)


def whole_claims(verdicts: pd.DataFrame) -> pd.DataFrame:
    """The verdicts on whole claims, without those on parts (their ids have a dot)."""
    return verdicts[~verdicts["id"].str.contains(".", regex=False)]


def count_claims(
    verdicts: pd.DataFrame, asked_again: Mapping[str, str]
) -> tuple[int, pd.DataFrame]:
    """Count the claims that are tested, and the verdicts of each kind.

    Parameters
    ----------
    verdicts : pandas.DataFrame
        Columns ``id``, ``lift`` and ``verdict``, as `rknet.study.evaluation.evaluate` makes them.
    asked_again : mapping
        As `rknet.study.publication.Publication` has it: these are not counted as claims.

    Returns
    -------
    int
    pandas.DataFrame
        A row for each lift, and a column for each verdict that occurs.
    """
    whole = whole_claims(verdicts)
    claims = whole["id"].replace(dict(asked_again)).nunique()
    table = whole.groupby(["lift", "verdict"]).size().unstack(fill_value=0)
    found = [verdict for verdict in VERDICTS if verdict in table]
    return claims, table[found].rename_axis(columns=None)
