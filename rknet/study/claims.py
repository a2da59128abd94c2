"""A claim of the paper, its parts, and the runs that decide them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from rknet.cell import AXES, Cell
from rknet.study.frames import are_archived, one_engine
from rknet.study.likeness import PAIRED
from rknet.study.publication import Publication
from rknet.study.statistics import NOT_RUN, VERDICTS, NotRun, Test, TooFewRuns

#: How the text on a verdict's runs says which are from the archive.
FROM_ARCHIVE = "from the archive"

#: The columns that tell a run from another. Of several engines, one counts.
_RUN = [axis for axis in (*AXES, "seed") if axis != "engine"]
#: The columns that tell values of a run from one another.
_PLACE = ("split", "metric", "epoch", "layer")


@dataclass(frozen=True)
class Results:
    """The results that decide claims.

    Attributes
    ----------
    metrics, curves : dict of pandas.DataFrame
        By experiment, as `rknet.study.frames` collects them; experiments that were not run are
        missing.
    features, pairs : dict of pandas.DataFrame
        By experiment, as `rknet.study.measuring.measure` makes them.
    checks : pandas.DataFrame or None
        As the paper's module of checks computes it, which needs no run.
    publication : Publication or None
        If runs depart from its protocol, the verdict says so.
    published : pandas.DataFrame or None
        Every number that the paper prints: readings are applied to them, too.
    """

    metrics: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    features: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    pairs: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    checks: pd.DataFrame | None = None
    publication: Publication | None = None
    published: pd.DataFrame | None = None
    _found: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` returns, made once for each key: many claims ask for the same runs."""
        if key not in self._found:
            self._found[key] = make()
        return self._found[key]

    def indexed(self, frame: pd.DataFrame) -> _Indexed:
        """A frame of results, read once."""
        return self.once(("frame", id(frame)), lambda: _Indexed(frame))

    def archived(self, experiment: str) -> set[tuple]:
        """The runs of an experiment that are from the archive."""
        frame = self.metrics.get(experiment)
        return set() if frame is None else self.indexed(frame).archived


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
        #: By experiment, the cells that were used.
        self.cells: dict[str, dict[Cell, None]] = {}
        self._seen: dict[str, dict[tuple, bool]] = {}
        self._departing: dict[str, dict[str, None]] = {}
        self._measured: dict[Callable[[Runs], Any], Any] = {}

    def measured(self, measure: Callable[[Runs], Any]) -> Any:
        """What a measure makes of the runs, once: other readings of a part ask again."""
        if measure not in self._measured:
            self._measured[measure] = measure(self)
        return self._measured[measure]

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
        NotRun
            If there is no such run.
        TooFewRuns
            If all diverged, or if the experiment varies an axis that is left out; the message names
            it.
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
        rows = self._rows(self.results.features, experiment, cell)
        return rows.pivot(index="seed", columns="layer", values=measure)

    def between(
        self,
        experiment: str,
        measure: str,
        first: Mapping[str, object],
        second: Mapping[str, object],
        **cell: object,
    ) -> pd.Series:
        """How alike networks of two cells are, by the first's seed; each seed occurs once.

        Parameters
        ----------
        experiment, measure : str
        first, second : mapping
            Axes of either cell, in which they differ.
        **cell : object
            Axes of both.

        Raises
        ------
        NotRun, TooFewRuns
            As `last` does.
        """
        known = self.results.pairs.get(experiment)
        if known is not None and known.empty:
            raise TooFewRuns("pairs of repetitions need two seeds")
        other = {f"other_{axis}": value for axis, value in {**cell, **second}.items()
                 if axis in PAIRED}  # fmt: skip
        rows = self._rows(self.results.pairs, experiment, {**cell, **first}, **other)
        if rows["seed"].duplicated().any():
            raise TooFewRuns(
                f"{experiment} varies an axis of {second} that the claim does not name"
            )
        others = rows.assign(**{axis: rows[f"other_{axis}"] for axis in (*PAIRED, "seed")})
        seen = others[_RUN].itertuples(index=False, name=None)
        self._seen[experiment].update(dict.fromkeys(seen, False))
        self.cells[experiment][Cell.of(others.iloc[0])] = None
        return rows.set_index("seed")[measure].dropna().rename(None)

    def apart(self, first: pd.Series, second: pd.Series) -> pd.Series:
        """The differences first − second of different seeds, each used once.

        Networks of the same width and depth start a seed from the same arrays: for a statement that
        they are alike, that would be half of the answer.
        """
        common = first.index.intersection(second.index)
        return disjoint(first[common])[0] - disjoint(second[common])[1]

    def __str__(self) -> str:
        """The experiments and numbers of the runs used; ``none`` for a pure computation."""
        texts = []
        for experiment, runs in self._seen.items():
            diverged = sum(runs.values())
            also = f", {diverged} of them diverged" if diverged else ""
            taken = len(runs.keys() & self.results.archived(experiment))
            share = f"{taken} of them " if taken < len(runs) else ""
            also += f", {share}{FROM_ARCHIVE}" if taken else ""
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

    def _rows(
        self,
        frames: Mapping[str, pd.DataFrame],
        experiment: str,
        cell: Mapping[str, object],
        **observation: object,
    ) -> pd.DataFrame:
        """The rows of the wanted cell's runs that did not diverge."""
        if experiment not in frames:
            raise NotRun(f"no results of the experiment {experiment}")
        frame = frames[experiment]
        rows, runs = self.results.indexed(frame).of({"lift": self.lift, **cell, **observation})
        asked = ", ".join(f"{axis} {value}" for axis, value in cell.items())
        if not runs:
            raise NotRun(f"no run in {experiment} of {asked}, lift {self.lift}")
        found = [dict(zip(_RUN, run, strict=True)) for run in runs]
        left_out = [axis for axis in AXES if axis not in ("lift", *cell, "engine")]
        varied = [axis for axis in left_out if len({run[axis] for run in found}) > 1]
        if varied:
            raise TooFewRuns(
                f"{experiment} also varies {', '.join(varied)} of {asked}, which the claim does "
                "not name: give those cells an experiment of their own"
            )
        self._seen.setdefault(experiment, {}).update(runs)
        # All these runs are of one cell.
        self.cells.setdefault(experiment, {})[Cell.of(rows.iloc[0])] = None
        if self.results.publication is not None:
            # With an optimiser goes its rate.
            meant = {*cell, *(["learning_rate"] if "optimiser" in cell else [])}
            departing = dict.fromkeys(self.results.publication.departing(found[0], meant))
            self._departing.setdefault(experiment, {}).update(departing)
        rows = rows[rows["status"] != "diverged"]
        if rows.empty:
            raise TooFewRuns(f"every run in {experiment} of {asked} diverged")
        return rows


