"""The comparison's intervals and verdicts against textbook values and known distributions."""

import math
import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import problems
import pytest
from scipy import stats
from typesetting import assert_compiles, needs_latex

from rknet.paper import section3
from rknet.paper.errata import errata
from rknet.show import summary
from rknet.show.comparison import latex, markdown, sections
from rknet.show.fits import settings_tried, tables_as_a_whole
from rknet.show.paper import load_paper
from rknet.study import comparison
from rknet.study.comparison import COLUMNS, KEY, adjusted_p_values
from rknet.study.frames import archived_in_words
from rknet.study.joint import table_fits
from rknet.study.likelihoods import likelihoods

ROOT = Path(__file__).parents[2]
#: A dataset on which runs do not get stuck, and one on which they may.
USUAL, STUCK = "donut_2d_6c", "spiral"
frame = partial(problems.frame, dataset=USUAL)
PUBLICATION = load_paper().publication
#: Against the means of four fresh runs, as the paper prints them.
p_value, prediction_interval, std_p_value, std_prediction_interval = (
    partial(function, repetitions=4)
    for function in (
        comparison.p_value,
        comparison.prediction_interval,
        comparison.std_p_value,
        comparison.std_prediction_interval,
    )
)


def compare(numbers, runs):
    return comparison.compare(numbers, runs, PUBLICATION)


def summary_text(rows, numbers, runs, *more):
    return summary.summary_text(rows, numbers, runs, PUBLICATION, *more)


def published(value, metric="accuracy_percent", stat="mean", dataset=USUAL):
    return pd.DataFrame(
        {
            **{"edition": ["journal"], "table": [1], "dataset": dataset, "network": "RK4Net"},
            **{"width": 16, "depth": 3, "activation": "tanh", "split": "validation"},
            **{"metric": metric, "stat": stat, "value": value},
        }
    )


def verdict(value, values, **options):
    rows = compare(published(value, **options), frame({"value": values}))
    return rows["verdict"].item()


def test_the_interval_by_hand():
    # Values 1, 2, 3, 4: mean 2.5, s² = 5/3, t(3; 0.975) = 3.182446; half = t s √(1/4 + 1/4).
    low, high = prediction_interval(2.5, math.sqrt(1.25), 4)
    half = 3.182446305 * math.sqrt(5 / 3) * math.sqrt(0.5)
    assert (low, high) == pytest.approx((2.5 - half, 2.5 + half))


def test_the_interval_of_a_std_by_hand():
    # F(3, 3) has the 97.5 % quantile 15.4392, and 1/15.4392 at 2.5 %.
    low, high = std_prediction_interval(1.0, 4)
    assert (low, high) == pytest.approx((15.4392**-0.5, 15.4392**0.5), rel=1e-5)


@pytest.mark.parametrize("interval", [prediction_interval, std_prediction_interval])
def test_one_run_gives_no_interval(interval):
    arguments = (1.0, 0.0, 1) if interval is prediction_interval else (0.0, 1)
    assert all(math.isnan(end) for end in interval(*arguments))


def test_the_p_value_by_hand():
    # t = |5.5 − 2.5| / (√(5/3) √(1/2)) = 3.2863; of Student's t with 3 degrees of freedom
    # P(|T| > t) = 1 − 2/π (x/(1 + x²) + arctan x) with x = t/√3.
    x = 3 / math.sqrt(5 / 6) / math.sqrt(3)
    expected = 1 - 2 / math.pi * (x / (1 + x**2) + math.atan(x))
    assert p_value(5.5, 0, 2.5, math.sqrt(1.25), 4) == pytest.approx(expected)
    # The nearest of what is printed so counts.
    assert p_value(5.6, 0.1, 2.5, math.sqrt(1.25), 4) == pytest.approx(expected)
    assert p_value(2.6, 0.1, 2.5, math.sqrt(1.25), 4) == 1


def test_the_p_value_of_a_std_by_hand():
    # F(3, 3) exceeds 15.4392 with probability 2.5 %.
    assert std_p_value(15.4392**0.5, 0, 1.0, 4) == pytest.approx(0.05, rel=1e-4)
    assert std_p_value(15.4392**-0.5, 0, 1.0, 4) == pytest.approx(0.05, rel=1e-4)
    assert std_p_value(15.4392**0.5 + 0.1, 0.1, 1.0, 4) == pytest.approx(0.05, rel=1e-4)
    assert std_p_value(1.0, 0, 1.0, 4) == pytest.approx(1)
    assert (std_p_value(0.0, 0.005, 0.0, 4), std_p_value(0.1, 0.005, 0.0, 4)) == (1, 0)


