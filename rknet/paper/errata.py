"""The errata in the publications that a reproduction exposes, computed from numbers and runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pandas as pd

from rknet.datasets import named
from rknet.show.labels import label
from rknet.study.comparison import ENOUGH_RUNS, compare, lift_evidence
from rknet.study.metrics.one_hot_agreement import one_hot_agreement
from rknet.study.publication import Publication

COLUMNS = ["id", "finding", "numbers", "holds"]

#: Names of the errata.
ONE_HOT, EXCHANGED, REMAINING = "one-hot agreement", "exchanged values", "remaining value"
SENTENCES, LIFT = "sentences", "lift"

#: The lift that the published tables seem to be made with.
USED = "random"

#: How far a one-hot agreement may be off: it is itself rounded to 0.01, and so is the accuracy that
#: it follows from, which enters with a factor of at most one (for two classes).
TOLERANCE = 0.01 * (1 + 1e-6)

#: In Section 4.4, the editions say of the same runs that "the achieved prediction accuracy never
#: exceeds 95 % for all datasets" (journal) and that it "lies only slightly above 90% for most
#: datasets" (preprint). We read "slightly" as at most 5 percentage points.
BOUND, LOW = 95, 90


def errata(
    published: pd.DataFrame,
    metrics: pd.DataFrame,
    comparison: pd.DataFrame,
    publication: Publication,
) -> pd.DataFrame:
    """All errata that the numbers expose, each with whether it holds.

    Parameters
    ----------
    published : pandas.DataFrame
        As for `rknet.study.comparison.compare`.
    metrics : pandas.DataFrame
        As `rknet.study.frames.collect` makes it.
    comparison : pandas.DataFrame
        As `rknet.study.comparison.compare` returns it for these two.
    publication : Publication

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: a name, what the erratum says, the numbers behind it, and ``yes``, ``no``
        or ``undecided``; it is undecided if the numbers or runs that it needs are missing.
    """
    tables = both_tables(published)
    if tables.empty:
        missing = "The preprint's Table 3 and the journal's Table 4 are not at hand."
        names = (ONE_HOT, EXCHANGED, REMAINING, SENTENCES)
        rows = [
            *(_row(name, missing, {}, "undecided") for name in names),
            _lift(comparison, publication),
        ]
    else:
        rows = [
            _one_hot(tables, published, metrics, publication),
            _exchanged(tables, comparison),
            _remaining(tables, comparison),
            _texts(tables),
            _lift(comparison, publication),
        ]
    return pd.DataFrame(rows, columns=COLUMNS)


def both_tables(published: pd.DataFrame) -> pd.DataFrame:
    """The preprint's Table 3 next to the journal's Table 4; both have the same runs.

    Parameters
    ----------
    published : pandas.DataFrame
        As for `rknet.study.comparison.compare`.

    Returns
    -------
    pandas.DataFrame
        A row for each dataset and network: ``preprint`` and ``journal`` (accuracies), ``agreement``
        (the one-hot agreement that the journal's accuracy implies), ``classes``, ``follows``
        (whether the preprint's value is that agreement), and ``same_cost`` (whether both print the
        same cost).
    """
    cell = ["dataset", "network"]
    chosen = pd.MultiIndex.from_frame(published[["edition", "table"]]).isin(
        [("preprint", 3), ("journal", 4)]
    )
    values = published[chosen].pivot(index=cell, columns=["metric", "edition"], values="value")
    # A number that is not printed is unknown; that is no error.
    values = values.reindex(
        columns=pd.MultiIndex.from_product([["accuracy_percent", "cost"], ["preprint", "journal"]])
    )
    costs = values["cost"]
    tables = values["accuracy_percent"].assign(same_cost=costs["preprint"] == costs["journal"])
    # In the order in which they are printed.
    order = pd.MultiIndex.from_frame(published[cell].drop_duplicates())
    tables = tables.reindex(order).dropna().reset_index()
    tables["classes"] = [named(dataset).about.classes for dataset in tables["dataset"]]
    tables["agreement"] = [
        one_hot_agreement(accuracy, classes)
        for accuracy, classes in zip(tables["journal"], tables["classes"], strict=True)
    ]
    tables["follows"] = _close(tables["preprint"], tables["agreement"])
    return tables


def exchanged_pairs(tables: pd.DataFrame) -> list[tuple[int, int]]:
    """Pairs of cells of a network that both follow if their values in the preprint are exchanged.

    Parameters
    ----------
    tables : pandas.DataFrame
        As `both_tables` returns it; cells that already follow count as right.

    Returns
    -------
    list of pairs of int
        Labels of rows; none if the preprint's table as a whole prints another quantity.
    """
    if not _reads_as_agreement(tables):
        return []
    wrong = tables[~tables["follows"]]
    return [
        (one, other)
        for _, rows in wrong.groupby("network", sort=False)
        for one, other in combinations(rows.index, 2)
        if _close(rows["preprint"][one], rows["agreement"][other])
        and _close(rows["preprint"][other], rows["agreement"][one])
    ]


def _one_hot(
    tables: pd.DataFrame,
    published: pd.DataFrame,
    metrics: pd.DataFrame,
    publication: Publication,
) -> dict[str, str]:
    """(a) What the preprint's Table 3 calls accuracy."""
    # For two classes both readings are the same number.
    telling = tables[tables["classes"] > 2]
    follows, equal = telling["follows"].sum(), _close(telling["preprint"], telling["journal"]).sum()
    numbers = {
        "values": len(tables),
        "follow": tables["follows"].sum(),
        "more_than_two_classes": len(telling),
        "of_these_follow": follows,
        "of_these_equal_the_journal": equal,
    }
    holds = _majority(follows, equal, len(telling))
    what = {
        "yes": "as accuracy the share of agreeing one-hot entries",
        "no": "classification accuracies",
        "undecided": "as accuracy no one quantity that follows from the journal's",
    }[holds]
    sentence = (
        f"The preprint's Table 3 prints {what}: {numbers['follow']} of its {len(tables)} values "
        f"are 100 − (100 − a)·2/K to 0.01, where a is the accuracy in the journal's Table 4 and K "
        f"the number of classes; of the {len(telling)} for more than two classes {follows} are "
        f"that and {equal} are a itself."
    )
    rows = published[
        (published["edition"] == "preprint")
        & (published["table"] == 3)
        & (published["metric"] == "accuracy_percent")
        & published["dataset"].isin(telling["dataset"])
    ]
    as_named = replace(publication, compared_as=())
    readings = {
        "agreement": compare(rows, metrics, publication),
        "accuracy": compare(rows, metrics, as_named),
    }
    found = {name: frame[frame["lift"] == USED] for name, frame in readings.items()}
    if len(found["agreement"]):
        fits = {name: (frame["verdict"] == "consistent").sum() for name, frame in found.items()}
        numbers |= {f"runs_consistent_as_{name}": count for name, count in fits.items()}
        sentence += (
            f" Against the runs, {fits['agreement']} of {len(found['agreement'])} are consistent "
            f"as agreement, {fits['accuracy']} as accuracy."
        )
    return _row(ONE_HOT, sentence, numbers, holds)


def _exchanged(tables: pd.DataFrame, comparison: pd.DataFrame) -> dict[str, str]:
    """(b) Values of the preprint's Table 3 that stand in one another's place."""
    pairs = exchanged_pairs(tables)
    numbers = {"pairs": len(pairs)}
    parts = []
    for pair in pairs:
        one, other = (tables.loc[place] for place in pair)
        runs = [_reproduced(row, comparison) for row in (one, other)]
        parts.append(
            f"{one['network']} on {_name(one)} ({one['preprint']:.2f}) and {_name(other)} "
            f"({other['preprint']:.2f}), where the journal's {one['journal']:.2f} and "
            f"{other['journal']:.2f} give {one['agreement']:.2f} and {other['agreement']:.2f}"
            + (f" and the runs {runs[0]:.2f} and {runs[1]:.2f}" if all(runs) else "")
        )
        numbers[f"pair_{len(parts)}"] = f"{one['network']}/{one['dataset']}/{other['dataset']}"
    what = "pair of values has" if len(pairs) == 1 else "pairs of values have"
    sentence = f"In the preprint's Table 3, {len(pairs)} {what} changed places"
    sentence += f": {'; '.join(parts)}." if parts else "."
    return _row(EXCHANGED, sentence, numbers, "yes" if pairs else "no")


def _remaining(tables: pd.DataFrame, comparison: pd.DataFrame) -> dict[str, str]:
    """(c) Values of the preprint's Table 3 that follow in no way."""
    explained = {place for pair in exchanged_pairs(tables) for place in pair}
    rest = tables[~tables["follows"] & ~tables.index.isin(explained)]
    # If the whole table prints another quantity, this says nothing about single values.
    rest = rest if _reads_as_agreement(tables) else rest.iloc[:0]
    parts = []
    for row in rest.to_dict("records"):
        runs = _reproduced(row, comparison)
        parts.append(
            f"{row['network']} on {_name(row)} prints {row['preprint']:.2f} where the "
            f"journal's {row['journal']:.2f} gives {row['agreement']:.2f}"
            + (f" and the runs {runs:.2f}" if runs else "")
        )
    what = "further value does" if len(rest) == 1 else "further values do"
    sentence = f"In the preprint's Table 3, {len(rest)} {what} not follow"
    sentence += f": {'; '.join(parts)}." if parts else "."
    numbers = {
        "values": len(rest),
        **{
            f"value_{place}": f"{row['preprint']:.2f} for {row['agreement']:.2f}"
            for place, row in enumerate(rest.to_dict("records"), start=1)
        },
    }
    return _row(REMAINING, sentence, numbers, "yes" if len(rest) else "no")


def _lift(comparison: pd.DataFrame, publication: Publication) -> dict[str, str]:
    """(e) Which of the two lifts fits the published numbers; others were not tried."""
    summary, _ = lift_evidence(comparison, publication)
    used, described = (summary.iloc[place] for place in (0, 1))
    differing = int(used["differing"])
    numbers = {"numbers": used["numbers"], "differing": differing}
    for row in (used, described):
        numbers[f"{row['lift']}_consistent"] = row["differing_consistent"]
        numbers[f"{row['lift']}_median_abs_z"] = f"{row['median_abs_z']:.2f}"
        numbers[f"{row['lift']}_p_value"] = f"{row['p_value']:.2g}"
    if not differing:
        sentence = "No published number is at hand on which the runs of the two lifts differ."
        return _row(LIFT, sentence, {"numbers": used["numbers"], "differing": 0}, "undecided")
    runs = int(min(used["runs"], described["runs"]))
    numbers["runs"] = runs
    rejected = tuple(row["p_value"] < 1 - publication.level for row in (used, described))
    holds = {(False, True): "yes", (True, False): "no"}.get(rejected, "undecided")
    # With few runs, a third lift would look like one of these in four of ten cases.
    holds = holds if runs >= ENOUGH_RUNS else "undecided"
    better, worse = sorted((used, described), key=lambda row: row["median_abs_z"])
    names = {used["lift"]: "random lift", described["lift"]: "padding by zeros, eq. (2.3),"}
    sentence = (
        f"Of these two, the {names[better['lift']]} fits the published numbers better: of the "
        f"{differing} on which they differ, {better['differing_consistent']} are consistent with "
        f"its runs and {worse['differing_consistent']} with those of the other; the median "
        f"distance is {better['median_abs_z']:.2f} against {worse['median_abs_z']:.2f} prediction "
        f"standard errors, and all of them together have p = {better['p_value']:.2g} against "
        f"{worse['p_value']:.2g}. "
    )
    sentence += {
        "yes": "The text describes padding by zeros.",
        "no": "It is the one that the text describes.",
        "undecided": f"Whether one is rejected and the other not, {runs} runs a number do not tell"
        + (f"; that takes {ENOUGH_RUNS}." if runs < ENOUGH_RUNS else "."),
    }[holds]
    return _row(LIFT, sentence, numbers, holds)


def _texts(tables: pd.DataFrame) -> dict[str, str]:
    """(d) What the two editions say of the same runs."""
    accuracies = {edition: tables[edition] for edition in ("journal", "preprint")}
    over = {edition: int((values > BOUND).sum()) for edition, values in accuracies.items()}
    slightly = {
        edition: int(values.between(LOW, BOUND, inclusive="right").sum())
        for edition, values in accuracies.items()
    }
    same = int(tables["same_cost"].sum())
    numbers = {
        "same_costs": same,
        "journal_max": f"{accuracies['journal'].max():.2f}",
        "preprint_min": f"{accuracies['preprint'].min():.2f}",
        "preprint_max": f"{accuracies['preprint'].max():.2f}",
        **{f"{edition}_above_{BOUND}": count for edition, count in over.items()},
        **{f"{edition}_{LOW}_to_{BOUND}": count for edition, count in slightly.items()},
    }
    count = len(tables)
    sentence = (
        f"Of the same runs ({same} of {count} costs are equal) the journal says that the accuracy "
        f"never exceeds {BOUND} %, while its table has at most {numbers['journal_max']} and the "
        f"preprint's {numbers['preprint_min']} to {numbers['preprint_max']} ({over['preprint']} of "
        f"{count} above); the preprint says slightly above {LOW} % for most, which holds of "
        f"{slightly['preprint']} of {count} in its own table and of {slightly['journal']} of "
        f"{count} in the journal's."
    )
    true = [
        {edition: counted == 0 for edition, counted in over.items()},
        {edition: 2 * counted > count for edition, counted in slightly.items()},
    ]
    # A claim that is true of one table of these runs and false of the other.
    apart = same == count and any(said["journal"] != said["preprint"] for said in true)
    if not apart:
        sentence = "Both editions' sentences are as true of the one table as of the other."
    return _row(SENTENCES, sentence, numbers, "yes" if apart else "no")


def _row(name: str, sentence: str, numbers: Mapping[str, object], holds: str) -> dict[str, str]:
    text = "; ".join(f"{key}={value}" for key, value in numbers.items())
    return {"id": name, "finding": sentence, "numbers": text, "holds": holds}


def _name(row: Mapping[str, object] | pd.Series) -> str:
    return label("dataset", row["dataset"])


def _close(one: pd.Series | float, other: pd.Series | float) -> pd.Series | bool:
    return abs(one - other) <= TOLERANCE


def _majority(follows: int, equal: int, count: int) -> str:
    if 2 * follows > count:
        return "yes"
    return "no" if 2 * equal > count else "undecided"


def _reads_as_agreement(tables: pd.DataFrame) -> bool:
    telling = tables[tables["classes"] > 2]
    return bool(2 * telling["follows"].sum() > len(telling))


def _reproduced(row: Mapping[str, object] | pd.Series, comparison: pd.DataFrame) -> float | None:
    """The one-hot agreement that the runs give for a cell of the preprint's Table 3."""
    same = (comparison[["dataset", "network"]] == [row["dataset"], row["network"]]).all(axis=1)
    found = comparison[
        same
        & (comparison["lift"] == USED)
        & (comparison["metric"] == "one_hot_agreement_percent")
        & (comparison["edition"] == "preprint")
    ]["reproduced"]
    return float(found.iloc[0]) if len(found) else None
