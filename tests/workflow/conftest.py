"""What the tests of the workflow share."""

import pytest
from filelock import FileLock
from project import Outcome, Project


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
