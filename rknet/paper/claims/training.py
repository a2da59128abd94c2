"""The claims in the text that opens Section 4, on losses, optimisers and the classifier."""

from __future__ import annotations

import pandas as pd

from rknet.paper.readings import EQUALLY_WELL
from rknet.study.claims import Claim, Part, Runs, pairs, pooled
from rknet.study.statistics import Test, mean_within

_NETWORKS = ("StandardNet", "RK4Net")
#: Depths of the classifier's experiment.
_DEPTHS = {"StandardNet": 5, "RK4Net": 100}
_LOSSES = ("cross_entropy", "mse")
#: The optimisers, with the learning rates that are not PyTorch's default.
_OPTIMISERS: dict[str, dict[str, float]] = {
    "adam": {},
    "adagrad": {},
    "adadelta": {},
    "sgd": {"learning_rate": 0.1},
}


def _accuracy(runs: Runs, network: str, loss: str, optimiser: str) -> pd.Series:
    cell = {"dataset": "spiral_3d", "network": network, "width": 16, "depth": 10}
    chosen = {"loss": loss, "optimiser": optimiser, **_OPTIMISERS[optimiser]}
    return runs.last("training", **cell, **chosen)


def _loss_makes_no_difference(runs: Runs) -> Test:
    differences = [
        pairs(*(_accuracy(runs, network, loss, optimiser) for loss in reversed(_LOSSES)))
        for network in _NETWORKS
        for optimiser in _OPTIMISERS
    ]
    return mean_within(pooled(differences), -EQUALLY_WELL, EQUALLY_WELL)


def _like_adam(optimiser: str) -> Part:
    def test(runs: Runs) -> Test:
        differences = [
            pairs(*(_accuracy(runs, network, loss, by) for by in (optimiser, "adam")))
            for network in _NETWORKS
            for loss in _LOSSES
        ]
        return mean_within(pooled(differences), -EQUALLY_WELL, EQUALLY_WELL)

    return Part(
        f"validation accuracy (%), {optimiser} less adam, both networks and losses, "
        f"within ±{EQUALLY_WELL:g}",
        test,
    )


def _classifier_makes_no_difference(network: str) -> Part:
    def test(runs: Runs) -> Test:
        differences = []
        depth = _DEPTHS[network]
        for dataset in runs.found(
            "classifier", "dataset", network=network, depth=depth, classifier="trained"
        ):
            cell = {"dataset": dataset, "network": network, "width": 16, "depth": depth}
            trained, fixed = (
                runs.last("classifier", **cell, classifier=classifier)
                for classifier in ("trained", "fixed")
            )
            differences.append(pairs(trained, fixed))
        return mean_within(pooled(differences), -EQUALLY_WELL, EQUALLY_WELL)

    return Part(
        f"{network}: validation accuracy (%), W and μ trained less fixed, all datasets, "
        f"within ±{EQUALLY_WELL:g}",
        test,
    )


TRAINING = (
    Claim(
        "T1",
        "4",
        "All loss functions and optimisers produce very similar results.",
        "training",
        (
            Part(
                "validation accuracy (%), mean squared error less cross-entropy, both networks "
                f"and all optimisers, within ±{EQUALLY_WELL:g}",
                _loss_makes_no_difference,
            ),
            *(_like_adam(optimiser) for optimiser in _OPTIMISERS if optimiser != "adam"),
        ),
    ),
    Claim(
        "T2",
        "4",
        "Optimising W and μ as well makes no significant difference.",
        "classifier",
        tuple(_classifier_makes_no_difference(network) for network in _NETWORKS),
    ),
)
