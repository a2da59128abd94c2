"""The workflow on a real SLURM with the profile that users get, and what may go wrong there.

Everything happens in one go, because jobs take long. There are two submissions; the first meets a
run that is cancelled, one that takes too long, and one that fails in the same job as another.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from filelock import FileLock
from project import EXPERIMENT, Outcome, Project

CLUSTER = Path(__file__).with_name("cluster.sh")
PROFILE = "workflow/profiles/slurm"

#: Three runs on points, of one cell, and two on images. One of these has a minute: with batches as
#: large as this no kernel has to be compiled first.
PICTURES = {
    "name": "pictures",
    "dataset": "digits",
    "network": "StandardNet",
    "width": 64,
    "depth": 1,
    "epochs": 4,
    "batch_size": 10,
    "engine": "torch",
    "seeds": 2,
}
CONFIG = {
    "experiments": [{**EXPERIMENT, "depth": 1, "seeds": 3}],
    "optional_experiments": [PICTURES],
}
TARGETS = ("results/tables/table1.csv", "results/tables/table2.csv", "pictures")
FAILING, *FINISHED = POINTS = [
    f"spiral/RK4Net/width4_depth1_tanh_random_epochs2/seed{k}" for k in range(3)
]
CANCELLED, TOO_LONG = IMAGES = [
    f"digits/StandardNet/width64_depth1_tanh_random_epochs4_batch10_engine-torch/seed{k}"
    for k in range(2)
]

#: Put before the training script: every epoch is kept, and a run may fail, or hang after its first
#: epoch; it does not once it goes on from there.
BEFORE = """
import json, time
from pathlib import Path
from tempfile import TemporaryDirectory
from rknet import checkpoint

# Not by its full name, which would make its content a part of the code.
troubles = json.loads(Path("troubles").with_suffix(".json").read_text())
resume, keep = checkpoint.Checkpoint.resume, checkpoint.Checkpoint.keep

def trouble(self):
    return troubles.get("/".join(self._path.parts[-5:-1]))

def resume_or_fail(self, engine):
    if trouble(self) == "fails":
        raise RuntimeError("fails on purpose")
    return resume(self, engine)

def keep_and_hang(self, engine, history, seconds):
    keep(self, engine, history, seconds)
    if trouble(self) == "hangs" and len(history) == 2:
        time.sleep(900)

checkpoint.LONG_EPOCH_SECONDS = 0.0
checkpoint.Checkpoint.resume, checkpoint.Checkpoint.keep = resume_or_fail, keep_and_hang
"""


class Prepared(Project):
    """A project whose training script may go wrong, and says what its jobs are given."""

    @classmethod
    def copied(cls, folder):
        """Copy it, and set its profile up as a user would, but for shorter times."""
        project = super().copied(folder)
        script = folder / "workflow/scripts/train.py"
        script.write_text(BEFORE + script.read_text())
        project.note_what_jobs_are_given()
        file = folder / PROFILE / "config.yaml"
        profile = yaml.safe_load(file.read_text())
        profile["set-resources"]["train_images"]["runtime"] = (
            f"attempt if wildcards.run == {TOO_LONG!r} else 10"
        )
        profile["set-threads"] = {"train_images": 2}
        profile["slurm-init-seconds-before-status-checks"] = 8
        file.write_text(yaml.safe_dump(profile))
        project.trouble({})
        return project

    def trouble(self, runs):
        """Let runs fail or hang."""
        (self.folder / "troubles.json").write_text(json.dumps(runs))

    def run(self, *arguments, **options):
        """Make what is tested, on this machine."""
        return super().run(
            *TARGETS, *arguments, "--set-threads", "train_images=2", config=CONFIG, **options
        )

    @contextmanager
    def submitted(self, commands, output):
        """Run the workflow on the cluster whose commands are in a folder; wait for it to end."""
        command = [sys.executable, "-m", "snakemake", "--profile", PROFILE, *TARGETS]
        env = {**os.environ, "PYTHONPATH": str(self.folder), "NO_COLOR": "1", "TERM": "dumb"}
        env["PATH"] = f"{commands}:{env['PATH']}"
        with output.open("w") as file:
            process = subprocess.Popen(
                [*command, "--configfile", "test.yaml"],
                cwd=self.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
            try:
                yield process
                process.wait(timeout=500)
            finally:
                process.kill()

    def records(self):
        """The runs that have results."""
        names = self.results("runs/**/run.json")
        return {name.removeprefix("runs/").removesuffix("/run.json") for name in names}


@contextmanager
def cluster():
    """SLURM on this machine: the folder with its commands."""
    # Outside pytest's folders, which nobody else may enter: munge insists on it.
    with TemporaryDirectory() as folder:
        try:
            subprocess.run([CLUSTER, "start", folder], check=True, capture_output=True, text=True)
            yield Path(folder, "bin")
        finally:
            subprocess.run([CLUSTER, "stop", folder], check=True)


def cancel(project, run, commands, process):
    """Cancel the job of a run once it has a checkpoint."""
    checkpoint = project.folder / f"results/runs/{run}/checkpoint.safetensors"
    while not checkpoint.is_file():
        assert process.poll() is None, "Snakemake has ended before its time"
        time.sleep(0.5)
    listed = subprocess.run(
        [commands / "squeue", "--noheader", "--format=%i %k"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    comments = {comment: job for job, comment in map(str.split, listed.splitlines())}
    job = comments[f"rule_train_images_wildcards_{run.replace('/', '_')}"]
    subprocess.run([commands / "scancel", job], check=True)


def carry_out(folder, commands):
    """Run everything; SLURM runs what is in `project`, and `reference` runs without it."""
    project = Prepared.copied(folder / "project")
    drawn = project.run("--until", "dataset")
    assert drawn.code == 0, drawn.output
    reference = Prepared(project.duplicate(folder / "reference").folder)
    project.trouble({FAILING: "fails", CANCELLED: "hangs", TOO_LONG: "hangs"})
    with project.submitted(commands, folder / "first.log") as first:
        cancel(project, CANCELLED, commands, first)
        done = reference.run()
        assert done.code == 0, done.output
    records = sorted(project.records())
    project.trouble({})
    with project.submitted(commands, folder / "second.log") as second:
        pass
    return {"codes": [first.returncode, second.returncode], "records": records}


class Submitted:
    """What became of it."""

    def __init__(self, folder):
        found = json.loads((folder / "found.json").read_text())
        self.project, self.reference = (Prepared(folder / n) for n in ("project", "reference"))
        self.first, self.second = (
            Outcome(code, (folder / f"{name}.log").read_text())
            for name, code in zip(("first", "second"), found["codes"], strict=True)
        )
        #: The runs that had results after the first submission.
        self.records = set(found["records"])


@pytest.fixture(scope="session")
def submitted(tmp_path_factory, worker_id):
    """Both submissions, made by whichever of pytest's processes comes first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "slurm"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "found.json").is_file():
            try:
                with cluster() as commands:
                    found = carry_out(folder, commands)
            except subprocess.CalledProcessError as error:
                if error.cmd[:2] != [CLUSTER, "start"] or "CI" in os.environ:
                    raise AssertionError(error.stderr) from error
                pytest.skip(f"no SLURM: {error.stderr.strip().splitlines()[-1]}")
            (folder / "found.json").write_text(json.dumps(found))
    return Submitted(folder)


