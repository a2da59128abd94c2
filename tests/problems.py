"""Small training problems for tests."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from rknet import datasets
from rknet.cell import Cell
from rknet.engines.base import Problem, initial_parameters
from rknet.networks.base import Network
from rknet.networks.runge_kutta import RungeKutta
from rknet.networks.standard import Standard
from rknet.tableau import SCHEMES, ButcherTableau

ACTIVATIONS = ("tanh", "logistic", "relu", "softplus")


def problem(
    scheme: str | ButcherTableau | None = "rk4",
    dataset: str = "donut_3d_3c",
    dtype: type = np.float32,
    samples: int = 1500,
    seed: int = 0,
    **settings: object,
) -> Problem:
    """A problem on the first points of a dataset; `scheme` None is StandardNet."""
    about = datasets.named(dataset).about
    cell = Cell(dataset, "Net", **{"width": 5, "depth": 4, **settings})
    drawn = datasets.draw(dataset, seed)
    cut = datasets.Dataset(*(datasets.Split(x[:samples], y[:samples]) for x, y in drawn), about)
    start = initial_parameters(cell, seed, about.dimension, about.classes, dtype)
    return Problem(cell, network(scheme), start, cut, seed)


def network(scheme: str | ButcherTableau | None) -> Network:
    """The network of a scheme, or of its name; for None StandardNet."""
    if scheme is None:
        return Standard()
    return RungeKutta(SCHEMES[scheme] if isinstance(scheme, str) else scheme)


def frame(columns: dict[str, object], **fixed: object) -> pd.DataFrame:
    """A tidy frame of runs of one cell, but for what `columns` and `fixed` say."""
    count = len(next(iter(columns.values())))
    defaults = {
        **asdict(Cell("", "", 1, 1)),
        **{"dataset": "spiral", "network": "RK4Net", "width": 16, "depth": 3},
        **{"seed": list(range(count)), "status": "completed", "last_epoch": 40},
        **{"split": "validation", "metric": "accuracy_percent"},
    }
    return pd.DataFrame({**defaults, **fixed, **columns})
