"""Each erratum is there in the publications' numbers, and disappears when they are corrected."""

from pathlib import Path

import pandas as pd
import pytest
from problems import frame
from scipy import stats

from rknet.paper import section3
from rknet.paper.errata import (
    CLASSES,
    EXCHANGED,
    HARDEST,
    INDEX,
    LIFT,
    ONE_HOT,
    REMAINING,
    SENTENCES,
    SPREAD,
    VARIATION,
    both_tables,
    errata,
    exchanged_pairs,
)
from rknet.show.paper import load_paper
from rknet.study.comparison import COLUMNS, KEY, combined_p_value, compare, lift_evidence

PUBLICATION = load_paper().publication

PUBLISHED = pd.read_csv(Path(__file__).parents[2] / "rknet/paper/published.csv")
NO_RUNS = frame({"value": [0.0]}, dataset="none")
BOTH_TABLES = [ONE_HOT, EXCHANGED, REMAINING, SENTENCES]


def found(numbers, runs=NO_RUNS, checks=None):
    comparison = compare(numbers, runs, PUBLICATION)
    return errata(numbers, runs, comparison, PUBLICATION, checks).set_index("id")


def holds(numbers, runs=NO_RUNS, checks=None):
    return found(numbers, runs, checks)["holds"].to_dict()


def with_values(edition, table, values):
    """The published numbers with other accuracies in some cells of a table."""
    numbers = PUBLISHED.copy()
    for (network, dataset), value in values.items():
        cell = (
            (numbers["edition"] == edition)
            & (numbers["table"] == table)
            & (numbers["network"] == network)
            & (numbers["dataset"] == dataset)
            & (numbers["metric"] == "accuracy_percent")
        )
        assert cell.sum() == 1
        numbers.loc[cell, "value"] = value
    return numbers


SWAPPED_BACK = {("EulerNet", "donut_3d_2c"): 91.88, ("EulerNet", "donut_3d_3c"): 92.20}
JOURNAL = {
    (row["network"], row["dataset"]): row["journal"]
    for row in both_tables(PUBLISHED).to_dict("records")
}


def test_what_the_publications_expose():
    table = found(PUBLISHED)
    assert table["holds"].to_dict() == {
        **{ONE_HOT: "yes", EXCHANGED: "yes", REMAINING: "yes", SENTENCES: "yes"},
        **{CLASSES: "yes", HARDEST: "yes", SPREAD: "yes"},
        **{VARIATION: "undecided", INDEX: "undecided", LIFT: "undecided"},
    }
    assert "15 of its 18 values" in table.loc[ONE_HOT, "finding"]
    assert (
        "EulerNet on donut 3D & 2C (92.20) and donut 3D & 3C (91.88)"
        in (table.loc[EXCHANGED, "finding"])
    )
    assert (
        "EulerNet on donut 3D & 6C prints 91.60 where the journal's 74.63 gives 91.54"
        in (table.loc[REMAINING, "finding"])
    )
    assert "at most 94.12" in table.loc[SENTENCES, "finding"]
    assert "91.00 to 97.06" in table.loc[SENTENCES, "finding"]


def test_the_exchange_is_found_by_search():
    tables = both_tables(PUBLISHED)
    ((one, other),) = exchanged_pairs(tables)
    assert set(tables.loc[[one, other], "dataset"]) == {"donut_3d_2c", "donut_3d_3c"}
    # Any other two of a network that are exchanged are found as well.
    values = tables[tables["network"] == "RK4Net"].set_index("dataset")["preprint"]
    other = {("RK4Net", "donut_2d_6c"): values["squares_3d_4c"],
             ("RK4Net", "squares_3d_4c"): values["donut_2d_6c"]}  # fmt: skip
    assert len(exchanged_pairs(both_tables(with_values("preprint", 3, other)))) == 2


