"""The claims of Section 4.2, on depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from rknet import datasets
from rknet.datasets.points import SAMPLES
from rknet.paper.readings import (
    ABOVE,
    CONTRACTED,
    DROP,
    EQUALLY_WELL,
    NEARLY_PERFECT,
    NEGLIGIBLE_GAP,
    NEVER_EXCEEDS,
    RANDOM_MARGIN,
)
from rknet.study.claims import Claim, Part, Runs, pairs
from rknet.study.statistics import (
    WHOLE_STEP,
    Test,
    TooFewRuns,
    every,
    mean_above,
    mean_below,
    mean_within,
    ranks_above,
    reversed_order,
    share_above,
    share_below,
)

#: The depths of Table 1.
DEPTHS = (1, 3, 5, 10, 20, 40, 100)


def _accuracy(runs: Runs, network: str, depth: int, split: str = "validation") -> pd.Series:
    cell = {"dataset": "spiral", "network": network, "width": 16, "depth": depth}
    return runs.last("depth", split=split, **cell)


def _narrow(runs: Runs, network: str, depth: int) -> pd.Series:
    cell = {"dataset": "spiral", "network": network, "width": 3, "depth": depth}
    return runs.last("depth_narrow", **cell)


def _gap(runs: Runs, network: str) -> pd.Series:
    """Training less validation accuracy by seed, averaged over depths.

    A seed's networks see the same points, so its gaps are one observation, not seven.
    """
    gaps = [
        pairs(_accuracy(runs, network, depth, "training"), _accuracy(runs, network, depth))
        for depth in DEPTHS
    ]
    return pd.concat(gaps, axis=1).mean(axis=1)


def _gap_is_positive(network: str) -> Part:
    return Part(
        f"{network}: training less validation accuracy (points), mean over depths, above 0",
        lambda runs: mean_above(_gap(runs, network)),
    )


def _gap_is_negligible(network: str) -> Part:
    return Part(
        f"{network}: the same gap, within ±{NEGLIGIBLE_GAP:g}",
        lambda runs: mean_within(_gap(runs, network), -NEGLIGIBLE_GAP, NEGLIGIBLE_GAP),
    )


def _deeper_is_better(network: str, shallow: int, deep: int) -> Part:
    return Part(
        f"{network}: validation accuracy (%), L = {deep} less L = {shallow}, above 0",
        lambda runs: mean_above(
            pairs(_accuracy(runs, network, deep), _accuracy(runs, network, shallow))
        ),
    )


def _deep_is_random(depth: int) -> Part:
    return Part(
        f"StandardNet, L = {depth}: validation points that are classified correctly, of 1500 a "
        f"run, fewer than the larger class and {RANDOM_MARGIN:g} points more",
        lambda runs: every(
            {
                f"seed {seed}": share_below(
                    round(accuracy / 100 * SAMPLES),
                    SAMPLES,
                    largest_share("spiral", seed) + RANDOM_MARGIN / 100,
                )
                for seed, accuracy in _accuracy(runs, "StandardNet", depth).items()
            }
        ),
    )


@lru_cache
def largest_share(dataset: str, seed: int) -> float:
    """The share of the largest class among the validation points."""
    labels = datasets.draw(dataset, seed).validation.labels
    return np.bincount(labels).max() / len(labels)


def _mostly_above(split: str) -> Part:
    def test(runs: Runs) -> Test:
        values = pd.concat([_accuracy(runs, "RK4Net", depth, split) for depth in DEPTHS[3:]])
        return share_above(int((values > ABOVE).sum()), len(values))

    return Part(f"RK4Net: runs with L ≥ 10 whose {split} accuracy is above {ABOVE:g} %", test)


def _changes_little(depth: int) -> Part:
    return Part(
        f"RK4Net: validation accuracy (%), L = {depth} less L = 10, within ±{EQUALLY_WELL:g}",
        lambda runs: mean_within(
            pairs(_accuracy(runs, "RK4Net", depth), _accuracy(runs, "RK4Net", 10)),
            -EQUALLY_WELL,
            EQUALLY_WELL,
        ),
    )


def _standard_leads(depth: int) -> Part:
    return Part(
        f"validation accuracy (%), L = {depth}, StandardNet less RK4Net, above 0",
        lambda runs: mean_above(
            pairs(_accuracy(runs, "StandardNet", depth), _accuracy(runs, "RK4Net", depth))
        ),
    )


def _best(runs: Runs, network: str) -> pd.Series:
    accuracies = [_accuracy(runs, network, depth) for depth in DEPTHS]
    return pd.concat(accuracies, axis=1).dropna().max(axis=1)


def _each_narrow(
    runs: Runs, network: str, depths: Sequence[int], bound: float, above: bool
) -> Test:
    test = mean_above if above else mean_below
    return every({f"L = {d}": test(_narrow(runs, network, d), bound) for d in depths})


def _mirrors(network: str) -> Part:
    def test(runs: Runs) -> Test:
        cell = {"dataset": "spiral", "network": network, "width": 16}
        depths = runs.found("depth", "depth", **cell)
        accuracy, cost = (
            [runs.last("depth", metric, **cell, depth=depth).mean() for depth in depths]
            for metric in ("accuracy_percent", "cost")
        )
        return reversed_order(accuracy, cost)

    return Part(
        f"{network}: order of the depths by mean validation accuracy and by mean cost", test
    )


def _spread(runs: Runs, network: str, activation: str) -> pd.DataFrame:
    cell = {"dataset": "spiral", "network": network, "width": 16, "depth": 20}
    return runs.features("contraction", "relative_spread", **cell, activation=activation)


def _contraction(network: str, activation: str, contracts: bool) -> Part:
    def test(runs: Runs) -> Test:
        # Spreads differ by orders of magnitude: their logarithms are compared. A spread of
        # exactly 0 counts as the smallest float32.
        spread = _spread(runs, network, activation).iloc[:, -1]
        orders = np.log10(spread.clip(lower=np.finfo(np.float32).tiny))
        decide = mean_below if contracts else mean_above
        found = decide(orders, np.log10(CONTRACTED))
        return replace(found, numbers=f"{10 ** orders.mean():.3g}; its log₁₀ {found.numbers}")

    side = "below" if contracts else "above"
    return Part(
        f"{network}, {activation}: geometric mean of the spread of the features at the last "
        f"layer, relative to the input layer, {side} {CONTRACTED:g}",
        test,
    )


def contraction_layer(spread: pd.DataFrame) -> pd.Series:
    """By seed, the first layer at which features have contracted; one past the last if none."""
    contracted = spread < CONTRACTED
    return contracted.idxmax(axis=1).where(contracted.any(axis=1), spread.columns[-1] + 1)


def _logistic_is_earlier(runs: Runs) -> Test:
    tanh, logistic = (
        contraction_layer(_spread(runs, "StandardNet", activation))
        for activation in ("tanh", "logistic")
    )
    if (tanh > 20).all() and (logistic > 20).all():
        raise TooFewRuns("the features contract in no run")
    return mean_above(pairs(tanh, logistic), step=WHOLE_STEP)


DEPTH = (
    Claim(
        "D1",
        "4.2",
        "Training accuracy is on average above validation accuracy, and the gap is negligible.",
        "depth",
        tuple(
            part(network)
            for network in ("StandardNet", "RK4Net")
            for part in (_gap_is_positive, _gap_is_negligible)
        ),
    ),
    Claim(
        "D2",
        "4.2",
        "StandardNet improves from L = 1 to 5, declines from 10, and drops down at 20.",
        "depth",
        (
            _deeper_is_better("StandardNet", 1, 5),
            Part(
                "StandardNet: validation accuracy (%), L = 5 less L = 10, above 0",
                lambda runs: mean_above(
                    pairs(_accuracy(runs, "StandardNet", 5), _accuracy(runs, "StandardNet", 10))
                ),
            ),
            Part(
                "StandardNet: validation accuracy (%), L = 5 against L = 20, "
                f"more than {DROP:g} above",
                lambda runs: ranks_above(
                    _accuracy(runs, "StandardNet", 5), _accuracy(runs, "StandardNet", 20), DROP
                ),
            ),
        ),
    ),
    Claim(
        "D3",
        "4.2",
        "StandardNet with L ≥ 40 is no better than random class assignment.",
        "depth",
        (_deep_is_random(40), _deep_is_random(100)),
    ),
    Claim(
        "D4",
        "4.2",
        "RK4Net does not degrade: its accuracy rises with depth, is above 99 % (training and "
        "validation) from about L = 10, and changes little up to 100.",
        "depth",
        (
            _deeper_is_better("RK4Net", 1, 3),
            _deeper_is_better("RK4Net", 3, 5),
            _deeper_is_better("RK4Net", 5, 10),
            _mostly_above("training"),
            _mostly_above("validation"),
            _changes_little(20),
            _changes_little(40),
            _changes_little(100),
        ),
    ),
    Claim(
        "D5",
        "4.2",
        "A shallow StandardNet beats a shallow RK4Net (L = 1, 3, 5); over all depths RK4Net has "
        "the best result.",
        "depth",
        (
            _standard_leads(1),
            _standard_leads(3),
            _standard_leads(5),
            Part(
                "best validation accuracy (%) over depths, RK4Net less StandardNet, above 0",
                lambda runs: mean_above(pairs(_best(runs, "RK4Net"), _best(runs, "StandardNet"))),
            ),
        ),
    ),
    Claim(
        "D6",
        "4.2",
        "At width 3, StandardNet never exceeds 80 % and degrades; RK4Net still classifies nearly "
        "perfectly, but needs L ≥ 40.",
        "depth_narrow",
        (
            Part(
                f"StandardNet: validation accuracy (%) at each depth, below {NEVER_EXCEEDS:g}",
                lambda runs: _each_narrow(runs, "StandardNet", DEPTHS, NEVER_EXCEEDS, above=False),
            ),
            Part(
                "StandardNet: validation accuracy (%), L = 5 less L = 100, above 0",
                lambda runs: mean_above(
                    pairs(_narrow(runs, "StandardNet", 5), _narrow(runs, "StandardNet", 100))
                ),
            ),
            Part(
                f"RK4Net: validation accuracy (%) at L = 40 and 100, above {NEARLY_PERFECT:g}",
                lambda runs: _each_narrow(runs, "RK4Net", DEPTHS[-2:], NEARLY_PERFECT, above=True),
            ),
            Part(
                f"RK4Net: validation accuracy (%) at each L ≤ 20, below {NEARLY_PERFECT:g}",
                lambda runs: _each_narrow(runs, "RK4Net", DEPTHS[:-2], NEARLY_PERFECT, above=False),
            ),
        ),
    ),
    Claim(
        "D7",
        "4.2",
        "Cost mirrors accuracy in reverse.",
        "depth",
        (_mirrors("StandardNet"), _mirrors("RK4Net")),
    ),
    Claim(
        "D8",
        "4.2",
        "In a StandardNet of L = 20 the features contract to the zero vector; with the logistic "
        "function at an even earlier layer; RK4Net's do not.",
        "contraction",
        (
            _contraction("StandardNet", "tanh", contracts=True),
            Part(
                "StandardNet: first layer at which the features have contracted, tanh less "
                "logistic, above 0",
                _logistic_is_earlier,
            ),
            _contraction("RK4Net", "tanh", contracts=False),
        ),
    ),
)