class _Indexed:
    """A frame of results, read once: its runs, and where the rows of each cell are."""

    def __init__(self, frame: pd.DataFrame) -> None:
        place = [name for name in frame if name in _PLACE or name.startswith("other_")]
        several = frame["engine"].nunique() > 1
        self._frame = one_engine(frame, [*_RUN, *place]) if several else frame
        numbers = self._frame.groupby([*_RUN, "status"], sort=False, dropna=False).ngroup()
        self._runs = numbers.to_numpy()
        once = ~numbers.duplicated().to_numpy()
        first = self._frame.loc[once, [*_RUN, "status"]]
        self._known = [(tuple(run), status == "diverged")
                       for *run, status in first.itertuples(index=False)]  # fmt: skip
        taken = are_archived(self._frame).to_numpy()[once]
        #: The runs that are from the archive.
        self.archived = {run for (run, _), is_taken in zip(self._known, taken, strict=True)
                         if is_taken}  # fmt: skip
        self._places: dict[tuple[str, ...], dict[tuple, np.ndarray]] = {}

    def of(self, wanted: Mapping[str, object]) -> tuple[pd.DataFrame, dict[tuple, bool]]:
        """The rows with these values, and their runs, each with whether it diverged."""
        columns = tuple(wanted)
        if columns not in self._places:
            self._places[columns] = self._frame.groupby(list(columns)).indices
        places = self._places[columns].get(tuple(wanted.values()), np.array([], int))
        runs = dict(self._known[number] for number in np.unique(self._runs[places]))
        return self._frame.iloc[places], runs


