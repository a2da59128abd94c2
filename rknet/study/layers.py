"""Measures of features from layer to layer: size, paths, classes and shape (Sections 4.1–4.4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import silhouette_score

from rknet.study.principal_axes import principal_axes

#: What is measured at each layer; the relative ones are 1 at the input layer.
MEASURES = [
    *("mean_norm", "relative_norm", "mean_spread", "relative_spread"),
    *("added_spread", "added_cosine", "fisher_ratio", "detour", "turning"),
    *("three_axes", "local_line", "local_surface", "silhouette"),
]

#: Around so many samples, local shares are of the nearest samples: this share of all.
CENTRES, NEAREST = 100, 0.1


def by_layer(features: Sequence[np.ndarray], labels: np.ndarray) -> pd.DataFrame:
    """Measure features at every layer.

    Parameters
    ----------
    features : sequence of ndarray, (samples, d̂)
        From the input layer on.
    labels : ndarray of int, (samples,)

    Returns
    -------
    pandas.DataFrame
        A row a layer: ``layer``, then `MEASURES`.

        ``mean_norm``, ``mean_spread``
            The means over samples of ‖y‖ and of ‖y − ȳ‖, ȳ the mean of y; ``relative_`` to layer 0.
            The spread is the one that tells points from one another: the logistic function maps to
            (0, 1), so features that contract to a point need not contract to zero.
        ``added_spread``
            The spread in the added dimensions, those beside the span of the lifted inputs, relative
            to all spread at layer 0.
        ``added_cosine``
            In the added dimensions: the cosine of the mean ways of two classes from layer 0, of
            those classes for which it is smallest; −1 is opposite.
        ``fisher_ratio``
            The scatter between classes over that within classes, both as traces.
        ``detour``
            The mean length of samples' paths so far, over their mean distance from where they
            started, less 1; 0 is straight.
        ``turning``
            The mean of samples' sums of angles (radians) between steps so far.
        ``three_axes``, ``local_line``, ``local_surface``, ``silhouette``
            Of the last layer alone, as they take as long as all others: the share of variance along
            the first three principal axes; of nearby samples, along their first axis and their
            first two, as `local_shares` has them; and the `silhouette`.
    """
    y = np.stack(features)
    centred = y - y.mean(axis=1, keepdims=True)
    norm, spread = (np.linalg.norm(v, axis=2).mean(axis=1) for v in (y, centred))
    added = beside(y - y[0], centred[0])
    # Features that have all contracted to a point have no ratios.
    with np.errstate(invalid="ignore", divide="ignore"):
        frame = pd.DataFrame(
            {
                "mean_norm": norm,
                "relative_norm": norm / norm[0],
                "mean_spread": spread,
                "relative_spread": spread / spread[0],
                "added_spread": _spread(added) / spread[0],
                "added_cosine": smallest_cosine(class_means(added, labels)),
                "fisher_ratio": fisher_ratio(centred, labels),
                "detour": detour(y),
                "turning": turning(y),
            }
        )
        last = len(y) - 1
        frame.loc[last, "three_axes"] = shares(centred[-1][None])[0, :3].sum()
        line, second = local_shares(y[-1])[:2]
        frame.loc[last, ["local_line", "local_surface"]] = [line, line + second]
        frame.loc[last, "silhouette"] = silhouette(y[-1], labels)
    return frame[MEASURES].rename_axis("layer").reset_index()


def beside(y: np.ndarray, given: np.ndarray) -> np.ndarray:
    """The part of y, (…, d̂), at right angles to the span of `given`, (samples, d̂)."""
    _, lengths, axes = np.linalg.svd(given, full_matrices=False)
    span = axes[lengths > 1e-6 * lengths[0]]
    return y - y @ span.T @ span


def class_means(y: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mean of each class, (layers, classes, d̂), of features, (layers, samples, d̂)."""
    return np.stack([y[:, labels == k].mean(axis=1) for k in np.unique(labels)], axis=1)