def test_without_the_exchange():
    numbers = with_values("preprint", 3, SWAPPED_BACK)
    assert holds(numbers)[EXCHANGED] == "no"
    assert holds(numbers)[ONE_HOT] == holds(numbers)[REMAINING] == "yes"
    assert "17 of its 18 values" in found(numbers).loc[ONE_HOT, "finding"]


def test_without_the_remaining_value():
    numbers = with_values("preprint", 3, {("EulerNet", "donut_3d_6c"): 91.54})
    assert holds(numbers)[REMAINING] == "no"
    assert holds(numbers)[EXCHANGED] == "yes"


def test_with_classification_accuracies_in_both_editions():
    told = found(with_values("preprint", 3, JOURNAL))["holds"]
    assert (told[BOTH_TABLES] == "no").all()


def test_the_sentences_of_different_runs_may_differ():
    numbers = PUBLISHED.copy()
    costs = (numbers["edition"] == "preprint") & (numbers["metric"] == "cost")
    numbers.loc[costs, "value"] *= 2
    assert holds(numbers)[SENTENCES] == "no"


def test_without_the_tables_nothing_is_decided():
    assert set(holds(PUBLISHED[PUBLISHED["table"] == 1]).values()) == {"undecided"}


def test_the_sets_called_most_challenging():
    table = found(PUBLISHED)
    assert "names donut 3D & 4C and squares 3D & 6C" in table.loc[CLASSES, "finding"]
    sentence = table.loc[HARDEST, "finding"]
    assert "squares 3D & 4C has place 4 by accuracy and 3 by cost" in sentence
    # (73.00 + 74.63 + 74.88)/3 = 74.17 and (75.12 + 74.87 + 74.92)/3 = 74.97
    assert "donut 3D & 6C (74.17 %) and donut 2D & 6C (74.97 %)" in sentence
    assert "Within their families the two are the hardest" in sentence


def test_other_sets_would_be_called_rightly():
    swapped = PUBLISHED.replace(
        {"dataset": {"squares_3d_4c": "donut_2d_6c", "donut_2d_6c": "squares_3d_4c"}}
    )
    told = holds(swapped)
    assert (told[CLASSES], told[HARDEST]) == ("yes", "no")
    # By cost alone it is among the two hardest.
    costs = PUBLISHED.copy()
    cell = (costs["dataset"] == "squares_3d_4c") & (costs["metric"] == "cost")
    costs.loc[cell, "value"] *= 2
    assert holds(costs)[HARDEST] == "undecided"
    four = PUBLISHED.replace({"dataset": {"donut_3d_6c": "donut_3d_3c"}})
    assert holds(four.drop_duplicates(["edition", "table", *KEY, "stat"]))[CLASSES] == "no"


def test_the_spread_of_the_plain_network():
    sentence = found(PUBLISHED).loc[SPREAD, "finding"]
    assert "in 2 of 8 cases" in sentence
    assert "on MNIST its accuracy (%) has 0.78 and RK4Net's 1.08" in sentence
    assert "on Fashion-MNIST its cost (× 10⁻¹) has 1.37 and EulerNet's 1.87" in sentence
    wide = PUBLISHED.copy()
    wide.loc[(wide["network"] == "StandardNet") & (wide["stat"] == "std"), "value"] = 9
    assert holds(wide)[SPREAD] == "no"


@pytest.fixture(scope="module")
def checks():
    return section3.check()


def test_the_equations(checks):
    table = found(PUBLISHED, checks=checks)
    assert (table.loc[[VARIATION, INDEX], "holds"] == "yes").all()
    assert "with the 8 schemes that have this term" in table.loc[VARIATION, "finding"]
    assert "14 of 14 schemes have no weight" in table.loc[INDEX, "finding"]
    if_right = checks.assign(
        outcome="agrees", relative_difference=checks["relative_difference"].fillna(0)
    )
    told = holds(PUBLISHED, checks=if_right)
    assert (told[VARIATION], told[INDEX]) == ("no", "no")
    # If the form that should be right is not, nothing is said of the other.
    neither = checks.assign(outcome="differs")
    told = holds(PUBLISHED, checks=neither)
    assert (told[VARIATION], told[INDEX]) == ("undecided", "undecided")