class Printed(Runs):
    """What one edition prints in place of runs: a cell has a single value, the printed mean.

    Measures of one value a repetition are applied to it as they are.
    """

    def __init__(self, published: pd.DataFrame, edition: str) -> None:
        super().__init__(Results(), "")
        chosen = (published["edition"] == edition) & (published["stat"] == "mean")
        self._numbers, self._edition = published[chosen], edition

    def last(
        self,
        experiment: str,  # noqa: ARG002 - a printed cell is found by its axes
        metric: str = "accuracy_percent",
        split: str = "validation",
        **cell: object,
    ) -> pd.Series:
        """The printed mean of a cell, whose seed is the edition."""
        wanted = {"metric": metric, "split": split, **cell}
        if not set(wanted) <= set(self._numbers):
            raise NotRun("not printed")
        numbers = self._numbers
        for column, value in wanted.items():
            numbers = numbers[numbers[column] == value]
        # Some numbers are printed in two tables.
        if numbers["value"].nunique() != 1:
            raise NotRun("not printed")
        return pd.Series([numbers["value"].iloc[0]], index=[self._edition])

    def curve(self, *_: object, **__: object) -> pd.DataFrame:
        """No edition prints a curve."""
        raise NotRun("not printed")

    features = curve
    between = curve

    def apart(self, first: pd.Series, second: pd.Series) -> pd.Series:
        """The difference of two printed means."""
        return first - second


@dataclass(frozen=True)
class Part:
    """One testable part of a claim: a quantity, and the test of it.

    Attributes
    ----------
    quantity : str
    test : callable
        Of the runs.
    printed : callable
        Whether the paper's own numbers meet the same reading, in words; of an edition's numbers.
    why : str
        Why it is read so.
    variants : mapping
        By name, tests of other readings that one might prefer: whoever sees a verdict wants to know
        whether it hangs on the choice.
    """

    quantity: str
    test: Callable[[Runs], Test]
    printed: Callable[[Runs], str] | None = None
    why: str = ""
    variants: Mapping[str, Callable[[Runs], Test]] = field(default_factory=dict)


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


def disjoint(values: pd.Series) -> pd.DataFrame:
    """The values of a seed and of the next, two to a row; every seed occurs once.

    Differences of repetitions, and of networks that must not share a seed, are independent from row
    to row.

    Raises
    ------
    TooFewRuns
        If there are fewer than two seeds.
    """
    ordered = values.sort_index()
    count = len(ordered) // 2
    if count == 0:
        raise TooFewRuns(f"pairs of repetitions need two seeds; there is {len(ordered)}")
    return pd.DataFrame(
        ordered.to_numpy()[: 2 * count].reshape(count, 2), ordered.index[: 2 * count : 2]
    )


def whole_claims(verdicts: pd.DataFrame) -> pd.DataFrame:
    """The verdicts on whole claims, without those on parts (their ids have a dot)."""
    return verdicts[~verdicts["id"].str.contains(".", regex=False)]


def rest_on_archive(verdicts: pd.DataFrame) -> pd.Series:
    """Which verdicts rest on runs from the archive."""
    run = verdicts["verdict"] != NOT_RUN
    return run & verdicts["runs"].fillna("").str.contains(FROM_ARCHIVE, regex=False)


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
    tested = whole[whole["verdict"] != NOT_RUN]
    claims = tested["id"].replace(dict(asked_again)).nunique()
    table = whole.groupby(["lift", "verdict"]).size().unstack(fill_value=0)
    found = [verdict for verdict in VERDICTS if verdict in table]
    return claims, table[found].rename_axis(columns=None)
