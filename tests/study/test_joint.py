"""Tables as a whole: the level and power on runs like the real ones, and the test by hand."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from problems import frame
from scipy import stats

from rknet.show.comparison import markdown
from rknet.show.fits import tables_as_a_whole
from rknet.show.paper import load_paper
from rknet.study import joint
from rknet.study.comparison import KEY
from rknet.study.joint import CAP, distances, joint_fit, seeds_needed, table_fits

PUBLICATION = load_paper().publication
PUBLISHED = pd.read_csv(Path(__file__).parents[2] / "rknet/paper/published.csv")
RUNS = pd.read_csv(Path(__file__).parents[1] / "data/last_epochs.csv")
CELL = ["dataset", "network", "width", "depth", "activation", "lift"]
SIZES = (8, 16, 32, 64)


def pool(query, metric, splits=("training", "validation")):
    """Values of 20 seeds, (seeds, cells, splits), of the cells that a query finds."""
    cells = RUNS.query(query).groupby(CELL)
    names = [f"{split}_{metric}" for split in splits]
    return np.stack([rows.sort_values("seed")[names] for _, rows in cells], axis=1)


SPIRAL = "dataset == 'spiral' and width == 16 and lift == '{}'"
OTHERS = "dataset.str.contains('donut_[23]d_') or dataset.str.contains('squares')"
#: What there is of the printed tables: of Table 4, the columns are splits and metrics.
POOLS = {
    "Table 1": pool(SPIRAL.format("random"), "accuracy"),
    "Table 1, zeros": pool(SPIRAL.format("zeros"), "accuracy"),
    "Table 2": pool(SPIRAL.format("random"), "cost"),
    "Table 4": np.concatenate(
        [pool(OTHERS, metric, ("validation",)) for metric in ("accuracy", "cost")], axis=2
    ),
}


def flat(values):
    return values.reshape(len(values), -1)


def p_value(printed, ours):
    numbers = pd.DataFrame({"published": printed.ravel(), "rounding": 0.0005})
    return joint_fit(numbers, flat(ours), PUBLICATION)["p_value"]


def rejected(theirs, ours, n, trials, together=True, seed=0):
    """How often means of four runs of one pool do not fit n seeds of the other."""
    rng, found = np.random.default_rng(seed), 0
    cells = np.arange(theirs.shape[1])
    for _ in range(trials):
        # A seed of the authors' is one of all cells, or each cell has its own.
        seeds = rng.integers(20, size=(4, 1 if together else len(cells)))
        printed = theirs[seeds, cells].mean(axis=0)
        found += p_value(printed, ours[rng.integers(20, size=n)]) <= 0.05
    return found


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("n", SIZES)
def test_the_level(n, together, monkeypatch):
    """At most a point above the nominal one, measured, and wrong once in 10,000 cases."""
    monkeypatch.setattr(joint, "_DRAWS", 199)  # fewer draws are as valid
    trials = 250
    found = {name: rejected(values, values, n, trials, together) for name, values in POOLS.items()}
    for name, count in found.items():
        assert stats.binomtest(count, trials, 0.06, "greater").pvalue > 1e-4, name
    total = trials * len(found)
    assert stats.binomtest(sum(found.values()), total, 0.06, "greater").pvalue > 1e-4


def test_without_a_bound_one_stuck_run_would_decide(monkeypatch):
    monkeypatch.setattr(joint, "_DRAWS", 199)
    monkeypatch.setattr(joint, "distances", lambda *given: squared(*given))
    values = POOLS["Table 1, zeros"]
    assert rejected(values, values, 16, 250) > 0.08 * 250


def squared(printed, mean, std, n, m, rounding):
    error = np.maximum(std, rounding) * np.sqrt(n / (n - 1)) * np.sqrt(1 / n + 1 / m)
    return (((printed - mean) / error) ** 2).mean(axis=-1)


@pytest.mark.parametrize(("n", "least"), [(4, 0), (8, 0.2), (16, 0.6), (32, 0.8)])
def test_the_power(n, least, monkeypatch):
    """Means that are all off by a standard deviation of single runs."""
    monkeypatch.setattr(joint, "_DRAWS", 199)
    for values in POOLS.values():
        found = rejected(values + values.std(axis=0), values, n, 60)
        assert found >= least * 60
        assert n > 4 or found == 0


def test_how_cells_of_a_seed_depend():
    """As the module says: on the spiral little, where networks do equally well a lot."""
    cell = ["dataset", "network", "depth", "lift"]
    of_shape = RUNS.query("width == 16")
    values = of_shape.pivot(index="seed", columns=cell, values="validation_accuracy")
    ranks = values.rank().corr()
    spiral = ranks.loc[["spiral"], ["spiral"]].to_numpy()
    assert np.median(spiral[np.triu_indices(len(spiral), 1)]) == pytest.approx(0.15, abs=0.005)
    for name in ("donut_2d_6c", "squares_3d_4c"):
        plain, euler, rk4 = (
            (name, network, depth, "random")
            for network, depth in (("StandardNet", 5), ("EulerNet", 100), ("RK4Net", 100))
        )
        assert ranks.loc[plain, [euler, rk4]].to_numpy() == pytest.approx(0.7, abs=0.05)
        assert ranks.loc[euler, rk4] == pytest.approx(0.99, abs=0.01)


def test_the_test_by_hand():
    """All draws one by one, with the definition's own words."""
    rng = np.random.default_rng(4)
    ours, printed = rng.normal(90, 2, (8, 3)), np.array([91.0, 93.0, 88.5])
    ours[0, 0] = 50  # stuck

    def off(means, others):
        z = np.abs(means - others.mean(0)) / (
            others.std(0, ddof=1) * np.sqrt(1 / 4 + 1 / len(others))
        )
        return np.mean([min(each, 4.0) for each in z])

    draws = [set(places) for places in combinations(range(8), 4)]
    of_ours = [
        off(ours[list(draw)].mean(0), ours[[k for k in range(8) if k not in draw]])
        for draw in draws
    ]
    distance = off(printed, ours)
    found = joint_fit(pd.DataFrame({"published": printed, "rounding": 0.0}), ours, PUBLICATION)
    assert found["distance"] == pytest.approx(distance)
    assert found["usual"] == pytest.approx(np.mean(of_ours))
    assert found["p_value"] == (1 + sum(each >= distance for each in of_ours)) / 71


