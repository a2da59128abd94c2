"""The house's own rules: linters, the library's dependencies, every command of the README."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from project import ROOT, Project

BIN = Path(sys.executable).parent
PAGES = (
    *("README.md", "CONTRIBUTING.md", "config/README.md", "benchmarks/README.md"),
    *(
        page.relative_to(ROOT).as_posix()
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if "```bash" in page.read_text()
    ),
)
#: Commands that .ci/run itself runs.
RUN_BY_CI = ("make setup", "make reproduce", "make paper", "make verify", "make test",
               "make benchmark", "make docs")  # fmt: skip


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
    done = linted(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def linted(command, *arguments):
    return subprocess.run(
        [BIN / command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def types(once):
    """A folder with what mypy says, once it has read PyTorch: that takes half a minute."""

    def check(folder):
        folder.mkdir()
        done = linted("mypy")
        (folder / "said").write_text("" if done.returncode == 0 else done.stdout + done.stderr)

    return once("types", check)


def test_types_fit(types):
    assert (types / "said").read_text() == ""


def test_whoever_uses_the_library_can_check_their_types(types, tmp_path):
    """The README's programs, as strictly as the library itself."""
    programs = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    files = [tmp_path / f"program_{number}.py" for number in range(len(programs))]
    for path, program in zip(files, programs, strict=True):
        path.write_text(program)
    done = linted("mypy", *files)
    assert done.returncode == 0, done.stdout + done.stderr
    files[0].write_text(programs[0].replace("epochs=40", "epochs='40'"))
    done = linted("mypy", files[0])
    assert 'expected "int"  [arg-type]' in done.stdout


def commands(page):
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / page).read_text(), re.S)
    return [
        line.split("  #")[0].strip()
        for block in blocks
        for line in block.splitlines()
        if line.strip() and not line.startswith("#")
    ]


def test_every_page_has_commands():
    assert all(map(commands, PAGES))


@pytest.fixture(scope="module")
def planning(tmp_path_factory):
    """A project in which workflows are planned, and nothing is made."""
    return Project.copied(tmp_path_factory.mktemp("planning") / "project")


@pytest.mark.parametrize("command", dict.fromkeys(c for page in PAGES for c in commands(page)))
def test_every_command_runs(command, types, planning, tmp_path):
    if command in RUN_BY_CI:
        assert command in (ROOT / ".ci/run").read_text()
        return
    program, *arguments = shlex.split(command)
    if program == "snakemake":
        # Of what trains, the plan: the quick config is run for real by .ci/run.
        outcome = planning.command(program, *arguments, "--dry-run")
        assert outcome.code == 0, outcome.output
        return
    project = Project.copied(tmp_path / "project")
    (project.folder / ".venv").symlink_to(BIN.parent)
    (project.folder / ".mypy_cache").symlink_to(ROOT / ".mypy_cache")
    done = subprocess.run(
        ["bash", "-euc", f"source .venv/bin/activate; {command}"],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_script_is_one_of_a_rule():
    scripts = {f"../scripts/{path.name}" for path in (ROOT / "workflow/scripts").glob("*.py")}
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    assert scripts == set(re.findall(r'script:\s+"([^"]+)"', rules))


def test_every_rule_that_makes_a_result_has_its_script_in_its_code():
    """Image files and archived runs are checked: nothing depends on how they got here.

    A dataset has the code in its code that gives it its name.
    """
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    texts = re.split(r"^ *(?:(?:use )?rule|checkpoint)\b", rules, flags=re.M)
    made = [text for text in texts if "script:" in text]
    assert len(made) > 15
    for text in made:
        (script,) = re.findall(r"scripts/(\w+)\.py", text)
        if script not in ("fetch_images", "draw_dataset", "train", "restore"):
            assert re.search(rf'code(=|": )[^"]*"{script}"', rules), text
        content = (ROOT / f"workflow/scripts/{script}.py").read_text()
        recorded = "with recorded(snakemake)" in content or "record_each(snakemake" in content
        assert recorded or script == "fetch_images"


def test_the_conda_environment_has_the_pinned_versions():
    pins = set((ROOT / "constraints.txt").read_text().lower().splitlines())
    environment = yaml.safe_load((ROOT / "workflow/envs/rknet.yaml").read_text())
    packages = environment["dependencies"][-1]["pip"]
    assert packages
    assert [package for package in packages if package.lower() not in pins] == []


def test_the_conda_environment_is_of_the_library_and_the_workflow():
    """It has what the rules need: all of the library, and nothing that no list of ours has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    workflow = names(project["optional-dependencies"]["workflow"])
    library = names(project["dependencies"])
    assert not library & workflow
    environment = yaml.safe_load((ROOT / "workflow/envs/rknet.yaml").read_text())
    packages = environment["dependencies"][-1]["pip"]
    assert len(packages) == len(names(packages))
    assert library <= names(packages) <= library | workflow


def names(requirements):
    return {re.split(r"[^\w-]", text)[0].lower() for text in requirements}


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
