"""Tables against golden files and by hand."""

import itertools
import math
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from problems import frame
from scipy import stats
from typesetting import assert_compiles, needs_latex

from rknet.show.entries import PaperError
from rknet.show.latex import escaped
from rknet.show.paper import load_paper
from rknet.show.tables import files
from rknet.show.tables.layouts import MARK, intervals, layout, mean_interval
from rknet.show.tables.table import Table, fillable, read_tables, same_tables
from rknet.study.grids import Experiment, expand

PAPER = load_paper()
TABLES = PAPER.tables
GOLDEN = Path(__file__).parent / "golden"
DATASETS = ("donut_3d_2c", "donut_3d_3c", "donut_2d_6c", "donut_3d_6c", "squares_2d_4c",
            "squares_3d_4c")  # fmt: skip


def write(table, runs, stem):
    files.write(table, runs, stem, PAPER.publication.lifts)


def metrics(diverged=()):
    """Values that tell where they belong: network, lift, depth, split and seed in their digits."""
    rows = []
    axes = itertools.product(
        ("StandardNet", "RK4Net"), ("random", "zeros"), (1, 20), ("training", "validation"), (0, 1)
    )
    for network, lift, depth, split, seed in axes:
        place = 10 * (network == "RK4Net") + 5 * (lift == "zeros") + depth / 10
        value = 70 + place + 0.25 * (split == "training") + 0.02 * seed
        gone = (network, depth, seed) in diverged
        for metric, scaled in (("accuracy_percent", value), ("cost", value / 1000)):
            rows.append(
                {
                    **{"network": network, "lift": lift, "depth": depth, "split": split},
                    **{"seed": seed, "metric": metric, "value": None if gone else scaled},
                    "status": "diverged" if gone else "completed",
                }
            )
    return frame({name: [row[name] for row in rows] for name in rows[0]})


def architecture():
    """The same for the multiclass sets: dataset in the tens, network in the ones."""
    rows = []
    axes = itertools.product(
        enumerate(DATASETS, start=4),
        enumerate(("StandardNet", "EulerNet", "RK4Net")),
        ("random", "zeros"),
        ("training", "validation"),
        (0, 1, 2),
    )
    for (tens, dataset), (ones, network), lift, split, seed in axes:
        value = 10 * tens + ones + 0.5 * (lift == "zeros") + 0.25 * (split == "training")
        value += 0.02 * seed
        for metric, scaled in (
            ("accuracy_percent", value),
            ("one_hot_agreement_percent", value / 2 + 50),
            ("cost", value / 1000),
        ):
            rows.append(
                {
                    **{"dataset": dataset, "network": network, "lift": lift, "split": split},
                    **{"depth": 5 if network == "StandardNet" else 100, "seed": seed},
                    **{"metric": metric, "value": scaled},
                }
            )
    return frame({name: [row[name] for row in rows] for name in rows[0]})


def images(experiment="images"):
    """The same for images: dataset in the tens, network in the ones, width in the halves."""
    wide, narrow, datasets = IMAGES[experiment]
    rows = []
    networks = (("StandardNet", 5, wide), ("StandardNet", 100, wide), ("EulerNet", 100, wide),
                ("RK4Net", 100, wide), ("RK4Net", 100, narrow))  # fmt: skip
    axes = itertools.product(
        enumerate(datasets, start=7), enumerate(networks), ("training", "validation"), (0, 1, 2)
    )
    for (tens, dataset), (ones, (network, depth, width)), split, seed in axes:
        value = 10 * tens + ones + 0.25 * (split == "training") + 0.02 * seed
        for metric, scaled in (("accuracy_percent", value), ("cost", value / 1000)):
            rows.append(
                {
                    **{"dataset": dataset, "network": network, "split": split, "depth": depth},
                    **{"width": width, "seed": seed, "metric": metric, "value": scaled},
                }
            )
    return frame({name: [row[name] for row in rows] for name in rows[0]})


