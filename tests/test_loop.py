"""Epochs, early stopping, divergence, and the folder of a run."""

import csv
import json

import numpy as np
import pytest
from problems import problem
from safetensors.numpy import load_file

from rknet import datasets
from rknet.engines.base import ENGINES, Metrics
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.loop import stops_early, train
from rknet.networks.base import UnsolvedError, network
from rknet.study.training import train_run

SETTING = {
    **{"dataset": "spiral", "network": "RK4Net", "width": 4, "depth": 2, "activation": "tanh"},
    **{"lift": "random", "classifier": "trained", "step_size": 0.05, "epochs": 3, "batch_size": 5},
    **{"learning_rate": 0.001, "tolerance": 0.05, "engine": "compiled", "seed": 2},
    **{"loss": "cross_entropy", "optimiser": "adam", "momentum": 0.0},
    "network_definition": network({"tableau": "heun"}).definition(),
}


class Scripted:
    """An engine whose validation costs are given."""

    def __init__(self, costs):
        self.costs, self.orders = iter(costs), []

    def train_epoch(self, order):
        self.orders.append(order)

    def evaluate(self):
        cost = next(self.costs)
        return Metrics(cost, 50.0, cost, 50.0)


def fitted(costs, epochs=40, **settings):
    scripted = Scripted(costs)
    return train(scripted, problem(epochs=epochs, samples=30, **settings)), scripted


def test_every_epoch_sees_every_sample_once_in_a_new_order():
    history, scripted = fitted([1.0] * 41)
    assert history.status == "completed"
    assert len(history.epochs) == 41
    assert len(scripted.orders) == 40
    for order in scripted.orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(30))
    assert len({tuple(order) for order in scripted.orders}) == 40


def test_the_order_depends_on_seed_and_epoch_alone():
    first, second = fitted([1.0] * 41)[1], fitted([2.0] * 41, depth=2)[1]
    for a, b in zip(first.orders, second.orders, strict=True):
        np.testing.assert_array_equal(a, b)


def test_early_stopping_compares_two_windows_of_five():
    # After the epoch of index 10, costs 0 to 11 are known; 2 to 6 are compared with 7 to 11.
    low, high = [1.0] * 7, [1.06] * 5
    assert stops_early(low + high, 0.05)
    assert not stops_early(low + high, 0.07)
    assert not stops_early([1.0] * 6 + high, 0.05), "one epoch too early"
    assert not stops_early(high * 2 + low, 0.05), "falling costs"


def test_a_run_stops_early_at_the_first_check():
    history, _ = fitted([1.0] * 7 + [2.0] * 40)
    assert history.status == "stopped"
    assert len(history.epochs) - 1 == 11


def test_the_last_epoch_completes_whatever_the_costs():
    history, _ = fitted([1.0] * 7 + [2.0] * 5, epochs=11)
    assert history.status == "completed"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_divergence_ends_a_run(bad):
    history, _ = fitted([1.0, 1.0, bad, 1.0])
    assert history.status == "diverged"
    assert len(history.epochs) == 3


@pytest.mark.parametrize("failing", ["train_epoch", "evaluate"])
def test_a_run_whose_equations_are_not_solved_has_diverged_and_says_why(failing, monkeypatch):
    def fail(*_):
        raise UnsolvedError("layer 3 is not solved")

    monkeypatch.setattr(Scripted, failing, fail)
    history, _ = fitted([1.0] * 41)
    assert (history.status, history.reason) == ("diverged", "layer 3 is not solved")
    assert np.isnan(history.epochs[-1]).all()


def test_a_real_divergence_is_seen():
    given = problem("rk4", learning_rate=1e38, activation="relu", epochs=20)
    assert train(CompiledEngine(given), given).status == "diverged"


@pytest.mark.parametrize("name", ["compiled", "torch", "autograd"])
def test_the_cell_chooses_its_engine(name):
    given = problem(engine=name, epochs=1)
    history = train(ENGINES[name].engine(given), given)
    assert history.epochs[1].training_cost < history.epochs[0].training_cost


@pytest.fixture
def dataset(tmp_path):
    datasets.save(tmp_path / "data.npz", datasets.draw("spiral", 2))
    return tmp_path / "data.npz"


def run(dataset, folder, **changes):
    files = [folder / name for name in ("history.csv", "run.json", "parameters.safetensors")]
    with (dataset.parent / "log").open("w") as log:
        train_run({**SETTING, **changes}, dataset, *files, log=log)
    return files


def test_a_runs_folder(dataset, tmp_path):
    history, record, parameters = run(dataset, tmp_path / "run")
    rows = list(csv.DictReader(history.read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3"]
    assert list(rows[0]) == ["epoch", *Metrics._fields]
    shapes = {name: array.shape for name, array in load_file(parameters).items()}
    assert shapes == {"lift": (4, 2), "K": (2, 4, 4), "b": (2, 4), "W": (2, 4), "mu": (2,)}
    about = json.loads(record.read_text())
    assert about["setting"] == SETTING
    assert about["dataset"] == {
        **{"name": "spiral", "dimension": 2, "classes": 2, "samples": [1500, 1500]}
    }
    assert (about["status"], about["last_epoch"], about["early_stop_epoch"]) == (
        "completed", 3, None,
    )  # fmt: skip
    assert about["last_metrics"]["training_cost"] == pytest.approx(float(rows[3]["training_cost"]))
    assert {"python", "numpy", "numba"} <= set(about["versions"])
    assert {"commit", "dirty", "hardware", "wall_time_seconds", "peak_memory_mib"} <= set(about)
    lines = (tmp_path / "log").read_text().splitlines()
    assert len(lines) == 5
    assert "epoch   1/3" in lines[1]
    assert "s left" in lines[1]


def test_a_run_repeated_gives_the_same_bytes(dataset, tmp_path):
    first, second = run(dataset, tmp_path / "a"), run(dataset, tmp_path / "b")
    for one, other in zip(first[::2], second[::2], strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_another_seed_or_lift_gives_other_results(dataset, tmp_path):
    first = run(dataset, tmp_path / "a")[0].read_bytes()
    assert run(dataset, tmp_path / "b", seed=3)[0].read_bytes() != first
    assert run(dataset, tmp_path / "c", lift="zeros")[0].read_bytes() != first


def test_a_diverged_run_is_recorded(dataset, tmp_path):
    _, record, _ = run(dataset, tmp_path, learning_rate=1e38, activation="relu", epochs=20)
    about = json.loads(record.read_text())
    assert about["status"] == "diverged"
    assert about["last_metrics"]["training_cost"] is None


def test_a_training_job_imports_no_torch():
    import subprocess
    import sys

    program = (
        "import sys, rknet.study.training, rknet.engines.on_numba.engine\n"
        "print(sorted({'torch', 'pandas', 'scipy.stats', 'matplotlib'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
