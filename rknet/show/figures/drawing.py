"""Draws the picture of a figure from its files."""

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
        Further arguments of its kind, in addition to the options of `figure`.

    Raises
    ------
    ValueError
        If the kind does not take an option, or lacks one; the message names both.
    """
    # Only this kind is imported: importing PyTorch and scikit-learn takes longer than a figure.
    kind = KINDS.load(figure.kind)
    options = {**figure.options, **more}
    try:
        inspect.signature(kind).bind(files, **options)
    except TypeError as error:
        raise ValueError(f"{figure.name}: options of {figure.kind}: {error}") from error
    with styled():
        return kind(files, **options)
