"""The house's own rules: linters, the library's dependencies, every command of the README."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from project import ROOT, Project

BIN = Path(sys.executable).parent
PAGES = ("README.md", "config/README.md", "benchmarks/README.md")
#: Commands that .ci/run itself runs.
RUN_BY_CI = ("make setup", "make reproduce", "make test", "make benchmark")


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["snakefmt", "--check", "Snakefile", "workflow"],
        ["snakemake", "--lint"],
    ],
    ids=" ".join,
)
def test_linters_find_nothing(command):
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def commands(page):
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / page).read_text(), re.S)
    return [
        line.split("  #")[0].strip()
        for block in blocks
        for line in block.splitlines()
        if line.strip() and not line.startswith("#")
    ]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs(page, tmp_path):
    project = Project.copied(tmp_path / "project")
    (project.folder / ".venv").symlink_to(BIN.parent)
    assert commands(page)
    ci = (ROOT / ".ci/run").read_text()
    for command in commands(page):
        if command in RUN_BY_CI:
            assert command in ci
            continue
        # Everything is run but what would train for minutes: of that, the plan.
        quick = "quick.yaml" in command or not command.startswith("snakemake")
        line = command if quick else f"{command} --dry-run"
        done = subprocess.run(
            ["bash", "-euc", f"source .venv/bin/activate; {line}"],
            cwd=project.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_a_rule_names_all_code_its_result_depends_on(engine):
    """What a training job imports from the library is in the hash, or is known plumbing."""
    plumbing = {"rknet/__init__.py", "rknet/experiments.py", "rknet/files.py",
                "rknet/provenance.py", "rknet/training/__init__.py"}  # fmt: skip
    module = "compiled" if engine == "compiled" else "torch_engines"
    program = (
        f"import sys, rknet.training.run, rknet.training.{module}\n"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'rknet'))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    imported = {str(Path(file).relative_to(ROOT)) for file in found}
    rules = (ROOT / "workflow/rules/common.smk").read_text()
    names = {"ROOT": ROOT}
    exec(rules[rules.index("DATASET_CODE =") : rules.index("CODE_HASH =")], names)
    assert imported - plumbing <= set(names["CODE"][engine])
    assert all((ROOT / path).is_file() for paths in names["CODE"].values() for path in paths)


def test_the_conda_environment_has_the_pinned_versions():
    pins = set((ROOT / "constraints.txt").read_text().lower().splitlines())
    environment = yaml.safe_load((ROOT / "workflow/envs/rknet.yaml").read_text())
    packages = environment["dependencies"][-1]["pip"]
    assert packages
    assert [package for package in packages if package.lower() not in pins] == []


def test_everything_installed_is_pinned():
    frozen = subprocess.run(
        [sys.executable, "-m", "pip", "freeze", "--exclude-editable"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    pinned = {line.split("==")[0].lower() for line in
              (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}  # fmt: skip
    direct = yaml.safe_load((ROOT / "workflow/envs/rknet.yaml").read_text())["dependencies"][-1]
    assert {package.split("==")[0].lower() for package in direct["pip"]} <= pinned
    assert "snakemake==" in frozen
