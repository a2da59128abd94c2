"""Made-up results in which a claim holds, fails, or is left open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from rknet.cell import AXES, Cell
from rknet.study.claims import Results
from rknet.study.grids import expand

ROOT = Path(__file__).parent.parent
#: Experiments whose claims look at curves.
CURVES = ("activation", "architecture", "images", "digits")
KINDS = ("supported", "contradicted", "undecided")
#: Enough for exact tests of several cells; and for one of nine runs in ten.
SEEDS = {"depth_narrow": 32}


@dataclass
class Profile:
    """What the runs of a cell look like, but for noise."""

    accuracy: float = 90.0
    gap: float = 0.2
    cost: float = 0.3
    epochs: int = 3
    noise: float = 0.1
    epoch_noise: int = 0
    roughness: float = 0.0


@cache
def cells(experiment: str) -> tuple[Cell, ...]:
    """The cells of a configured experiment, with the random lift where it has both."""
    grid = yaml.safe_load((ROOT / f"config/experiments/{experiment}.yaml").read_text())
    axes = {axis: value for axis, value in grid.items() if axis in AXES}
    if isinstance(axes.get("lift"), list):
        axes["lift"] = "random"
    return expand(axes, grid.get("variants", [{}]))


def results(
    experiment: str, profile: Callable[[Cell], Profile], seeds: int | None = None
) -> Results:
    """Metrics and curves of an experiment whose cells have these profiles."""
    seeds = seeds or SEEDS.get(experiment, 16)
    metrics, curves = [], []
    for cell in cells(experiment):
        like = profile(cell)
        for seed in range(seeds):
            # No draw, so that no verdict hangs on one; two repetitions are twice the noise apart.
            noise = like.noise * (1 if seed % 2 else -1)
            epochs = like.epochs + like.epoch_noise * (1 if seed % 2 else -1)
            run = {**asdict(cell), "seed": seed, "status": "completed", "last_epoch": cell.epochs}
            for split, gap in (("training", like.gap), ("validation", 0.0)):
                accuracy = like.accuracy + noise + gap
                for metric, value, before in (
                    ("accuracy_percent", accuracy, accuracy - 20),
                    ("cost", like.cost + noise / 1000, like.cost + noise / 1000 + 1),
                ):
                    row = {**run, "split": split, "metric": metric}
                    metrics.append({**row, "value": value})
                    if split == "validation" and experiment in CURVES:
                        rough = like.roughness * (1 + seed / 10)
                        curves += [
                            {
                                **{**row, "epoch": epoch},
                                "value": (before if epoch < epochs else value)
                                + rough * (epoch % 2),
                            }
                            for epoch in range(cell.epochs + 1)
                        ]
    frames = {experiment: pd.DataFrame(metrics)}
    return Results(frames, {experiment: pd.DataFrame(curves)} if curves else {})


def by_depth(*accuracies: float) -> dict[int, float]:
    """Accuracies at the depths of Table 1."""
    return dict(zip((1, 3, 5, 10, 20, 40, 100), accuracies, strict=True))


def mixed(good: Results, bad: Results, one_in: int = 2) -> Results:
    """One pair of repetitions in so many of one world, and the rest of the other."""

    def of_both(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
        last = 2 * (one_in - 1)
        return pd.concat(
            [one[one["seed"] % (2 * one_in) < last], other[other["seed"] % (2 * one_in) >= last]]
        )

    return Results(
        *(
            {name: of_both(frame, getattr(bad, kind)[name])
             for name, frame in getattr(good, kind).items()}
            for kind in ("metrics", "curves", "features", "pairs")
        )
    )  # fmt: skip


STANDARD = by_depth(92, 93, 98, 96, 70, 50, 50)
RK4 = by_depth(75, 91, 97, 99.5, 99.6, 99.7, 99.8)
NARROW_RK4 = by_depth(75, 76, 77, 78, 80, 99.5, 99.6)


def width(good: bool, noise: float) -> Results:
    step = 5 if good else -5
    return results("width", lambda c: Profile(90 + step * (c.width == 3), noise=noise))


def narrower(step: float) -> Results:
    """Width 3 is better than width 2, by points of accuracy; with runs enough for nine in ten."""

    def profile(cell: Cell) -> Profile:
        by = step * (cell.width == 3)
        return Profile(90 + by, cost=0.3 - by / 50)

    return results("width", profile, 32)


def gap_of_cost(training: float) -> Results:
    """The training cost of the depths is so far below the validation cost."""
    whole = depth(STANDARD, RK4)
    frame = whole.metrics["depth"]
    of_training = (frame["metric"] == "cost") & (frame["split"] == "training")
    frame = frame.assign(value=frame["value"] - training * of_training)
    return Results({"depth": frame})


def deep(better: bool, experiment: str = "depth") -> Results:
    """RK nets of at least 20 layers are better than StandardNet, or worse."""

    def profile(cell: Cell) -> Profile:
        ahead = residual(cell) == better
        return Profile(95 if ahead else 60, cost=0.2 if ahead else 0.6)

    return results(experiment, profile)


def accurate(accuracy: float, seeds: int | None = None) -> Results:
    return results("architecture", lambda _: Profile(accuracy, noise=0.3), seeds)


def hardest(by: float) -> Results:
    """Both sets that are called the most challenging are harder by so many points."""
    hard = ("donut_3d_6c", "squares_3d_4c")
    return architecture(lambda c: Profile(90 - by * (c.dataset in hard)))


def fashion_harder(by: float) -> Results:
    def profile(cell: Cell) -> Profile:
        harder_by = by * (cell.dataset == "fashion_mnist")
        return Profile(90 - harder_by, cost=0.3 + harder_by / 50)

    return results("images", profile)


def standard_suffers(experiment: str, by: float) -> Results:
    return results(experiment, lambda c: Profile(90 - by * (c.depth == 100 and not residual(c))))


def euler_like_rk4(experiment: str, later: int) -> Results:
    """EulerNet converges so many epochs later than RK4Net."""
    return results(experiment, lambda c: Profile(epochs=3 + later * (c.network == "EulerNet")))


def depth(
    standard: dict[int, float],
    rk4: dict[int, float],
    noise: float = 0.1,
    experiment: str = "depth",
    **profile: float,
) -> Results:
    of = {"StandardNet": standard, "RK4Net": rk4}
    return results(experiment, lambda c: Profile(of[c.network][c.depth], noise=noise, **profile))


def narrow(standard: dict[int, float], rk4: dict[int, float]) -> Results:
    """Both widths, of which the larger is as usual."""
    both = (depth(standard, rk4, experiment="depth_narrow"), depth(STANDARD, RK4))
    return Results({name: frame for one in both for name, frame in one.metrics.items()})


def mirrored(cost: Callable[[float, int], float]) -> Results:
    of = {"StandardNet": STANDARD, "RK4Net": RK4}

    def profile(cell: Cell) -> Profile:
        accuracy = of[cell.network][cell.depth] - cell.depth / 100
        return Profile(accuracy, cost=cost(accuracy, cell.depth), noise=0)

    return results("depth", profile)


def contraction(tanh: float, logistic: float, rk4: float, noise: float) -> Results:
    """Spreads that fall by these factors a layer."""
    factor = {
        ("StandardNet", "tanh"): tanh,
        ("StandardNet", "logistic"): logistic,
        ("RK4Net", "tanh"): rk4,
        ("RK4Net", "logistic"): rk4,
    }

    def by_layer(cell: Cell, seed: int) -> dict[str, list[float]]:
        wobble = 10 ** (noise * (1 if seed % 2 else -1))
        fall = factor[cell.network, cell.activation]
        return {"relative_spread": [1, *(fall**layer * wobble for layer in range(1, 21))]}

    return featured("contraction", by_layer)


def featured(
    experiment: str, by_layer: Callable[[Cell, int], dict[str, Sequence[float]]]
) -> Results:
    """Features whose measures have these values, from the input layer to the last."""
    rows = [
        {**asdict(cell), "seed": seed, "status": "completed", "layer": layer}
        | dict(zip(measures, values, strict=True))
        for cell in cells(experiment)
        for seed in range(16)
        for measures in [by_layer(cell, seed)]
        for layer, values in enumerate(zip(*measures.values(), strict=True))
    ]
    metrics = results(experiment, lambda _: Profile()).metrics
    return Results(metrics, features={experiment: pd.DataFrame(rows)})


def ending(experiment: str, measures: Callable[[Cell], dict[str, float]]) -> Results:
    """Features whose measures have these values at the last layer."""
    return featured(
        experiment, lambda cell, _: {name: [0, value] for name, value in measures(cell).items()}
    )


def straighter(width2: float, width3: float) -> Results:
    of = {2: width2, 3: width3}
    return ending("width", lambda c: {"detour": of[c.width], "turning": of[c.width]})


def extended(added: float, layers: int) -> Results:
    """The features fill added dimensions from layer 1 on, and contract after so many layers."""
    return featured(
        "contraction",
        lambda *_: {
            "added_spread": [0, added, *[added / 2] * (layers - 2), *[0] * (21 - layers)],
            "relative_spread": [1] * layers + [0.01] * (21 - layers),
        },
    )


def pulled_apart(factor: float) -> Results:
    """The Fisher ratio grows by a factor a layer."""
    return featured("contraction", lambda *_: {"fisher_ratio": factor ** np.arange(21)})


def shaped(standard: float, others: float, three_axes: float) -> Results:
    """StandardNet's features lie along lines to such a share, and those of the others."""

    def measures(cell: Cell) -> dict[str, float]:
        line = others if residual(cell) else standard
        return {"local_line": line, "local_surface": three_axes, "three_axes": three_axes}

    return ending("architecture", measures)