def test_p_values_below_the_level_are_outside_the_interval():
    rng = np.random.default_rng(3)
    for value, mean in rng.normal(0, 1, (200, 2)):
        low, high = prediction_interval(abs(mean), 0.2, 5)
        assert (p_value(abs(value), 0, abs(mean), 0.2, 5) < 0.05) == (not low < abs(value) < high)
        low, high = std_prediction_interval(abs(mean), 5)
        assert (std_p_value(abs(value), 0, abs(mean), 5) < 0.05) == (not low < abs(value) < high)


def test_an_urn_of_equal_runs_by_hand():
    """Four runs of 90; other runs have the weight 1/4, and half of these learn nothing."""
    urn = comparison.Urn(np.full(4, 90.0), (50.0, 100.0), 4)
    none = np.prod([(4 + draw) / (4.25 + draw) for draw in range(4)])
    expected = 1 - (1 - none) / 2
    # Of 4000 draws, a share within four standard errors.
    assert np.mean(urn._sorted >= 90) == pytest.approx(expected, abs=0.02)
    assert (urn.p_value(90, 0), urn.p_value(49, 0.5)) == (1, 0)
    low, high = urn.interval(0.95)
    assert (low, high) == (80, 92.5)


def test_an_urn_of_many_runs_is_a_bootstrap():
    ours = np.random.default_rng(0).normal(90, 1, 2000)
    low, high = comparison.Urn(ours, (50.0, 100.0), 4).interval(0.95)
    assert (low, high) == pytest.approx((90 - 1.96 / 2, 90 + 1.96 / 2), abs=0.15)
    spread = comparison.Urn(ours, (50.0, 100.0), 4, "std").interval(0.95)
    # The population variance of four normal values is χ²(3)/4.
    assert spread == pytest.approx(tuple(np.sqrt(stats.chi2.ppf([0.025, 0.975], 3) / 4)), abs=0.08)


def test_intervals_stay_in_range_where_runs_get_stuck():
    runs = problems.frame({"value": [99.5, 99.7, 55.0, 99.9]}, dataset=STUCK)
    (row,) = compare(published(98.0, dataset=STUCK), runs).to_dict("records")
    assert 0 <= row["prediction_low"] < 70
    assert row["prediction_high"] == 100
    assert row["verdict_adjusted"] == "–"
    costs = problems.frame({"value": [0.01, 0.02, 0.7, 0.01]}, dataset=STUCK, metric="cost")
    (row,) = compare(published(0.02, "cost", dataset=STUCK), costs).to_dict("records")
    assert row["prediction_low"] == 0


def test_runs_that_did_not_get_stuck_do_not_say_that_none_does():
    values = [99.5, 99.6, 99.7, 99.8]
    usual = compare(published(88.0), frame({"value": values})).iloc[0]
    stuck = compare(published(88.0, dataset=STUCK), problems.frame({"value": values})).iloc[0]
    assert (usual["verdict"], stuck["verdict"]) == ("inconsistent", "consistent")
    # A number as far off as is said is found; beside four runs, none below is.
    assert stuck["detects_below"] > 10 > usual["detects_below"]
    many = problems.frame({"value": values * 16})
    assert compare(published(88.0, dataset=STUCK), many)["verdict"].item() == "inconsistent"


@pytest.mark.parametrize(
    ("metric", "ends"),
    [
        ("accuracy_percent", (25, 100)),
        ("one_hot_agreement_percent", (62.5, 100)),
        ("cost", (math.log(4), 0)),
    ],
)
def test_what_learns_nothing_and_everything(metric, ends):
    assert comparison.ends_of(metric, 4) == pytest.approx(ends)


def family(p_values, **columns):
    rows = {"dataset": "spiral", "network": "RK4Net", "width": 16, "activation": "tanh",
            "split": "validation", "metric": "cost", "stat": "mean", "lift": "random"}  # fmt: skip
    numbered = {"depth": range(len(p_values)), "published": 1.0, "p_value": p_values}
    return pd.DataFrame({**rows, **numbered, **columns})


