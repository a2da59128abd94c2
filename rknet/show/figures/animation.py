"""A trained network in motion: what each layer does to the features."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, PillowWriter
from matplotlib.artist import Artist
from matplotlib.figure import Figure as Picture

from rknet.files import replacing
from rknet.show.figures.kinds.layers import chosen_layers, layer_name
from rknet.show.figures.kinds.panels import NO_FEATURES, TRAJECTORIES, trajectories
from rknet.show.figures.trained import Trained
from rknet.show.figures.views import Grid, equal_limits, show_paths, show_points
from rknet.study.principal_axes import principal_axes

#: The most layers that are shown, evenly chosen.
FRAMES = 50
#: The frames in a second, and how many times the last one is shown.
FRAMES_PER_SECOND, LAST = 10, 20
#: Pixels an inch; of an even number of pixels, as films must have.
_DPI = 140


@dataclass(frozen=True)
class Film:
    """A picture that shows one layer after another, in axes that do not move.

    Attributes
    ----------
    picture : Figure
    layers : list of int
        The layers it shows, frame by frame. For a diverged run a single frame says so.
    show : callable
        Makes the picture show a layer.
    """

    picture: Picture
    layers: list[int]
    show: Callable[[int], None]


def film(motion: str, trained: Trained) -> Film:
    """The film of a run's validation points, coloured by their class.

    Parameters
    ----------
    motion : str
        ``trajectories``: some samples with their trails, in the first three (or two) coordinates;
        ``transformation``: all samples, by PCA in 3D of the features of all the layers shown,
        or in their own coordinates if there are at most three.
    trained : Trained
    """
    grid = Grid(1, [""])
    if trained.diverged or not trained.features:
        grid.words(0, 0, "diverged" if trained.diverged else NO_FEATURES)
        return Film(grid.picture, [0], lambda _: None)
    layers = chosen_layers(trained.last_layer, FRAMES)
    labels = trained.validation.labels
    if motion == "trajectories":
        paths = trajectories(trained.features)
        axes = grid.axes(0, 0, equal_limits(paths))

        def draw(layer: int) -> list[Artist]:
            return show_paths(axes, paths[:, : layer + 1], labels[:TRAJECTORIES])
    else:
        clouds = in_one_space([trained.features[layer] for layer in layers])
        axes = grid.axes(0, 0, equal_limits(clouds))
        points = dict(zip(layers, clouds, strict=True))

        def draw(layer: int) -> list[Artist]:
            return show_points(axes, points[layer], labels)

    shown: list[Artist] = []

    def show(layer: int) -> None:
        while shown:
            shown.pop().remove()
        shown.extend([*draw(layer), grid.title(0, 0, layer_name(layer, trained))])

    return Film(grid.picture, layers, show)


def in_one_space(features: list[np.ndarray]) -> np.ndarray:
    """Features of some layers, (layers, samples, ≤ 3), on the same axes for all of them.

    The axes are the principal axes of all layers together, or the coordinates if there are at most
    three.
    """
    layers, samples, width = len(features), *features[0].shape
    if width <= 3:
        return np.stack(features)
    every = np.concatenate(features)
    return principal_axes(every, 3).transform(every).reshape(layers, samples, 3)


def save(shown: Film, paths: Iterable[str | Path]) -> None:
    """Write a film as a GIF or, with ffmpeg, as an MP4, as the suffixes of `paths` say.

    The last layer stays for a while. The same film gives the same bytes.
    """
    frames = [*shown.layers, *shown.layers[-1:] * (LAST - 1)]
    with ExitStack() as stack:
        writers = [_writer(shown.picture, Path(path), stack) for path in paths]
        for layer in frames:
            shown.show(layer)
            for writer in writers:
                writer.grab_frame()


def _writer(picture: Picture, path: Path, stack: ExitStack) -> AbstractMovieWriter:
    """A writer that takes the frames of a file until `stack` is closed."""
    if path.suffix == ".gif":
        writer: AbstractMovieWriter = PillowWriter(fps=FRAMES_PER_SECOND)
    else:
        # One thread, no dates and no versions, so that the bytes are always the same.
        exact = "-threads 1 -fflags +bitexact -flags:v +bitexact -map_metadata -1"
        options = [*exact.split(), "-pix_fmt", "yuv420p", "-crf", "20"]
        writer = FFMpegWriter(fps=FRAMES_PER_SECOND, codec="libx264", extra_args=options)
    temporary = stack.enter_context(replacing(path))
    stack.enter_context(writer.saving(picture, str(temporary), dpi=_DPI))
    return writer
