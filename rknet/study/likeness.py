"""How alike two trained networks are: in features, and in what they predict (Sections 4.3, 4.4)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from rknet.cell import AXES, Cell

#: On which axes the networks of a pair may differ; all others they share.
PAIRED = ("network", "depth", "activation")
MEASURES = ["cka", "disagreement"]

#: Features are compared at so many points, and predictions at about so many.
POINTS, GRID = 300, 400


@dataclass(frozen=True)
class Answers:
    """What a trained network makes of points that other networks are given, too.

    Attributes
    ----------
    features : ndarray, (points, d̂), or None
        Those in the output layer, as `standardised` returns them; None if it does not give them.
    labels : ndarray of int, (grid points,)
        The classes that it predicts.
    diverged : bool
        Its training did.
    """

    features: np.ndarray | None
    labels: np.ndarray
    diverged: bool = False


def grid(x: np.ndarray) -> np.ndarray:
    """Points on a grid over the range of data, (samples, d): between its percentiles 1 and 99.

    In more than three dimensions the corners are nearly all of a grid; there it is the data.
    """
    dimension = x.shape[1]
    if dimension > 3:
        return x[:GRID]
    side = round(GRID ** (1 / dimension))
    axes = np.linspace(*np.percentile(x, [1, 99], axis=0), side).T
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, dimension)


def standardised(y: np.ndarray) -> np.ndarray:
    """Features, (points, d̂), about their mean and of the size at which CKA needs no division."""
    centred = y - y.mean(axis=0)
    return (centred / np.sqrt(np.linalg.norm(centred.T @ centred))).astype(np.float32)


def cka(x: np.ndarray, y: np.ndarray) -> float:
    """Linear centred kernel alignment of features that are `standardised`.

    It is 1 if one is the other, turned, shifted and scaled, and 0 if all their coordinates are
    uncorrelated: ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖), Frobenius norms (Kornblith et al., 2019, eq. (5)).
    """
    return float((y.T @ x).astype(np.float64).ravel() @ (y.T @ x).ravel())


def pairs(answers: Mapping[tuple[Cell, int], Answers]) -> pd.DataFrame:
    """Compare networks of different seeds: each with those of the next seed.

    Every seed occurs on one side, so that rows of the same two cells are independent.

    Parameters
    ----------
    answers : mapping
        By cell and seed. Cells that differ only on the axes `PAIRED` are compared, also with
        themselves.

    Returns
    -------
    pandas.DataFrame
        A row a pair: the first cell's axes, ``seed``, ``status``, the second's ``other_network``,
        ``other_depth``, ``other_activation`` and ``other_seed``, then `MEASURES`: the CKA of their
        features, and the share of grid points whose predictions differ.
    """
    columns = [*AXES, "seed", "status", *(f"other_{axis}" for axis in (*PAIRED, "seed")), *MEASURES]
    return pd.DataFrame(list(_pairs(answers)), columns=columns)


def _pairs(answers: Mapping[tuple[Cell, int], Answers]) -> Iterator[dict[str, object]]:
    alike: dict[Cell, dict[Cell, None]] = {}
    for cell, _ in answers:
        alike.setdefault(replace(cell, network="", depth=0, activation=""), {})[cell] = None
    seeds = sorted({seed for _, seed in answers})
    for cells in alike.values():
        for first, second in itertools.product(cells, repeat=2):
            for seed, other in zip(seeds[::2], seeds[1::2], strict=False):
                one, two = answers.get((first, seed)), answers.get((second, other))
                if one is not None and two is not None:
                    yield {
                        **asdict(first),
                        "seed": seed,
                        "status": "diverged" if one.diverged or two.diverged else "completed",
                        **{f"other_{axis}": getattr(second, axis) for axis in PAIRED},
                        "other_seed": other,
                        "cka": _cka(one, two),
                        "disagreement": float((one.labels != two.labels).mean()),
                    }


def _cka(one: Answers, other: Answers) -> float:
    if one.features is None or other.features is None:
        return np.nan
    return cka(one.features, other.features)
