"""What lines of runs have in common: what each is called."""

from __future__ import annotations

from functools import partial

import pandas as pd

from rknet.cell import AXES
from rknet.show.labels import label


def named(frame: pd.DataFrame, besides: tuple[str, ...] = ()) -> pd.Series:
    """Of each row, what tells its line from the others: the values of the axes that vary.

    Parameters
    ----------
    frame : pandas.DataFrame
        With the axes of a cell as columns, as `rknet.study.frames` makes it.
    besides : tuple of str, optional
        Axes that are shown otherwise.

    Returns
    -------
    pandas.Series
        Names such as ``RK4Net``, ``tanh`` or ``RK4Net, L = 5``. The depth is left out where each
        network has one of its own.
    """
    varied = [axis for axis in AXES if axis not in besides and frame[axis].nunique() > 1]
    if "network" in varied and frame.groupby("network")["depth"].nunique().max() == 1:
        varied = [axis for axis in varied if axis != "depth"]
    varied = varied or ["network"]
    parts = [frame[axis].map(partial(_said, axis)).astype(str) for axis in varied]
    return parts[0].str.cat(parts[1:], sep=", ")


def _said(axis: str, value: object) -> str:
    """A value of an axis; where it is but a number, with the axis' name."""
    text = label(axis, value)
    bare = text == str(value) and not isinstance(value, str)
    return f"{axis.replace('_', ' ')} {text}" if bare else text
