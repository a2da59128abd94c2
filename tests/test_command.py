"""The command `rknet`."""

import pytest
import yaml
from project import ROOT

from rknet.command import main


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder with a default configuration and no results."""
    (tmp_path / "config").mkdir()
    for name in ("config.yaml", "experiments"):
        (tmp_path / "config" / name).symlink_to(ROOT / "config" / name)
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_a_config_that_cannot_be_read_is_said_to_be(elsewhere, capsys):
    (elsewhere / "bad.yaml").write_text("seeds: [")
    (elsewhere / "good.yaml").write_text("seeds: 1")
    assert main(["check", "good.yaml"]) == 0
    assert main(["check"]) == 0
    assert capsys.readouterr().out == ""
    for command in (["check"], ["report"], ["verify"], ["why", "x", "--config"]):
        assert main([*command, "bad.yaml"]) == 1
        assert "bad.yaml" in capsys.readouterr().out


def test_without_results_each_command_says_so(elsewhere, capsys):
    assert main(["verify"]) == 1
    assert "Nothing to verify" in capsys.readouterr().out
    assert main(["report"]) == 1
    assert "No report" in capsys.readouterr().out
    assert main(["why", "results/tables/table1.tex"]) == 0
    assert "no record says how it was made, and it does not exist" in capsys.readouterr().out


def test_a_config_is_put_over_the_default_one_as_snakemake_does(elsewhere):
    from snakemake.utils import update_config

    from rknet.study.config_files import configuration

    mine = {"seeds": 2, "protocol": {"epochs": 3}, "networks": {"A": {"tableau": "heun"}}}
    (elsewhere / "mine.yaml").write_text(yaml.safe_dump(mine))
    wanted = configuration([])
    update_config(wanted, mine)
    assert configuration(["mine.yaml"]) == wanted


def test_a_command_is_asked_for(capsys):
    with pytest.raises(SystemExit):
        main([])
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "why" in capsys.readouterr().out
