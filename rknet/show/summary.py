"""The text that ends a reproduction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from rknet.cell import AXES
from rknet.study.claims import count_claims
from rknet.study.comparison import KEY, NO_POWER, counts
from rknet.study.frames import archived_in_words
from rknet.study.publication import Publication, printed_by


def summary_text(
    comparison: pd.DataFrame,
    published: pd.DataFrame,
    metrics: pd.DataFrame,
    publication: Publication,
    results: str,
    tables: Sequence[str | Path],
    claims: pd.DataFrame | None = None,
    decided: str = "",
) -> str:
    """The text that ends a reproduction: what was made, where it is, and the verdicts.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `compare` makes it.
    published, metrics, publication
        The inputs of the comparison.
    results : str
        The folder of the results.
    tables : sequence of str or Path
        Files of tables.
    claims : pandas.DataFrame, optional
        Columns ``id``, ``lift`` and ``verdict``: the verdicts on the paper's claims.
    decided : str, optional
        What looks at more repetitions have decided, as `rknet.show.decisions.summary` says it.
    """
    runs = metrics.drop_duplicates([*AXES, "seed"])
    ended = runs["status"].value_counts()
    lines = [
        f"{len(runs)} runs: {ended.get('completed', 0)} completed, "
        f"{ended.get('stopped', 0)} stopped early, {ended.get('diverged', 0)} diverged.",
        *filter(None, [archived_in_words(metrics)]),
        "",
        *_numbers_summed_up(comparison, published, publication),
    ]
    if claims is not None and len(claims):
        stated, by_lift = count_claims(claims, publication.asked_again)
        also = publication.asked_again_in_words
        whose = "The paper's" if len(published) else "Our own"
        lines += [
            f"{whose} claims: {stated} are tested against the runs, once for each lift "
            f"they have{f'; {also}' if also else ''}.",
            "",
            by_lift.reset_index().to_markdown(index=False),
            "",
        ]
    if decided:
        lines += [f"With more repetitions where they are needed: {decided}", ""]
    places = {
        "figures": f"{results}/figures/",
        "tables": ", ".join(str(table) for table in tables) or "none for these experiments",
        "comparison": f"{results}/comparison.csv (.md, .tex)",
        "findings": f"{results}/findings.csv (.md)",
        **({} if claims is None else {"claims": f"{results}/claims.csv (.md, .tex)"}),
        **({"decisions": f"{results}/decisions.csv (.md)"} if decided else {}),
        "metrics": f"{results}/metrics/",
        "runs": f"{results}/runs/",
        "report": f"{results}/report.html, once `make report` has put all this into one file",
    }
    width = max(len(name) for name in places) + 1
    lines += [f"{name + ':':<{width}} {place}" for name, place in places.items()]
    return "\n".join(lines) + "\n"


def _numbers_summed_up(
    comparison: pd.DataFrame, published: pd.DataFrame, publication: Publication
) -> list[str]:
    if published.empty:
        return []
    if comparison.empty:
        return [
            "No published number is compared: no run is of a published cell at the paper's "
            "protocol.",
            "",
        ]
    compared = len(comparison.drop_duplicates(["edition", "table", *KEY, "stat"]))
    return [
        f"Published against reproduced: {compared} of the {len(published)} numbers that "
        f"{printed_by(published['edition'].nunique())},",
        "each with every lift that was run. Consistent: inside the "
        f"{100 * publication.level:g} % prediction interval for the mean",
        f"of {publication.repetitions} fresh repetitions."
        + (
            " Adjusted: at most 5 % of the inconsistent are false discoveries."
            if (comparison["verdict_adjusted"] != NO_POWER).any()
            else ""
        ),
        "",
        counts(comparison).to_markdown(index=False),
        "",
    ]
