"""Random streams, derived from named axes so that no two uses share one by accident."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(use: str, **axes: int | str) -> np.random.Generator:
    """The random stream of one use, the same on every machine.

    Parameters
    ----------
    use : str
        What is drawn: ``"data"``, ``"initialisation"``, ``"batch order"``.
    **axes : int or str
        What the draw may depend on, and nothing else: two calls with the same axes give the
        same numbers, two calls that differ anywhere give independent ones.

    Returns
    -------
    numpy.random.Generator
        PCG64, seeded with the SHA-256 of the use and its axes.
    """
    name = "|".join([use, *(f"{axis}={axes[axis]}" for axis in sorted(axes))])
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()))
