"""Every claim in results that support it, contradict it and leave it open; and what is written."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from typesetting import assert_compiles, needs_latex
from worlds import KINDS, RK4, STANDARD, cells, depth, width, world

from rknet.cell import AXES
from rknet.paper import claims
from rknet.paper.claims.quantities import (
    contraction_layer,
    epochs_to_converge,
    first_place,
    largest_share,
    unmoved,
)
from rknet.paper.readings import DEFINITIONS
from rknet.show.claims import write
from rknet.show.paper import load_paper
from rknet.study.claims import Results, count_claims
from rknet.study.evaluation import COLUMNS, evaluate

PAPER = load_paper()
CLAIMS = {claim.id: claim for claim in claims.CLAIMS}
IDS = (
    *("D10", "I10", "I10d"),
    *(f"W{n}" for n in range(1, 7)),
    *(f"D{n}" for n in (*range(1, 10), 11, 12, 13)),
    *(f"A{n}" for n in range(1, 6)),
    *(f"C{n}" for n in range(1, 18)),
    *(f"I{n}" for n in (*range(1, 10), 11)),
    *(f"I{n}d" for n in (*range(1, 7), 8, 9, 11)),
    *("T1", "T2", "S1", "S2"),
)


def verdicts(name, given):
    return evaluate([CLAIMS[name]], given)


def test_every_claim_is_there():
    assert tuple(CLAIMS) == IDS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", IDS)
def test_each_claim_can_be_each_verdict(name, kind):
    rows = verdicts(name, world(name, kind))
    shown = rows[["id", "quantity", "numbers", "verdict", "reason"]].to_string()
    assert rows["verdict"].iloc[0] == kind, shown


@pytest.mark.parametrize("name", IDS)
def test_without_results_nothing_is_run(name):
    rows = verdicts(name, Results())
    assert set(rows["verdict"]) == {"not run"}
    assert (rows["reason"] != "").all()
    assert set(rows["lift"]) == {"–"}


@pytest.mark.parametrize("name", [name for name in IDS if name[0] not in "DS"])
def test_with_one_run_nothing_is_supported(name):
    whole = world(name, "supported")
    one = Results(
        *(
            {key: frame[frame["seed"] == 0] for key, frame in frames.items()}
            for frames in (whole.metrics, whole.curves, whole.features, whole.pairs)
        )
    )
    assert verdicts(name, one)["verdict"].iloc[0] == "undecided"


@pytest.mark.parametrize("name", ["D2", "D7", "C2"])
def test_the_whole_follows_from_its_parts(name):
    for kind in KINDS:
        whole, *parts = verdicts(name, world(name, kind))["verdict"]
        wanted = (
            "supported" if set(parts) == {"supported"}
            else "contradicted" if "contradicted" in parts
            else "undecided"
        )  # fmt: skip
        assert whole == wanted


def test_parts_are_numbered_and_say_what_they_test():
    rows = verdicts("D2", depth(STANDARD, RK4))
    assert rows["id"].tolist() == ["D2", "D2.1", "D2.2", "D2.3"]
    assert list(rows.columns) == COLUMNS
    assert rows["numbers"].iloc[0] == "D2.1 supported; D2.2 supported; D2.3 supported"
    assert (rows["quantity"] != "").all()


def test_each_lift_has_its_verdict():
    good, bad = depth(STANDARD, RK4).metrics["depth"], depth(RK4, RK4).metrics["depth"]
    both = pd.concat([good, bad.assign(lift="zeros")])
    rows = verdicts("D3", Results({"depth": both}))
    wholes = rows[rows["id"] == "D3"].set_index("lift")["verdict"]
    assert wholes.to_dict() == {"random": "supported", "zeros": "contradicted"}


def test_diverged_runs_are_counted_and_enter_no_mean():
    frame = width(good=True, noise=0.1).metrics["width"]
    gone = (frame["seed"] == 3) & (frame["width"] == 3)
    frame = frame.assign(
        status=frame["status"].mask(gone, "diverged"), value=frame["value"].mask(gone)
    )
    row = verdicts("W1", Results({"width": frame})).iloc[0]
    assert row["verdict"] == "supported"
    assert row["runs"] == "width: 32 runs, 1 of them diverged"
    assert (row["n"], row["numbers"][:8]) == (15, "15 of 15")
    all_gone = frame.assign(status="diverged", value=None)
    row = verdicts("W1", Results({"width": all_gone})).iloc[0]
    assert (row["verdict"], "diverged" in row["reason"]) == ("undecided", True)


def of_archive(given, **which):
    """The same results, of which the runs with these values are from the archive."""
    metrics = {}
    for name, frame in given.metrics.items():
        taken = (frame[list(which)] == pd.Series(which)).all(axis=1)
        metrics[name] = frame.assign(archived=taken.map({True: "a machine", False: None}))
    return replace(given, metrics=metrics)


@pytest.mark.parametrize("name", IDS)
def test_every_verdict_says_how_many_of_its_runs_are_archived(name):
    given = world(name, "supported")
    rows, before = (verdicts(name, each) for each in (of_archive(given), given))
    assert before["runs"].tolist() == [re.sub(r", (\d+ of them )?from the archive", "", text)
                                       for text in rows["runs"]]  # fmt: skip
    for text in rows["runs"]:
        for experiment, count, said in re.findall(r"(\w+): (\d+) runs?([^;]*)", text):
            taken = re.search(r", (?:(\d+) of them )?from the archive", said)
            assert (taken is not None) == (experiment in given.metrics)
            # Made-up pairs have more seeds than made-up metrics.
            assert taken is None or taken[1] is None or (int(taken[1]) < int(count) and given.pairs)


def test_archived_runs_are_told_from_those_trained_here():
    given = of_archive(width(good=True, noise=0.1), width=3)
    row = verdicts("W1", given).iloc[0]
    assert (row["verdict"], row["runs"]) == (
        "supported",
        "width: 32 runs, 16 of them from the archive",
    )
    # Of several engines, those of the one that counts.
    frame = given.metrics["width"]
    other = frame.assign(engine="torch", archived="another machine")
    assert verdicts("W1", Results({"width": pd.concat([other, frame])})).iloc[0]["runs"] == (
        "width: 32 runs, 16 of them from the archive"
    )


@pytest.mark.parametrize(
    ("departure", "said"),
    [
        ({}, ""),
        ({"epochs": 80}, ""),
        ({"epochs": 10}, ", not at the paper's protocol (epochs 10 for 80)"),
        ({"step_size": 0.1}, ", not at the paper's protocol (step size 0.1 for 0.05)"),
        (
            {"batch_size": 9, "loss": "mse"},
            ", not at the paper's protocol (batch size 9 for 5, loss mse for cross_entropy)",
        ),
    ],
)
def test_a_claim_is_tested_as_the_experiment_is_and_says_where_that_is_not_the_papers(
    departure, said
):
    frame = width(good=True, noise=0.1).metrics["width"].assign(**departure)
    row = verdicts("W1", Results({"width": frame}, publication=PAPER.publication)).iloc[0]
    assert (row["verdict"], row["runs"]) == ("supported", f"width: 32 runs{said}")


def test_an_axis_that_varies_must_be_named():
    frame = width(good=True, noise=0.1).metrics["width"]
    both = pd.concat([frame, frame.assign(epochs=10, activation="relu")])
    row = verdicts("W1", Results({"width": both})).iloc[0]
    assert row["verdict"] == "undecided"
    assert "width also varies activation, epochs of dataset donut_2d" in row["reason"]


def test_a_reason_says_which_parts_lack_what():
    given = world("I1", "supported")
    one = {name: frame[frame["seed"] == 0] for name, frame in given.metrics.items()}
    published = pd.read_csv(PAPER.published)
    given = Results(one, published=published, publication=PAPER.publication)
    row = verdicts("I1", given).iloc[0]
    assert row["reason"] == (
        "in I1.1, I1.2, I1.3, I1.4; in I1.5, I1.6, I1.7, I1.8: pairs of repetitions need two "
        "seeds; there is 1"
    )
    assert row["printed"] == "met in 4 of 8 parts; no numbers are printed for the others"


@pytest.mark.parametrize("experiment", sorted({e for s in PAPER.sections for e in s.experiments}))
def test_the_configured_experiments_are_at_the_papers_protocol(experiment):
    configured = cells(experiment)
    varied = [axis for axis in AXES if len({getattr(cell, axis) for cell in configured}) > 1]
    departing = {words for cell in configured
                 for words in PAPER.publication.departing(vars(cell), varied)}  # fmt: skip
    assert departing == set()


def test_what_is_asked_again_is_a_claim_and_counts_once():
    again = PAPER.publication.asked_again
    assert set(again) | set(again.values()) <= set(IDS)
    table = pd.DataFrame(
        [("I1", "random", "undecided"), ("I1d", "random", "supported"), ("I1.1", "–", "supported"),
         ("S1", "–", "contradicted")], columns=["id", "lift", "verdict"])  # fmt: skip
    count, by_lift = count_claims(table, again)
    assert count == 2
    assert by_lift.to_dict("index") == {
        "random": {"supported": 1, "contradicted": 0, "undecided": 1},
        "–": {"supported": 0, "contradicted": 1, "undecided": 0},
    }


def test_of_two_engines_the_compiled_one_counts():
    good, bad = (width(good, 0.1).metrics["width"] for good in (True, False))
    both = Results({"width": pd.concat([bad.assign(engine="torch"), good])})
    row = verdicts("W1", both).iloc[0]
    assert (row["verdict"], row["runs"]) == ("supported", "width: 32 runs")


def test_epochs_to_converge_by_hand():
    curves = pd.DataFrame(
        [
            [50, 80, 89.2, 88, 90, 90, 90, 90, 90],
            [90] * 9,
            [50, 80, 84, 85, 86, 90, None, None, 89],
        ],
        index=[0, 1, 2],
        columns=range(9),
    )
    # The last five of the third are 85, 86, 90 and 89 after 84: their mean is 86.8.
    assert epochs_to_converge(curves).tolist() == [2, 0, 4]


def test_layers_needed_by_hand():
    accuracies = pd.DataFrame({1: [75, 88, 75], 5: [86, 90, 80], 10: [90, 90, 86.9]})
    assert first_place(accuracies).tolist() == [3, 1, 4]


def test_the_layer_of_contraction_by_hand():
    spread = pd.DataFrame([[1, 0.5, 0.09, 0.2], [1, 0.9, 0.9, 0.8]])
    assert contraction_layer(spread).tolist() == [2, 4]


def test_layers_that_leave_the_features_as_they_are_by_hand():
    class Given:
        @staticmethod
        def features(experiment, measure, **cell):
            return pd.DataFrame([[1, 1, 2, 2], [1, 2, 3, 4]])

    assert unmoved(Given(), "time_steps", "mean_norm").tolist() == [2 / 3, 0]


def test_the_larger_class_of_a_balanced_set():
    assert 0.5 <= largest_share("spiral", 0) < 0.53


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    stem = tmp_path_factory.mktemp("claims") / "claims"
    given = Results({**depth(STANDARD, RK4).metrics, **width(True, 0.1).metrics})
    write(evaluate(CLAIMS.values(), given), DEFINITIONS, stem)
    return stem


def test_the_page_has_every_claim_and_definition(written):
    page = written.with_suffix(".md").read_text(encoding="utf-8")
    assert all(f"\n## {name}\n" in page for name in IDS)
    assert all(f"| {words} |" in page for words in DEFINITIONS)
    table = page[page.index("| id |") : page.index("\n## W1")]
    assert re.search(
        r"\| W1 \| zeros \|.*\| supported \| 100% .*\| 16 \|.*\| width: 32 runs \|", table
    )
    # Every row of a table has as many cells as its heading.
    for block in re.findall(r"(?:^\|.*\n)+", page, re.M):
        assert len({line.replace(r"\|", "").count("|") for line in block.splitlines()}) == 1


def test_the_csv_has_every_part(written):
    frame = pd.read_csv(written.with_suffix(".csv"))
    assert list(frame.columns) == COLUMNS
    assert len(frame) == sum(len(claim.parts) + (len(claim.parts) > 1) for claim in CLAIMS.values())


def test_verdicts_on_archived_runs_are_marked(tmp_path, written):
    given = Results({**depth(STANDARD, RK4).metrics, **width(True, 0.1).metrics})
    found = evaluate(CLAIMS.values(), of_archive(given, dataset="donut_2d"))
    write(found, DEFINITIONS, tmp_path / "claims", "16 of 17 runs are.")
    page, table = ((tmp_path / f"claims.{suffix}").read_text() for suffix in ("md", "tex"))
    assert "\n‡ 16 of 17 runs are.\n" in page
    assert set(re.findall(r"^\| (\w+) \|.*‡", page, re.M)) == {"W1", "W3", "W4"}
    assert table.count(r"$^{\ddagger}$ 16 of 17 runs are.") == 1
    # But for the marks, the notes and the counts, all is as it was.
    plain = re.sub(r"‡ 16.*\n\n|‡|, (\d+ of them )?from the archive", "", page)
    assert plain == written.with_suffix(".md").read_text(encoding="utf-8")


@needs_latex
def test_latex_compiles_with_booktabs_alone(written, tmp_path):
    assert_compiles(written.with_suffix(".tex").read_text(encoding="utf-8"), tmp_path)
