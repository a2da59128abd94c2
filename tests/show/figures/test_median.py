"""The repetition that a figure shows if it shows one."""

import numpy as np
import pytest
import yaml
from trained_runs import ANODE, NODE, with_datasets

from rknet.cell import Cell
from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import Files, read_figures
from rknet.show.figures.median import median_repetition, median_seed
from rknet.study.recording import write_record

EULER, RK4 = (Cell("spiral", network, 16, 5) for network in ("EulerNet", "RK4Net"))


def files_of(folder, accuracies, diverged=()):
    """Files of runs, from cells and seeds to the accuracy in percent."""
    records = []
    for number, ((cell, seed), accuracy) in enumerate(accuracies.items()):
        ended = "diverged" if (cell, seed) in diverged else "completed"
        records.append(str(folder / f"{number}.json"))
        write_record(
            folder / f"{number}.json",
            {
                "setting": {**vars(cell), "seed": seed},
                "status": ended,
                "last_metrics": {"validation_accuracy_percent": accuracy},
            },
            [],
        )
    outputs = [record.replace("json", "npz") for record in records]
    return Files(records=records, outputs=outputs)


def chosen(files):
    """The runs that are chosen, as numbers of their files."""
    found = median_repetition(files)
    assert found.outputs == [record.replace("json", "npz") for record in found.records]
    return [files.records.index(record) for record in found.records]


@pytest.mark.parametrize("seeds", [1, 3, 5, 21])
def test_of_an_odd_number_the_accuracy_is_the_median(seeds):
    values = np.random.default_rng(seeds).uniform(size=seeds)
    seed = median_seed(dict(enumerate(values)))
    assert values[seed] == np.median(values)


@pytest.mark.parametrize(
    ("accuracies", "wanted"),
    [
        ({0: 70.0, 1: 90.0, 2: 80.0, 3: 85.0}, 2),
        ({0: 90.0, 1: 85.0, 2: 80.0, 3: 70.0}, 1),
        ({4: 80.0, 2: 80.0, 3: 80.0}, 2),
        ({5: 60.0, 7: 50.0}, 5),
    ],
)
def test_of_two_in_the_middle_and_of_equals_it_is_the_lowest_seed(accuracies, wanted):
    assert median_seed(accuracies) == wanted


def test_all_cells_have_the_seed_whose_mean_is_the_median(tmp_path):
    # Alone, the cells would show seeds 1 and 0.
    euler, rk4 = (60.0, 70.0, 80.0), (80.0, 95.0, 75.0)
    runs = {(EULER, seed): value for seed, value in enumerate(euler)}
    runs |= {(RK4, seed): value for seed, value in enumerate(rk4)}
    assert chosen(files_of(tmp_path, runs)) == [2, 5]


def test_shares_of_as_many_right_answers_are_equal(tmp_path):
    # As numbers of the machine the sums differ, and seed 0 would not be in the middle.
    thirds = {0: (0.1, 0.7), 1: (0.3, 0.5), 2: (0.2, 0.6)}
    sums = {sum(pair) for pair in thirds.values()}
    assert len(sums) > 1
    runs = {(cell, seed): pair[i] for seed, pair in thirds.items() for i, cell in
            enumerate((EULER, RK4))}  # fmt: skip
    assert chosen(files_of(tmp_path, runs)) == [0, 1]


def test_a_diverged_run_is_the_worst(tmp_path):
    runs = {(RK4, 0): 99.0, (RK4, 1): 50.0, (RK4, 2): 70.0}
    assert chosen(files_of(tmp_path, runs)) == [2]
    assert chosen(files_of(tmp_path, runs, diverged=[(RK4, 0)])) == [1]


def test_cells_without_a_common_seed_have_each_their_own(tmp_path):
    runs = {(EULER, 0): 60.0, (EULER, 1): 50.0, (RK4, 2): 70.0, (RK4, 3): 50.0, (RK4, 4): 60.0}
    assert chosen(files_of(tmp_path, runs)) == [0, 4]
    some = {(EULER, 0): 60.0, (EULER, 1): 50.0, (RK4, 1): 70.0}
    assert chosen(files_of(tmp_path, some)) == [1, 2]


def test_a_figure_is_drawn_of_that_repetition(frozen, tmp_path):
    entry = {"number": 3, "kind": "panels", "from": "parameters", "caption": "C.",
             "experiment": "width", "options": {"panels": ["prediction"]}}  # fmt: skip
    (tmp_path / "figures.yaml").write_text(yaml.safe_dump({"mine": entry}))
    (figure,) = read_figures(tmp_path / "figures.yaml", {"journal": ""}, {"width"}).values()
    files = with_datasets(frozen(NODE, ANODE), tmp_path)
    sides = [text.get_text() for text in draw(figure, files).texts][:2]
    (seed,) = {side.split("seed ")[1] for side in sides}
    assert sides == [f"width 2 (NODE), seed {seed}", f"width 3 (ANODE), seed {seed}"]
    records = median_repetition(files).records
    assert all(f"/seed{seed}/" in record for record in records)
