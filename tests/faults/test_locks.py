"""Two invocations in one folder, and a lock that a killed one has left."""

import shutil
import signal

import pytest


@pytest.fixture
def project(finished, tmp_path):
    """A project whose runs are to be trained."""
    project = finished.duplicate(tmp_path / "project")
    for name in ("runs", "logs"):
        shutil.rmtree(project.folder / "results" / name)
    (project.folder / "results/metrics/depth.csv").unlink()
    return project


def refused(outcome):
    """Whether an invocation was refused for a lock, and said what to do."""
    words = ("make sure that no other Snakemake process", "the --unlock argument", "LockException")
    return (
        outcome.code == 1
        and all(word in outcome.output for word in words)
        and "Traceback" not in outcome.output
    )


def test_a_second_invocation_is_refused_and_so_is_one_after_a_kill(project):
    target = "results/metrics/depth.csv"
    first = project.start(target)
    while not project.results("logs/train/**/*") and first.process.poll() is None:
        pass
    # It must not be done before the second has begun.
    first.process.send_signal(signal.SIGSTOP)
    assert refused(project.run(target))
    # The first one does not mind.
    first.process.send_signal(signal.SIGCONT)
    assert first.process.poll() is None
    first.process.kill()
    assert first.outcome().code == -signal.SIGKILL
    assert refused(project.run(target))
    unlocked = project.run("--unlock")
    assert (unlocked.code, "Unlocked working directory." in unlocked.output) == (0, True)
    outcome = project.run(target)
    assert outcome.code == 0, outcome.output
