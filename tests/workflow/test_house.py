"""The house's own rules: linters, the library's dependencies, every command of the README."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from project import ROOT, Project
from rknet.study.code import CODE

from rknet.show.figures.drawing import DRAWERS

BIN = Path(sys.executable).parent
PAGES = ("README.md", "config/README.md", "benchmarks/README.md")
#: Commands that .ci/run itself runs.
RUN_BY_CI = ("make setup", "make reproduce", "make paper", "make verify", "make test",
               "make benchmark")  # fmt: skip


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
        # Of what trains, the plan: the quick config is run for real by .ci/run.
        line = f"{command} --dry-run" if command.startswith("snakemake") else command
        done = subprocess.run(
            ["bash", "-euc", f"source .venv/bin/activate; {line}"],
            cwd=project.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


#: Modules that cannot change a number: writing files, recording provenance, expanding grids.
PLUMBING = {
    *(
        "rknet/show/figures/__init__.py",
        "rknet/show/pages/__init__.py",
        "rknet/show/document/__init__.py",
    ),
    *("rknet/__init__.py", "rknet/show/tables/__init__.py", "rknet/engines/__init__.py"),
    *("rknet/datasets/__init__.py", "rknet/datasets/npz.py", "rknet/engines/cache.py"),
    *("rknet/datasets/image_files/__init__.py", "rknet/datasets/image_files/sources.py"),
    *("rknet/datasets/own/__init__.py", "rknet/own.py", "rknet/registry.py"),
    "rknet/study/metrics/__init__.py",
    *("rknet/study/machine.py", "rknet/study/grids.py", "rknet/files.py", "rknet/hashes.py"),
    *("rknet/study/code.py", "rknet/study/rescue.py", "rknet/study/memory.py"),
    *("rknet/study/provenance.py", "rknet/study/records.py"),
}
FIGURE_KINDS = ", ".join(f"rknet.show.figures.{module}" for module in sorted(DRAWERS.values()))
#: By rule, the script it runs and what that imports only once it runs.
SCRIPTS = {
    "dataset": (
        "draw_dataset",
        "rknet.datasets.own, rknet.datasets.image_files.sources, rknet.datasets.digits, "
        "rknet.datasets.donut, rknet.datasets.spiral, rknet.datasets.squares",
    ),
    "compiled": ("train", "rknet.engines.compiled"),
    "torch": ("train", "rknet.engines.devices, rknet.engines.torch_engines"),
    "autograd": ("train", "rknet.engines.devices, rknet.engines.torch_engines"),
    "outputs": ("train", "rknet.study.outputs"),
    "metrics": ("collect_metrics", ""),
    "curves": ("collect_curves", ""),
    "table": ("write_table", ""),
    "comparison": ("compare", ""),
    "summary": ("sum_up", ""),
    "features": ("measure_features", ""),
    "check_scheme": ("check_scheme", ""),
    "claims": ("evaluate_claims", ""),
    "figure": ("draw_figure", FIGURE_KINDS),
    "animation": ("animate", ""),
    "depth_figure": ("draw_depth", ""),
    "comparison_figure": ("draw_comparison", ""),
    "page": ("write_page", ""),
    "verdict": ("write_verdict", ""),
    "provenance": ("write_provenance", ""),
    "paper_source": ("write_paper", ""),
    "paper_pdf": ("build_paper", ""),
}


def test_every_script_is_one_of_a_rule():
    scripts = {path.stem for path in (ROOT / "workflow/scripts").glob("*.py")}
    # Image files are checked, so nothing depends on how they were found.
    assert scripts == {"fetch_images", *(script for script, _ in SCRIPTS.values())}
    assert CODE.keys() == SCRIPTS.keys()


@pytest.mark.parametrize("rule", SCRIPTS)
def test_a_rule_names_all_code_its_result_depends_on(rule):
    """What a rule's script imports from the library is in the rule's hash, or is plumbing."""
    script, later = SCRIPTS[rule]
    name = f"workflow/scripts/{script}.py"
    tree = ast.parse((ROOT / name).read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    program = f"{ast.unparse(tree)}\nimport sys\n{later and f'import {later}'}\n"
    program += "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'rknet'))"
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    imported = {str(Path(file).relative_to(ROOT)) for file in found}
    assert sorted({name, *imported} - PLUMBING - set(CODE[rule])) == []
    assert all((ROOT / path).is_file() for path in CODE[rule])


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
