"""The claims of Section 4.3, on activation functions."""

from __future__ import annotations

import pandas as pd

from rknet.paper.claims.convergence import epochs_to_converge
from rknet.paper.readings import (
    ALIKE_EPOCHS,
    EQUALLY_WELL,
    FIVE_EPOCHS,
    NEGLIGIBLE_GAP,
    ROUGHLY_90,
    SHALLOW,
)
from rknet.study.claims import Claim, Part, Runs, pairs, pooled
from rknet.study.statistics import (
    WHOLE_STEP,
    Test,
    TooFewRuns,
    every,
    mean_above,
    mean_below,
    mean_within,
)

_ACTIVATIONS = ("tanh", "logistic", "relu", "softplus")
#: The depth of Figures 6 and 7.
DEPTH = 20


def _cell(network: str, activation: str, depth: int) -> dict[str, object]:
    setting = {"dataset": "donut_1d", "network": network, "width": 16}
    return {**setting, "activation": activation, "depth": depth}


def _accuracy(
    runs: Runs,
    activation: str,
    depth: int = DEPTH,
    network: str = "RK4Net",
    split: str = "validation",
) -> pd.Series:
    return runs.last("activation", split=split, **_cell(network, activation, depth))


def _epochs(runs: Runs, activation: str, depth: int = DEPTH, network: str = "RK4Net") -> pd.Series:
    return epochs_to_converge(runs.curve("activation", **_cell(network, activation, depth)))


def _depths(runs: Runs, network: str) -> list[int]:
    """The depths at which every activation has been run, of those in the grid."""
    setting = {"dataset": "donut_1d", "network": network, "width": 16}
    found = [
        set(runs.found("activation", "depth", **setting, activation=activation))
        for activation in _ACTIVATIONS
    ]
    return sorted(set.intersection(*found))


def _reaches_90(activation: str) -> Part:
    return Part(
        f"RK4Net, L = {DEPTH}, {activation}: validation accuracy (%), "
        f"within {ROUGHLY_90[0]:g} to {ROUGHLY_90[1]:g}",
        lambda runs: mean_within(_accuracy(runs, activation), *ROUGHLY_90),
    )


def _does_not_overfit(runs: Runs) -> Test:
    # The activations of a seed see the same points: their gaps are one observation.
    gaps = [
        pairs(_accuracy(runs, activation, split="training"), _accuracy(runs, activation))
        for activation in _ACTIVATIONS
    ]
    return mean_below(pd.concat(gaps, axis=1).mean(axis=1), NEGLIGIBLE_GAP)


def layers_needed(accuracies: pd.DataFrame) -> pd.Series:
    """By seed (rows), the place of the first depth (columns) that reaches roughly 90 %.

    Places count from 1; where no depth does, it is one past the last.
    """
    reached = accuracies.sort_index(axis=1) >= ROUGHLY_90[0]
    places = reached.to_numpy().argmax(axis=1) + 1
    return pd.Series(places, reached.index).where(reached.any(axis=1), reached.shape[1] + 1)


def _tanh_needs_fewer_layers(runs: Runs) -> Test:
    needed = {}
    for activation in ("tanh", "logistic"):
        depths = {depth: _accuracy(runs, activation, depth) for depth in _depths(runs, "RK4Net")}
        needed[activation] = layers_needed(pd.DataFrame(depths).dropna())
    return mean_above(pairs(needed["logistic"], needed["tanh"]), step=WHOLE_STEP)


def _tanh_converges_faster(runs: Runs) -> Test:
    return mean_above(pairs(_epochs(runs, "logistic"), _epochs(runs, "tanh")), step=WHOLE_STEP)


def _relu_is_like_softplus(runs: Runs) -> Test:
    differences = [
        pairs(_accuracy(runs, "relu", depth), _accuracy(runs, "softplus", depth))
        for depth in _depths(runs, "RK4Net")
    ]
    return mean_within(pooled(differences), -EQUALLY_WELL, EQUALLY_WELL)


def _shallow_is_good(activation: str) -> Part:
    return Part(
        f"RK4Net, L = {SHALLOW}, {activation}: validation accuracy (%), above {ROUGHLY_90[0]:g}",
        lambda runs: mean_above(_accuracy(runs, activation, SHALLOW), ROUGHLY_90[0]),
    )