IMAGES = {"images": (900, 784, ("mnist", "fashion_mnist")), "digits": (100, 64, ("digits",))}
DIVERGED = [("RK4Net", 20, 1), ("StandardNet", 20, 0), ("StandardNet", 20, 1)]
RUNS = {
    "depth": metrics,
    "architecture": architecture,
    "images": images,
    "digits": lambda: images("digits"),
}
CASES = {name: (name, RUNS[table.experiment]()) for name, table in TABLES.items()}
CASES["table1_diverged"] = ("table1", metrics(DIVERGED))
CASES["table4_partial"] = (
    "table4",
    architecture().query("network != 'EulerNet' or dataset == 'squares_2d_4c'"),
)
FILES = [f"{layout}.{suffix}" for layout in ("", "_intervals") for suffix in ("tex", "md", "csv")]


@pytest.mark.parametrize("case", CASES)
def test_golden_files(tmp_path, case):
    name, runs = CASES[case]
    write(TABLES[name], runs, tmp_path / case)
    assert {path.name for path in tmp_path.iterdir()} == {case + file for file in FILES}
    for file in FILES:
        made = (tmp_path / (case + file)).read_text(encoding="utf-8")
        assert made == (GOLDEN / (case + file)).read_text(encoding="utf-8"), file


def test_no_network_is_best_before_all_its_rivals_have_their_runs(tmp_path):
    runs = images()
    some = runs.query("network != 'EulerNet' or dataset != 'mnist' or seed == 0")
    for of, bold in ((runs, 4), (some, 2)):
        write(TABLES["table6"], of, tmp_path / "table6")
        assert (tmp_path / "table6.md").read_text(encoding="utf-8").count("**") == 2 + 2 * bold


def test_what_is_said_of_repetitions_and_the_archive_is_said_of_the_runs_shown(tmp_path):
    one = images().query("seed == 0").assign(archived="there")
    other = one.assign(network="StandardNet", depth=7)
    write(TABLES["table5"], pd.concat([one, other], ignore_index=True), tmp_path / "table5")
    text = (tmp_path / "table5.md").read_text(encoding="utf-8")
    assert "over 1 repetition for" in text
    assert "‡ 2 of 2 runs are from the archive" in text


def test_every_golden_file_is_of_a_case():
    assert {path.name for path in GOLDEN.iterdir()} == {c + file for c in CASES for file in FILES}


@needs_latex
@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.tex")), ids=lambda p: p.stem)
def test_latex_compiles_with_booktabs_alone(tmp_path, golden):
    assert_compiles(golden.read_text(encoding="utf-8"), tmp_path)


@needs_latex
@pytest.mark.parametrize("name", TABLES)
def test_the_papers_grids_fit_on_a_page(tmp_path, name):
    """As the golden files, but with as many cells and as long numbers as there can be."""
    one = RUNS[TABLES[name].experiment]()
    if TABLES[name].experiment == "depth":
        depths = [
            one[one["depth"] == 1].assign(depth=depth) for depth in (1, 3, 5, 10, 20, 40, 100)
        ]
        one = pd.concat(depths)
    # Mean 100.00 and a confidence interval whose ends have as many digits; cost 2.50 and negative.
    cost = one["metric"] == "cost"
    steps = one.groupby("metric")["seed"].transform(lambda seed: seed - seed.mean())
    runs = one.assign(value=np.where(cost, 0.25, 100) + np.where(cost, 0.2, 1) * steps)
    write(TABLES[name], runs, tmp_path / "t")
    for made in ("t.tex", "t_intervals.tex"):
        folder = tmp_path / Path(made).stem
        folder.mkdir()
        assert_compiles((tmp_path / made).read_text(encoding="utf-8"), folder)