def test_benjamini_and_yekutieli_by_hand():
    # 4 numbers, 1 + 1/2 + 1/3 + 1/4 = 25/12: p₍ᵢ₎ · 4/i · 25/12, at most 1.
    expected = [1 / 120, 1 / 24, 1 / 18, 1]
    found = adjusted_p_values(family([0.001, 0.01, 0.02, 0.5]))
    assert found.tolist() == pytest.approx(expected)
    # The second edition's copies count once, one run decides nothing, and each lift is a family.
    rows = pd.concat(
        [
            family([0.001, 0.01, 0.02, 0.5]),
            family([0.001, 0.01, 0.02, 0.5]),
            family([math.nan], split="training"),
            family([0.03], lift="zeros"),
        ]
    )
    found = adjusted_p_values(rows)
    assert found.tolist() == pytest.approx([*expected, *expected, math.nan, 0.03], nan_ok=True)
    # Another value in the same place is another number.
    assert adjusted_p_values(pd.concat([family([0.01]), family([0.01], published=2.0)])).tolist() \
        == pytest.approx([0.015, 0.015])  # fmt: skip


def test_families_without_errors_rarely_have_an_adjusted_alarm():
    """Numbers that share their runs: accuracy, and cost as its mirror image."""
    rng = np.random.default_rng(4)
    families, alarms = 400, 0
    for _ in range(families):
        p_values = []
        for _ in range(6):
            ours, theirs = rng.normal(90, 1, 4), rng.normal(90, 1, 4)
            for sign in (1, -0.01):
                mine, published = sign * ours + 100, sign * theirs + 100
                p_values.append(p_value(published.mean(), 0, mine.mean(), mine.std(), 4))
        alarms += adjusted_p_values(family(p_values)).min() < 0.05
    assert stats.binomtest(alarms, families, 0.05, alternative="greater").pvalue > 1e-3


@pytest.mark.parametrize("n", [2, 4, 20])
@pytest.mark.parametrize("stat", ["mean", "std"])
def test_false_alarms_come_at_the_stated_rate(n, stat):
    """Published and reproduced runs from one normal law: 5 % are called inconsistent."""
    rng = np.random.default_rng(1)
    trials, alarms = 4000, 0
    for _ in range(trials):
        ours, theirs = rng.normal(90, 1, n), rng.normal(90, 1, 4)
        if stat == "mean":
            low, high = prediction_interval(ours.mean(), ours.std(), n)
            alarms += not low <= theirs.mean() <= high
        else:
            low, high = std_prediction_interval(ours.std(), n)
            alarms += not low <= theirs.std() <= high
    # Wrong with probability 1e-4 if the rate is 5 %.
    assert stats.binomtest(alarms, trials, 0.05).pvalue > 1e-4


def test_a_shift_of_two_points_is_found():
    depths, values = np.arange(200), np.random.default_rng(2).normal(90, 0.3, 800)
    runs = frame({"value": values, "depth": depths.repeat(4), "seed": np.tile(range(4), 200)})
    printed = published(92.0).drop(columns="depth").merge(pd.Series(depths, name="depth"), "cross")
    assert (compare(printed, runs)["verdict"] == "inconsistent").mean() > 0.95


def test_rounding_does_not_make_a_number_inconsistent():
    runs = frame({"value": [0.6934, 0.6934]}, metric="cost")
    rows = compare(published(0.693, "cost"), runs)
    assert rows["verdict"].item() == "consistent"
    runs = frame({"value": [0.6936, 0.6936]}, metric="cost")
    assert compare(published(0.693, "cost"), runs)["verdict"].item() == "inconsistent"


def test_half_a_unit_is_still_rounding():
    assert verdict(90.01, [90.005, 90.005]) == "consistent"
    assert verdict(90.01, [90.004, 90.004]) == "inconsistent"


def test_one_run_decides_nothing():
    assert verdict(90.0, [90.0]) == "undecided"
    assert verdict(90.0, [90.0, None]) == "undecided"
    row = compare(published(0.0, stat="std"), frame({"value": [90.0]}))
    assert row["verdict"].item() == "undecided"
    assert row["reproduced"].isna().all()


def test_a_published_std_is_compared_with_the_std():
    values = [89.0, 90.0, 91.0, 92.0]
    rows = compare(published(1.1, stat="std"), frame({"value": values}))
    assert rows["reproduced"].item() == pytest.approx(math.sqrt(1.25))
    assert rows["verdict"].item() == "consistent"
    assert verdict(9.0, values, stat="std") == "inconsistent"


def test_columns_and_one_row_a_lift():
    runs = frame({"value": [90.0, 91.0] * 2, "lift": ["random", "random", "zeros", "zeros"],
                  "seed": [0, 1, 0, 1]})  # fmt: skip
    rows = compare(published(90.5), runs)
    assert list(rows.columns) == COLUMNS
    assert rows["lift"].tolist() == ["random", "zeros"]
    assert rows["n"].tolist() == [2, 2]