def _five_epochs(activation: str) -> Part:
    # Epochs are whole: at most five means fewer than five and a half on average.
    return Part(
        f"RK4Net, L = {DEPTH}, {activation}: epochs to converge, at most {FIVE_EPOCHS}",
        lambda runs: mean_below(_epochs(runs, activation), FIVE_EPOCHS + 0.5, WHOLE_STEP),
    )


def well_performing(runs: Runs, *activations: str) -> list[int]:
    """The shallow depths at which StandardNet reaches roughly 90 % with all these activations.

    Raises
    ------
    TooFewRuns
        If there are none.
    """
    depths = [
        depth
        for depth in _depths(runs, "StandardNet")
        if depth <= SHALLOW
        and all(
            _accuracy(runs, activation, depth, "StandardNet").mean() >= ROUGHLY_90[0]
            for activation in activations
        )
    ]
    if not depths:
        raise TooFewRuns(
            f"no shallow StandardNet reaches {ROUGHLY_90[0]:g} % with {' and '.join(activations)}"
        )
    return depths


def _standard_epochs(runs: Runs, *activations: str) -> list[list[pd.Series]]:
    """Epochs to converge of well-performing shallow StandardNets, by depth and activation."""
    return [
        [_epochs(runs, activation, depth, "StandardNet") for activation in activations]
        for depth in well_performing(runs, *activations)
    ]


def _standard_tanh_is_faster(runs: Runs) -> Test:
    epochs = _standard_epochs(runs, "logistic", "tanh")
    return mean_above(pooled([pairs(*of_depth) for of_depth in epochs]), step=WHOLE_STEP)


def _standard_relu_is_like_softplus(runs: Runs) -> Test:
    epochs = _standard_epochs(runs, "relu", "softplus")
    differences = pooled([pairs(*of_depth) for of_depth in epochs])
    return mean_within(differences, -ALIKE_EPOCHS, ALIKE_EPOCHS, WHOLE_STEP)


def _standard_five_epochs(runs: Runs) -> Test:
    tests = {}
    for activation in ("relu", "softplus"):
        epochs = pooled([of_depth for (of_depth,) in _standard_epochs(runs, activation)])
        tests[activation] = mean_below(epochs, FIVE_EPOCHS + 0.5, WHOLE_STEP)
    return every(tests)


ACTIVATION = (
    Claim(
        "A1",
        "4.3",
        "All four activations reach roughly 90 % on donut_1d without overfitting, when the "
        "network is augmented and deep enough.",
        "activation",
        (
            *(_reaches_90(activation) for activation in _ACTIVATIONS),
            Part(
                f"RK4Net, L = {DEPTH}: training less validation accuracy (points), mean over "
                f"activations, below {NEGLIGIBLE_GAP:g}",
                _does_not_overfit,
            ),
        ),
    ),
    Claim(
        "A2",
        "4.3",
        "tanh needs fewer layers than the logistic function, and converges faster.",
        "activation",
        (
            Part(
                "RK4Net: layers needed, as places in the grid, logistic less tanh, above 0",
                _tanh_needs_fewer_layers,
            ),
            Part(
                f"RK4Net, L = {DEPTH}: epochs to converge, logistic less tanh, above 0",
                _tanh_converges_faster,
            ),
        ),
    ),
    Claim(
        "A3",
        "4.3",
        "ReLU and softplus give very similar results, are good even for shallow models, and "
        "converge after only five epochs.",
        "activation",
        (
            Part(
                "RK4Net: validation accuracy (%), ReLU less softplus, over all depths, "
                f"within ±{EQUALLY_WELL:g}",
                _relu_is_like_softplus,
            ),
            _shallow_is_good("relu"),
            _shallow_is_good("softplus"),
            _five_epochs("relu"),
            _five_epochs("softplus"),
        ),
    ),
    Claim(
        "A4",
        "4.3",
        "The same convergence behaviour on well-performing shallow StandardNets.",
        "activation",
        (
            Part(
                "StandardNet: epochs to converge, logistic less tanh, above 0",
                _standard_tanh_is_faster,
            ),
            Part(
                f"StandardNet: epochs to converge, ReLU less softplus, within ±{ALIKE_EPOCHS:g}",
                _standard_relu_is_like_softplus,
            ),
            Part(
                f"StandardNet: epochs to converge, ReLU and softplus, at most {FIVE_EPOCHS}",
                _standard_five_epochs,
            ),
        ),
    ),
)