def test_rounding_and_runs_that_agree():
    same = np.full((8, 2), 90.0)
    numbers = pd.DataFrame({"published": [90.004, 90.0], "rounding": 0.005})
    assert joint_fit(numbers, same, PUBLICATION)["distance"] == 0
    assert joint_fit(numbers, same, PUBLICATION)["p_value"] == 1
    # Runs without any spread are as far from another number as counts.
    far = numbers.assign(published=[95.0, 90.0])
    assert joint_fit(far, same, PUBLICATION)["distance"] == CAP / 2
    assert joint_fit(far, same, PUBLICATION)["p_value"] == pytest.approx(1 / 71)


def test_a_distance_is_at_most_the_cap():
    z = distances(np.array([50.0, 92.0]), np.full(2, 90.0), np.ones(2), 8, 4, np.full(2, 0.005))
    error = np.sqrt(8 / 7) * np.sqrt(1 / 8 + 1 / 4)
    assert z == pytest.approx((CAP + 2 / error) / 2)


def test_the_seeds_needed():
    assert seeds_needed(PUBLICATION) == 7  # C(7, 4) = 35, of which one is 2.8 %; C(6, 4) = 15


def runs(seeds=8, lift="random", off=0.0):
    """Runs of Table 1's cells around the published numbers."""
    cells = PUBLISHED.query("edition == 'journal' and table == 1")
    spread = np.random.default_rng(0).normal(0, 1, (len(cells), seeds))
    return pd.concat(
        frame({"value": row["value"] + off + each}, **{axis: row[axis] for axis in KEY}, lift=lift)
        for row, each in zip(cells.to_dict("records"), spread, strict=True)
    )


def test_each_table_and_lift_has_its_test():
    metrics = pd.concat([runs(), runs(lift="zeros", off=6.0)])
    found = table_fits(PUBLISHED, metrics, PUBLICATION).set_index(["edition", "table", "lift"])
    assert list(found.index) == [
        (edition, 1, lift) for edition in ("journal", "preprint") for lift in ("random", "zeros")
    ]
    assert (found[["printed", "compared", "n"]] == [28, 28, 8]).all(axis=None)
    assert found.loc[("journal", 1, "random"), "p_value"] > 0.05
    assert found.loc[("journal", 1, "zeros"), "p_value"] == pytest.approx(1 / 71)


def test_only_whole_seeds_and_the_papers_protocol_count():
    metrics = runs(seeds=9)
    cell = (metrics["network"] == "RK4Net") & (metrics["depth"] == 3)
    diverged, missing = cell & (metrics["seed"] == 0), cell & (metrics["seed"] == 5)
    metrics.loc[diverged, "value"] = np.nan
    other = runs().assign(step_size=0.1)
    found = table_fits(PUBLISHED, pd.concat([metrics[~missing], other]), PUBLICATION)
    assert (found["n"] == 7).all()
    without = table_fits(PUBLISHED, metrics[~cell], PUBLICATION)
    assert (without[["printed", "compared", "n"]] == [28, 26, 9]).all(axis=None)


def test_few_seeds_are_told_how_many_are_needed():
    fits = table_fits(PUBLISHED, runs(seeds=6), PUBLICATION)
    assert fits[["distance", "usual", "p_value"]].isna().all(axis=None)
    text = markdown(tables_as_a_whole(fits, PUBLICATION))
    assert "## Tables as a whole" in text
    assert "needs 7 seeds" in text
    assert "nan" not in text
    assert tables_as_a_whole(table_fits(PUBLISHED, runs().assign(epochs=3), PUBLICATION),
                             PUBLICATION) == []  # fmt: skip


def test_the_p_value_is_shown():
    text = markdown(tables_as_a_whole(table_fits(PUBLISHED, runs(), PUBLICATION), PUBLICATION))
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| journal")]
    ((_, table, lift, means, seeds, distance, usual, p),) = rows
    assert [word.strip() for word in (table, lift, means, seeds)] == ["1", "random", "28", "8"]
    assert all(0 < float(word) < CAP for word in (distance, usual, p))
