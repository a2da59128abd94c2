"""Settings of the whole suite."""

import os

import pytest
from filelock import FileLock
from hypothesis import settings
from project import Outcome, Project

# Two test processes on two cores: one thread each, also for what they start.
# For Numba too: a test may import it before `rknet`, which sets it, and it cannot change later.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
os.environ |= dict.fromkeys(_THREADS, "1")

# No time limit for an example on a shared machine. Continuous integration always tries the same
# examples; whoever runs the suite by hand tries new ones.
settings.register_profile("rknet", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("rknet")


@pytest.fixture(scope="session")
def finished(tmp_path_factory, worker_id):
    """A project whose tiny config has been run; not to be changed.

    All of pytest's processes share one: whoever comes first makes it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "finished"
    project, log = Project(folder / "project"), folder / "log"
    with FileLock(f"{folder}.lock"):
        if not log.is_file():
            Project.copied(project.folder)
            outcome = project.run()
            assert outcome.code == 0, outcome.output
            log.write_text(outcome.output)
    project.outcome = Outcome(0, log.read_text())
    return project
