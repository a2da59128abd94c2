"""Which settings the printed numbers were made with: how likely each of those tried makes them.

An experiment may have cells of printed tables more than once, with other settings: another lift,
step size or tolerance. For each setting, a printed mean has a density under the runs with it, that
of a mean of fresh runs (Student's t, as for the prediction interval). It is never below that of
runs of a kind that was not seen, spread evenly over what a metric may be: so no number decides
alone.

Numbers of a cell are of the same runs and count as one, by the mean of their log densities. Cells
count as independent: on the spiral they nearly are, and the authors seem to have drawn other data
for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from scipy import stats

from rknet import datasets
from rknet.cell import AXES
from rknet.study.comparison import KEY, UNSEEN, ends_of, prediction_error
from rknet.study.frames import one_engine
from rknet.study.joint import joint_fit, printed_means, whole_seeds
from rknet.study.publication import Publication

#: What tells a printed cell from another.
_CELL = [name for name in KEY if name in AXES]
#: The settings that one may try.
FACTS = [axis for axis in AXES if axis not in (*_CELL, "engine")]

COLUMNS = ["experiment", "setting", "at_protocol", "cells", "numbers", "n", "log_likelihood",
           "difference", "error", "p_value"]  # fmt: skip

#: The error is estimated by leaving out one seed at a time; with fewer it says nothing.
_FEWEST = 4


def likelihoods(
    published: pd.DataFrame, metrics: Mapping[str, pd.DataFrame], publication: Publication
) -> pd.DataFrame:
    """Log-likelihoods of the printed means, for each setting that an experiment tries.

    Parameters
    ----------
    published, publication
        As `rknet.study.comparison.compare` takes them. Numbers are those of the first edition; each
        counts once.
    metrics : mapping of pandas.DataFrame
        By experiment, as `rknet.study.frames.collect` makes it.

    Returns
    -------
    pandas.DataFrame
        A row an experiment and setting, best first, with the columns `COLUMNS`. ``setting`` names
        what the experiment varies; ``at_protocol`` is whether the publication's protocol says so,
        with its first lift. ``n`` seeds and the ``numbers`` of so many ``cells`` are those that all
        settings of the experiment have. ``difference`` is to the best setting, and ``error`` its
        standard error from our seeds (jackknife). ``p_value`` is that of the joint test.
    """
    means = printed_means(published[published["edition"] == _first(publication)], publication)
    means = means.drop_duplicates(KEY)
    found = [_of_experiment(name, runs, means, publication) for name, runs in metrics.items()]
    rows = pd.concat([pd.DataFrame(columns=COLUMNS), *found]) if found else pd.DataFrame()
    return rows.reindex(columns=COLUMNS).reset_index(drop=True)


def _first(publication: Publication) -> str:
    return next(iter(publication.editions), "")


def _of_experiment(
    experiment: str, runs: pd.DataFrame, means: pd.DataFrame, publication: Publication
) -> pd.DataFrame:
    printed = pd.MultiIndex.from_frame(runs[KEY]).isin(pd.MultiIndex.from_frame(means[KEY]))
    varied = [axis for axis in FACTS if runs.loc[printed, axis].nunique() > 1]
    if not varied:
        return pd.DataFrame(columns=COLUMNS)
    tried = {
        values: one_engine(rows, [*KEY, "seed"])
        for values, rows in runs[printed].groupby(varied, sort=False)
    }
    numbers, seeds = _shared(list(tried.values()), means)
    if len(tried) < 2 or numbers.empty or len(seeds) < _FEWEST:
        return pd.DataFrame(columns=COLUMNS)
    values = {
        setting: whole_seeds(numbers, rows[rows["seed"].isin(seeds)])[1]
        for setting, rows in tried.items()
    }
    whole = {setting: log_likelihood(numbers, v, publication) for setting, v in values.items()}
    best = max(whole, key=whole.get)
    less = {
        setting: np.array([log_likelihood(numbers, part, publication) for part in _left_out(v)])
        for setting, v in values.items()
    }
    rows = [
        {
            "experiment": experiment,
            "setting": _in_words(dict(zip(varied, setting, strict=True))),
            "at_protocol": _at_protocol(tried[setting], publication),
            "cells": len(numbers.drop_duplicates(_CELL)),
            "numbers": len(numbers),
            "n": len(seeds),
            "log_likelihood": whole[setting],
            "difference": whole[setting] - whole[best],
            "error": _jackknife(less[setting] - less[best]),
            "p_value": joint_fit(numbers, values[setting], publication)["p_value"],
        }
        for setting in sorted(whole, key=whole.get, reverse=True)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _shared(tried: list[pd.DataFrame], means: pd.DataFrame) -> tuple[pd.DataFrame, set[int]]:
    """The numbers and the seeds that all settings have, without those of diverged runs."""
    numbers, seeds = means, None
    for rows in tried:
        numbers, _ = whole_seeds(numbers, rows)
    wanted = pd.MultiIndex.from_frame(numbers[KEY])
    for rows in tried:
        of_numbers = rows[pd.MultiIndex.from_frame(rows[KEY]).isin(wanted)].dropna(subset="value")
        counts = of_numbers["seed"].value_counts()
        whole = set(counts.index[counts == len(numbers)])
        seeds = whole if seeds is None else seeds & whole
    return numbers, seeds or set()


def log_likelihood(numbers: pd.DataFrame, values: np.ndarray, publication: Publication) -> float:
    """The log-likelihood of printed means under the runs at hand.

    Parameters
    ----------
    numbers : pandas.DataFrame
        As `rknet.study.joint.printed_means` returns them.
    values : ndarray, (seeds, numbers)
    publication : Publication
    """
    n, m = len(values), publication.repetitions
    rounding, printed = (numbers[name].to_numpy() for name in ("rounding", "published"))
    error = prediction_error(np.maximum(values.std(axis=0), rounding), n, m)
    near = stats.t.pdf((printed - values.mean(axis=0)) / error, n - 1) / error
    # One of m runs is of a kind that was not seen as often as in the urn.
    unseen = 1 - (n / (n + UNSEEN)) ** m
    log_density = np.log((1 - unseen) * near + unseen / _ranges(numbers))
    return float(pd.Series(log_density).groupby(_cells(numbers)).mean().sum())


def _ranges(numbers: pd.DataFrame) -> np.ndarray:
    """How far apart learning nothing and learning everything are, by number."""
    ends = [
        ends_of(metric, datasets.named(dataset).about.classes)
        for dataset, metric in zip(numbers["dataset"], numbers["metric"], strict=True)
    ]
    return np.abs(np.diff(ends, axis=1))[:, 0]


def _cells(numbers: pd.DataFrame) -> np.ndarray:
    return numbers.groupby(_CELL, sort=False).ngroup().to_numpy()


def _left_out(values: np.ndarray) -> Iterator[np.ndarray]:
    """The values without one seed each."""
    return (np.delete(values, seed, axis=0) for seed in range(len(values)))


def _jackknife(estimates: np.ndarray) -> float:
    """The standard error of an estimate, from those without one seed each."""
    n = len(estimates)
    return float(np.sqrt((n - 1) * np.mean((estimates - estimates.mean()) ** 2)))


def _at_protocol(runs: pd.DataFrame, publication: Publication) -> bool:
    cells = runs[list(AXES)].drop_duplicates().to_dict("records")
    lift = next(iter(publication.lifts), None)
    return not any(
        any(publication.departing(cell)) or (lift is not None and cell["lift"] != lift)
        for cell in cells
    )


def _in_words(setting: Mapping[str, object]) -> str:
    return ", ".join(f"{axis.replace('_', ' ')} {value}" for axis, value in setting.items())
