"""Settings of the whole suite."""

import json
import os
from dataclasses import asdict

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
def once(tmp_path_factory, worker_id):
    """Makes a folder once for all of pytest's processes: whoever comes first makes it.

    Called with a name and a function that makes the folder; returns the folder.
    """
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent

    def made_once(name, make):
        folder, made = base / name, base / f"{name}.made"
        with FileLock(base / f"{name}.lock"):
            if not made.is_file():
                make(folder)
                made.touch()
        return folder

    return made_once


@pytest.fixture(scope="session")
def project_once(once, tmp_path_factory):
    """Makes a project once for all processes, of which each gets a copy; not to be changed.

    Called with a name and a function that makes the project in a folder and returns how that ended.
    """

    def made_once(name, make):
        def run(folder):
            folder.mkdir()
            (folder / "outcome.json").write_text(json.dumps(asdict(make(folder / "project"))))

        folder = once(name, run)
        project = Project(folder / "project").duplicate(tmp_path_factory.mktemp(name) / "project")
        project.outcome = Outcome(**json.loads((folder / "outcome.json").read_text()))
        return project

    return made_once


@pytest.fixture(scope="session")
def finished(project_once):
    """A project whose tiny config has been run; not to be changed."""
    project = project_once("finished", lambda folder: Project.copied(folder).run())
    assert project.outcome.code == 0, project.outcome.output
    return project
