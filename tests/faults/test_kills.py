"""Whatever is killed, the same command goes on, and the results are those of an undisturbed run.

Of the twelve kills four are of Snakemake, three of Snakemake with its jobs, four of a training
job, and one is of Snakemake while its jobs live on. `test_checkpoint.py` kills training without
the workflow.
"""

import json
import random
import re
import shutil
import signal
import time
from contextlib import suppress

import psutil
import pytest
from project import EXPERIMENT, assert_a_part

SEED = 1
#: Their jobs draw, train, collect, compare, tabulate and plot.
TARGETS = ("results/comparison.csv", "results/tables/table1.tex", "results/figures/figure5.pdf")


@pytest.fixture
def project(finished, tmp_path):
    """A project in which nothing is made yet."""
    project = finished.duplicate(tmp_path / "project")
    remove_results(project)
    return project


def remove_results(project):
    shutil.rmtree(project.folder / "results")
    shutil.rmtree(project.folder / ".snakemake")


def unlock(project):
    """Do what ``snakemake --unlock`` does, in less time; `test_locks.py` has the real one."""
    shutil.rmtree(project.folder / ".snakemake/locks", ignore_errors=True)


def jobs(invocation, script=""):
    """The processes that Snakemake has started to run a script called so."""
    try:
        children = psutil.Process(invocation.process.pid).children()
        return [child for child in children if script in " ".join(child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def training(invocation):
    return jobs(invocation, "train.py")


def begun(invocation):
    """The jobs that have begun."""
    return re.findall("^Job .*", invocation.output, re.MULTILINE)


def wait_for(invocation, look, least=1):
    """Look until there are so many, or Snakemake has ended; return what is there."""
    while len(found := look(invocation)) < least and invocation.process.poll() is None:
        time.sleep(0.01)
    return found


def kill(*processes):
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.mark.parametrize(
    ("kills", "with_jobs"), [(4, False), (3, True)], ids=["alone", "with its jobs"]
)
def test_snakemake_is_killed(project, finished, kills, with_jobs):
    print(f"seed {SEED}")
    draw = random.Random(f"{SEED} {with_jobs}")
    while kills:
        # Up to the time that a job takes after so many have begun.
        least, later = draw.randint(0, 3), draw.uniform(0, 1)
        invocation = project.start(*TARGETS)
        wait_for(invocation, begun, least)
        time.sleep(later)
        kill(invocation.process, *(jobs(invocation) if with_jobs else ()))
        outcome = invocation.outcome()
        if outcome.code == -signal.SIGKILL:
            kills -= 1
            unlock(project)
        else:  # All was made before.
            assert outcome.code == 0, outcome.output
            remove_results(project)
    outcome = project.run(*TARGETS)
    assert outcome.code == 0, outcome.output
    assert set(TARGETS) <= {f"results/{name}" for name in project.results("**/*")}, outcome.output
    assert_a_part(project.final_results(), finished.final_results())


def test_a_training_job_is_killed(project):
    print(f"seed {SEED}")
    draw = random.Random(f"{SEED} job")
    # A checkpoint an epoch, so that every kill finds the run elsewhere.
    file = project.folder / "rknet/checkpoint.py"
    code = file.read_text()
    file.write_text(code.replace("LONG_EPOCH_SECONDS = 5.0", "LONG_EPOCH_SECONDS = 0.0"))
    assert file.read_text() != code
    long = {**EXPERIMENT, "depth": 9, "epochs": 1000, "seeds": 1, "tolerance": 100}
    config = {"experiments": [long]}
    target = "results/metrics/depth.csv"
    undisturbed = project.duplicate(project.folder.with_name("undisturbed"))
    assert undisturbed.run(target, config=config).code == 0

    def checkpoints(_):
        found = project.folder.glob("results/runs/**/checkpoint.safetensors")
        return [path for path in found if path.stat().st_mtime > began]

    for _ in range(4):
        began = time.time()
        invocation = project.start(target, config=config)
        (job,) = wait_for(invocation, training)
        # While it starts, or once it has gone on.
        if draw.random() < 0.7:
            assert wait_for(invocation, checkpoints)
        time.sleep(draw.uniform(0, 0.2))
        kill(job)
        outcome = invocation.outcome()
        assert outcome.code, outcome.output
        assert "run the same command again to go on" in outcome.output
    outcome = project.run(target, config=config)
    assert outcome.code == 0, outcome.output
    (record,) = project.results("runs/**/run.json").values()
    assert json.loads(record)["resumed_after_epoch"]
    assert project.final_results() == undisturbed.final_results()


def test_jobs_outlive_snakemake(project, finished):
    """They write what those of the same command write, at the same time."""
    invocation = project.start(*TARGETS)
    orphans = wait_for(invocation, training)
    for orphan in orphans:
        orphan.suspend()
    kill(invocation.process)
    assert invocation.outcome().code == -signal.SIGKILL
    unlock(project)
    again = project.start(*TARGETS)
    begun_again = wait_for(again, training)
    for orphan in orphans:
        orphan.resume()
    outcome = again.outcome()
    psutil.wait_procs(orphans)
    assert begun_again, outcome.output
    assert outcome.code == 0, outcome.output
    assert_a_part(project.final_results(), finished.final_results())
