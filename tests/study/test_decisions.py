"""Looks at claims: what is open is looked at again, what is finished never, and rarely wrongly."""

from dataclasses import asdict
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rknet.cell import Cell
from rknet.study.claims import Claim, Part, Results
from rknet.study.decisions import (
    AS_READ,
    NOT_NEEDED,
    decisions,
    look,
    open_parts,
    progress,
    sensitivity,
    whole_decisions,
)
from rknet.study.sequential import GO_ON, LOOKS, nominal_levels
from rknet.study.statistics import Range, share

CELLS = {depth: Cell("spiral", "RK4Net", 16, depth) for depth in (1, 2, 3)}
#: Values by depth and seed: always above 0, never, and in every other repetition.
ALWAYS, NEVER, HALF = (lambda seed: 1.0), (lambda seed: -1.0), (lambda seed: seed % 2 - 0.5)


def part(depth):
    def above(bound, runs):
        return share(runs.last("toy", depth=depth), Range(low=bound))

    variants = {"margin doubled": partial(above, 2.0), "margin halved": partial(above, -2.0)}
    return Part(f"L = {depth}", partial(above, 0.0), variants=variants if depth < 3 else {})


def claim(name, *depths):
    return Claim(name, "1", "A sentence.", "toy", tuple(map(part, depths)))


def results(repetitions, values, cells=None):
    """Runs whose values are functions of their seeds, by depth; of these cells only."""
    rows = [
        {
            **asdict(CELLS[depth]),
            **{"seed": seed, "status": "completed", "last_epoch": 1},
            **{"split": "validation", "metric": "accuracy_percent", "value": value(seed)},
        }
        for depth, value in values.items()
        if cells is None or CELLS[depth] in cells
        for seed in range(repetitions)
    ]
    return Results({"toy": pd.DataFrame(rows)})


def looked(claims, values):
    """The history of all looks, each with only the cells that the one before asked for."""
    history, cells, asked = None, None, []
    for repetitions in LOOKS:
        shown = None if cells is None else cells["toy"]
        history, cells = look(claims, results(repetitions, values, shown), repetitions, history)
        asked.append([cell.depth for cell in cells.get("toy", [])])
        if not cells:
            break
    return history, asked


def test_only_what_is_open_is_looked_at_again():
    history, asked = looked([claim("A", 1), claim("B", 2)], {1: ALWAYS, 2: HALF})
    # 16 of 16 have p = 1.5e-5, below the level of the third look; at 8 p is 0.004.
    assert asked == [[1, 2], [1, 2], []]
    found = decisions(history).set_index("id")
    assert found["verdict"].to_dict() == {"A": "supported", "B": "futile"}
    assert found["repetitions"].to_dict() == {"A": 16, "B": 16}


def test_a_finished_verdict_never_reopens():
    def turns(seed):
        return 1.0 if seed < 16 else -1.0

    weak = [int(bit) - 0.5 for bit in "11101101110110111101110110111011" * 3]
    history, asked = looked([claim("A", 1), claim("B", 2)], {1: turns, 2: lambda seed: weak[seed]})
    assert asked[2] == [2]
    assert decisions(history).set_index("id").loc["A", "verdict"] == "supported"
    assert history[history["id"] == "A"]["repetitions"].max() == 16
    assert history[history["id"] == "B"]["repetitions"].max() > 16


def test_one_refuted_part_ends_the_claim():
    nearly = [1.0, 1.0, 1.0, -1.0] * 16
    values = {1: NEVER, 2: lambda seed: nearly[seed]}
    history, asked = looked([claim("A", 1, 2)], values)
    assert asked == [[1, 2], [1, 2], []]
    parts = decisions(history)
    assert parts["verdict"].tolist() == ["contradicted", NOT_NEEDED]
    whole = whole_decisions(parts).iloc[0]
    assert (whole["id"], whole["verdict"], whole["repetitions"]) == ("A", "contradicted", 16)


