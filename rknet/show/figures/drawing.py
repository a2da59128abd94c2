"""From a figure's specification and the files it rests on to its picture."""

from __future__ import annotations

from importlib import import_module

from matplotlib.figure import Figure as Picture

from rknet.show.figures.specification import (
    CurveFigure,
    ExamplesFigure,
    Figure,
    Files,
    LayerFigure,
    OutputFigure,
    PanelFigure,
    ScatterFigure,
    TableauFigure,
)
from rknet.show.figures.style import styled

__all__ = ["Files", "draw"]

#: The module whose `draw` draws each kind.
DRAWERS: dict[type[Figure], str] = {
    TableauFigure: "tableaus",
    ScatterFigure: "scatter",
    PanelFigure: "panels",
    LayerFigure: "layers",
    CurveFigure: "curves",
    ExamplesFigure: "examples",
    OutputFigure: "output_features",
}


def draw(figure: Figure, files: Files) -> Picture:
    """Draw a figure of the paper."""
    # Only the kind that is drawn is imported: PyTorch and scikit-learn take longer than a figure.
    drawer = import_module(f"rknet.show.figures.{DRAWERS[type(figure)]}")
    with styled():
        return drawer.draw(figure, files)
