"""Readings: a file becomes claims, and what is wrong in it is named."""

import datetime

import pandas as pd
import pytest
import yaml

from rknet.paper.claims import CLAIMS
from rknet.show.paper import load_paper
from rknet.study.claims import Results, Runs
from rknet.study.evaluation import evaluate
from rknet.study.readings import ReadingError, read_claims

FILE = """
section: "1"
dated: 2026-11-29
claims:
  - id: X1
    statement: Deep is good.
    experiment: steps
    with: {network: RK4Net}
    parts:
      - quantity: "{network} on {dataset}: accuracy (%)"
        measure: accuracy
        for: {dataset: [spiral, squares]}
        cells: {depth: [1, 2]}
        at_least: 90
        least: 0.75
        why: as stated
"""


def accuracy(runs, experiment, **cell):
    """Twenty repetitions: of depth 2 on squares, all are bad."""
    bad = cell == {"network": "RK4Net", "dataset": "squares", "depth": 2}
    return pd.Series([50.0 if bad else 95.0] * 20)


def read(tmp_path, text=FILE):
    file = tmp_path / "readings.yaml"
    file.write_text(text, encoding="utf-8")
    return read_claims(file, {"accuracy": accuracy})


def test_a_part_for_each_value_and_a_test_of_all_cells(tmp_path):
    (claim,) = read(tmp_path)
    assert [part.quantity for part in claim.parts] == [
        f"RK4Net on {dataset}: accuracy (%), in each of L = 1; L = 2; at least 90"
        for dataset in ("spiral", "squares")
    ]
    good, bad = (part.test(Runs(Results(), "")) for part in claim.parts)
    assert (good.verdict, bad.verdict) == ("supported", "contradicted")
    assert good.p_for == pytest.approx(0.75**20)
    assert bad.p_against == pytest.approx(2 * 0.25**20)
    assert "each of 2" in bad.name


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("measure: accuracy", "measure: speed", "no measure 'speed'; there are accuracy"),
        ("at_least: 90", "atleast: 90", "X1: unknown key 'atleast'"),
        ("        why: as stated", "", "X1: the key 'why' is missing"),
        ("at_least: 90", "at_least: 90\n        at_most: 95", "at_least and at_most exclude"),
        ("dated: 2026-11-29", "dated: soon", "write a day, like 2026-11-29"),
        (
            "        why: as stated",
            "        why: so\n        was: [{until: now}]",
            "'because' is missing",
        ),
        ("    statement: Deep is good.\n", "", "the key 'statement' is missing"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, old, new, said):
    assert old in FILE
    with pytest.raises(ReadingError, match=said) as raised:
        read(tmp_path, FILE.replace(old, new))
    assert "readings.yaml" in str(raised.value)


@pytest.fixture(scope="module")
def printed():
    paper = load_paper()
    given = Results(publication=paper.publication, published=pd.read_csv(paper.published))
    return evaluate(CLAIMS, given).set_index("id")["printed"]


def test_readings_are_applied_to_what_the_paper_prints(printed):
    # Table 1: 51.08 − 48.92 and 50.67 − 49.33; 98.12 − 98.10.
    assert printed["D1.3"] == "missed: L = 40: 2.16; L = 100: 1.34"
    assert printed["D2.1"] == "met: 6.22"
    # Table 2, validation: RK4Net from 20 to 40 loses accuracy and cost, and 40 ties with 100.
    assert printed["D7.2"].startswith("missed")
    assert printed["D1"] == "missed in D1.3"
    # Nothing is printed of width 3, curves or repetitions.
    assert (printed[["D6", "A2", "C5", "W1"]] == "").all()


def test_likeness_is_not_read_stricter_than_the_paper_means_it(printed):
    assert printed[["C2.1", "C2.2", "C2.3"]].tolist() == [
        "met: -1.63 to 0.77", "met: -1.88 to 0.92", "met: -0.85 to 1.17"]  # fmt: skip
    # Of harder sets, one difference in Table 4 is next to nothing: 74.92 − 74.88.
    assert printed["C3"] == "missed in C3.9"
    assert printed["C3.9"] == "missed: 0.04"


def test_a_part_knows_how_else_one_might_read_it(tmp_path):
    def at_one(runs, **_):
        return pd.Series([1.0] * 20)

    def apart(runs, **_):
        return pd.Series([1.0] * 20)

    apart.compares = True
    bounds = [
        ({"measure": "at_one", "at_least": 0.9}, {}),
        (
            {"measure": "at_one", "at_least": 0.9, "also": [{"at_least": 0.5}, {"at_least": 1.2}]},
            {"laxer bound": "supported", "stricter bound": "contradicted"},
        ),
        (
            {"measure": "apart", "within": [-0.8, 0.8]},
            {"laxer bound": "supported", "stricter bound": "contradicted"},
        ),
        ({"measure": "apart", "within": [1, 2]}, {}),
        (
            {"measure": "apart", "at_most": 1.0, "cells": {"depth": [1, 2]}},
            {
                "laxer bound": "supported",
                "stricter bound": "contradicted",
                "cells averaged": "supported",
            },
        ),
    ]
    shares = {"more than 67%", "more than 90%"}
    for reading, found in bounds:
        written = {"quantity": "q", "why": "because", **reading}
        claim = {"id": "W1", "statement": "s", "experiment": "e", "parts": [written]}
        file = tmp_path / "readings.yaml"
        file.write_text(yaml.safe_dump(
            {"section": "1", "dated": datetime.date(2026, 1, 1), "claims": [claim]}
        ))  # fmt: skip
        (part,) = read_claims(file, {"at_one": at_one, "apart": apart})[0].parts
        verdicts = {
            name: test(Runs(Results(), "–")).verdict for name, test in part.variants.items()
        }
        assert {name: verdict for name, verdict in verdicts.items() if name not in shares} == found
        assert shares <= verdicts.keys()


def test_another_bound_that_is_none_is_refused(tmp_path):
    part = {"quantity": "q", "why": "w", "measure": "value", "at_least": 1, "also": [{}]}
    claim = {"id": "W1", "statement": "s", "experiment": "e", "parts": [part]}
    file = tmp_path / "readings.yaml"
    file.write_text(yaml.safe_dump(
        {"section": "1", "dated": datetime.date(2026, 1, 1), "claims": [claim]}
    ))  # fmt: skip
    with pytest.raises(ReadingError, match="W1: also: a bound is missing"):
        read_claims(file, {"value": lambda runs: None})