def test_a_table_needs_a_cell_to_show():
    def of(name, **grid):
        return {name: Experiment(name, expand({"width": 900, "depth": 5, **grid}), (0,))}

    standard = {"network": "StandardNet", "dataset": "fashion_mnist"}
    assert fillable(TABLES, of("images", **standard)) == ["table6"]
    assert fillable(TABLES, of("images", **{**standard, "depth": 100})) == []
    assert fillable(TABLES, of("images", network="RK4Net", dataset="mnist")) == ["table5", "table6"]
    assert fillable(TABLES, of("depth", **standard)) == ["table1", "table2", "preprint_table1",
                                                 "preprint_table2"]  # fmt: skip
    assert fillable(TABLES, {}) == []


def test_layout_by_hand():
    table = layout(TABLES["table1"], metrics(), "zeros").text
    assert table.index.tolist() == [
        ("StandardNet", "training"),
        ("StandardNet", "validation"),
        ("RK4Net", "training"),
        ("RK4Net", "validation"),
    ]
    assert table.columns.tolist() == [1, 20]
    # 70 + 10 (RK4Net) + 5 (zeros) + 2 (depth 20) + 0.25 (training) + 0.01 (mean over seeds)
    assert table.loc[("RK4Net", "training"), 20] == "87.26"
    costs = layout(TABLES["table2"], metrics(), "zeros").text
    assert costs.loc[("RK4Net", "training"), 20] == "0.87"


def test_table_3_by_hand():
    table = layout(TABLES["table3"], architecture(), "random").text
    assert table.index.tolist() == ["mean", "std"]
    # 60 (donut_2d_6c) + 2 (RK4Net) + 0.02 (mean over seeds); std √(2/3) of the step 0.02
    assert table["accuracy_percent", "validation"].tolist() == ["62.02", "0.02"]
    assert table["cost", "training"].tolist() == ["0.62", "0.00"]


def test_table_4_by_hand():
    table = layout(TABLES["table4"], architecture(), "zeros").text
    assert table.columns.tolist() == list(DATASETS)
    assert table.loc["EulerNet"]["donut_3d_2c"].tolist() == ["41.52", "0.42"]
    both = layout(TABLES["preprint_table3"], architecture(), "zeros").text
    assert both.loc["EulerNet"]["donut_3d_2c"].tolist() == ["70.76", "41.52", "0.42"]


def test_the_editions_share_tables_1_and_2():
    for name in ("table1", "table2"):
        one, other = (
            layout(TABLES[prefix + name], metrics(), "random").text for prefix in ("", "preprint_")
        )
        pd.testing.assert_frame_equal(one, other)
        assert TABLES[name].number == TABLES[f"preprint_{name}"].number


def test_the_best_network_of_a_column_is_bold(tmp_path):
    best = layout(TABLES["table1"], metrics(), "random").best
    assert best.loc["RK4Net"].all(axis=None)
    assert not best.loc["StandardNet"].any(axis=None)
    best = layout(TABLES["table4"], architecture(), "random").best
    assert best.loc["RK4Net", "accuracy_percent"].all()
    assert best.loc["StandardNet", "cost"].all()
    assert best.to_numpy().sum() == 2 * len(DATASETS)
    write(TABLES["table1"], metrics(), tmp_path / "t")
    assert r"\textbf{80.36}" in (tmp_path / "t.tex").read_text()
    assert "**80.36**" in (tmp_path / "t.md").read_text()
    assert "*" not in (tmp_path / "t.csv").read_text()


def test_equal_as_printed_is_equally_good_and_one_network_has_no_rival():
    runs = metrics()
    same = runs.assign(value=90 + 0.001 * (runs["network"] == "RK4Net"))
    assert layout(TABLES["table1"], same, "random").best.all(axis=None)
    alone = runs[runs["network"] == "RK4Net"]
    assert not layout(TABLES["table1"], alone, "random").best.any(axis=None)
    assert not layout(TABLES["table3"], architecture(), "random").best.any(axis=None)


def test_diverged_runs_are_marked_and_left_out():
    table = layout(TABLES["table1"], metrics(DIVERGED), "random").text
    assert table.loc[("RK4Net", "validation"), 20] == f"82.00{MARK}"
    assert table.loc[("StandardNet", "validation"), 20] == f"–{MARK}"
    assert table.loc[("StandardNet", "validation"), 1] == "70.11"
    spread = intervals(TABLES["table1"], metrics(DIVERGED), "random")["validation"]
    assert spread.loc[("RK4Net", 20)].tolist() == [f"82.00{MARK}", "1", "–"]
    assert spread.loc[("StandardNet", 20)].tolist() == [f"–{MARK}", "0", "–"]


