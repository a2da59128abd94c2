"""Likelihoods of settings: by hand, on runs of a known setting, and their error."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from problems import frame
from scipy import stats

from rknet.show.comparison import markdown
from rknet.show.fits import settings_tried
from rknet.show.paper import load_paper
from rknet.study.comparison import KEY, UNSEEN
from rknet.study.config import load
from rknet.study.likelihoods import COLUMNS, likelihoods, log_likelihood

PUBLICATION = load_paper().publication
ROOT = Path(__file__).parents[2]
PUBLISHED = pd.read_csv(ROOT / "rknet/paper/published.csv")
RUNS = pd.read_csv(Path(__file__).parents[1] / "data/last_epochs.csv")
#: The cells of the spiral that there are with both lifts.
CELLS = [("StandardNet", 5), ("StandardNet", 10), ("StandardNet", 20), ("RK4Net", 5),
         ("RK4Net", 10)]  # fmt: skip
NUMBERS = pd.DataFrame(
    [
        {"dataset": "spiral", "network": network, "width": 16, "depth": depth,
         "activation": "tanh", "split": split, "metric": "accuracy_percent", "rounding": 0.005}
        for network, depth in CELLS
        for split in ("training", "validation")
    ]
)  # fmt: skip


@cache
def pool(lift):
    """Values of 20 seeds, (seeds, numbers)."""
    columns = []
    for row in NUMBERS.to_dict("records"):
        wanted = [row[name] for name in ("dataset", "network", "width", "depth", "activation")]
        cell = (RUNS[["dataset", "network", "width", "depth", "activation"]] == wanted).all(axis=1)
        of_lift = RUNS[cell & (RUNS["lift"] == lift)].sort_values("seed")
        columns.append(of_lift[f"{row['split']}_accuracy"].to_numpy())
    return np.stack(columns, axis=1)


def fit(printed, values):
    return log_likelihood(NUMBERS.assign(published=printed), values, PUBLICATION)


def test_by_hand():
    """Two numbers of a cell, and one of another; spread over 50 % accuracy, on two classes."""
    values = np.array([[90.0, 92, 80], [91, 91, 84], [95, 94, 82], [92, 95, 86], [97, 93, 83]])
    numbers = NUMBERS.iloc[:3].assign(published=[92.0, 94.0, 70.0])
    error = values.std(axis=0, ddof=1) * np.sqrt(1 / 5 + 1 / 4)
    t = (numbers["published"].to_numpy() - values.mean(axis=0)) / error
    # The chance that one of four runs was not seen: 1 − (5/5.25)⁴.
    unseen = 1 - (5 / (5 + UNSEEN)) ** 4
    log = np.log((1 - unseen) * stats.t(4).pdf(t) / error + unseen / 50)
    found = log_likelihood(numbers, values, PUBLICATION)
    assert found == pytest.approx((log[0] + log[1]) / 2 + log[2])


def test_no_number_decides_alone():
    values = pool("random")[:8]
    mean = values.mean(axis=0)
    off = mean.copy()
    off[0] = -1e6
    assert np.isfinite(fit(off, values))
    # The mean log density of a cell's two numbers falls by half of one of them.
    unseen = 1 - (8 / 8.25) ** 4
    error = values[:, 0].std(ddof=1) * np.sqrt(1 / 8 + 1 / 4)
    at_best = np.log((1 - unseen) * stats.t(7).pdf(0) / error + unseen / 50)
    assert fit(mean, values) - fit(off, values) == pytest.approx(
        (at_best - np.log(unseen / 50)) / 2
    )


@pytest.mark.parametrize("true", ["random", "zeros"])
def test_the_true_setting_is_more_likely(true):
    """Of so few cells, which differ little, in most cases; on average clearly."""
    pools, rng = {lift: pool(lift) for lift in ("random", "zeros")}, np.random.default_rng(0)
    (other,) = pools.keys() - {true}
    gained = []
    for _ in range(150):
        printed = pools[true][rng.integers(20, size=4)].mean(axis=0)
        ours = rng.integers(20, size=16)
        gained.append(fit(printed, pools[true][ours]) - fit(printed, pools[other][ours]))
    assert np.mean(gained) > 3 * np.std(gained) / np.sqrt(len(gained))
    assert np.mean(np.array(gained) > 0) > 0.6


def tidy(lift, seeds):
    """Runs of `NUMBERS` with the values of these seeds of the pool, as an experiment's metrics."""
    values = pool(lift)[seeds]
    return pd.concat(
        frame({"value": values[:, place]}, **{axis: row[axis] for axis in KEY}, lift=lift)
        for place, row in enumerate(NUMBERS.to_dict("records"))
    )