def smallest_cosine(ways: np.ndarray) -> np.ndarray:
    """By layer, the smallest cosine between two of the vectors, (layers, vectors, d̂)."""
    units = ways / np.linalg.norm(ways, axis=2, keepdims=True)
    return (units @ units.swapaxes(1, 2)).min(axis=(1, 2))


def fisher_ratio(centred: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """By layer, tr S_B / tr S_W of features, (layers, samples, d̂), whose mean is zero.

    S_B is the covariance of the classes' means, S_W that within classes.
    """
    numbers = np.unique(labels, return_counts=True)[1]
    of_means = (class_means(centred, labels) ** 2).sum(axis=2)
    between = of_means @ (numbers / len(labels))
    return between / ((centred**2).sum(axis=2).mean(axis=1) - between)


def detour(y: np.ndarray) -> np.ndarray:
    """By layer, how much longer the paths of features, (layers, samples, d̂), are than straight."""
    steps = np.linalg.norm(np.diff(y, axis=0), axis=2).mean(axis=1)
    distance = np.linalg.norm(y[1:] - y[0], axis=2).mean(axis=1)
    return np.concatenate([[0], np.cumsum(steps) / distance - 1])


def turning(y: np.ndarray) -> np.ndarray:
    """By layer, the mean sum of angles (radians) between the steps of features so far."""
    steps = np.diff(y, axis=0)
    lengths = np.linalg.norm(steps, axis=2)
    both = lengths[1:] * lengths[:-1]
    # A sample that stays does not turn.
    cosines = np.where(both == 0, 1, (steps[1:] * steps[:-1]).sum(axis=2) / both)
    angles = np.arccos(np.clip(cosines, -1, 1)).mean(axis=1)
    return np.concatenate([[0, 0], np.cumsum(angles)])[: len(y)]


def local_shares(y: np.ndarray) -> np.ndarray:
    """The mean shares of variance, (d̂,), along the principal axes of nearby samples, (samples, d̂).

    Near 1, 0, … they say that the samples lie on a curve; near ½, ½, 0, … on a surface.
    """
    centres = y[:CENTRES]
    squares = (centres**2).sum(axis=1)[:, None] + (y**2).sum(axis=1) - 2 * centres @ y.T
    number = min(len(y), max(2, round(NEAREST * len(y))))
    nearest = np.argpartition(squares, number - 1, axis=1)[:, :number]
    return shares(y[nearest] - y[nearest].mean(axis=1, keepdims=True)).mean(axis=0)


def shares(centred: np.ndarray) -> np.ndarray:
    """Shares of variance on principal axes, (sets, d̂), of sets of samples, (sets, samples, d̂)."""
    scatter = centred.swapaxes(1, 2) @ centred
    # Those of a run that diverged are no numbers, which no solver takes.
    variances = np.full(scatter.shape[:2], np.nan)
    finite = np.isfinite(scatter).all(axis=(1, 2))
    variances[finite] = np.linalg.eigvalsh(scatter[finite])[:, ::-1].clip(0)
    return variances / variances.sum(axis=1, keepdims=True)


def silhouette(y: np.ndarray, labels: np.ndarray) -> float:
    """The mean silhouette of classes on the first three principal axes of features, (samples, d̂).

    Of a sample it is (b − a) / max(a, b), a its mean distance from its own class and b that from
    the nearest other one (Rousseeuw, 1987): above 0 if its own is nearer, 1 if the others are far
    away. It needs two classes, and one of two samples.
    """
    if not np.isfinite(y).all() or not 1 < len(np.unique(labels)) < len(labels):
        return np.nan
    axes = principal_axes(y, min(3, *y.shape))
    return float(silhouette_score(axes.transform(y), labels))


def _spread(y: np.ndarray) -> np.ndarray:
    return np.linalg.norm(y - y.mean(axis=1, keepdims=True), axis=2).mean(axis=1)
