"""The command `rknet`, and the library without a checkout."""

import re
import shutil
import subprocess
import sys

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


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Run a program in an empty folder, with the library installed elsewhere."""
    base = tmp_path_factory.mktemp("alone")
    installed, empty, source = base / "installed", base / "empty", base / "source"
    empty.mkdir()
    # Building leaves files behind, so of a copy.
    shutil.copytree(ROOT / "rknet", source / "rknet", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", installed, source], check=True)

    def run(program, *arguments):
        found = f"import rknet\nassert rknet.__file__.startswith({str(installed)!r})\n"
        return subprocess.run(
            [sys.executable, "-c", found + program, *arguments],
            cwd=empty,
            env={"PYTHONPATH": str(installed), "HOME": str(base)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_every_module_is_imported_from_an_installed_library_in_an_empty_folder(alone):
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in (ROOT / "rknet").rglob("*.py")
        if path.name != "__main__.py"
    ]
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = alone(program, *modules)
    assert done.returncode == 0, done.stderr


def test_the_library_alone_trains_as_the_readme_says(alone):
    program, classifier = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert len(program.split("\n\n")[-1].splitlines()) <= 5
    done = alone(program)
    assert done.returncode == 0, done.stderr
    accuracy = float(re.search(r"validation_accuracy_percent=([\d.]+)", done.stdout)[1])
    assert accuracy > 90
    done = alone(classifier)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.9
