"""The claims of Section 4.4, on architectures."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd

from rknet.paper.claims.convergence import epochs_to_converge
from rknet.paper.readings import (
    ALIKE_EPOCHS,
    CATCHING_UP,
    EQUALLY_WELL,
    SHOWN_EPOCHS,
    SMALL_SPREAD,
)
from rknet.study.claims import Claim, Part, Runs, pairs, pooled
from rknet.study.statistics import (
    ACCURACY_STEP,
    COST_STEP,
    WHOLE_STEP,
    Test,
    every,
    mean_above,
    mean_within,
    std_below,
    welch_above,
)

#: The networks and depths of Table 3.
DEPTHS = {"StandardNet": 5, "EulerNet": 100, "RK4Net": 100}
#: Its datasets.
DATASETS = (
    *("donut_3d_2c", "donut_3d_3c", "donut_2d_6c", "donut_3d_6c"),
    *("squares_2d_4c", "squares_3d_4c"),
)
_PAIRS = tuple(itertools.combinations(DEPTHS, 2))


def _cell(dataset: str, network: str) -> dict[str, object]:
    return {"dataset": dataset, "network": network, "width": 16, "depth": DEPTHS[network]}


def _last(runs: Runs, dataset: str, network: str, metric: str = "accuracy_percent") -> pd.Series:
    return runs.last("architecture", metric, **_cell(dataset, network))


def _curve(
    runs: Runs, dataset: str, network: str, metric: str = "accuracy_percent"
) -> pd.DataFrame:
    return runs.curve("architecture", metric, **_cell(dataset, network))


def _epochs(runs: Runs, dataset: str, network: str) -> pd.Series:
    return epochs_to_converge(_curve(runs, dataset, network))


def _equally_well(dataset: str) -> Part:
    def test(runs: Runs) -> Test:
        tests = {}
        for first, second in _PAIRS:
            differences = pairs(_last(runs, dataset, first), _last(runs, dataset, second))
            within = mean_within(differences, -EQUALLY_WELL, EQUALLY_WELL)
            tests[f"{first} less {second}"] = within
        return every(tests)

    return Part(
        f"{dataset}: validation accuracy (%), difference of any two networks, "
        f"within ±{EQUALLY_WELL:g}",
        test,
    )


def _within_the_spread(first: str, second: str) -> Part:
    def test(runs: Runs) -> Test:
        scaled = []
        for dataset in DATASETS:
            accuracies = pd.DataFrame({n: _last(runs, dataset, n) for n in DEPTHS}).dropna()
            spread = max(np.sqrt(accuracies.var(ddof=1).mean()), ACCURACY_STEP)
            scaled.append((accuracies[first] - accuracies[second]) / spread)
        return mean_within(pooled(scaled), -1, 1)

    return Part(
        f"{first} less {second}: difference of validation accuracies in standard deviations "
        "over repetitions, all six datasets, within ±1",
        test,
    )


def _harder(easier: str, harder: str, metric: str) -> Part:
    def test(runs: Runs) -> Test:
        # One value a repetition; the median lets no single run that got stuck decide.
        easy, hard = (
            pd.DataFrame({n: _last(runs, dataset, n, metric) for n in DEPTHS}).median(axis=1)
            for dataset in (easier, harder)
        )
        if metric == "cost":
            return welch_above(hard, easy, COST_STEP)
        return welch_above(easy, hard)

    first, second = (harder, easier) if metric == "cost" else (easier, harder)
    what = "validation cost" if metric == "cost" else "validation accuracy (%)"
    return Part(f"{what}, median of the networks, {first} less {second}, above 0", test)


def _euler_is_faster(network: str) -> Part:
    return Part(
        f"donut_3d_6c: epochs to converge, {network} less EulerNet, above 0",
        lambda runs: mean_above(
            pairs(_epochs(runs, "donut_3d_6c", network), _epochs(runs, "donut_3d_6c", "EulerNet")),
            step=WHOLE_STEP,
        ),
    )


def _catches_up(network: str) -> Part:
    first, last = CATCHING_UP

    def mean(runs: Runs, of: str) -> pd.Series:
        return _curve(runs, "donut_3d_6c", of).loc[:, first:last].mean(axis=1)

    return Part(
        f"donut_3d_6c: validation accuracy (%) over epochs {first} to {last}, {network} less "
        f"EulerNet, within ±{EQUALLY_WELL:g}",
        lambda runs: mean_within(
            pairs(mean(runs, network), mean(runs, "EulerNet")), -EQUALLY_WELL, EQUALLY_WELL
        ),
    )


def _converge_alike(runs: Runs) -> Test:
    differences = pairs(*(_epochs(runs, "squares_3d_4c", n) for n in ("EulerNet", "RK4Net")))
    return mean_within(differences, -ALIKE_EPOCHS, ALIKE_EPOCHS, WHOLE_STEP)


def _standard_is_slower(network: str) -> Part:
    return Part(
        f"squares_3d_4c: epochs to converge, StandardNet less {network}, above {ALIKE_EPOCHS}",
        lambda runs: mean_above(
            pairs(
                _epochs(runs, "squares_3d_4c", "StandardNet"),
                _epochs(runs, "squares_3d_4c", network),
            ),
            ALIKE_EPOCHS,
            WHOLE_STEP,
        ),
    )


def _standard_costs_more(network: str) -> Part:
    def test(runs: Runs) -> Test:
        standard, other = (
            _curve(runs, "squares_3d_4c", n, "cost") for n in ("StandardNet", network)
        )
        difference = (standard - other).drop(columns=0).dropna(axis=1, how="any")
        together = every(
            {str(epoch): mean_above(difference[epoch], step=COST_STEP) for epoch in difference}
        )
        higher, epochs = int((difference.mean() > 0).sum()), len(difference.columns)
        numbers = f"mean higher at {higher} of {epochs} epochs, n = {len(difference)}"
        return replace(together, numbers=numbers)

    return Part(
        f"squares_3d_4c: validation cost at every epoch, StandardNet less {network}, above 0", test
    )


def _varies_more(network: str) -> Part:
    def deviations(runs: Runs, of: str) -> pd.Series:
        curves = _curve(runs, "squares_3d_4c", of).loc[:, 1:SHOWN_EPOCHS]
        return (curves - curves.mean()).abs().mean(axis=1)

    def test(runs: Runs) -> Test:
        found = welch_above(deviations(runs, "StandardNet"), deviations(runs, network))
        return replace(found, name="Levene's test")

    return Part(
        "squares_3d_4c: distance of a repetition's validation accuracy from their mean (points), "
        f"epochs 1 to {SHOWN_EPOCHS}, StandardNet less {network}, above 0",
        test,
    )


_HARDER = (
    ("donut_3d_2c", "donut_3d_3c"),
    ("donut_2d_6c", "donut_3d_6c"),
    ("squares_2d_4c", "squares_3d_4c"),
)

ARCHITECTURE = (
    Claim(
        "C1",
        "4.4",
        "RK4Net on donut_2d_6c: the standard deviation over repetitions is small.",
        "architecture",
        (
            Part(
                "standard deviation of the validation accuracy (points) over repetitions, "
                f"below {SMALL_SPREAD:g}",
                lambda runs: std_below(_last(runs, "donut_2d_6c", "RK4Net"), SMALL_SPREAD),
            ),
        ),
    ),
    Claim(
        "C2",
        "4.4",
        "The three architectures do equally well on the six datasets; differences are within the "
        "spread of repetitions.",
        "architecture",
        (
            *(_equally_well(dataset) for dataset in DATASETS),
            *(_within_the_spread(first, second) for first, second in _PAIRS),
        ),
    ),
    Claim(
        "C3",
        "4.4",
        "One more class or one more dimension is harder: lower accuracy on donut_3d_3c than on "
        "donut_3d_2c, on donut_3d_6c than on donut_2d_6c, on squares_3d_4c than on "
        "squares_2d_4c; cost reversed.",
        "architecture",
        tuple(
            _harder(easier, harder, metric)
            for easier, harder in _HARDER
            for metric in ("accuracy_percent", "cost")
        ),
    ),
    Claim(
        "C4",
        "4.4",
        "On donut_3d_6c EulerNet converges fastest; the others catch up after about 6 epochs.",
        "architecture",
        (
            _euler_is_faster("StandardNet"),
            _euler_is_faster("RK4Net"),
            _catches_up("StandardNet"),
            _catches_up("RK4Net"),
        ),
    ),
    Claim(
        "C5",
        "4.4",
        "On squares_3d_4c EulerNet and RK4Net converge alike; StandardNet needs clearly more "
        "epochs and keeps the highest cost, and varies slightly more over repetitions.",
        "architecture",
        (
            Part(
                f"squares_3d_4c: epochs to converge, EulerNet less RK4Net, within ±{ALIKE_EPOCHS}",
                _converge_alike,
            ),
            _standard_is_slower("EulerNet"),
            _standard_is_slower("RK4Net"),
            _standard_costs_more("EulerNet"),
            _standard_costs_more("RK4Net"),
            _varies_more("EulerNet"),
            _varies_more("RK4Net"),
        ),
    ),
)