def test_runs_on_points_share_a_job_and_those_on_images_have_one_each(submitted):
    given = {run: submitted.project.given(run) for run in (*POINTS, *IMAGES)}
    assert len({given[run]["job"] for run in FINISHED}) == 1
    assert len({given[run]["job"] for run in given}) == 4


def test_a_run_on_images_gets_one_gpu_and_others_none(submitted):
    assert {submitted.project.given(run)["gpus"] for run in IMAGES} <= {"0", "1"}
    assert {submitted.project.given(run)["gpus"] for run in POINTS} == {None}


@pytest.mark.parametrize("run", [*POINTS, *IMAGES])
def test_all_libraries_have_as_many_threads_as_the_rule(submitted, run):
    given = submitted.project.given(run)
    assert given["found"].keys() >= {"numba", "torch", "openblas"}
    assert set(given["found"].values()) == {given["threads"]}


@pytest.mark.parametrize(("run", "state"), [(CANCELLED, "CANCELLED"), (TOO_LONG, "TIMEOUT")])
def test_a_run_that_is_ended_goes_on_after_its_last_epoch(submitted, run, state):
    assert f"SLURM status is: '{state}'" in submitted.first.output
    (record,) = submitted.project.results(f"runs/{run}/run.json").values()
    assert json.loads(record)["resumed_after_epoch"] == 1
    assert not submitted.project.results(f"runs/{run}/checkpoint*")


def test_a_run_that_fails_leaves_the_others_and_is_named(submitted):
    assert submitted.first.code != 0
    assert submitted.records == {*FINISHED, *IMAGES}
    ending = submitted.first.output[submitted.first.output.rindex("Not trained") :]
    assert f"Not trained: {FAILING}; its log is results/logs/train/{FAILING}.log" in ending
    assert "Not everything was made" in ending


def test_the_same_command_goes_on(submitted):
    assert submitted.second.code == 0, submitted.second.output
    assert submitted.second.jobs == {"train": 1, "metrics": 1, "tabulate": 1}


def test_results_are_those_of_a_local_run(submitted):
    for pattern in ("runs/**/history.csv", "runs/**/*.safetensors", "metrics/*", "tables/*"):
        found = submitted.project.results(pattern)
        assert found
        assert found == submitted.reference.results(pattern)


def test_a_local_run_has_nothing_left_to_do(submitted):
    assert "Nothing to be done" in submitted.project.run("--dry-run").output


def test_logs_are_found_by_rule_and_run(submitted):
    logs = submitted.project.results("logs/slurm/**/*.log")
    for run in IMAGES:
        assert any(f"rule_train_images/{run.replace('/', '_')}" in name for name in logs)
    assert any("rule_train_depth_1" in name for name in logs)
