"""How fast a network converges."""

from __future__ import annotations

import pandas as pd

from rknet.paper.readings import CONVERGED_WITHIN, LAST_EPOCHS


def epochs_to_converge(curves: pd.DataFrame) -> pd.Series:
    """By seed, the first epoch whose accuracy comes close to that of the last epochs.

    Parameters
    ----------
    curves : pandas.DataFrame
        Accuracies (%) by seed (rows) and epoch (columns), as `Runs.curve` gives them.

    Returns
    -------
    pandas.Series
        The first epoch at which the accuracy is no more than `CONVERGED_WITHIN` below the mean
        of the last `LAST_EPOCHS` epochs. It need not stay there: accuracies jitter from epoch to
        epoch by as much.
    """

    def first_close(curve: pd.Series) -> float:
        curve = curve.dropna()
        return float((curve >= curve.iloc[-LAST_EPOCHS:].mean() - CONVERGED_WITHIN).idxmax())

    return curves.apply(first_close, axis=1)
