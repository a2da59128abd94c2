"""Values on the command line mean what they mean in a file, in every job too."""

import json


def test_a_target_and_values_of_every_kind_together(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    values = ("seeds=[0, 7]", "protocol={tolerance: 1e-1, weight_decay: 0.5}")
    outcome = project.run("results/metrics/depth.csv", "--config", *values)
    assert outcome.code == 0, outcome.output
    assert outcome.jobs["train"] == 4
    # Of seed 0 the points are there; with another number of samples they would not be.
    assert outcome.jobs["dataset"] == 1
    records = project.results("runs/spiral/RK4Net/*_decay0.5_tol0.1/seed*/run.json")
    assert {name.split("/")[-2] for name in records} == {"seed0", "seed7"}
    for content in records.values():
        setting = json.loads(content)["setting"]
        assert (setting["tolerance"], setting["weight_decay"]) == (0.1, 0.5)
    # The same in a file is the same.
    again = project.run("results/metrics/depth.csv", "--config", values[0],
                        "protocol={weight_decay: 5.0e-1, tolerance: 0.1}")  # fmt: skip
    assert again.jobs == {}


def test_samples_of_ones_own_number(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    value = "protocol={training_samples: 40, validation_samples: 30}"
    outcome = project.run("results/metrics/depth.csv", "--config", value)
    assert outcome.code == 0, outcome.output
    assert (outcome.jobs["dataset"], outcome.jobs["train"]) == (2, 4)
    records = project.results("runs/*/*/*_training40_validation30/seed*/run.json")
    assert [json.loads(text)["dataset"]["samples"] for text in records.values()] == [[40, 30]] * 4
    # The usual ones stay as they are.
    assert project.run("--dry-run", "results/metrics/depth.csv").jobs.get("train") is None


def test_text_that_is_no_value_is_refused_in_words(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    outcome = project.run("--dry-run", "--config", "protocol={epochs: three}")
    assert (outcome.code, outcome.jobs) == (1, {})
    assert "config: protocol: epochs: found 'three'; expected a whole number" in outcome.output
    assert "Traceback" not in outcome.output
