"""From a figure and the files it rests on to its picture."""

from __future__ import annotations

import inspect

from matplotlib.figure import Figure as Picture

from rknet.show.figures.figure import KINDS, Figure, Files
from rknet.show.figures.style import styled


def draw(figure: Figure, files: Files, **more: object) -> Picture:
    """Draw a figure.

    Parameters
    ----------
    figure : Figure
    files : Files
    **more
        What its kind takes beside the options that `figure` has.

    Raises
    ------
    ValueError
        If the kind does not take an option, or lacks one; the message names both.
    """
    # Only the kind that is drawn is imported: PyTorch and scikit-learn take longer than a figure.
    kind = KINDS.load(figure.kind)
    options = {**figure.options, **more}
    try:
        inspect.signature(kind).bind(files, **options)
    except TypeError as error:
        raise ValueError(f"{figure.name}: options of {figure.kind}: {error}") from error
    with styled():
        return kind(files, **options)
