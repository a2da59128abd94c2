"""An experiment's table: against plain pandas, golden files, and any grid."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from grids import CELL, VALUES, cells, metrics
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import stats
from typesetting import assert_compiles, needs_latex

from rknet.cell import AXES
from rknet.show.experiment.table import write_table
from rknet.study.grids import expand

GOLDEN = Path(__file__).parent / "golden"
SMALL = expand({"dataset": "spiral", "network": ["StandardNet", "RK4Net"], "width": 4,
                "depth": [1, 10], "lift": ["random", "zeros"]})  # fmt: skip
#: More than a page has room for.
LARGE = expand(
    {
        **{"dataset": ["spiral", "my_moons"], "network": ["StandardNet", "RK4Net"], "width": 16},
        **{"depth": [1, 2, 5, 10, 20], "learning_rate": [10.0**-n for n in range(5)]},
        **{"engine": ["compiled", "torch"]},
    }
)
#: Names that are too long for a column each.
LONG = expand({axis: values[:2] for axis, values in VALUES.items() if axis != "network"}
              | {"network": ["StandardNet", "MyOwnNetOfAVeryLongName"], "engine": "torch",
                 "depth": 2, "width": 4, "batch_size": 5})  # fmt: skip
DIVERGED = {"diverged": [(0, 0), (1, 0), (1, 1), (1, 2)]}


def written(folder, runs, name="experiment"):
    write_table(name, runs, folder / name)
    assert {path.name for path in folder.iterdir()} == {f"{name}.{s}" for s in ("tex", "md", "csv")}
    return {s: (folder / f"{name}.{s}").read_text(encoding="utf-8") for s in ("tex", "md", "csv")}


def rows_of(markdown):
    """The table's rows as texts, headings first."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    rows = [[text.strip() for text in line.strip("|").split("|")] for line in lines]
    return rows[:1] + rows[2:]


@pytest.mark.parametrize("suffix", ["tex", "md", "csv"])
def test_golden_files(tmp_path, suffix):
    made = written(tmp_path, metrics(SMALL, seeds=3, **DIVERGED))[suffix]
    assert made == (GOLDEN / f"experiment.{suffix}").read_text(encoding="utf-8")


def test_numbers_are_those_of_plain_pandas(tmp_path):
    runs = metrics(SMALL, seeds=3, **DIVERGED)
    frame = pd.read_csv(io.StringIO(written(tmp_path, runs)["csv"]))
    assert len(frame) == len(SMALL)
    for row in frame.to_dict("records"):
        of_cell = runs[np.logical_and.reduce([runs[axis] == row[axis] for axis in AXES])]
        for (split, metric), values in of_cell.groupby(["split", "metric"])["value"]:
            if metric == "one_hot_agreement_percent":
                continue
            start, values = f"{split}_{metric}", values.dropna()
            assert row[f"{start}_n"] == len(values)
            wanted = [values.mean(), np.nan]
            interval = [np.nan, np.nan]
            if len(values) > 1:
                wanted[1] = values.std(ddof=0)
                interval = stats.t.interval(
                    0.95, len(values) - 1, values.mean(), values.std(ddof=1) / len(values) ** 0.5
                )
            found = [row[f"{start}_{name}"] for name in ("mean", "std", "ci_low", "ci_high")]
            np.testing.assert_allclose(found, [*wanted, *interval], rtol=1e-8)


def test_markdown_shows_the_numbers_of_the_csv(tmp_path):
    made = written(tmp_path, metrics(SMALL, seeds=3))
    frame = pd.read_csv(io.StringIO(made["csv"]))
    heading, *rows = rows_of(made["md"])
    assert heading[:4] == ["network", "L", "lift", "n"]
    for row, numbers in zip(rows, frame.to_dict("records"), strict=True):
        assert row[:4] == [numbers["network"], str(numbers["depth"]), numbers["lift"], "3"]
        shown = dict(zip(heading, row, strict=True))
        mean, std = (10 * numbers[f"validation_cost_{name}"] for name in ("mean", "std"))
        assert shown["validation cost (× 10⁻¹): mean ± std"] == f"{mean:.2f} ± {std:.2f}"
        ends = [numbers[f"training_accuracy_percent_ci_{end}"] for end in ("low", "high")]
        assert shown["training accuracy (%): 95 % interval"] == "[{:.2f}, {:.2f}]".format(*ends)


