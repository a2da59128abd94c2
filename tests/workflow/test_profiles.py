"""What the profiles say holds in every job, on one machine and on a cluster."""

import pytest
import yaml
from project import EXPERIMENT, ROOT, Project

RUNS = [f"spiral/RK4Net/width4_depth1_tanh_random_epochs2{e}/seed0" for e in ("", "_engine-torch")]


def test_all_libraries_have_as_many_threads_as_the_rule(tmp_path):
    project = Project.copied(tmp_path / "project")
    project.note_what_jobs_are_given()
    config = {"experiments": [{**EXPERIMENT, "depth": 1, "engine": ["compiled", "torch"]}]}
    # The tests' own setting is one thread.
    outcome = project.run(
        *(f"results/runs/{run}/run.json" for run in RUNS), "--set-threads", "train=2", config=config
    )
    assert outcome.code == 0, outcome.output
    for run in RUNS:
        given = project.given(run)
        assert given["found"].keys() >= {"numba", "torch", "openblas"}
        assert set(given["found"].values()) == {given["threads"]}


def test_on_a_cluster_the_same_things_make_results_anew(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    slurm = ("--profile", "workflow/profiles/slurm", "--dry-run")
    # Snakemake's own triggers would take a script's time of modification for a change.
    (project.folder / "workflow/scripts/train.py").touch()
    assert "Nothing to be done" in project.run(*slurm).output
    project.edit("workflow/scripts/write_tables.py", after="\nx = 1\n")
    assert project.run(*slurm).jobs == {"tabulate": 1, "provenance": 1}


@pytest.mark.parametrize("profile", ["profiles/default", "workflow/profiles/slurm"])
def test_every_entry_of_a_profile_is_explained(profile):
    lines = (ROOT / f"{profile}/config.yaml").read_text().splitlines()
    assert yaml.safe_load("\n".join(lines))
    blocks = "\n".join(lines).split("\n\n")
    assert [block for block in blocks if not block.startswith("#")] == []
