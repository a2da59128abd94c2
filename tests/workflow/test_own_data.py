"""Data of the user's goes through the workflow, and what reruns is what its content decides."""

import numpy as np
import pytest
from project import EXPERIMENT, Project

MOONS = """\
import numpy as np

def draw(rng, samples, radius=1.0):
    labels = rng.integers(2, size=samples)
    angle = np.pi * (rng.random(samples) + labels)
    return radius * np.column_stack([np.cos(angle) + labels, np.sin(angle)]), labels
"""
DATASETS = {
    "flowers": {
        **{"file": "flowers.csv", "label": "kind", "standardise": True},
        **{"training": 60, "validation": 30},
    },
    "moons": {"module": "moons.py", "training": 80, "validation": 40},
}
CONFIG = {
    "experiments": [{**EXPERIMENT, "dataset": [*DATASETS, "spiral"], "depth": 1, "name": "own"}],
    "optional_experiments": [],
    "datasets": DATASETS,
}
METRICS = "results/metrics/own.csv"


def write(project, seed=0):
    rng = np.random.default_rng(seed)
    kinds = rng.permutation(["iris", "poppy", "rose"] * 40)
    lines = [f"{rng.random()},{rng.random()},{kind}" for kind in kinds]
    (project.folder / "flowers.csv").write_text("\n".join(["length,width,kind", *lines]) + "\n")


@pytest.fixture(scope="module")
def project(project_once):
    def make(folder):
        project = Project.copied(folder)
        write(project)
        (folder / "moons.py").write_text(MOONS)
        return project.run(METRICS, config=CONFIG)

    project = project_once("own data", make)
    assert project.outcome.code == 0, project.outcome.output
    assert project.outcome.jobs == {"dataset": 6, "train": 6, "metrics": 1}
    return project


def test_own_data_are_drawn_and_trained_on(project):
    rows = project.results("metrics/own.csv")["metrics/own.csv"].decode().splitlines()
    assert len(rows) == 1 + 6 * 6
    again = project.run(METRICS, "--dry-run", config=CONFIG)
    assert "Nothing to be done" in again.output


def changed(project, config=CONFIG):
    return project.run(METRICS, "--dry-run", config=config).jobs


def test_other_data_make_only_their_runs_anew(project, tmp_path):
    copy = project.duplicate(tmp_path / "copy")
    two = {"dataset": 2, "train": 2, "metrics": 1}
    write(copy, seed=1)
    assert changed(copy) == two
    write(copy)
    assert changed(copy) == {}
    (copy.folder / "moons.py").write_text(MOONS.replace("1.0", "2.0"))
    assert changed(copy) == two
    (copy.folder / "moons.py").write_text(MOONS)
    options = {**DATASETS["moons"], "options": {"radius": 2}}
    assert changed(copy, {**CONFIG, "datasets": {**DATASETS, "moons": options}}) == two


def test_comments_and_other_datasets_make_nothing_anew(project, tmp_path):
    copy = project.duplicate(tmp_path / "copy")
    (copy.folder / "moons.py").write_text(f"# Two moons.\n{MOONS}")
    with (copy.folder / "rknet/datasets/spiral.py").open("a") as file:
        file.write(
            "\n\n@points('line', dimension=1)\ndef line(rng, samples):\n"
            "    x = rng.random((samples, 1))\n    return x, (x[:, 0] > 0.5).astype(int)\n"
        )
    assert changed(copy) == {}
    # The order of keys says nothing.
    turned = {name: dict(reversed(about.items())) for name, about in DATASETS.items()}
    assert changed(copy, {**CONFIG, "datasets": turned}) == {}
    config = {**CONFIG, "experiments": [{**CONFIG["experiments"][0], "dataset": "line"}]}
    assert changed(copy, config) == {"dataset": 2, "train": 2, "metrics": 1}


def test_a_mistake_in_the_data_is_told_before_any_job(project, tmp_path):
    copy = project.duplicate(tmp_path / "copy")
    with (copy.folder / "flowers.csv").open("a") as file:
        file.write("1.5,long,iris\n")
    outcome = copy.run(METRICS, config=CONFIG)
    assert outcome.code != 0
    assert (
        "config: datasets: flowers: flowers.csv, line 122, column 'width': found 'long'; expected "
        "a finite number"
    ) in outcome.output
    assert "Traceback" not in outcome.output
    assert not outcome.jobs


def test_a_dataset_of_other_code_is_not_drawn(project):
    outcome = project.run("results/datasets/spiral/seed0-01234567.npz", config=CONFIG)
    assert outcome.code != 0
    assert "spiral is now drawn by other code" in outcome.output
    outcome = project.run("results/datasets/spirale/seed0-01234567.npz", config=CONFIG)
    assert "unknown dataset 'spirale'" in outcome.output