def test_one_run_has_no_standard_deviation():
    runs = architecture().query("seed == 0")
    printed = layout(TABLES["table3"], runs, "random").text
    assert (printed.loc["std"] == "–").all()
    assert (printed.loc["mean"] != "–").all()
    spread = layout(TABLES["table6"], images().query("seed == 0"), "random").text
    assert spread.loc[("RK4Net", "accuracy_percent"), "mnist"] == "73.00"


def test_what_is_missing_is_a_dash():
    runs = architecture()
    gone = (runs["network"] == "EulerNet") & (runs["dataset"] == "donut_3d_2c")
    table = layout(TABLES["table4"], runs[~gone], "random").text
    assert (table == "–").to_numpy().sum() == 2
    spread = intervals(TABLES["table4"], runs[~gone], "random")
    assert (spread.loc[("EulerNet", "donut_3d_2c")] == "–").all()
    # The metric that other frames lack, and the only cell of a table.
    old = runs[runs["metric"] != "one_hot_agreement_percent"]
    table = layout(TABLES["preprint_table3"], old, "random").text
    assert (table.xs("one_hot_agreement_percent", level="metric") == "–").all(axis=None)


def test_a_table_whose_only_cell_is_missing_is_all_dashes(tmp_path):
    runs = architecture().query("dataset == 'squares_2d_4c'")
    assert (layout(TABLES["table3"], runs, "random").text == "–").all(axis=None)
    write(TABLES["table3"], runs, tmp_path / "t")
    assert len(list(tmp_path.iterdir())) == len(FILES)


@pytest.mark.parametrize("name", TABLES)
def test_without_any_value_there_is_no_nan(tmp_path, name):
    runs = RUNS[TABLES[name].experiment]().assign(value=math.nan, status="diverged")
    write(TABLES[name], runs, tmp_path / "t")
    for path in tmp_path.iterdir():
        assert "nan" not in path.read_text(encoding="utf-8").lower()


def test_the_confidence_interval_is_student_t():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    expected = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    assert mean_interval(values.mean(), values.std(), 4) == pytest.approx(expected)
    # t(3; 0.975) = 3.182446, s² = 5/3
    assert expected[1] - 2.5 == pytest.approx(3.182446305 * math.sqrt(5 / 3) / 2)
    assert all(math.isnan(end) for end in mean_interval(1.0, 0.0, 1))


def test_intervals_by_hand(tmp_path):
    # Seeds 0, 1, 2 are 0.02 apart: s = 0.02, t(2; 0.975) = 4.302653, half = t s / √3 = 0.0497.
    spread = intervals(TABLES["table4"], architecture(), "random")
    found = spread.loc[("RK4Net", "squares_2d_4c"), "accuracy (%)"]
    assert found.tolist() == ["82.02 ± 0.02", "3", "[81.97, 82.07]"]
    write(TABLES["table4"], architecture(), tmp_path / "t")
    tidy = pd.read_csv(tmp_path / "t_intervals.csv")
    assert tidy.columns.tolist()[-5:] == ["mean", "std", "n", "ci_low", "ci_high"]
    row = tidy[(tidy["network"] == "RK4Net") & (tidy["dataset"] == "squares_2d_4c")]
    row = row[(row["lift"] == "random") & (row["metric"] == "accuracy_percent")]
    expected = [82.02, 0.02 * math.sqrt(2 / 3), 3, 82.02 - 0.049683, 82.02 + 0.049683]
    numbers = row[["mean", "std", "n", "ci_low", "ci_high"]].to_numpy()
    np.testing.assert_allclose(numbers, [expected], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("table1", {"width": 3}, r"table1 shows network, depth and lift.*varies width"),
        ("table1", {"optimiser": "sgd"}, r"varies optimiser"),
        ("table4", {"depth": 20}, r"table4 shows dataset, network and lift.*varies depth"),
        ("table3", {"depth": 20}, r"varies depth"),
    ],
)
def test_cells_that_would_share_a_place_are_refused(tmp_path, name, change, words):
    runs = RUNS[TABLES[name].experiment]()
    two = pd.concat([runs, runs.assign(**change)])
    with pytest.raises(ValueError, match=words):
        write(TABLES[name], two, tmp_path / "t")
    assert not list(tmp_path.iterdir())


