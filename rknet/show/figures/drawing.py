"""Draws the picture of a figure from its files."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure as Picture

from rknet.show.figures.figure import KINDS, Figure, Files
from rknet.show.figures.median import median_repetition
from rknet.show.figures.style import save, styled
from rknet.study.publication import Publication


def draw(figure: Figure, files: Files, **more: object) -> Picture:
    """Draw a figure.

    Parameters
    ----------
    figure : Figure
    files : Files
        Of all runs that it is drawn from, see `rknet.show.figures.figure.runs`.
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
    if figure.of_one_repetition:
        files = median_repetition(files)
    with styled():
        return kind(files, **options)


def draw_to_files(
    inputs: Mapping[str, Sequence[str]],
    outputs: Sequence[str],
    figure: Mapping[str, Any],
    publication: Mapping[str, Any] | None = None,
) -> None:
    """Draw a figure to its files.

    Parameters
    ----------
    inputs : mapping
        The files that it is drawn from, as `Files` names them.
    outputs : sequence of str
        Its PDF and its PNG file.
    figure : mapping
        The `Figure`, as plain values.
    publication : mapping, optional
        The `Publication`, as plain values, if its kind takes it.
    """
    more = {} if publication is None else {"publication": Publication(**publication)}
    picture = draw(Figure(**figure), Files(**inputs), **more)
    save(picture, Path(outputs[0]).with_suffix(""))
