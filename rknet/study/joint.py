"""Whether all means of a printed table together fit our runs.

Numbers of a table depend on one another: accuracies and costs of a cell are of the same runs, and
all cells of a dataset and seed share the data, and those of the same shape their initial arrays.
Where networks are about equally good, that is most of what varies: the rank correlation of
validation accuracies over seeds is 0.7 between StandardNet and an RK Net and 0.99 between EulerNet
and RK4Net (donut_2d_6c, squares_3d_4c). On the spiral it is small (median over pairs 0.15). So
numbers are never drawn alone, but whole seeds.

What is printed is one draw of as many seeds as it has repetitions. It is compared with such draws
from our own seeds: how far is their mean from that of our other seeds? If the authors drew other
data for each cell, their numbers depend less on one another than ours; then the test finds less.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from rknet.study.comparison import KEY, as_compared, prediction_error, runs_at_protocol
from rknet.study.frames import one_engine
from rknet.study.publication import Publication

COLUMNS = ["edition", "table", "lift", "printed", "compared", "n", "distance", "usual", "p_value"]

#: A number counts as at most so many standard errors off. On runs as in ``tests/data``, at 5 %,
#: this errs in at most 6 % of cases. Squares without a bound, which one stuck run may decide, err
#: in 10 %.
CAP = 4.0
#: Draws of whole seeds. If there are no more than that, all of them are made.
_DRAWS = 2000


def table_fits(
    published: pd.DataFrame, metrics: pd.DataFrame, publication: Publication
) -> pd.DataFrame:
    """Test each printed table as a whole.

    Parameters
    ----------
    published, metrics, publication
        As `rknet.study.comparison.compare` takes them.

    Returns
    -------
    pandas.DataFrame
        A row a table and lift with the columns `COLUMNS`: how many means are ``printed``, how many
        of them are ``compared``, with ``n`` seeds that all their cells have; their ``distance``
        (see `distances`) and the ``usual`` one, the mean over draws of our own seeds; ``p_value``
        is NaN with fewer than `seeds_needed`.
    """
    runs = runs_at_protocol(metrics, publication)
    rows = []
    means_by_table = printed_means(published, publication).groupby(["edition", "table"])
    for (edition, table), means in means_by_table:
        for lift, of_lift in runs.groupby("lift"):
            numbers, values = whole_seeds(means, of_lift)
            if len(numbers):
                place = {"edition": edition, "table": table, "lift": lift}
                count = {"printed": len(means), "compared": len(numbers), "n": len(values)}
                rows.append({**place, **count, **joint_fit(numbers, values, publication)})
    return pd.DataFrame(rows, columns=COLUMNS)


def printed_means(published: pd.DataFrame, publication: Publication) -> pd.DataFrame:
    """The printed means, with the metric that each is compared as and its ``rounding``."""
    rows = as_compared(published, publication)
    rows = rows[rows["stat"] == "mean"]
    return rows.assign(rounding=rows["metric"].map(dict(publication.rounding)).astype(float))


def whole_seeds(numbers: pd.DataFrame, runs: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The numbers that have runs, and the values of the seeds that all of these have.

    Parameters
    ----------
    numbers : pandas.DataFrame
        As `printed_means` returns them; of one table.
    runs : pandas.DataFrame
        Rows of metrics, of one setting besides the columns `KEY`.

    Returns
    -------
    numbers : pandas.DataFrame
        Those rows of `numbers` whose cell was run.
    values : ndarray, (seeds, numbers)
        A run that diverged has no value, and its seed is left out.
    """
    once = one_engine(runs, [*KEY, "seed"])
    by_seed = once.pivot(index=KEY, columns="seed", values="value")
    found = pd.MultiIndex.from_frame(numbers[KEY]).isin(by_seed.index)
    numbers = numbers[found]
    values = by_seed.reindex(pd.MultiIndex.from_frame(numbers[KEY])).dropna(axis="columns")
    return numbers, values.to_numpy(float).T


def seeds_needed(publication: Publication) -> int:
    """The fewest seeds with which a table can be found not to fit, at the publication's level."""
    m = publication.repetitions
    return next(n for n in range(m + 2, 99) if (1 + comb(n, m)) * (1 - publication.level) >= 1)


def joint_fit(
    numbers: pd.DataFrame, values: np.ndarray, publication: Publication
) -> dict[str, float]:
    """Distance, usual distance and p-value of printed means, given our whole seeds.

    Parameters
    ----------
    numbers, values
        As `whole_seeds` returns them.
    publication : Publication

    Returns
    -------
    dict
        ``distance``, ``usual`` and ``p_value``, as in `table_fits`.
    """
    n, m = len(values), publication.repetitions
    if n < seeds_needed(publication):
        return dict.fromkeys(("distance", "usual", "p_value"), np.nan)
    rounding, printed = (numbers[name].to_numpy() for name in ("rounding", "published"))
    mean, std = values.mean(axis=0), values.std(axis=0)
    # Of all numbers that round to the printed one, the one nearest to ours counts.
    nearest = np.clip(mean, printed - rounding, printed + rounding)
    distance = float(distances(nearest, mean, std, n, m, rounding))
    of_ours = _distances_of_our_seeds(values, m, rounding)
    # What is printed is one more draw. Equal distances may differ by rounding.
    further = np.sum(of_ours >= distance * (1 - 1e-9))
    p = (1 + further) / (1 + len(of_ours))
    return {"distance": distance, "usual": float(of_ours.mean()), "p_value": float(p)}


def distances(
    printed: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
    n: int,
    repetitions: int,
    rounding: np.ndarray,
) -> np.ndarray:
    """The mean distance of numbers from ours, in prediction standard errors, each at most `CAP`.

    Parameters
    ----------
    printed : ndarray, (…, numbers)
        Means of `repetitions` runs.
    mean, std : ndarray, (…, numbers)
        Mean and population standard deviation of `n` other runs. Runs that are all equal still
        differ by what is lost in rounding.
    n, repetitions : int
    rounding : ndarray, (numbers,)
        Half a unit of the last digit printed.

    Returns
    -------
    ndarray, (…)
    """
    error = prediction_error(np.maximum(std, rounding), n, repetitions)
    return np.minimum(np.abs(printed - mean) / error, CAP).mean(axis=-1)


def _distances_of_our_seeds(values: np.ndarray, m: int, rounding: np.ndarray) -> np.ndarray:
    """For each draw of m seeds, the distance of their means from those of the other seeds."""
    n = len(values)
    drawn = np.zeros((len(places := _places(n, m)), n))
    np.put_along_axis(drawn, places, 1.0, axis=1)
    # Sums of the seeds drawn and of the others are enough, which is fast.
    centred = values - values.mean(axis=0)
    sums, squares = drawn @ centred, drawn @ centred**2
    mean = -sums / (n - m)
    variance = (np.sum(centred**2, axis=0) - squares) / (n - m) - mean**2
    return distances(sums / m, mean, np.sqrt(np.maximum(variance, 0)), n - m, m, rounding)


def _places(n: int, m: int) -> np.ndarray:
    """Draws of m of n seeds, a row each: all there are, or `_DRAWS` that are always the same."""
    if comb(n, m) <= _DRAWS:
        return np.array(list(combinations(range(n), m)))
    return np.argsort(np.random.default_rng(0).random((_DRAWS, n)), axis=1)[:, :m]
