"""Networks side by side: every repetition and every mean is where the metrics have it."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from of_a_kind import of_a_kind

from rknet.cell import Cell
from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import Files
from rknet.show.paper import load_paper

NETWORKS = (("EulerNet", 4), ("EulerNet", 8), ("RK4Net", 4))
DATASETS = ("spiral", "donut_2d")
VALUES = np.random.default_rng(0).uniform(50, 100, (len(DATASETS), len(NETWORKS), 3))
#: A run that diverged is shown, and does not enter the mean.
VALUES[1, 2, 1] = 10.0


def metrics():
    rows = []
    for (i, j, seed), value in np.ndenumerate(VALUES):
        network, depth = NETWORKS[j]
        cell = Cell(DATASETS[i], network, 16, depth, step_size=1 / depth)
        status = "diverged" if value == 10.0 else "completed"
        for split, worse in (("validation", 0.0), ("training", 5.0)):
            run = {**asdict(cell), "seed": seed, "status": status, "split": split}
            rows += [{**run, "metric": "accuracy_percent", "value": value - worse},
                     {**run, "metric": "cost", "value": 0.1}]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("dots") / "metrics.csv"
    metrics().to_csv(path, index=False)
    files = Files(metrics=[str(path)])
    return draw(of_a_kind("dots"), files, publication=load_paper().publication)


def test_each_network_has_a_row(picture):
    labels = [text.get_text() for text in picture.axes[0].get_yticklabels()]
    assert labels == ["EulerNet, L = 4", "EulerNet, L = 8", "RK4Net, L = 4"]


@pytest.mark.parametrize("panel", range(len(DATASETS)))
def test_dots_are_repetitions_and_lines_their_means(picture, panel):
    axes = picture.axes[panel]
    assert axes.get_title() == ["spiral", "donut 2D"][panel]
    dots, means = axes.get_lines()
    found = np.full(VALUES.shape[1:], np.nan)
    x, y = dots.get_xdata(), np.asarray(dots.get_ydata(), int)
    for row in range(len(NETWORKS)):
        found[row] = np.sort(x[y == row])
    np.testing.assert_allclose(found, np.sort(VALUES[panel], axis=1))
    good = np.where(VALUES[panel] == 10.0, np.nan, VALUES[panel])
    np.testing.assert_allclose(means.get_xdata(), np.nanmean(good, axis=1))
    assert list(means.get_ydata()) == [0, 1, 2]
