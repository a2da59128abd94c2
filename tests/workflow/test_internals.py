"""Where the workflow knows Snakemake's inside: planning only reads, and what was begun is made."""

from base64 import urlsafe_b64encode

import pytest

RUN = "runs/spiral/RK4Net/width4_depth1_tanh_random_epochs2/seed0"


@pytest.fixture
def killed(finished, tmp_path):
    """A project whose dataset job was killed after its file was there, and whose run is missing."""
    project = finished.duplicate(tmp_path / "project")
    (dataset,) = project.results("datasets/spiral/seed0-*.npz")
    marker = urlsafe_b64encode(f"results/{dataset}".encode()).decode()
    incomplete = project.folder / ".snakemake/incomplete"
    incomplete.mkdir(exist_ok=True)
    (incomplete / marker).write_text("")
    (project.folder / "results" / RUN / "run.json").unlink()
    return project


def files(project):
    return {path: path.stat().st_mtime_ns for path in project.folder.rglob("*") if path.is_file()}


def test_a_dry_run_changes_nothing(killed):
    killed.run("--dry-run")  # Snakemake's own log, and the test's configuration
    before = {path: time for path, time in files(killed).items() if ".snakemake" not in path.parts}
    killed.run("--dry-run")
    after = files(killed)
    assert [p for p, time in before.items() if after.get(p) != time and p.name != "test.yaml"] == []


def test_a_dataset_that_was_begun_is_drawn_and_what_needs_it_is_trained(killed):
    jobs = killed.run("--dry-run").jobs
    assert jobs["dataset"] == 1
    # The run that is finished says which dataset it was trained on.
    assert jobs["train"] == 1


def test_snakemake_itself_would_plan_nothing_that_needs_it(killed):
    """Once this fails, `plan_what_reads_what_is_made_again` is needed no longer."""
    killed.edit("Snakefile", "plan_what_reads_what_is_made_again()\n", "")
    assert "train" not in killed.run("--dry-run").jobs


def test_what_reads_a_dataset_that_is_drawn_again_for_any_reason_is_made(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    (project.folder / "results" / RUN / "run.json").unlink()
    (project.folder / "results/tables/table1.tex").unlink()
    everything = {"dataset", "train", "metrics", "features", "tabulate", "claims", "summary"}
    assert everything <= project.run("--dry-run", "--forcerun", "dataset").jobs.keys()
    # Parameters of Snakemake's own memory, as of another version of the rules.
    project.edit("workflow/rules/datasets.smk", "code=lambda", "other=1,\n        code=lambda")
    assert everything <= project.run("--dry-run").jobs.keys()


def test_a_dataset_that_exists_is_never_out_of_date(finished, tmp_path):
    """Its name says what decides its content; drawn again, it would hide what is out of date."""
    project = finished.duplicate(tmp_path / "project")
    project.edit("rknet/study/frames.py", "ddof=0", "ddof=1")
    jobs = project.run("--dry-run").jobs
    assert {"tabulate", "summary"} <= jobs.keys()
    project.edit("workflow/scripts/draw_dataset.py", after="\nedited = 1\n")
    assert project.run("--dry-run").jobs == jobs
    (project.folder / "results" / RUN / "run.json").unlink()
    trained = project.run("--dry-run").jobs
    assert {"train", "metrics", *jobs} <= trained.keys()
    assert "dataset" not in trained


def test_files_of_the_configuration_are_read_again(finished, tmp_path):
    """Those of the workflow and of the command line: Snakemake drops a key that is there twice."""
    project = finished.duplicate(tmp_path / "project")
    assert project.run("--dry-run").code == 0
    twice = project.folder / "twice.yaml"
    twice.write_text("seeds: 2\noptional: all\nseeds: 3\n")
    dry = ("snakemake", "--cores", "1", "--dry-run", "--configfile")
    outcome = project._module(*dry, "twice.yaml", config=None).outcome()
    assert (outcome.code, outcome.jobs) == (1, {})
    assert "twice.yaml: the key 'seeds' is in line 1 and again in line 3" in outcome.output
    assert "Traceback" not in outcome.output
    project.edit("config/config.yaml", after="\nresults: results\n")
    outcome = project.run("--dry-run")
    assert (outcome.code, outcome.jobs) == (1, {})
    assert "config/config.yaml: the key 'results' is in line " in outcome.output


def test_an_experiment_called_like_a_rule_is_refused(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    for name in ("dataset", "all", "beyond", "figures"):
        experiment = {"name": name, "dataset": "spiral", "network": "RK4Net", "width": 4}
        config = {"experiments": [{**experiment, "depth": 1, "seeds": 1}]}
        outcome = project.run("--dry-run", config=config)
        assert outcome.code != 0
        assert f"{name!r} is the name of a rule" in outcome.output
