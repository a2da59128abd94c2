"""The errata that a reproduction exposes, computed from printed numbers, runs and equations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pandas as pd

from rknet.datasets import named
from rknet.show.labels import label, listed
from rknet.study.comparison import ENOUGH_RUNS, compare, lift_evidence
from rknet.study.metrics import METRICS
from rknet.study.metrics.one_hot_agreement import one_hot_agreement
from rknet.study.publication import Publication

COLUMNS = ["id", "finding", "numbers", "holds"]

#: Names of the errata.
ONE_HOT, EXCHANGED, REMAINING = "one-hot agreement", "exchanged values", "remaining value"
SENTENCES, LIFT = "sentences", "lift"
CLASSES, HARDEST, SPREAD = "exchanged classes", "hardest sets", "spread"
VARIATION, INDEX = "equation (3.14)", "equation (3.16)"

#: The lift that the published tables seem to be made with.
USED = "random"

#: How far a one-hot agreement may be off: it is itself rounded to 0.01, and so is the accuracy that
#: it follows from, which enters with a factor of at most one (for two classes).
TOLERANCE = 0.01 * (1 + 1e-6)

#: In Section 4.4, the editions say of the same runs that "the achieved prediction accuracy never
#: exceeds 95 % for all datasets" (journal) and that it "lies only slightly above 90% for most
#: datasets" (preprint). We read "slightly" as at most 5 percentage points.
BOUND, LOW = 95, 90

#: Section 4.4 has "the most challenging datasets among the above selection, which are the three
#: dimensional donut and squares set with four and six classes, respectively" in both editions.
DIMENSION, NAMED = 3, {"donut": 4, "squares": 6}

#: In Section 4.5, the journal says of this network that "the standard deviation over several
#: experiment runs is comparatively large" (Table 6).
SPREAD_OF = "StandardNet"


def errata(
    published: pd.DataFrame,
    metrics: pd.DataFrame,
    comparison: pd.DataFrame,
    publication: Publication,
    checks: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """All errata that numbers and equations expose, each with whether it holds.

    Parameters
    ----------
    published : pandas.DataFrame
        As for `rknet.study.comparison.compare`.
    metrics : pandas.DataFrame
        As `rknet.study.frames.collect` makes it.
    comparison : pandas.DataFrame
        As `rknet.study.comparison.compare` returns it for these two.
    publication : Publication
    checks : pandas.DataFrame, optional
        As `rknet.paper.section3.check` makes it.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: a name, what the erratum says, the numbers behind it, and ``yes``, ``no``
        or ``undecided``; it is undecided if the numbers or runs that it needs are missing.
    """
    rows = [
        *_of_both_tables(published, metrics, comparison, publication),
        *_most_challenging(published),
        _spread(published),
        _variation(checks),
        _index(checks),
        _lift(comparison, publication),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _of_both_tables(
    published: pd.DataFrame,
    metrics: pd.DataFrame,
    comparison: pd.DataFrame,
    publication: Publication,
) -> list[dict[str, str]]:
    tables = both_tables(published)
    if tables.empty:
        missing = "The preprint's Table 3 and the journal's Table 4 are not at hand."
        return [_undecided(name, missing) for name in (ONE_HOT, EXCHANGED, REMAINING, SENTENCES)]
    return [
        _one_hot(tables, published, metrics, publication),
        _exchanged(tables, comparison),
        _remaining(tables, comparison),
        _texts(tables),
    ]


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


def _most_challenging(published: pd.DataFrame) -> list[dict[str, str]]:
    """Which sets are the most challenging of the journal's Table 4, and what they are called."""
    table = published[
        (published["edition"] == "journal")
        & (published["table"] == 4)
        & (published["split"] == "validation")
        & (published["stat"] == "mean")
    ]
    means = table.pivot_table(index="dataset", columns="metric", values="value", aggfunc="mean")
    if {"accuracy_percent", "cost"} - set(means):
        missing = "The journal's Table 4 is not at hand."
        return [_undecided(name, missing) for name in (CLASSES, HARDEST)]
    return [_classes(means), _hardest(means)]


def _classes(means: pd.DataFrame) -> dict[str, str]:
    """(f) The classes of the two sets that the text calls the most challenging."""
    printed = {
        (family, named(dataset).about.classes)
        for dataset in means.index
        for family in NAMED
        if dataset.startswith(f"{family}_{DIMENSION}d")
    }
    exchanged = dict(zip(NAMED, reversed(NAMED.values()), strict=True))
    there = sum(each in printed for each in NAMED.items())
    there_exchanged = sum(each in printed for each in exchanged.items())
    text, other = (
        listed([f"{family} {DIMENSION}D & {classes}C" for family, classes in sets.items()])
        for sets in (NAMED, exchanged)
    )
    sentence = (
        f"The text of Section 4.4 names {text} as the most challenging sets. Of these {there} of "
        f"{len(NAMED)} are in Table 4, and of {other}, with the numbers of classes exchanged, "
        f"{there_exchanged}."
    )
    numbers = {"in_the_table": there, "exchanged_in_the_table": there_exchanged}
    holds = there == 0 and there_exchanged == len(NAMED)
    return _row(CLASSES, sentence, numbers, "yes" if holds else "no")


