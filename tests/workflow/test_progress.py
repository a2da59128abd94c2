"""What `make` shows while the workflow runs."""

import logging
import os
from types import SimpleNamespace

import pytest
from project import EXPERIMENT, ROOT, Project
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent

CONFIG = {"experiments": [{**EXPERIMENT, "network": ["StandardNet", "RK4Net"]}]}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project.copied(tmp_path_factory.mktemp("progress") / "project")
    plugins = project.folder / "workflow/plugins"
    project.env = {"PYTHONPATH": os.pathsep.join([str(project.folder), str(plugins)])}
    return project


@pytest.fixture(scope="module")
def shown(project):
    """What is shown of a run whose jobs train several batches, where nobody watches."""
    outcome = project.run("depth", "--logger", "rknet", config=CONFIG)
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


@pytest.mark.usefixtures("shown")
def test_a_quiet_run_says_nothing(project):
    (project.folder / "results/metrics/depth.csv").unlink()
    outcome = project.run("depth", "--logger", "rknet", "--quiet", "all", config=CONFIG)
    assert outcome.code == 0, outcome.output
    # This line is Snakemake's, from before it knows its settings.
    said = [line for line in outcome.output.splitlines() if "specific profile" not in line]
    assert said == []
    assert (project.folder / "results/metrics/depth.csv").is_file()


def test_a_quiet_run_names_what_failed(monkeypatch, capfd, tmp_path):
    monkeypatch.syspath_prepend(ROOT / "workflow/plugins")
    from snakemake_logger_plugin_rknet import LogHandler

    # Of a run that the job did not reach, there is no log.
    logs = [str(tmp_path / "log"), str(tmp_path / "not begun")]
    (tmp_path / "log").write_text("what went wrong")
    names = ("dryrun", "printshellcmds", "show_failed_logs", "verbose", "stdout", "nocolor")
    settings = SimpleNamespace(quiet={Quietness.ALL}, **dict.fromkeys(names, False))
    handler = LogHandler(settings, None)
    said = []
    for level, event in (
        (logging.INFO, {"event": LogEvent.RUN_INFO, "per_rule_job_counts": {"draw": 1}}),
        (logging.INFO, {"event": LogEvent.JOB_INFO, "jobid": 3, "rule_name": "draw"}),
        (logging.INFO, {"event": LogEvent.PROGRESS, "done": 0, "total": 1}),
        (logging.WARNING, {"msg": "beware"}),
        (logging.ERROR, {"event": LogEvent.JOB_ERROR, "jobid": 3}),
        (logging.ERROR, {"msg": "the end"}),
    ):
        about = {"levelno": level, "total_job_count": 1, "log": logs, **event}
        handler.emit(logging.makeLogRecord(about))
        said.append(capfd.readouterr().err)
    handler.close()
    assert said[:4] == [""] * 4
    assert capfd.readouterr().err == ""
    assert "Failed draw" in said[4]
    assert "what went wrong" in said[4]
    assert "Traceback" not in said[4]
    assert "the end" in said[5]