def test_each_of_many_parts_may_refute_at_its_share_of_the_level():
    (one, two) = (
        look([claim("A", *depths)], results(4, dict.fromkeys(CELLS, NEVER)), 4)[0]
        for depths in ((1,), (1, 2))
    )
    two = two[two["variant"] == AS_READ]
    assert two["p_against"].tolist() == pytest.approx([2 * one["p_against"][0]] * 2)
    assert two["p_for"].tolist() == pytest.approx([one["p_for"][0]] * 2)


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        (["supported", "supported"], "supported"),
        (["supported", "contradicted"], "contradicted"),
        (["futile", GO_ON], GO_ON),
        (["futile", "supported"], "futile"),
        (["futile", "contradicted"], "contradicted"),
        (["undecided", "supported"], "undecided"),
        (["not run", "supported"], "undecided"),
        (["not run", "not run"], "not run"),
    ],
)
def test_a_claim_is_as_its_parts(verdicts, whole):
    parts = pd.DataFrame({"id": ["A.1", "A.2"], "lift": "random", "verdict": verdicts})
    found = whole_decisions(parts.assign(repetitions=16))
    assert found["verdict"].tolist() == [whole]


def test_which_choices_a_verdict_hangs_on():
    claims = [claim("A", 1), claim("B", 2, 3), claim("C", 3)]
    history, asked = looked(claims, {1: ALWAYS, 2: NEVER, 3: HALF})
    assert asked[-1] == []
    found = sensitivity(history).set_index("id")
    # Values of 1 are above 0 and -2, and never above 2; values of -1 only above -2.
    assert found.loc["A", ["as read", "margin doubled", "margin halved"]].tolist() == [
        *("supported", "contradicted", "supported"),
    ]
    assert found.loc["B", ["as read", "margin doubled", "margin halved"]].tolist() == [
        *("contradicted", "contradicted", "open"),
    ]
    assert found.loc["C", "as read"] == "open"
    assert found.loc["C", ["margin doubled", "margin halved"]].isna().all()


def test_a_part_without_runs_needs_none():
    history, cells = look([claim("A", 1)], results(4, {2: ALWAYS}), 4)
    assert not cells
    assert not open_parts(history)
    assert decisions(history)["verdict"].tolist() == ["not run"]
    assert "no run in toy" in history["numbers"][0]


def test_a_history_survives_its_file(tmp_path):
    values = {1: HALF, 2: ALWAYS}
    claims = [claim("A", 1), claim("B", 2)]
    history, _ = look(claims, results(4, values), 4)
    history.to_csv(tmp_path / "look4.csv", index=False)
    again = pd.read_csv(tmp_path / "look4.csv")
    assert open_parts(again) == open_parts(history)
    assert progress(tmp_path / "look4.csv") == (0, 2)
    following = [look(claims, results(8, values), 8, before)[0] for before in (history, again)]
    pd.testing.assert_frame_equal(*following, check_dtype=False)


def crossing(chance, direction):
    """The exact probability that counts of `chance` come out significant at any look.

    By the law of the number of hits, look by look: what is significant leaves.
    """
    law, crossed, before = np.array([1.0]), 0.0, 0
    for repetitions, level in zip(LOOKS, nominal_levels(), strict=True):
        added = stats.binom.pmf(np.arange(repetitions - before + 1), repetitions - before, chance)
        law, before = np.convolve(law, added), repetitions
        tests = [
            share(pd.Series(np.arange(repetitions) < hits, dtype=float), Range(low=1.0))
            for hits in range(repetitions + 1)
        ]
        significant = np.array([getattr(test, direction) <= level for test in tests])
        crossed += law[significant].sum()
        law = np.where(significant, 0.0, law)
    return crossed


@pytest.mark.parametrize("direction", ["p_for", "p_against"])
def test_all_looks_of_the_exact_test_keep_the_level(direction):
    # A share of one half is the worst case of "more than half", in both directions.
    assert 0.01 < crossing(0.5, direction) <= 0.05


def test_looks_find_what_is_there():
    assert crossing(0.8, "p_for") > 0.95
    assert crossing(0.2, "p_against") > 0.95
