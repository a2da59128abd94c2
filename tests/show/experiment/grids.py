"""Experiments for the tests of how they are shown: values tell which cell they belong to."""

from dataclasses import asdict, replace

import pandas as pd
from hypothesis import strategies as st

from rknet.cell import Cell

CELL = Cell("spiral", "RK4Net", 4, 2)
EPOCHS = 6

#: Values for axes of a grid; a dataset and a network of a user's own among them.
VALUES = {
    "dataset": ["spiral", "donut_3d_6c", "my_moons"],
    "network": ["StandardNet", "RK4Net", "MineNet"],
    "width": [4, 16, 900],
    "depth": [1, 2, 3, 5, 10, 20, 40, 100],
    "activation": ["tanh", "relu"],
    "lift": ["random", "zeros"],
    "classifier": ["trained", "fixed"],
    "batch_size": [5, 50],
    "loss": ["mse", "cross_entropy"],
    "optimiser": ["adam", "sgd"],
    "learning_rate": [0.1, 0.001, 1e-05],
    "engine": ["compiled", "torch", "autograd"],
}


@st.composite
def cells(draw, most=40):
    """Different cells of a grid, of which some may be missing."""
    axes = draw(st.lists(st.sampled_from(list(VALUES)), max_size=4, unique=True))
    found = [CELL]
    for axis in axes:
        values = draw(st.lists(st.sampled_from(VALUES[axis]), min_size=1, unique=True))
        found = [replace(cell, **{axis: value}) for cell in found for value in values]
    kept = draw(st.lists(st.sampled_from(found), min_size=1, max_size=most, unique=True))
    return draw(st.sampled_from([found[:most], kept]))


def status(place, seed, diverged=(), stopped=()):
    """How a run ends."""
    if (place, seed) in diverged:
        return "diverged"
    return "stopped" if (place, seed) in stopped else "completed"


def metrics(cells, seeds=2, **ends):
    """The last epochs: cell in the tens, split and seed in the digits."""
    rows = []
    for place, cell in enumerate(cells):
        for seed in range(seeds):
            ended = status(place, seed, **ends)
            run = {**asdict(cell), "seed": seed, "status": ended, "last_epoch": EPOCHS}
            for split in ("training", "validation"):
                value = 10 + 10 * (place % 8) + 0.5 * (split == "training") + 0.02 * seed
                for metric, scaled in (
                    ("cost", value / 1000),
                    ("accuracy_percent", value),
                    ("one_hot_agreement_percent", value / 2 + 50),
                ):
                    gone = ended == "diverged"
                    rows.append(
                        {**run, "split": split, "metric": metric, "value": None if gone else scaled}
                    )
    return pd.DataFrame(rows)


def curves(cells, seeds=2, **ends):
    """All epochs, to the values of `metrics`; a run that stops does so in the middle."""
    rows = []
    for row in metrics(cells, seeds, **{**ends, "diverged": ()}).to_dict("records"):
        if row["metric"] == "one_hot_agreement_percent":
            continue
        place = cells.index(Cell(**{axis: row[axis] for axis in asdict(CELL)}))
        ended = status(place, row["seed"], **ends)
        epochs = EPOCHS // 2 if ended == "stopped" else EPOCHS
        last = row.pop("last_epoch")
        rows += [
            {**row, "status": ended, "epoch": epoch, "value": row["value"] * (epoch + 1) / last}
            for epoch in range(epochs + 1)
        ]
    return pd.DataFrame(rows)
