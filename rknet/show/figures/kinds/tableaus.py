"""Butcher tableaus, drawn from the coefficients that the networks use."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.style import page
from rknet.tableau import SCHEMES, ButcherTableau

#: The colour of entries on and above the diagonal, which an explicit scheme does not use.
_UNUSED = "0.65"


class _Printed(NamedTuple):
    """A tableau in mathtext."""

    title: str
    nodes: Sequence[str]
    matrix: Sequence[Sequence[str]]
    weights: Sequence[str]
    explicit: bool = False


_GENERAL = _Printed(
    "general form",
    ("$c_1$", r"$\vdots$", "$c_s$"),
    (
        ("$a_{1{,}1}$", r"$\cdots$", "$a_{1{,}s}$"),
        (r"$\vdots$", r"$\ddots$", r"$\vdots$"),
        ("$a_{s{,}1}$", r"$\cdots$", "$a_{s{,}s}$"),
    ),
    (r"$\beta_1$", r"$\cdots$", r"$\beta_s$"),
)


@KINDS.register("tableaus")
def draw(files: Files) -> Picture:  # noqa: ARG001 - every kind takes them
    """Draw the general form, forward Euler and classic RK4, side by side.

    Coefficients are those of `rknet.tableau.SCHEMES`. Those on and above the diagonal, zero in an
    explicit scheme, are grey.
    """
    shown = [
        _GENERAL,
        _printed("forward Euler", SCHEMES["euler"]),
        _printed("classic RK4", SCHEMES["rk4"]),
    ]
    columns = [len(tableau.weights) + 1 for tableau in shown]
    rows = max(columns)
    picture = page(height=1.65)
    grid = picture.add_gridspec(1, len(shown), width_ratios=[count + 1 for count in columns])
    for place, tableau in zip(grid, shown, strict=True):
        _place(picture.add_subplot(place), tableau, rows)
    return picture


def _printed(title: str, tableau: ButcherTableau) -> _Printed:
    return _Printed(
        title,
        [_mathtext(node) for node in tableau.c],
        [[_mathtext(entry) for entry in row] for row in tableau.A],
        [_mathtext(weight) for weight in tableau.beta],
        tableau.is_explicit,
    )


def _mathtext(number: Fraction) -> str:
    if number.denominator == 1:
        return f"${number.numerator}$"
    sign = "-" if number < 0 else ""
    return rf"${sign}\frac{{{abs(number.numerator)}}}{{{number.denominator}}}$"


def _place(axes: Axes, tableau: _Printed, rows: int) -> None:
    """Write a tableau in unit squares: nodes left of 0, weights below 0, the matrix between."""
    stages = len(tableau.weights)

    def write(column: float, row: float, text: str, colour: str = "black") -> None:
        axes.text(column, row, text, color=colour, size=11, ha="center", va="center")

    for i, (node, entries) in enumerate(zip(tableau.nodes, tableau.matrix, strict=True)):
        row = stages - i - 0.5
        write(-0.5, row, node)
        for j, entry in enumerate(entries):
            write(j + 0.5, row, entry, _UNUSED if tableau.explicit and j >= i else "black")
    for j, weight in enumerate(tableau.weights):
        write(j + 0.5, -0.5, weight)
    axes.plot([0, 0], [-1, stages], color="black", linewidth=0.8)
    axes.plot([-1, stages], [0, 0], color="black", linewidth=0.8)
    axes.set_title(tableau.title)
    # All tableaus have the same scale, and their titles are on one line.
    axes.set(xlim=(-1.5, stages + 0.5), ylim=(stages - rows - 0.1, stages + 0.1))
    axes.set_axis_off()