def alike(
    experiment: str,
    cka: Callable[[Cell, Cell], float] = lambda *_: 1.0,
    disagreement: Callable[[Cell, Cell], float] = lambda *_: 0.0,
) -> Results:
    """Pairs of networks that are alike so far."""
    rows = [
        {**asdict(one), "seed": seed, "status": "completed", "other_seed": seed + 1}
        | {f"other_{axis}": getattr(other, axis) for axis in ("network", "depth", "activation")}
        | {"cka": cka(one, other), "disagreement": disagreement(one, other)}
        for one in cells(experiment)
        for other in cells(experiment)
        if one.dataset == other.dataset
        if experiment != "activation" or (one.depth == other.depth == 20)
        for seed in range(0, 32, 2)
    ]
    metrics = results(experiment, lambda _: Profile()).metrics
    return Results(metrics, pairs={experiment: pd.DataFrame(rows)})


def clustered(experiment: str, rk4: float, standard: float) -> Results:
    """Silhouettes of RK nets and of StandardNet."""
    return ending(experiment, lambda c: {"silhouette": rk4 if residual(c) else standard})


def distinct(one: Cell, other: Cell) -> float:
    """CKA that tells StandardNet from the others."""
    return 0.95 if residual(one) == residual(other) else 0.5


def unlike(axis: str, by: float) -> Callable[[Cell, Cell], float]:
    """Networks that differ on an axis disagree by this; others hardly."""
    return lambda one, other: 0.01 if getattr(one, axis) == getattr(other, axis) else by