def both(seeds):
    metrics = pd.concat([tidy("random", seeds), tidy("zeros", seeds)])
    return likelihoods(PUBLISHED, {"depth": metrics}, PUBLICATION)


def test_the_error_is_that_over_our_seeds():
    """The jackknife's, against the spread over other seeds of ours."""
    rng = np.random.default_rng(1)
    found = [both(rng.integers(20, size=16)).set_index("setting") for _ in range(20)]
    gained = [one["log_likelihood"].diff()["lift zeros"] if one.index[1] == "lift zeros"
              else -one["log_likelihood"].diff()["lift random"] for one in found]  # fmt: skip
    errors = [one["error"].max() for one in found]
    assert 0.6 < np.median(errors) / np.std(gained) < 1.8


def test_a_row_for_each_setting():
    found = both(range(20))
    assert list(found.columns) == COLUMNS
    assert set(found["setting"]) == {"lift random", "lift zeros"}
    assert (found[["cells", "numbers", "n"]] == [5, 10, 20]).all(axis=None)
    assert found["difference"].tolist()[0] == 0 > found["difference"].tolist()[1]
    assert found["log_likelihood"].is_monotonic_decreasing
    assert found.set_index("setting")["at_protocol"].to_dict() == {
        "lift random": True, "lift zeros": False}  # fmt: skip
    assert found["p_value"].between(0, 1).all()
    # As `log_likelihood` has it, of the journal's numbers.
    printed = NUMBERS.merge(
        PUBLISHED.query("edition == 'journal' and table == 1"), on=KEY, how="left"
    )["value"]
    wanted = fit(printed.to_numpy(), pool("random"))
    assert found.set_index("setting").loc["lift random", "log_likelihood"] == pytest.approx(wanted)


def test_settings_are_compared_on_what_all_have():
    metrics = tidy("random", range(8))
    other = tidy("random", range(8)).assign(step_size=0.1)
    shallow = (other["network"] == "RK4Net") & (other["depth"] == 5)
    other.loc[~shallow & (other["seed"] == 0), "value"] = np.nan
    tried = pd.concat([metrics, other[~shallow]])
    found = likelihoods(PUBLISHED, {"mine": tried}, PUBLICATION)
    assert (found[["cells", "numbers", "n"]] == [4, 8, 7]).all(axis=None)
    assert set(found["setting"]) == {"step size 0.05", "step size 0.1"}
    # Runs that are the same fit alike.
    assert found["difference"].abs().max() == pytest.approx(0)


def test_without_two_settings_there_is_nothing_to_compare():
    one, few = tidy("random", range(8)), pd.concat([tidy("random", [0, 1]), tidy("zeros", [0, 1])])
    unprinted = pd.concat([one, one.assign(step_size=0.1)]).assign(dataset="donut_1d")
    apart = pd.concat([one.query("depth == 5"), one.query("depth == 10").assign(step_size=0.1)])
    found = likelihoods(
        PUBLISHED, {"one": one, "few": few, "unprinted": unprinted, "apart": apart}, PUBLICATION
    )
    assert found.empty
    assert list(found.columns) == COLUMNS
    assert settings_tried(found, PUBLICATION) == []
    assert likelihoods(PUBLISHED, {}, PUBLICATION).empty


def test_the_settings_are_shown():
    text = markdown(settings_tried(both(range(8)), PUBLICATION))
    assert "depth: 10 means of 5 cells, 8 seeds" in text
    assert "| lift random *" in text
    assert "best" in text
    assert "needs 7 seeds" in markdown(settings_tried(both(range(5)), PUBLICATION))


def test_the_optional_experiment_tries_settings_of_printed_cells():
    """It has the paper's own setting among others, all on the same printed cells."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    assert "protocol_facts" not in config["experiments"]
    cells = load(config, ROOT).optional["protocol_facts"].cells
    tried = {}
    for cell in cells:
        setting = (cell.lift, cell.step_size, cell.tolerance)
        tried.setdefault(setting, set()).add(tuple(getattr(cell, axis) for axis in KEY[:5]))
    assert ("random", 0.05, 0.05) in tried
    assert [len({values[place] for values in tried}) for place in range(3)] == [2, 3, 2]
    printed = set(PUBLISHED[KEY[:5]].itertuples(index=False, name=None))
    (of_all,) = {frozenset(found) for found in tried.values()}
    assert of_all <= printed
    assert len(of_all) == 8
