"""How all figures look, and how they are written."""

from __future__ import annotations

import io
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import BinaryIO

import matplotlib as mpl
import matplotlib.style
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine

from rknet.files import replacing

#: The width of a page's text, in inches.
PAGE = 7.0
#: The colours of the classes, in the paper's order (blue, red, yellow, green, magenta, cyan), and
#: four more. The six are as far apart as these names allow, for normal sight, for the three kinds
#: of colour-blindness, and in lightness. The four more can be told apart only with their marks.
CLASS_COLOURS = ("#2348CD", "#F74A24", "#EDC51D", "#4AA76B", "#861B74", "#4BC9F1",
                 "#A0A097", "#1A1A1A", "#F9A0B7", "#82563A")  # fmt: skip
#: The marks of the classes, so that they can be told apart without colour.
CLASS_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
#: The colours and marks of lines that are compared, in order.
LINES = (
    {"color": "#2550BA", "marker": "o"},
    {"color": "#D84A30", "marker": "s"},
    {"color": "#4CAC7C", "marker": "D"},
    {"color": "#E09600", "marker": "^"},
    {"color": "#974576", "marker": "v"},
    {"color": "#222222", "marker": "P"},
)
#: Networks that have the same line in every figure.
_NETWORKS = ("StandardNet", "RK4Net", "EulerNet")


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the project's style inside the block, whatever the user's is; no screen is needed."""
    with mpl.rc_context():
        mpl.use("agg")
        mpl.style.use(["default", Path(__file__).with_name("rknet.mplstyle")])
        yield


def page(height: float) -> Figure:
    """An empty picture as wide as the page, `height` inches high."""
    return Figure(figsize=(PAGE, height))


def lines_of(names: Iterable[Hashable]) -> dict[Hashable, dict[str, str]]:
    """The colour and mark of each named line; the paper's networks always have the same ones."""
    names = list(dict.fromkeys(names))
    known = _NETWORKS if set(names) & set(_NETWORKS) else ()
    order = dict.fromkeys((*known, *names))
    looks = dict(zip(order, cycle(LINES), strict=False))
    return {name: looks[name] for name in names}


def legend_above(figure: Figure, handles: Sequence[Artist]) -> None:
    """Put a legend above all axes, with as many columns as fit."""
    for columns in range(len(handles), 0, -1):
        legend = figure.legend(handles=handles, loc="outside upper center", ncols=columns)
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return
        legend.remove()


def save(figure: Figure, stem: str | Path) -> None:
    """Write `figure` as ``stem.pdf`` and ``stem.png``; the same figure gives the same bytes."""
    with styled():
        for suffix in ("pdf", "png"):
            # On a full disk Matplotlib would fail with its own error.
            picture = io.BytesIO()
            _print(figure, picture, suffix)
            with replacing(Path(f"{stem}.{suffix}")) as temporary:
                temporary.write_bytes(picture.getvalue())


def _print(figure: Figure, file: BinaryIO, suffix: str) -> None:
    """Write `figure` to a file, and draw it only once.

    `Figure.savefig` draws it twice, the first time to lay it out. Drawing does that by itself, but
    the names of 3D axes find their places only the second time.
    """
    metadata = {"CreationDate": None} if suffix == "pdf" else None
    fixed = isinstance(figure.get_layout_engine(), PlaceHolderLayoutEngine)
    if not fixed and any(axes.name == "3d" for axes in figure.axes):
        figure.savefig(file, format=suffix, metadata=metadata)
        return
    figure.dpi = mpl.rcParams["savefig.dpi"]
    if suffix == "pdf":
        FigureCanvasPdf(figure).print_pdf(file, metadata=metadata)
    else:
        FigureCanvasAgg(figure).print_png(file)
