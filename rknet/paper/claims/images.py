"""The claims of Section 4.5, on images; and the same questions asked of the bundled digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from rknet.paper.claims.convergence import epochs_to_converge
from rknet.paper.readings import (
    ABOUT_FIVE,
    ALIKE_ON_IMAGES,
    MORE_THAN_15,
    NEGLIGIBLE_GAP,
    RANDOM_MARGIN,
    SHOWN_IMAGE_EPOCHS,
)
from rknet.study.claims import Claim, Part, Runs, pairs
from rknet.study.statistics import (
    ACCURACY_STEP,
    COST_STEP,
    WHOLE_STEP,
    mean_above,
    mean_below,
    mean_within,
    wider,
)

#: The depths of Table 6.
DEPTHS = {"StandardNet": 5, "EulerNet": 100, "RK4Net": 100}
DEEP = 100
RK_NETS = ("EulerNet", "RK4Net")
_METRICS = {
    "accuracy_percent": ("accuracy (%)", ACCURACY_STEP),
    "cost": ("cost", COST_STEP),
}


@dataclass(frozen=True)
class Images:
    """An experiment on images of ten classes.

    Attributes
    ----------
    experiment : str
    width, narrow : int
        Of the augmented feature space, and of the input space.
    """

    experiment: str
    width: int
    narrow: int

    def cell(self, dataset: str, network: str, **changes: object) -> dict[str, object]:
        """A network at its depth of Table 6, unless `changes` say otherwise."""
        cell = {"dataset": dataset, "network": network, "width": self.width}
        return {**cell, "depth": DEPTHS[network], **changes}

    def last(
        self,
        runs: Runs,
        dataset: str,
        network: str,
        metric: str = "accuracy_percent",
        split: str = "validation",
        **changes: object,
    ) -> pd.Series:
        """Last values by seed, as `Runs.last`."""
        cell = self.cell(dataset, network, **changes)
        return runs.last(self.experiment, metric, split, **cell)

    def curve(self, runs: Runs, dataset: str, network: str) -> pd.DataFrame:
        """Validation accuracy by seed and epoch, as `Runs.curve`."""
        return runs.curve(self.experiment, **self.cell(dataset, network))


def _augmentation(images: Images, dataset: str) -> tuple[Part, ...]:
    """Table 5: wide against narrow, in every mean and every standard deviation."""

    def values(runs: Runs, width: int, metric: str, split: str) -> pd.Series:
        return images.last(runs, dataset, "RK4Net", metric, split, width=width)

    def mean(metric: str, split: str) -> Part:
        name, step = _METRICS[metric]
        above = mean_above if metric == "accuracy_percent" else mean_below
        side = "above" if metric == "accuracy_percent" else "below"
        return Part(
            f"{dataset}, RK4Net: {split} {name}, width {images.width} less {images.narrow}, "
            f"{side} 0",
            lambda runs: above(
                pairs(*(values(runs, w, metric, split) for w in (images.width, images.narrow))),
                step=step,
            ),
        )

    def spread(metric: str, split: str) -> Part:
        name, step = _METRICS[metric]
        return Part(
            f"{dataset}, RK4Net: standard deviation of {split} {name}, larger at width "
            f"{images.narrow} than at {images.width}",
            lambda runs: wider(
                *(values(runs, w, metric, split) for w in (images.narrow, images.width)), step
            ),
        )

    measured = [(metric, split) for metric in _METRICS for split in ("training", "validation")]
    return (*(mean(*m) for m in measured), *(spread(*m) for m in measured))


def _deep_standard_is_random(images: Images, dataset: str) -> Part:
    low, high = 10 - RANDOM_MARGIN, 10 + RANDOM_MARGIN
    return Part(
        f"{dataset}: validation accuracy (%) of StandardNet, L = {DEEP}, within {low:g} to "
        f"{high:g}",
        lambda runs: mean_within(images.last(runs, dataset, "StandardNet", depth=DEEP), low, high),
    )


def _behind(images: Images, dataset: str, network: str, low: float, high: float | None) -> Part:
    """How far StandardNet is behind an RK net in validation accuracy."""

    def differences(runs: Runs) -> pd.Series:
        return pairs(*(images.last(runs, dataset, n) for n in (network, "StandardNet")))

    quantity = f"{dataset}: validation accuracy (%), {network} less StandardNet, "
    if high is None:
        return Part(quantity + f"above {low:g}", lambda runs: mean_above(differences(runs), low))
    return Part(
        quantity + f"within {low:g} to {high:g}",
        lambda runs: mean_within(differences(runs), low, high),
    )


def _standard_spreads_more(images: Images, dataset: str, network: str) -> Part:
    return Part(
        f"{dataset}: standard deviation of the validation accuracy, larger for StandardNet than "
        f"for {network}",
        lambda runs: wider(*(images.last(runs, dataset, n) for n in ("StandardNet", network))),
    )


def _rk_nets_alike(images: Images, dataset: str) -> Part:
    return Part(
        f"{dataset}: validation accuracy (%), EulerNet less RK4Net, within ±{ALIKE_ON_IMAGES:g}",
        lambda runs: mean_within(
            pairs(*(images.last(runs, dataset, n) for n in RK_NETS)),
            -ALIKE_ON_IMAGES,
            ALIKE_ON_IMAGES,
        ),
    )


def _gap(images: Images, dataset: str, network: str) -> Part:
    return Part(
        f"{dataset}, {network}: training less validation accuracy (points), above "
        f"{NEGLIGIBLE_GAP:g}",
        lambda runs: mean_above(
            pairs(
                images.last(runs, dataset, network, split="training"),
                images.last(runs, dataset, network),
            ),
            NEGLIGIBLE_GAP,
        ),
    )


def roughness(curves: pd.DataFrame) -> pd.Series:
    """By seed, how far a curve's points lie from the middle of their neighbours, on average.

    Parameters
    ----------
    curves : pandas.DataFrame
        Accuracies (%) by seed (rows) and epoch (columns). The epochs of Figures 17 and 18 count,
        but for the rise from the untrained network.
    """
    shown = curves.loc[:, 1:SHOWN_IMAGE_EPOCHS]
    return ((shown.shift(1, axis=1) + shown.shift(-1, axis=1)) / 2 - shown).abs().mean(axis=1)


def _standard_against(
    images: Images, dataset: str, network: str, what: str, measure: Callable, step: float
) -> Part:
    return Part(
        f"{dataset}: {what}, StandardNet less {network}, above 0",
        lambda runs: mean_above(
            pairs(*(measure(images.curve(runs, dataset, n)) for n in ("StandardNet", network))),
            step=step,
        ),
    )


def _convergence(images: Images, dataset: str) -> tuple[Part, ...]:
    return tuple(
        _standard_against(images, dataset, network, *measured)
        for measured in (
            ("epochs to converge", epochs_to_converge, WHOLE_STEP),
            ("roughness of the validation accuracy (points)", roughness, ACCURACY_STEP),
        )
        for network in RK_NETS
    )


def _claims(images: Images, datasets: tuple[str, ...], suffix: str = "") -> tuple[Claim, ...]:
    """The six claims, on these datasets; the first takes the place of MNIST."""
    behind = {"mnist": ABOUT_FIVE, "fashion_mnist": (MORE_THAN_15, None)}
    every = [(dataset, network) for dataset in datasets for network in RK_NETS]
    stated = (
        (
            "Augmentation (width {width} against {narrow}) gives RK4Net a higher mean accuracy "
            "and a lower mean cost, training and validation, with a smaller standard deviation.",
            _augmentation(images, datasets[0]),
        ),
        (
            "Deep StandardNet (L 100) is at about 10 %.",
            tuple(_deep_standard_is_random(images, dataset) for dataset in datasets),
        ),
        (
            "StandardNet is about five points below the RK nets on MNIST and more than 15 on "
            "Fashion-MNIST, with a larger standard deviation."
            if not suffix
            else "StandardNet is below the RK nets, with a larger standard deviation.",
            (
                *(_behind(images, d, n, *behind.get(d, (0.0, None))) for d, n in every),
                *(_standard_spreads_more(images, d, n) for d, n in every),
            ),
        ),
        (
            "EulerNet and RK4Net give very similar results.",
            tuple(_rk_nets_alike(images, dataset) for dataset in datasets),
        ),
        (
            "There is a significant gap between training and validation accuracy, contrary to "
            "points.",
            tuple(_gap(images, d, n) for d in datasets for n in DEPTHS),
        ),
        (
            "RK nets converge faster than StandardNet, and more smoothly.",
            tuple(part for dataset in datasets for part in _convergence(images, dataset)),
        ),
    )
    where = "On the bundled digits: " if suffix else ""
    return tuple(
        Claim(
            f"I{number}{suffix}",
            "4.5",
            where + statement.format(width=images.width, narrow=images.narrow),
            images.experiment,
            parts,
        )
        for number, (statement, parts) in enumerate(stated, start=1)
    )


IMAGES = (
    *_claims(Images("images", width=900, narrow=784), ("mnist", "fashion_mnist")),
    *_claims(Images("digits", width=100, narrow=64), ("digits",), suffix="d"),
)
