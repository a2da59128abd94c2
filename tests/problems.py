"""Small training problems for tests."""

from __future__ import annotations

import numpy as np

from rknet import datasets
from rknet.experiments import Cell
from rknet.tableau import SCHEMES, ButcherTableau
from rknet.training.problem import Problem, initial_parameters

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
    about = datasets.describe(dataset)
    tableau = SCHEMES[scheme] if isinstance(scheme, str) else scheme
    cell = Cell(dataset, "Net", **{"width": 5, "depth": 4, **settings})
    drawn = datasets.draw(dataset, seed)
    cut = datasets.Dataset(*(datasets.Split(x[:samples], y[:samples]) for x, y in drawn))
    start = initial_parameters(cell, seed, about.dimension, about.classes, dtype)
    return Problem(cell, tableau, start, cut)
