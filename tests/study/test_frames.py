"""Collecting and summarising runs against values worked out by hand."""

import math

import pandas as pd
import pytest
from problems import frame

from rknet.study.frames import collect, costs, curves, summarise
from rknet.study.metrics import METRICS, Metric
from rknet.study.recording import write_record
from rknet.study.records import read_record


def record(path, status="completed", seed=0, files=(), resumed=None, **metrics):
    setting = {
        **{"dataset": "spiral", "network": "RK4Net", "width": 16, "depth": 3, "seed": seed},
        **{"activation": "tanh", "lift": "random", "classifier": "trained", "step_size": 0.05},
        **{"epochs": 40, "batch_size": 5, "learning_rate": 0.001, "tolerance": 0.05},
        **{"engine": "compiled", "loss": "cross_entropy", "optimiser": "adam"},
        "network_definition": {"standard": {}},
        "momentum": 0.0,
    }
    values = {
        **{"training_cost": 0.5, "training_accuracy_percent": 95.0},
        **{"validation_cost": 0.6, "validation_accuracy_percent": 90.0, **metrics},
    }
    text = {"setting": setting, "status": status, "last_epoch": 40, "last_metrics": values}
    text |= {"wall_time_seconds": 8.0, "resumed_after_epoch": resumed}
    text["dataset"] = {"name": "spiral", "dimension": 2, "classes": 4, "samples": [1500, 1500]}
    write_record(path, text, files)
    return read_record(path)


def test_a_row_a_run_split_and_metric(tmp_path):
    collected = collect([record(tmp_path / str(seed), seed=seed) for seed in (0, 1)])
    assert collected[["split", "metric", "value"]].to_numpy().tolist() == 2 * [
        ["training", "cost", 0.5],
        ["training", "accuracy_percent", 95.0],
        # Of four entries, a wrong prediction has two wrong.
        ["training", "one_hot_agreement_percent", 97.5],
        ["validation", "cost", 0.6],
        ["validation", "accuracy_percent", 90.0],
        ["validation", "one_hot_agreement_percent", 95.0],
    ]
    assert collected["seed"].tolist() == [0] * 6 + [1] * 6


def test_an_epoch_costs_what_those_of_the_process_that_finished_the_run_took(tmp_path):
    records = [
        record(tmp_path / f"{n}", seed=n, resumed=resumed) for n, resumed in ((0, None), (1, 30))
    ]
    found = costs(records)
    assert found["seconds_per_epoch"].tolist() == [0.2, 0.8]
    assert found["seed"].tolist() == [0, 1]


def test_a_run_resumed_after_its_last_epoch_does_not_say_what_one_costs(tmp_path):
    (cost,) = costs([record(tmp_path / "run.json", resumed=40)])["seconds_per_epoch"]
    assert math.isnan(cost)


class Error(Metric):
    title, unit, best = "error", "%", "lowest"

    @staticmethod
    def value(last, classes):
        return 100 - last["accuracy_percent"]


def test_a_metric_that_is_added_has_rows_after_the_recorded_ones(tmp_path, monkeypatch):
    before = collect([record(tmp_path / "run.json")])
    assert "error_percent" not in METRICS
    monkeypatch.setitem(METRICS._kinds, "error_percent", Error)
    collected = collect([record(tmp_path / "run.json")])
    added = collected["metric"] == "error_percent"
    assert collected["value"][added].tolist() == [5.0, 10.0]
    assert collected.index[added].tolist() == [2, 6]
    pd.testing.assert_frame_equal(collected[~added].reset_index(drop=True), before)


def test_curves_have_a_row_an_epoch_split_and_metric(tmp_path):
    history = tmp_path / "history.csv"
    history.write_text("epoch,training_cost,validation_accuracy_percent\n0,0.9,50\n1,0.5,90\n")
    record(tmp_path / "run.json", files=[history], seed=3)
    found = curves([history])
    assert found[["epoch", "split", "metric", "value"]].to_numpy().tolist() == [
        [0, "training", "cost", 0.9],
        [1, "training", "cost", 0.5],
        [0, "validation", "accuracy_percent", 50.0],
        [1, "validation", "accuracy_percent", 90.0],
    ]
    assert found["seed"].tolist() == [3] * 4
    history.write_text("nothing")
    with pytest.raises(ValueError, match=r"history\.csv is not what the run wrote.*repeats"):
        curves([history])


def test_curves_give_every_run_its_own_epochs_and_setting(tmp_path):
    histories = [tmp_path / f"seed{seed}" / "history.csv" for seed in (7, 5)]
    for history, seed, last in zip(histories, (7, 5), (2, 1), strict=True):
        history.parent.mkdir()
        lines = [f"{epoch},{seed}{epoch},-{seed}{epoch}" for epoch in range(last + 1)]
        history.write_text("\n".join(["epoch,training_cost,validation_cost", *lines]))
        record(history.with_name("run.json"), "stopped", seed, [history])
    found = curves(histories)
    assert found[["seed", "epoch", "split", "value"]].to_numpy().tolist() == [
        *([7, epoch, "training", 70 + epoch] for epoch in range(3)),
        *([7, epoch, "validation", -70 - epoch] for epoch in range(3)),
        *([5, epoch, "training", 50 + epoch] for epoch in range(2)),
        *([5, epoch, "validation", -50 - epoch] for epoch in range(2)),
    ]
    assert found["status"].unique().tolist() == ["stopped"]


def test_a_diverged_run_has_no_value(tmp_path):
    collected = collect([record(tmp_path / "a", "diverged")])
    assert collected["status"].unique() == ["diverged"]
    assert collected["value"].isna().all()


def test_mean_population_std_and_counts():
    summary = summarise(frame({"value": [2.0, 4.0, 4.0, 10.0]}))
    (row,) = summary.to_dict("records")
    # Squared deviations from the mean 5: 9, 1, 1, 25; their mean is 9.
    assert (row["mean"], row["std"]) == pytest.approx((5.0, 3.0))
    assert (row["n"], row["diverged"]) == (4, 0)


def test_a_diverged_run_is_counted_and_never_enters_a_mean():
    (row,) = summarise(frame({"value": [2.0, None, 4.0]})).to_dict("records")
    assert (row["mean"], row["std"], row["n"], row["diverged"]) == (3.0, 1.0, 2, 1)


def test_archived_runs_are_counted_if_a_mean_rests_on_them():
    runs = frame({"value": [2.0, None, 4.0, 6.0], "archived": ["there", "there", None, "there"]})
    (row,) = summarise(runs).to_dict("records")
    assert (row["n"], row["archived"], row["diverged"]) == (3, 2, 1)
    assert summarise(runs.drop(columns="archived"))["archived"].tolist() == [0]


def test_a_run_of_two_experiments_counts_once():
    once = frame({"value": [1.0, 2.0]})
    pd.testing.assert_frame_equal(summarise(pd.concat([once, once])), summarise(once))


def test_cells_stay_apart():
    two = frame({"value": [1.0, 2.0, 3.0, 4.0], "lift": ["random", "random", "zeros", "zeros"],
                 "seed": [0, 1, 0, 1]})  # fmt: skip
    assert summarise(two).set_index("lift")["mean"].to_dict() == {"random": 1.5, "zeros": 3.5}