def activation(profile: Callable[[Cell], Profile]) -> Results:
    return results("activation", profile)


def layered(first: str, second: str, noise: float = 0.1, epoch_noise: int = 0) -> Results:
    """`first` needs fewer layers and epochs than `second`; ReLU and softplus fewest."""

    def profile(cell: Cell) -> Profile:
        needed = {first: 3, second: 10}.get(cell.activation, 1)
        if cell.network == "StandardNet":
            needed = 1
        epochs = {first: 8, second: 15}.get(cell.activation, 3)
        accuracy = 90 if cell.depth >= needed else 75
        return Profile(accuracy, epochs=epochs, noise=noise, epoch_noise=epoch_noise)

    return activation(profile)


def architecture(profile: Callable[[Cell], Profile]) -> Results:
    return results("architecture", profile)


HARDER = ("donut_3d_3c", "donut_3d_6c", "squares_3d_4c")


def harder(step: float, noise: float) -> Results:
    return architecture(
        lambda c: Profile(
            90 - step * (c.dataset in HARDER),
            cost=0.3 + step / 50 * (c.dataset in HARDER),
            noise=noise,
        )
    )


def euler_against_others(euler: int, others: int, noise: float = 0.1, jump: int = 0) -> Results:
    return architecture(
        lambda c: Profile(
            epochs=euler if c.network == "EulerNet" else others, noise=noise, epoch_noise=jump
        )
    )


