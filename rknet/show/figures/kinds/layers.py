"""Features from layer to layer."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Picture

from rknet.show.figures.alignment import aligned
from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.kinds.panels import NO_FEATURES, run_names
from rknet.show.figures.trained import Trained, read_all
from rknet.show.figures.views import Grid, Limits, show_points
from rknet.study.principal_axes import principal_axes


@KINDS.register("layers")
def draw(files: Files, layers: int = 5) -> Picture:
    """Draw the features of trained networks at some layers, by PCA in 3D: a row for each run.

    All panels of a row have the same limits, around the mean of the features. Only then can one see
    that the features of a deep StandardNet contract, first to a line and then to a few points. Each
    panel is turned so that it looks most like the one before.

    Parameters
    ----------
    files : Files
        Records, parameters and datasets, run by run.
    layers : int, optional
        The number of layers that are shown, evenly chosen.

    Raises
    ------
    ValueError
        If a file is not what it must be; the message names it.
    """
    shown = read_all(files.records, files.parameters, files.datasets)
    grid = Grid(layers, run_names(shown))
    written: list[str] = []
    for row, run in enumerate(shown):
        if run.diverged or not run.features:
            grid.words(row, layers // 2, "diverged" if run.diverged else NO_FEATURES)
            continue
        chosen = chosen_layers(run.last_layer, layers)
        reduced = by_pca([run.features[layer] for layer in chosen])
        limits = centred_limits(reduced)
        for column, points in enumerate(reduced):
            show_points(grid.axes(row, column, limits), points, run.validation.labels)
        names = [layer_name(layer, run) for layer in chosen]
        if names != written:
            written = names
            for column, name in enumerate(names):
                grid.title(row, column, name)
    return grid.picture


def chosen_layers(depth: int, number: int) -> list[int]:
    """At most `number` layers from 0 to `depth`, evenly spaced, each once."""
    return np.unique(np.linspace(0, depth, number).round().astype(int)).tolist()


def layer_name(layer: int, trained: Trained) -> str:
    """The title of a layer."""
    return {0: "input", trained.last_layer: "output"}.get(layer, f"layer {layer}")


def by_pca(features: list[np.ndarray]) -> list[np.ndarray]:
    """Features of some layers, (samples, d̂), each by PCA and turned as those before.

    They have three dimensions, or two if the features have only two.
    """
    views: list[np.ndarray] = []
    for y in features:
        axes = principal_axes(y, min(3, y.shape[1]))
        views.append((aligned(axes, y, views[-1]) if views else axes).transform(y))
    return views


def centred_limits(clouds: list[np.ndarray]) -> Limits:
    """Limits of equal length around zero that hold all points of all clouds."""
    half = 1.04 * max(float(np.abs(points).max()) for points in clouds) or 1.0
    return np.tile((-half, half), (clouds[0].shape[1], 1))
