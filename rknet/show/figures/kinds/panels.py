"""Panels that show what trained networks do to points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from rknet.networks.base import defined
from rknet.registry import unknown
from rknet.show.figures.alignment import aligned
from rknet.show.figures.figure import KINDS, Files, varied
from rknet.show.figures.shown_run import Shown
from rknet.show.figures.trained import Trained, read_all
from rknet.show.figures.views import (
    Grid,
    Limits,
    equal_limits,
    show_background,
    show_paths,
    show_points,
)
from rknet.show.labels import label, lift_in_short
from rknet.study.features import features
from rknet.study.principal_axes import PrincipalAxes, principal_axes

#: The number of samples that have a trajectory.
TRAJECTORIES = 50
#: The limits of each coordinate in the input space, as in Figure 2.
INPUT_LIMITS = (-4.0, 4.0)
#: The most runs side by side if runs are the columns; further runs continue below.
ACROSS = 4

#: Shown instead of features if a user's network does not return them.
NO_FEATURES = "no features"

#: A function that makes the axes of a panel, with given limits.
Place = Callable[[Limits], Axes]


@KINDS.register("panels")
def draw(files: Files, panels: Sequence[str], runs_across: bool = False) -> Picture:
    """Draw panels of trained networks in a grid: rows are runs, columns are kinds of panels.

    Parameters
    ----------
    files : Files
        Records, parameters and datasets, run by run.
    panels : sequence of str
        Kinds: ``trajectories``, ``transformation`` (feature coordinates), ``pca_3d``, ``pca_2d``
        (output features reduced) and ``prediction``.
    runs_across : bool, optional
        Whether runs are the columns.

    Raises
    ------
    ValueError
        If a file is not what it must be, or a panel is unknown; the message names it.
    """
    for kind in panels:
        if kind not in PANELS:
            raise ValueError(unknown("panel", kind, tuple(PANELS)))
    shown = read_all(files.records, files.parameters, files.datasets)
    runs, kinds = run_names(shown), [PANELS[kind].title for kind in panels]
    across = min(len(shown), ACROSS) if runs_across else len(kinds)
    blocks = -(-len(shown) // across) if runs_across else 1
    sides = kinds * blocks if runs_across else runs
    grid = Grid(across, sides)
    for i, run in enumerate(shown):
        for j, kind in enumerate(panels):
            if runs_across:
                row, column, head = i // across * len(kinds) + j, i % across, runs[i] * (j == 0)
            else:
                row, column, head = i, j, kinds[j] * (i == 0)
            if run.diverged or (PANELS[kind].of_features and not run.features):
                grid.words(row, column, "diverged" if run.diverged else NO_FEATURES)
                found = ""
            else:
                found = PANELS[kind].draw(partial(grid.axes, row, column), run, shown)
            grid.title(row, column, ": ".join(filter(None, (head, found))))
    return grid.picture


def run_names(shown: Sequence[Shown]) -> list[str]:
    """The words that tell each run from the others, and its seed.

    The paper calls a Runge–Kutta net padded by zeros NODE without space augmentation and ANODE with
    it; so do these words.
    """
    axes = dict.fromkeys((*varied([trained.run for trained in shown]), "seed"))
    return [", ".join(_words(axis, trained) for axis in axes) for trained in shown]


def _words(axis: str, trained: Shown) -> str:
    if axis == "seed":
        return f"seed {trained.run.seed}"
    value = getattr(trained.run.cell, axis)
    if axis in ("network", "depth", "activation", "dataset"):
        return label(axis, value)
    if axis == "lift":
        return lift_in_short(value)
    words = f"{axis.replace('_', ' ')} {value}"
    residual = defined(trained.setting["network_definition"]).residual
    if axis == "width" and residual and trained.setting["lift"] == "zeros":
        words += " (NODE)" if value == trained.dimension else " (ANODE)"
    return words


def draw_trajectories(place: Place, trained: Trained, _: Sequence[Trained]) -> str:
    """Draw the features of some samples through the layers, in the first coordinates.

    Each panel has its own limits, because networks stretch their feature spaces differently.
    """
    paths = trajectories(trained.features)
    axes = place(equal_limits(paths))
    show_paths(axes, paths, trained.validation.labels[:TRAJECTORIES])
    return ""


def draw_transformation(place: Place, trained: Trained, _: Sequence[Trained]) -> str:
    """Draw the features in the output layer, in the first coordinates."""
    points = trained.features[-1][:, :3]
    limits = equal_limits(points)
    axes = place(limits)
    if points.shape[1] == 2 and trained.classifies_features:
        show_background(axes, trained.output_probabilities, limits)
    show_points(axes, points, trained.validation.labels)
    return ""


def draw_pca_3d(place: Place, trained: Trained, shown: Sequence[Trained]) -> str:
    """Draw the features in the output layer, by PCA in 3D (in 2D if they have two dimensions).

    Each panel has its own limits, because each network has its own feature space. The views are
    turned alike, see `output_axes`.
    """
    points = output_axes(trained, shown, 3).transform(trained.features[-1])
    axes = place(equal_limits(points))
    show_points(axes, points, trained.validation.labels)
    return ""


def draw_pca_2d(place: Place, trained: Trained, shown: Sequence[Trained]) -> str:
    """Draw the features in the output layer, by PCA in 2D, over the classifier on that plane.

    Limits and views are as in `draw_pca_3d`.
    """
    pca = output_axes(trained, shown, 2)
    points = pca.transform(trained.features[-1])
    limits = equal_limits(points)
    axes = place(limits)
    if trained.classifies_features:
        show_background(
            axes, lambda plane: trained.output_probabilities(pca.inverse_transform(plane)), limits
        )
    show_points(axes, points, trained.validation.labels)
    return ""


def draw_prediction(place: Place, trained: Trained, _: Sequence[Trained]) -> str:
    """Draw validation points in the colour of the predicted class, on the class probabilities.

    In three dimensions, only the points are drawn; in more, only their first three coordinates.
    """
    x = trained.validation.x[:, :3]
    limits = np.tile(INPUT_LIMITS, (x.shape[1], 1))
    axes = place(limits)
    if trained.dimension == 2:
        show_background(axes, trained.probabilities, limits)
    show_points(axes, x, trained.predicted)
    return f"accuracy {trained.accuracy_percent:.1f} %"


def output_axes(trained: Trained, shown: Sequence[Trained], most: int) -> PrincipalAxes:
    """The principal axes of the features in the output layer, turned as those of the first run.

    Parameters
    ----------
    trained : Trained
    shown : sequence of Trained
        All runs of the figure. The first one on the same dataset that has as many axes decides how
        these are turned: what both networks make of its validation points should look alike.
    most : int
        The number of axes, if the features have as many dimensions.
    """
    axes = _principal(trained, most)
    first = next(run for run in shown if run is trained or _comparable(run, trained, most))
    if first is trained:
        return axes
    view = _principal(first, most).transform(first.features[-1])
    return aligned(axes, features(trained.network, first.validation.x)[-1], view)


def _principal(run: Trained, most: int) -> PrincipalAxes:
    return principal_axes(run.features[-1], _dimensions(run, most))


def _dimensions(run: Trained, most: int) -> int:
    return min(most, run.features[-1].shape[1])


def _comparable(run: Trained, other: Trained, most: int) -> bool:
    if run.diverged or not run.features or run.run.cell.dataset != other.run.cell.dataset:
        return False
    return _dimensions(run, most) == _dimensions(other, most)


def trajectories(features: Sequence[np.ndarray]) -> np.ndarray:
    """The first two or three coordinates of some samples, (samples, layers, coordinates)."""
    return np.stack([y[:TRAJECTORIES, :3] for y in features], axis=1)


class Panel(NamedTuple):
    """A kind of panel: its title, and the function that draws it and returns its words.

    The function also gets all runs of the figure. A panel that shows no features can be drawn for
    every network.
    """

    title: str
    draw: Callable[[Place, Trained, Sequence[Trained]], str]
    of_features: bool = True


PANELS = {
    "trajectories": Panel("trajectories", draw_trajectories),
    "transformation": Panel("output layer", draw_transformation),
    "pca_3d": Panel("output layer, PCA in 3D", draw_pca_3d),
    "pca_2d": Panel("output layer, PCA in 2D", draw_pca_2d),
    "prediction": Panel("prediction", draw_prediction, of_features=False),
}