def runs(right, wrong):
    """Runs of Table 1's cells: around the published numbers with one lift, off with the other."""
    cells = PUBLISHED.query("edition == 'journal' and table == 1")
    made = [
        frame(
            {"value": row["value"] + off + spread}, **{axis: row[axis] for axis in KEY}, lift=lift
        )
        for row in cells.to_dict("records")
        for lift, off in ((right, 0.1), (wrong, -6.0))
        for spread in [pd.Series([-0.5, 0.2, 0.4, -0.1] * 5)]
    ]
    return pd.concat(made)


def test_the_lift_is_the_one_whose_runs_fit():
    assert holds(PUBLISHED, runs("random", "zeros"))[LIFT] == "yes"
    assert holds(PUBLISHED, runs("zeros", "random"))[LIFT] == "no"
    one = runs("random", "zeros").query("lift == 'random'")
    assert holds(PUBLISHED, one)[LIFT] == "undecided"


def test_the_evidence_counts_each_number_once():
    summary, differing = lift_evidence(
        compare(PUBLISHED, runs("random", "zeros"), PUBLICATION), PUBLICATION
    )
    # Table 1 has 28 numbers, which both editions print.
    assert summary["numbers"].tolist() == [28, 28]
    assert summary["differing_consistent"].tolist() == [28, 0]
    assert len(differing) == 28
    # s = √(5 · 0.46/19) = 0.34793, the error s √(1/20 + 1/4) = 0.19057
    assert summary["median_abs_z"].tolist() == pytest.approx([0.1 / 0.19057, 6 / 0.19057], rel=1e-4)
    assert differing["z_random"].to_numpy() == pytest.approx(-0.1 / 0.19057, rel=1e-4)


def test_of_few_runs_only_the_better_lift_is_named():
    few = runs("random", "zeros").groupby([*KEY, "lift"]).head(8)
    row = found(PUBLISHED, few).loc[LIFT]
    assert row["holds"] == "undecided"
    assert "Of these two, the random lift fits" in row["finding"]
    assert "8 runs a number do not tell; that takes 16" in row["finding"]


def test_combined_p_values():
    assert combined_p_value(pd.Series([0.03])) == pytest.approx(0.03)
    assert combined_p_value(pd.Series([0.02, 0.02])) == pytest.approx(0.02)
    # (tan(π (1/2 − 0.01)) + tan(0)) / 2 = 15.91; P(Cauchy > 15.91) = 0.01998
    assert combined_p_value(pd.Series([0.01, 0.5])) == pytest.approx(0.01998, rel=1e-3)
    assert combined_p_value(pd.Series([0.0, 1.0])) == 0
    assert stats.cauchy.sf(0) == 0.5


def test_the_runs_tell_agreement_from_accuracy():
    tables = both_tables(PUBLISHED)
    rows = [
        frame(
            {"value": [row[name] + off for off in (-0.3, 0.1, 0.2, 0.0)]},
            **{"dataset": row["dataset"], "network": row["network"], "metric": metric},
            depth=5 if row["network"] == "StandardNet" else 100,
        )
        for row in tables.to_dict("records")
        for name, metric in (
            ("journal", "accuracy_percent"),
            ("agreement", "one_hot_agreement_percent"),
        )
    ]
    table = found(PUBLISHED, pd.concat(rows))
    sentence = table.loc[ONE_HOT, "finding"]
    assert "of 15 are consistent as agreement, 0 as accuracy" in sentence
    assert "and the runs 91.88 and 92.20" in table.loc[EXCHANGED, "finding"]
    assert "and the runs 91.54" in table.loc[REMAINING, "finding"]


def test_the_columns():
    table = errata(PUBLISHED, NO_RUNS, pd.DataFrame(columns=COLUMNS), PUBLICATION)
    assert table.columns.tolist() == ["id", "finding", "numbers", "holds"]
