"""The workflow on images: fetched once, drawn from what was fetched, and only on request."""

from pathlib import Path

import pytest
from project import EXPERIMENT, SHOWN, Project

DEBIAN = Path("/usr/share/datasets/fashion-mnist")

#: A network of one layer; two runs of one epoch.
PICTURES = {
    "name": "pictures",
    "dataset": "digits",
    "network": "StandardNet",
    "width": 64,
    "depth": 1,
    "epochs": 1,
    "engine": "torch",
    "seeds": 2,
}
DRAWN = {"dataset": 2, "train_images": 2, "metrics": 1}


def config(places=None, **changes):
    places = {"folders": [], "mirrors": [], **(places or {})}
    return {
        "experiments": [EXPERIMENT],
        "optional_experiments": [{**PICTURES, **changes}],
        "images": {"cache": "cache", "fashion_mnist": places},
    }


def articles(*folders):
    return config({"folders": [str(f) for f in folders]}, dataset="fashion_mnist", width=784)


def test_an_optional_experiment_runs_on_request_only(tmp_path):
    project = Project.copied(tmp_path / "project")
    by_default = project.run("--dry-run", config=config()).jobs
    everything = project.run("--config", "optional=all", "--dry-run", config=config()).jobs
    new = {"dataset": by_default["dataset"] + 2, "train_images": 2, "metrics": 2, **SHOWN}
    assert everything == {**by_default, **new}
    # Its name, and any file of it, mean all of its runs.
    assert project.run("results/metrics/pictures.csv", "--dry-run", config=config()).jobs == DRAWN

    outcome = project.run("pictures", config=config())
    assert outcome.code == 0, outcome.output
    assert outcome.jobs == {**DRAWN, **SHOWN}
    assert "pictures: 2 of 2 runs are to be trained. On this machine" in outcome.output
    assert "hours on 2" in outcome.output
    assert "snakemake --profile workflow/profiles/slurm pictures" in outcome.output

    more = project.run("pictures", config=config(seeds=3))
    assert "pictures: 1 of 3 runs are to be trained" in more.output
    for file, jobs in {
        "rknet/datasets/image_files/sources.py": {},
        "rknet/datasets/digits.py": {"dataset": 3, "train_images": 3, "metrics": 1, **SHOWN},
    }.items():
        project.edit(file, after="\nprint()\n" if jobs else "\n# edited\n")
        assert project.run("pictures", "--dry-run", config=config(seeds=3)).jobs == jobs


def test_an_optional_experiment_is_taken_in_once_it_is_finished(tmp_path):
    project = Project.copied(tmp_path / "project")
    run = "runs/digits/StandardNet/width64_depth1_tanh_random_epochs1_engine-torch/seed0"
    outcome = project.run(f"results/{run}/run.json", config=config())
    assert outcome.code == 0, outcome.output
    made = {name.rpartition("/")[2] for name in project.results(f"{run}/*")}
    assert made == {"history.csv", "outputs.npz", "run.json"}
    # It is not finished: what is made by default leaves it out, and trains nothing of it.
    by_default = project.run("--dry-run", config=config()).jobs
    assert "train_images" not in by_default
    assert by_default["metrics"] == 1
    # On request the runs that are there are shown.
    so_far = {**config(), "optional": "so_far"}
    by_then = project.run("--dry-run", config=so_far).jobs
    assert by_then == {**by_default, "metrics": 2, **SHOWN}
    outcome = project.run("results/metrics/pictures.csv", config=so_far)
    assert outcome.jobs == {"metrics": 1}
    rows = project.results("metrics/pictures.csv")["metrics/pictures.csv"].decode().splitlines()
    assert len(rows) == 1 + 6
    # Once it is asked for, the other run is trained and the first is kept.
    outcome = project.run("pictures", config=config())
    assert outcome.jobs == {"dataset": 1, "train_images": 1, "metrics": 1, **SHOWN}
    # It is finished, so all that is made by default takes it in.
    assert project.run("--dry-run", config=config()).jobs == by_default
    (project.folder / "results/metrics/pictures.csv").unlink()
    assert project.run("--dry-run", config=config()).jobs == {**by_default, "metrics": 2, **SHOWN}


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_files_are_fetched_once_for_all_seeds(tmp_path):
    project = Project.copied(tmp_path / "project")
    outcome = project.run("pictures", config=articles(tmp_path / "nowhere", DEBIAN))
    assert outcome.code == 0, outcome.output
    assert outcome.jobs == {"fetch": 1, **DRAWN, **SHOWN}
    (source,) = project.results("datasets/fashion_mnist/source.json").values()
    assert str(DEBIAN).encode() in source
    # Neither another place nor the loss of this one makes anything again.
    again = project.run("pictures", "--dry-run", config=articles(tmp_path / "nowhere"))
    assert "Nothing to be done" in again.output


def test_files_that_are_found_nowhere_are_named(tmp_path):
    project = Project.copied(tmp_path / "project")
    outcome = project.run("pictures", config=articles(tmp_path / "nowhere"))
    assert outcome.code != 0
    for words in ("fashion_mnist: the file train-images-idx3-ubyte was not found",
                  f"{tmp_path / 'nowhere'}: no such file", "cache/fashion_mnist: no such file",
                  "apt-get install dataset-fashion-mnist", "Not everything was made"):  # fmt: skip
        assert words in outcome.output
    assert outcome.jobs["fetch"] == 1
    assert not project.results("datasets/**/*")