def standard_against_others(epochs: int, noise: float, cost: float, jump: int = 0) -> Results:
    def profile(cell: Cell) -> Profile:
        if cell.network == "StandardNet":
            return Profile(cost=0.3 + cost, epochs=epochs, noise=noise, epoch_noise=jump)
        return Profile(epochs=5, noise=0.1, epoch_noise=0)

    return architecture(profile)


def departing(experiment: str, usual: Callable[[Cell], bool], by: float, noise: float) -> Results:
    """Cells that are not as `usual` have another accuracy."""
    return results(experiment, lambda c: Profile(90 + by * (not usual(c)), noise=noise))


def schemes(check: float, control: float) -> Results:
    rows = [
        {"check": check_name, "scheme": "rk4", "role": role, "relative_difference": difference}
        for check_name in ("commutation", "invariant", "training")
        for role, difference in (("check", check), ("control", control))
        if (check_name, role) != ("training", "control")
    ]
    frame = pd.DataFrame(rows)
    frame["outcome"] = np.where(frame["relative_difference"] <= 1e-12, "agrees", "differs")
    return Results(checks=frame)


def adam(cell: Cell) -> bool:
    return cell.loss == "cross_entropy" and cell.optimiser == "adam"


def trained(cell: Cell) -> bool:
    return cell.classifier == "trained"


def tanh_like(cell: Cell) -> bool:
    return cell.activation != "softplus"


def residual(cell: Cell) -> bool:
    return cell.network != "StandardNet"


#: Of the image experiments, the augmented width.
WIDE = {"images": 900, "digits": 100}


def augmentation(experiment: str, wide: Profile, narrow: Profile) -> Results:
    return results(experiment, lambda c: wide if c.width == WIDE[experiment] else narrow)


def deep_standard(experiment: str, accuracy: float, noise: float) -> Results:
    return results(
        experiment,
        lambda c: Profile(
            accuracy if (c.network, c.depth) == ("StandardNet", 100) else 90, noise=noise
        ),
    )


def standard_behind(experiment: str, by: dict[str, float], noise: float) -> Results:
    return results(
        experiment,
        lambda c: (
            Profile(90, noise=noise / 20)
            if residual(c)
            else Profile(
                90 - by.get(c.dataset, 5), cost=0.3 + by.get(c.dataset, 5) / 50, noise=noise
            )
        ),
    )


def euler_off(experiment: str, by: float, noise: float) -> Results:
    return results(experiment, lambda c: Profile(90 - by * (c.network == "EulerNet"), noise=noise))


def standard_converges(
    experiment: str, epochs: int, roughness: float, others: float, jump: int = 0
) -> Results:
    return results(
        experiment,
        lambda c: (
            Profile(epochs=5, roughness=others)
            if residual(c)
            else Profile(epochs=epochs, roughness=roughness, epoch_noise=jump)
        ),
    )