def test_captions_say_the_setting(tmp_path):
    write(TABLES["table4"], architecture(), tmp_path / "t")
    text = (tmp_path / "t.tex").read_text(encoding="utf-8")
    assert (
        r"validation accuracy (\%, upper row) and cost ($\times 10^{-1}$, lower row) over 3 "
        r"repetitions with network width $\hat{d} = 16$, depth $L = 5$ for StandardNet and "
        r"$L = 100$ for EulerNet and RK4Net, and tanh activation."
    ) in text
    assert r"\renewcommand{\thetable}{4}" in text


def test_text_is_escaped():
    assert escaped("a_b & 5 % of d̂ = 3, L = 1 ± 2") == (
        r"a\_b \& 5 \% of $\hat{d} = 3$, $L = 1$ $\pm$ 2"
    )


def test_tables_of_two_editions_that_show_the_same():
    names = [table.name for table in same_tables(TABLES["preprint_table2"], TABLES)]
    assert names == ["table2", "preprint_table2"]
    assert same_tables(TABLES["table4"], TABLES) == [TABLES["table4"]]


def test_headings_say_the_edition():
    assert [TABLES[name].heading for name in ("table5", "preprint_table3", "digits_table5")] == [
        "Table 5",
        "Table 3 of the preprint",
        "Table 5 in miniature",
    ]


def test_a_table_is_the_same_from_plain_values():
    assert all(Table(**asdict(table)) == table for table in TABLES.values())


GOOD = {
    **{"edition": "journal", "number": 1, "experiment": "depth", "caption": "C."},
    **{"metrics": ["cost"], "rows": ["network", "split"], "columns": ["depth"]},
    **{"long_rows": ["network", "depth"], "across": "split"},
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rows": ["networks"]}, "rows: unknown axis 'networks'.*did you mean 'network'"),
        ({"across": "splits"}, "across: unknown axis 'splits'"),
        ({"metrics": ["costs"]}, "metrics: unknown metric 'costs'.*did you mean 'cost'"),
        ({"metrics": "cost"}, "metrics: found 'cost'; expected a list"),
        ({"experiment": "deep"}, "experiment: unknown experiment 'deep'"),
        ({"edition": "arxiv"}, "edition: unknown edition 'arxiv'; there are journal"),
        ({"only": {"size": 3}}, "only: unknown axis 'size'"),
        ({"splits": ["test"]}, "splits: unknown split 'test'"),
        ({"statistics": ["median"]}, "statistics: unknown statistic 'median'"),
        ({"colums": ["depth"]}, "unknown key 'colums'.*did you mean 'columns'"),
        ({"caption": None}, "the key 'caption' is missing"),
        ({"number": "one"}, "number: found 'one'; expected a whole number"),
        ({"spread": "yes"}, "spread: found 'yes'; expected true or false"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_entry_and_key(tmp_path, change, words):
    file = tmp_path / "tables.yaml"
    file.write_text(yaml.safe_dump({"mine": GOOD}))
    assert read_tables(file, {"journal": ""}, {"depth"})["mine"].heading == "Table 1"
    entry = {key: value for key, value in (GOOD | change).items() if value is not None}
    file.write_text(yaml.safe_dump({"mine": entry}))
    with pytest.raises(PaperError, match=rf"{re.escape(str(file))}: mine: {words}"):
        read_tables(file, {"journal": ""}, {"depth"})