@pytest.mark.parametrize(
    "departure", [{"epochs": 10}, {"step_size": 0.1}, {"classifier": "fixed"}, {"width": 3}]
)
def test_runs_that_depart_from_the_protocol_are_not_compared(departure):
    assert compare(published(90.0), frame({"value": [90.0, 90.0]}, **departure)).empty


def test_of_two_engines_the_compiled_one_counts():
    runs = frame({"value": [80.0, 81.0, 90.0, 91.0], "seed": [0, 1, 0, 1],
                  "engine": ["torch", "torch", "compiled", "compiled"]})  # fmt: skip
    assert compare(published(90.5), runs)["reproduced"].tolist() == [90.5]


def test_every_published_number_is_there_once():
    numbers = pd.read_csv(ROOT / "rknet/paper/published.csv")
    assert len(numbers) == 232
    assert not numbers.drop(columns="value").duplicated().any()


def test_the_preprints_table_3_is_compared_with_one_hot_agreement():
    numbers = published(90.0).assign(edition="preprint", table=3)
    both = [
        frame({"value": values}, metric=metric)
        for metric, values in (
            ("accuracy_percent", [70.0, 71.0]),
            ("one_hot_agreement_percent", [90.0, 90.5]),
        )
    ]
    (row,) = compare(numbers, pd.concat(both)).to_dict("records")  # fmt: skip
    assert row["metric"] == "one_hot_agreement_percent"
    assert row["published_metric"] == "accuracy_percent"
    assert (row["reproduced"], row["verdict"]) == (90.25, "consistent")
    (row,) = compare(numbers.assign(edition="journal"), pd.concat(both)).to_dict("records")
    assert (row["metric"], row["reproduced"]) == ("accuracy_percent", 70.5)


def test_every_published_point_number_is_compared():
    """Runs of every published cell: both lifts, all numbers, each with a verdict."""
    numbers = pd.read_csv(ROOT / "rknet/paper/published.csv")
    rows = compare(numbers, of_all_cells(numbers))
    assert len(rows) == 2 * len(numbers)
    assert set(rows["verdict"]) <= {"consistent", "inconsistent"}
    identity = ["edition", "table", *KEY[:-1], "published_metric", "stat"]
    printed = numbers.rename(columns={"metric": "published_metric"})[identity]
    for _, part in rows.groupby("lift"):
        assert part[identity].reset_index(drop=True).equals(printed)


def of_all_cells(numbers, off=0.0, times=1):
    """Runs that reproduce the published means with the random lift and miss with the other."""
    cells = numbers[numbers["stat"] == "mean"].drop_duplicates(KEY, keep="last")
    cells = pd.concat([cells, cells[cells["metric"] == "accuracy_percent"]
                       .assign(metric="one_hot_agreement_percent")])  # fmt: skip
    runs = [
        frame(
            {"value": row["value"] * (1 + 0.01 * np.array([-1, 0.5, 0, 0.5] * times) + wrong)},
            **{axis: row[axis] for axis in KEY},
            lift=lift,
            tolerance=0.1 if row["dataset"] in ("mnist", "fashion_mnist") else 0.05,
        )
        for row in cells.to_dict("records")
        for lift, wrong in (("random", off), ("zeros", 0.5))
    ]
    return pd.concat(runs)


def report(numbers, runs, checks=None):
    rows, on_points = compare(numbers, runs), runs[runs["tolerance"] == 0.05]
    fits = [
        *tables_as_a_whole(table_fits(numbers, runs, PUBLICATION), PUBLICATION),
        *settings_tried(likelihoods(numbers, {"points": on_points}, PUBLICATION), PUBLICATION),
    ]
    found = errata(numbers, runs, rows, PUBLICATION, checks)
    return sections(rows, found, PUBLICATION, archived_in_words(runs), fits)


def test_the_report_counts_and_lists():
    numbers = pd.read_csv(ROOT / "rknet/paper/published.csv").query("edition == 'journal'")
    text = markdown(report(numbers, of_all_cells(numbers)))
    counted = [line for line in text.splitlines() if line.startswith("| journal")]
    assert [word.strip() for word in counted[0].split("|")[1:-1]] == (
        ["journal", "1", "random", "28", "0"]
    )
    assert "| padding by zeros" in text
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings[2:4] == [
        "## Tables as a whole",
        "## Which settings fit the printed numbers",
    ]
    assert "Frozen random lift, accuracy" not in text
    assert re.search(r"\| J1 +\| StandardNet \| 1 +\| spiral +\| training ", text)
    assert "Lift (holds: undecided). Of these two, the random lift fits" in text