def image_worlds(experiment: str, suffix: str) -> dict[str, tuple[Callable[[], Results], ...]]:
    good, bad = Profile(95, cost=0.2, noise=0.3), Profile(88, cost=0.5, noise=6)
    as_stated, alike = {"fashion_mnist": 20}, {"mnist": 0, "fashion_mnist": 0, "digits": -2}
    worlds = (
        (
            lambda: augmentation(experiment, good, bad),
            lambda: augmentation(experiment, bad, good),
        ),
        (
            lambda: deep_standard(experiment, 10, 0.3),
            lambda: deep_standard(experiment, 60, 0.3),
        ),
        (
            lambda: standard_behind(experiment, as_stated, 1),
            lambda: standard_behind(experiment, alike, 1),
        ),
        (
            lambda: euler_off(experiment, 0, 0.3),
            lambda: euler_off(experiment, 10, 0.3),
        ),
        (
            lambda: results(experiment, lambda _: Profile(gap=8)),
            lambda: results(experiment, lambda _: Profile(gap=0.2)),
        ),
        (
            lambda: standard_converges(experiment, 15, 0.5, 0.05),
            lambda: standard_converges(experiment, 3, 0.05, 0.5),
        ),
    )
    more = {
        "I8": (lambda: standard_suffers(experiment, 40), lambda: standard_suffers(experiment, 0)),
        "I9": (lambda: euler_like_rk4(experiment, 0), lambda: euler_like_rk4(experiment, 9)),
        "I11": (lambda: clustered(experiment, 0.5, 0.1), lambda: clustered(experiment, -0.2, 0.1)),
        "I10": (lambda: deep(True, experiment), lambda: deep(False, experiment)),
    }
    named = {f"I{number}": world for number, world in enumerate(worlds, start=1)} | more
    return {f"{name}{suffix}": world for name, world in named.items()}