def _hardest(means: pd.DataFrame) -> dict[str, str]:
    """(g) Whether the sets that the text calls the most challenging are so by its own table."""
    ranks = pd.DataFrame(
        {
            "accuracy": means["accuracy_percent"].rank(method="min"),
            # Means of equal costs may differ by their binary representation.
            "cost": means["cost"].round(6).rank(method="min", ascending=False),
        }
    ).astype(int)
    meant = [d for d in means.index if d.startswith(tuple(f"{f}_{DIMENSION}d" for f in NAMED))]
    # Of several of a family, the text means the hardest.
    hardest = [min((d for d in meant if d.startswith(f)), key=ranks["accuracy"].get) for f in NAMED]
    parts = [
        f"{label('dataset', name)} has place {ranks['accuracy'][name]} by accuracy and "
        f"{ranks['cost'][name]} by cost"
        for name in hardest
    ]
    order = means["accuracy_percent"].sort_values().iloc[: len(NAMED)]
    lowest = [f"{label('dataset', name)} ({mean:.2f} %)" for name, mean in order.items()]
    sentence = (
        f"Of the {len(means)} sets of Table 4, hardest first by the mean over networks, "
        f"{'; '.join(parts)}. The hardest by accuracy are {listed(lowest)}."
    )
    of_family = [[d for d in means.index if d.startswith(family)] for family in NAMED]
    if hardest == [min(sets, key=ranks["accuracy"].get) for sets in of_family]:
        sentence += " Within their families the two are the hardest."
    numbers = {f"place_of_{d}": f"{ranks['accuracy'][d]} and {ranks['cost'][d]}" for d in hardest}
    apart = (ranks.loc[hardest] > len(NAMED)).any()
    holds = "yes" if apart.all() else "undecided" if apart.any() else "no"
    return _row(HARDEST, sentence, numbers, holds)


def _spread(published: pd.DataFrame) -> dict[str, str]:
    """(h) Whether the spread of StandardNet in Table 6 is larger than that of the others."""
    table = published[
        (published["edition"] == "journal")
        & (published["table"] == 6)
        & (published["stat"] == "std")
    ]
    spreads = table.pivot(index=["dataset", "metric"], columns="network", values="value")
    others = [network for network in spreads if network != SPREAD_OF]
    if SPREAD_OF not in spreads or not others:
        return _undecided(SPREAD, "The journal's Table 6 is not at hand.")
    below = [
        (row, network)
        for row in spreads.index
        for network in others
        if spreads.loc[row, SPREAD_OF] < spreads.loc[row, network]
    ]
    compared = spreads.size - len(spreads)
    parts = [
        f"on {label('dataset', dataset)} its {label('metric', metric)} has "
        f"{_printed(spreads.loc[(dataset, metric), SPREAD_OF], metric)} and {network}'s "
        f"{_printed(spreads.loc[(dataset, metric), network], metric)}"
        for (dataset, metric), network in below
    ]
    sentence = (
        f"The text calls the standard deviation of {SPREAD_OF} comparatively large. In Table 6 it "
        f"is below that of an RK Net in {len(below)} of {compared} cases"
    )
    sentence += f": {'; '.join(parts)}." if parts else "."
    numbers = {"compared": compared, "below": len(below)}
    return _row(SPREAD, sentence, numbers, "yes" if below else "no")


def _printed(value: float, metric: str) -> str:
    return f"{value * METRICS[metric].scale:.2f}"


def _variation(checks: pd.DataFrame | None) -> dict[str, str]:
    """(i) The sum over j in (3.14)."""
    right, printed = _forms(checks, "variation (3.14)")
    if right.empty or printed.empty:
        return _undecided(VARIATION, "Equation (3.14) is not checked.")
    printed = printed.dropna(subset="relative_difference")
    most, least = right["relative_difference"].max(), printed["relative_difference"].min()
    sentence = (
        "In (3.14), g_j stands where the direction δf_j belongs. With δf_j the right side is the "
        f"derivative of the Lagrangian (3.8), to {most:.0e} with {len(right)} schemes; with the "
        f"g_j of (3.25) it is off by at least {least:.0%} with the {len(printed)} schemes that "
        "have this term."
    )
    numbers = {"schemes": len(right), "most_with_delta_f": f"{most:.1e}",
               "least_with_g": f"{least:.2g}"}  # fmt: skip
    return _row(VARIATION, sentence, numbers, _misprinted(right, printed["outcome"] == "differs"))


def _index(checks: pd.DataFrame | None) -> dict[str, str]:
    """(j) The stages for which (3.16) is said to hold."""
    right, printed = _forms(checks, "conditions (3.16)")
    if right.empty or printed.empty:
        return _undecided(INDEX, "Equation (3.16) is not checked.")
    none = printed["outcome"] == "not applicable"
    sentence = (
        "(3.16) is said to hold for i = 0, …, s, but stages have the numbers 1, …, s: for i = 0, "
        f"{int(none.sum())} of {len(printed)} schemes have no weight. For i = 1, …, s, it is the "
        f"derivative of the Lagrangian (3.8), to {right['relative_difference'].max():.0e}."
    )
    numbers = {"schemes": len(printed), "without_stage_0": int(none.sum())}
    return _row(INDEX, sentence, numbers, _misprinted(right, none))


def _forms(checks: pd.DataFrame | None, check: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of an equation as it should be, and as it is printed."""
    if checks is None:
        return pd.DataFrame(), pd.DataFrame()
    rows = checks[checks["check"] == check]
    return rows[rows["role"] == "check"], rows[rows["role"] == "printed"]


def _misprinted(right: pd.DataFrame, fails: pd.Series) -> str:
    if not (right["outcome"] == "agrees").all():
        return "undecided"
    return "yes" if fails.all() else "no"


def _undecided(name: str, missing: str) -> dict[str, str]:
    return _row(name, missing, {}, "undecided")


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