@given(found=cells(), seeds=st.integers(1, 3), data=st.data())
@hypothesis_settings(max_examples=25)
def test_any_grid_has_a_row_a_cell(tmp_path_factory, found, seeds, data):
    pairs = st.tuples(st.integers(0, len(found) - 1), st.integers(0, seeds - 1))
    gone = data.draw(st.sets(pairs, max_size=4))
    made = written(tmp_path_factory.mktemp("table"), metrics(found, seeds, diverged=gone))
    heading, *rows = rows_of(made["md"])
    names = [tuple(row[: heading.index("n")]) for row in rows]
    assert len(set(names)) == len(names) == len(found)
    frame = pd.read_csv(io.StringIO(made["csv"]))
    assert len(frame) == len(frame[list(AXES)].drop_duplicates()) == len(found)
    # Of the blocks of the LaTeX table, each has a row a cell; a lone dash is no number.
    ends = [line for line in made["tex"].splitlines() if line.endswith(r"\\")]
    blocks = (1, 2, 4)
    headings = made["tex"].count(r"\toprule") * 2
    assert (len(ends) - headings) in [many * len(found) for many in blocks]
    for text in made.values():
        assert "nan" not in text.lower()


def test_what_is_constant_is_said_and_what_varies_is_a_column(tmp_path):
    made = written(tmp_path, metrics(SMALL))
    for text in ("dataset spiral", "tanh activation", "at most 40 epochs", "2 repetitions"):
        assert text in made["md"]
        assert text in made["tex"]
    assert "random" not in made["md"].splitlines()[0]


def test_a_cell_of_one_seed(tmp_path):
    made = written(tmp_path, metrics([CELL], seeds=1), "mine")
    heading, row = rows_of(made["md"])
    assert heading[:2] == ["network", "n"]
    assert row[:4] == ["RK4Net", "1", "10.00", "–"]
    assert "**Mine.** Values of 1 repetition, which has no standard deviation." in made["md"]
    assert "†" not in made["md"]


def test_diverged_runs_are_marked_and_said(tmp_path):
    made = written(tmp_path, metrics([CELL, replace(CELL, depth=3)], 2, diverged=[(0, 0), (0, 1)]))
    _, gone, there = rows_of(made["md"])
    assert gone[:4] == ["2", "0", "–†", "–"]
    assert there[:3] == ["3", "2", "20.01 ± 0.01"]
    assert "† Mean over fewer repetitions" in made["md"]
    assert "$^{\\dagger}$ Mean over fewer repetitions" in made["tex"]


def test_a_cell_that_lacks_repetitions_is_marked_and_said(tmp_path):
    found = metrics([CELL, replace(CELL, depth=3)], 2)
    made = written(tmp_path, found[(found["depth"] == 3) | (found["seed"] == 0)])
    _, fewer, there = rows_of(made["md"])
    assert fewer[:3] == ["2", "1", "10.00†"]
    assert there[1] == "2"
    assert "over 1 to 2 repetitions" in made["md"]
    assert "† Mean over fewer repetitions" in made["md"]


def test_a_large_table_is_split_into_floats_that_keep_one_number(tmp_path):
    assert len(LARGE) == 200
    tex = written(tmp_path, metrics(LARGE))["tex"]
    floats = tex.count(r"\begin{table}")
    assert floats > 8
    assert tex.count(r"\addtocounter{table}{-1}") == floats - 1
    assert tex.count("Experiment, continued.") == floats - 1
    assert (
        len(set(pd.Series(tex.splitlines()).loc[lambda s: s.str.startswith(r"\label")])) == floats
    )


@needs_latex
@pytest.mark.parametrize(
    "found", [[CELL], SMALL, LARGE, LONG], ids=["one", "small", "large", "long"]
)
def test_latex_compiles(tmp_path, found):
    made = written(tmp_path, metrics(found, 2, diverged=[(0, 0)]), "mine")
    (tmp_path / "latex").mkdir()
    assert_compiles(made["tex"], tmp_path / "latex")
