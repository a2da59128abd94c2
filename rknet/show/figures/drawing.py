"""From a figure's specification and the files it rests on to its picture."""

from __future__ import annotations

from importlib import import_module

from matplotlib.figure import Figure as Picture

from rknet.show.figures.specification import DRAWERS, Figure, Files
from rknet.show.figures.style import styled

__all__ = ["Files", "draw"]


def draw(figure: Figure, files: Files) -> Picture:
    """Draw a figure of the paper."""
    # Only the kind that is drawn is imported: PyTorch and scikit-learn take longer than a figure.
    drawer = import_module(f"rknet.show.figures.{DRAWERS[type(figure)]}")
    with styled():
        return drawer.draw(figure, files)