def test_the_report_of_nothing_compared_says_so():
    numbers, runs = published(90.5), frame({"value": [90.0, 91.0]}, epochs=3)
    text = markdown(report(numbers, runs))
    assert "No published number is compared" in text
    assert "Lift (holds: undecided)" in text


def archived(runs, network="RK4Net"):
    """The same runs, of which one network's are from the archive."""
    return runs.assign(archived=np.where(runs["network"] == network, "a machine", None))


def test_numbers_of_archived_runs_are_counted_and_marked():
    numbers = pd.read_csv(ROOT / "rknet/paper/published.csv").query("edition == 'journal'")
    runs = of_all_cells(numbers)
    rows = compare(numbers, archived(runs))
    pd.testing.assert_frame_equal(rows[COLUMNS], compare(numbers, runs))
    wanted = rows["n"].where(rows["network"] == "RK4Net", 0)
    assert rows["archived"].tolist() == wanted.tolist()
    text = markdown(report(numbers, archived(runs)))
    assert f"\n‡ {archived_in_words(archived(runs))}\n" in text
    first = re.search(r"\| journal +\| 1 +\| random +\|.*", text)[0]
    of_table = rows.query("table == 1 and lift == 'random'")
    assert int(first.split("|")[-2]) == (of_table["network"] == "RK4Net").sum()
    lines = [line for line in text.splitlines() if re.search(r"\| J\d .*\| \[", line)]
    assert {("RK4Net" in line, "‡" in line) for line in lines} == {(True, True), (False, False)}
    # The columns of lifts, where these differ.
    differing = text[text.index("Where they differ") : text.index("## Inconsistent")]
    found = {(line.split("|")[1].strip() == "RK4Net", line.count("‡"))
             for line in differing.splitlines() if "Net " in line}  # fmt: skip
    assert found == {(True, 2), (False, 0)}


def test_without_archived_runs_nothing_is_said_of_an_archive():
    numbers = pd.read_csv(ROOT / "rknet/paper/published.csv").query("edition == 'journal'")
    runs = of_all_cells(numbers)
    here = runs.assign(archived=np.nan)
    rows = compare(numbers, here)
    assert list(rows.columns) == COLUMNS
    assert rows.to_csv() == compare(numbers, runs).to_csv()
    text = latex(report(numbers, here))
    assert text == latex(report(numbers, runs))
    assert "archive" not in text
    assert "archive" not in summary_text(rows, numbers, here, "out", [])


@needs_latex
@pytest.mark.parametrize("off", [0.0, 0.5])
def test_the_report_compiles(tmp_path, off):
    """With next to all numbers inconsistent, lists are longer than pages."""
    numbers = pd.read_csv(ROOT / "rknet/paper/published.csv")
    runs = archived(of_all_cells(numbers, off))
    assert_compiles(latex(report(numbers, runs, section3.check())), tmp_path)


def test_the_summary_says_what_and_where():
    numbers, runs = published(90.5), frame({"value": [90.0, None]}, status=["stopped", "diverged"])
    text = summary_text(compare(numbers, runs), numbers, runs, "out", ["out/tables/t.md"])
    assert "2 runs: 0 completed, 1 stopped early, 1 diverged." in text
    assert "1 of the 1 numbers" in text
    assert "out/tables/t.md" in text
    assert "out/comparison.csv" in text
    assert "out/findings.csv" in text
    assert "claims" not in text


def test_the_summary_counts_adjusted_verdicts_and_claims():
    numbers = pd.read_csv(ROOT / "rknet/paper/published.csv")
    runs = of_all_cells(numbers, times=4)
    claims = pd.DataFrame({"id": ["W1", "W1", "D1", "D1.1"],
                           "lift": ["random", "zeros", "random", "random"],
                           "verdict": ["supported", "undecided"] * 2})  # fmt: skip
    text = summary_text(compare(numbers, runs), numbers, runs, "out", [], claims)
    assert "inconsistent, adjusted" in text
    assert "2 are tested against the runs" in text
    assert re.search(r"\| random +\| +2 +\| +0 +\|", text)
    assert "out/claims.csv" in text


def test_the_summary_of_nothing_compared_says_so():
    numbers, runs = published(90.5), frame({"value": [90.0, 91.0]}, epochs=3)
    text = summary_text(compare(numbers, runs), numbers, runs, "out", [])
    assert "No published number is compared" in text
    assert "none for these experiments" in text
