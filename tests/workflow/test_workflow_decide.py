"""Looks at claims in the real workflow: it grows by what a look says, and a kill loses nothing."""

import os
import re
import signal
import time

import pandas as pd
import pytest
from project import EXPERIMENT, Project

#: One claim of the toy paper, on one of two cells.
CONFIG = {
    "paper": "tests/paper/toy",
    "experiments": [{**EXPERIMENT, "name": "steps", "training_samples": 20}],
    "repetitions": {"first": 2, "most": 8, "until": "decided"},
}


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A project killed while the runs of its second look trained, and then run to its end."""
    project = Project.copied(tmp_path_factory.mktemp("decide") / "project")
    bound = project.folder / "tests/paper/toy/bound.py"
    bound.write_text(bound.read_text().replace("BOUND = 1.0", "BOUND = 50.0"))
    planned = project.run("--dry-run", config=CONFIG)
    # In a process group of its own, so that its jobs die with it.
    project.prefix = ["setsid"]
    plugins = project.folder / "workflow/plugins"
    project.env = {"PYTHONPATH": os.pathsep.join([str(project.folder), str(plugins)])}
    invocation = project.start("--logger", "rknet", config=CONFIG)
    project.prefix = []
    runs = project.folder / "results/runs/spiral/RK4Net"
    deadline = time.monotonic() + 120
    while not list(runs.glob("*depth2*/seed2/run.json")):
        assert invocation.process.poll() is None, invocation.output
        assert time.monotonic() < deadline, invocation.output
        time.sleep(0.02)
    os.killpg(invocation.process.pid, signal.SIGKILL)
    second = invocation.outcome()
    times = {path: path.stat().st_mtime_ns for path in runs.glob("*/*/run.json")}
    project.run("--unlock", config=CONFIG)
    finished = project.run(config=CONFIG)
    assert finished.code == 0, finished.output
    return project, planned, times, second


def test_a_dry_run_plans_up_to_the_next_look(killed):
    _, planned, _, _ = killed
    assert planned.jobs["train"] == 4
    assert planned.jobs["look"] == 1
    assert "will result in alteration of the DAG" in planned.output


def test_a_kill_in_the_middle_of_a_look_loses_nothing(killed):
    _, _, times, _ = killed
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert len(times) >= 5


def test_only_the_cells_of_open_verdicts_get_more_seeds(killed):
    project, _, _, second = killed
    runs = project.folder / "results/runs/spiral/RK4Net"
    seeds = {depth: len(list(runs.glob(f"*_depth{depth}_*/seed*/run.json"))) for depth in (1, 2)}
    looks = pd.read_csv(project.folder / "results/decisions.csv")
    last = int(looks[looks["id"] == "N1"]["repetitions"].iloc[0])
    assert last > 2
    assert seeds == {1: 2, 2: last}
    # Said before the kill; afterwards only if the kill came before the look's last run was in.
    assert "0 of 1 verdicts on claims need no more runs. The next look, at 4" in second.output


def test_a_log_says_how_far_it_is_though_looks_add_jobs(killed):
    *_, second = killed
    said = re.findall(r"^(\d+) of (\d+) jobs done after", second.output, re.MULTILINE)
    done, planned = zip(*(map(int, pair) for pair in said), strict=True)
    # The first look, and the jobs that it adds.
    assert list(done) == sorted(set(done))
    assert planned[0] < planned[-1]


def test_what_was_decided_is_shown(killed):
    results = killed[0].folder / "results"
    assert (results / "figures/decisions.png").stat().st_size > 5000
    assert "Two layers learn something." in (results / "decisions.md").read_text()
    assert "Two layers learn something." in (results / "pages/decisions.html").read_text()


def test_a_second_time_there_is_nothing_to_do(killed):
    project, *_ = killed
    assert "Nothing to be done" in project.run(config=CONFIG).output


def test_the_first_look_alone_leaves_these_runs_be(killed):
    project, *_ = killed
    alone = {**CONFIG, "repetitions": {"first": 2, "until": "first look"}}
    jobs = project.run("--dry-run", config=alone).jobs
    assert "train" not in jobs
    assert "look" not in jobs
