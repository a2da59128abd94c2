"""The names of lines that show runs."""

from __future__ import annotations

from functools import partial

import pandas as pd

from rknet.cell import AXES
from rknet.show.labels import label


def named(frame: pd.DataFrame, besides: tuple[str, ...] = ()) -> pd.Series:
    """For each row, the name that tells its line from the others: its values on the varying axes.

    Parameters
    ----------
    frame : pandas.DataFrame
        Has the axes of a cell as columns, as `rknet.study.frames` returns it.
    besides : tuple of str, optional
        Axes that the figure shows in another way.

    Returns
    -------
    pandas.Series
        Names such as ``RK4Net``, ``tanh`` or ``RK4Net, L = 5``. The depth is left out if each
        network has its own.
    """
    varied = [axis for axis in AXES if axis not in besides and frame[axis].nunique() > 1]
    if "network" in varied and frame.groupby("network")["depth"].nunique().max() == 1:
        varied = [axis for axis in varied if axis != "depth"]
    varied = varied or ["network"]
    parts = [frame[axis].map(partial(_said, axis)).astype(str) for axis in varied]
    return parts[0].str.cat(parts[1:], sep=", ")


def _said(axis: str, value: object) -> str:
    """A value of an axis; a plain number comes with the axis' name."""
    text = label(axis, value)
    bare = text == str(value) and not isinstance(value, str)
    return f"{axis.replace('_', ' ')} {text}" if bare else text
