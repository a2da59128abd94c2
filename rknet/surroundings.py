"""What the user has set for other programs, which must decide nothing here."""

from __future__ import annotations

import os
from pathlib import Path


def prevail(folder: str | Path) -> None:
    """Let what this process starts run the code in `folder`, and draw as it says.

    Whatever is installed, or on the user's path, comes behind it. A user's settings of Matplotlib
    could stop a script while that is imported, before any style of ours counts.
    """
    put_first("PYTHONPATH", str(folder), os.pathsep)
    os.environ["MPLBACKEND"] = "agg"
    os.environ["MATPLOTLIBRC"] = str(Path(folder, "rknet/show/figures/rknet.mplstyle"))


def put_first(variable: str, value: str, separator: str) -> None:
    """Let a variable's list of values begin with this one."""
    others = filter(None, os.environ.get(variable, "").split(separator))
    os.environ[variable] = separator.join([value, *(o for o in others if o != value)])


def put_last(variable: str, value: str, separator: str) -> None:
    """Let a variable's list of values end with this one."""
    others = filter(None, os.environ.get(variable, "").split(separator))
    os.environ[variable] = separator.join([*others, value])