#: By claim, results that support it, contradict it and, if a mixture does not, leave it open.
WORLDS: dict[str, tuple[Callable[[], Results], ...]] = {
    **{
        name: (
            lambda: width(good=True, noise=0.1),
            lambda: width(good=False, noise=0.1),
        )
        for name in ("W1", "W2")
    },
    "W3": (
        lambda: narrower(3),
        lambda: narrower(-3),
        lambda: mixed(narrower(3), narrower(-3), one_in=4),
    ),
    "W4": (
        lambda: narrower(3),
        lambda: narrower(-3),
        lambda: mixed(narrower(3), narrower(-3), one_in=8),
    ),
    "W5": (lambda: straighter(1, 0.2), lambda: straighter(0.2, 1)),
    "W6": (
        lambda: ending("width", lambda _: {"added_cosine": -1}),
        lambda: ending("width", lambda _: {"added_cosine": 1}),
    ),
    "D1": (
        lambda: depth(STANDARD, RK4, gap=0.5),
        lambda: depth(STANDARD, RK4, gap=-0.5),
    ),
    "D2": (
        lambda: depth(STANDARD, RK4),
        lambda: depth(RK4, RK4),
    ),
    "D3": (
        lambda: depth(STANDARD, RK4),
        lambda: depth(RK4, RK4),
    ),
    "D4": (
        lambda: depth(STANDARD, RK4),
        lambda: depth(STANDARD, STANDARD),
    ),
    "D5": (
        lambda: depth(STANDARD, RK4),
        lambda: depth(by_depth(*[60] * 7), RK4),
    ),
    "D6": (
        lambda: narrow(by_depth(70, 71, 71, 72, 60, 50, 50), NARROW_RK4),
        lambda: narrow(by_depth(90, 91, 92, 90, 60, 50, 50), NARROW_RK4),
        lambda: mixed(
            narrow(by_depth(70, 71, 71, 72, 60, 50, 50), NARROW_RK4),
            narrow(by_depth(70, 71, 71, 72, 60, 50, 50), {**NARROW_RK4, 100: 90}),
        ),
    ),
    "D7": (
        lambda: mirrored(lambda accuracy, _: 1 - accuracy / 100),
        lambda: mirrored(lambda accuracy, _: accuracy / 100),
    ),
    "D8": (
        lambda: contraction(0.7, 0.3, 1.0, 0.1),
        lambda: contraction(1.0, 0.3, 1.0, 0.1),
    ),
    "D9": (lambda: gap_of_cost(0.01), lambda: gap_of_cost(-0.01)),
    "D10": (lambda: deep(better=True), lambda: deep(better=False)),
    "D11": (lambda: extended(0.5, 8), lambda: extended(0, 8)),
    "D12": (lambda: pulled_apart(1.2), lambda: pulled_apart(0.9)),
    "D13": (
        lambda: ending("depth", lambda c: {"fisher_ratio": c.depth}),
        lambda: ending("depth", lambda c: {"fisher_ratio": 1 / c.depth}),
    ),
    "A5": (
        lambda: alike("activation", disagreement=unlike("activation", 0.01)),
        lambda: alike("activation", disagreement=unlike("activation", 0.3)),
    ),
    "A1": (
        lambda: activation(lambda _: Profile(90)),
        lambda: activation(lambda _: Profile(70)),
    ),
    "A2": (
        lambda: layered("tanh", "logistic"),
        lambda: layered("logistic", "tanh"),
    ),
    "A3": (
        lambda: activation(lambda _: Profile(90)),
        lambda: departing("activation", tanh_like, -10, 0.1),
    ),
    "A4": (
        lambda: layered("tanh", "logistic"),
        lambda: layered("logistic", "tanh"),
    ),
    "C1": (
        lambda: architecture(lambda _: Profile(noise=0.3)),
        lambda: architecture(lambda _: Profile(noise=9)),
    ),
    "C2": (
        lambda: architecture(lambda _: Profile(noise=0.3)),
        lambda: departing("architecture", residual, -5, 0.3),
    ),
    "C3": (
        lambda: harder(3, 0.1),
        lambda: harder(-3, 0.1),
    ),
    "C4": (
        lambda: euler_against_others(2, 6),
        lambda: euler_against_others(6, 2),
    ),
    "C5": (
        lambda: standard_against_others(15, 2, 0.2),
        lambda: standard_against_others(2, 2, -0.2),
    ),
    "C6": (lambda: accurate(90), lambda: accurate(40)),
    "C7": (
        lambda: accurate(90, 32),
        lambda: accurate(97, 32),
        lambda: mixed(accurate(90, 32), accurate(97, 32), one_in=8),
    ),
    "C8": (lambda: accurate(91), lambda: accurate(85)),
    "C9": (
        lambda: architecture(lambda _: Profile(noise=0.3)),
        lambda: departing("architecture", residual, -5, 0.3),
    ),
    "C10": (
        lambda: results("architecture", lambda _: Profile(noise=0.3), 32),
        lambda: results("architecture", lambda _: Profile(noise=9), 32),
    ),
    "C11": (lambda: hardest(3), lambda: hardest(-3)),
    "C12": (
        lambda: alike("architecture"),
        lambda: alike("architecture", lambda *_: 0.5, lambda *_: 0.3),
    ),
    "C13": (lambda: alike("architecture"), lambda: alike("architecture", lambda *_: 0.5)),
    "C14": (
        lambda: alike("architecture", distinct),
        lambda: alike("architecture"),
    ),
    "C15": (lambda: shaped(0.95, 0.6, 0.95), lambda: shaped(0.6, 0.95, 0.6)),
    "C16": (lambda: shaped(0.95, 0.6, 0.95), lambda: shaped(0.6, 0.95, 0.6)),
    "C17": (
        lambda: alike("architecture", disagreement=unlike("network", 0.02)),
        lambda: alike("architecture", disagreement=unlike("network", 0.3)),
    ),
    "I7": (lambda: fashion_harder(10), lambda: fashion_harder(-10)),
    "T1": (
        lambda: departing("training", adam, 0, 0.1),
        lambda: departing("training", adam, -10, 0.1),
    ),
    "T2": (
        lambda: departing("classifier", trained, 0, 0.1),
        lambda: departing("classifier", trained, -10, 0.1),
    ),
    **image_worlds("images", ""),
    **image_worlds("digits", "d"),
    **{
        name: (
            lambda: schemes(1e-15, 1e-3),
            lambda: schemes(1e-6, 1e-3),
            lambda: schemes(1e-15, 1e-15),
        )
        for name in ("S1", "S2")
    },
}


def world(name: str, kind: str) -> Results:
    """Results in which a claim has this verdict."""
    made = WORLDS[name]
    if kind == "undecided" and len(made) == 2:
        return mixed(made[0](), made[1]())
    return made[KINDS.index(kind)]()
