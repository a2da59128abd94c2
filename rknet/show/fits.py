"""How printed tables fit the runs, for readers: each as a whole, and with which settings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rknet.show.comparison import Section
from rknet.show.labels import probability
from rknet.study.joint import CAP, seeds_needed
from rknet.study.publication import Publication


def tables_as_a_whole(fits: pd.DataFrame, publication: Publication) -> list[Section]:
    """The section on the joint tests; none if no table is compared.

    Parameters
    ----------
    fits : pandas.DataFrame
        As `rknet.study.joint.table_fits` makes it.
    publication : Publication
    """
    if fits.empty:
        return []
    m, needed = publication.repetitions, seeds_needed(publication)
    explained = (
        "Each row asks whether all means of a table together fit the runs. A printed mean is so "
        "many prediction standard errors from the mean of our runs; the distance is the mean of "
        f"this over the table, where each number counts as at most {CAP:g}. It is compared with "
        f"what our own seeds give: {m} of them are drawn as if they were printed, and compared "
        "with the others. The usual distance is the mean over such draws, and p is the share of "
        "draws that are at least as far off. Whole seeds are drawn, because numbers of a table "
        "depend on one another: those of a cell are of the same runs, and cells of a dataset and "
        f"seed share their data. Below {needed} seeds there are too few draws. In samples of real "
        "runs, right tables had p of at most 0.05 in 6 % of cases or fewer, and with 8 seeds in "
        "3 %; tables whose means were all off by the standard deviation of single runs had it in "
        "three to four of ten cases with 8 seeds, and in seven or more with 16. p is not adjusted "
        "for the number of tables."
    )
    shown = pd.DataFrame(
        {
            "edition": fits["edition"],
            "table": fits["table"],
            "lift": fits["lift"],
            "means": [
                f"{row.compared} of {row.printed}" if row.compared < row.printed else row.printed
                for row in fits.itertuples()
            ],
            "seeds": fits["n"],
            "distance": fits["distance"].map("{:.2f}".format),
            "usual": fits["usual"].map("{:.2f}".format),
            "p": _probabilities(fits["p_value"], needed),
        }
    )
    return [("Tables as a whole", [explained, shown.astype(str).replace("nan", "–")])]


def settings_tried(likelihoods: pd.DataFrame, publication: Publication) -> list[Section]:
    """The section on the settings that printed numbers may be made with; none if one was tried.

    Parameters
    ----------
    likelihoods : pandas.DataFrame
        As `rknet.study.likelihoods.likelihoods` makes it.
    publication : Publication
    """
    if likelihoods.empty:
        return []
    explained = (
        "Each experiment below has cells of printed tables with more than one setting. The "
        "log-likelihood says how well the printed means fit the runs with a setting: the density "
        f"of a mean of {publication.repetitions} fresh runs (Student's t) at the printed one. It "
        "is averaged over the numbers of a cell, which are of the same runs, and summed over "
        "cells, as if these were independent. A density has a lower bound, that of runs of a kind "
        "that was not seen, so no number decides alone. The difference is to the best setting, "
        "with its standard error from our seeds (jackknife); the ratio is that of the "
        "likelihoods. A difference below twice its error may be one of our seeds alone. The error "
        "leaves out that what is printed is one draw, so a ratio above 1/20 tells little, too. p "
        "is that of the cells as a whole, as above. An asterisk marks the setting of the other "
        "comparisons."
    )
    needed = seeds_needed(publication)
    blocks: list[str | pd.DataFrame] = [explained]
    for experiment, rows in likelihoods.groupby("experiment", sort=False):
        first = rows.iloc[0]
        about = (
            f"{experiment}: {first['numbers']} means of {first['cells']} cells, {first['n']} seeds"
        )
        shown = pd.DataFrame(
            {
                "setting": rows["setting"] + np.where(rows["at_protocol"].astype(bool), " *", ""),
                "log-likelihood": rows["log_likelihood"].map("{:.1f}".format),
                "difference": [
                    f"{row.difference:.1f} ± {row.error:.1f}" if row.difference else "best"
                    for row in rows.itertuples()
                ],
                "ratio": np.exp(rows["difference"].astype(float)).map("{:.2g}".format),
                "p": _probabilities(rows["p_value"], needed),
            }
        )
        blocks += [f"{about}:", shown]
    return [("Which settings fit the printed numbers", blocks)]


def _probabilities(p_values: pd.Series, needed: int) -> list[str]:
    """The p-values as they are printed; of too few seeds, how many are needed."""
    return [f"needs {needed} seeds" if pd.isna(p) else probability(p) for p in p_values]
