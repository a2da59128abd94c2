"""What `make` shows while the workflow runs."""

import os

import pytest
from project import EXPERIMENT, Project


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What is shown of a run whose jobs train several batches, where nobody watches."""
    project = Project.copied(tmp_path_factory.mktemp("progress") / "project")
    plugins = project.folder / "workflow/plugins"
    project.env = {"PYTHONPATH": os.pathsep.join([str(project.folder), str(plugins)])}
    config = {"experiments": [{**EXPERIMENT, "network": ["StandardNet", "RK4Net"]}]}
    outcome = project.run("depth", "--logger", "rknet", config=config)
    assert outcome.code == 0, outcome.output
    return outcome.output


def test_jobs_of_a_kind_share_a_line(shown):
    lines = [line.split() for line in shown.splitlines()]
    assert ["train", "2"] in lines
    assert "train depth" not in shown
    assert "train_depth" not in shown


def test_a_log_says_how_far_it_is(shown):
    (whole,) = (line.split()[1] for line in shown.splitlines() if line.strip().startswith("total"))
    said = [line for line in shown.splitlines() if "jobs done after 0:" in line]
    assert said[-1].startswith(f"{whole} of {whole} jobs done")
    assert 2 < len(said) <= 10


def test_it_is_short(shown):
    assert len(shown.splitlines()) < 60
