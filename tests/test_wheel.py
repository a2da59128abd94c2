"""The wheel, installed with the library's packages alone, in an empty folder."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from project import ROOT

import rknet
from rknet import datasets
from rknet.cell import Cell
from rknet.networks.base import BUILT_IN, network
from rknet.study.grids import Run
from rknet.study.training import train_run

SITE = Path(sysconfig.get_path("purelib"))
#: Rooms that need the workflow's packages; `rknet.load` is in one, and needs none.
WORKFLOW_ROOMS = ("rknet.study", "rknet.show", "rknet.paper", "rknet.beyond")
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "rknet").rglob("*.py")
    if path.name != "__main__.py"
)
IMPORT_ALL = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"


def pip(*arguments):
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    # On its path pip would find this checkout, and take it for what it is to install.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, env=env, check=True)


@pytest.fixture(scope="session")
def wheel(once):
    """The path of the wheel, built without the network."""

    def build(folder):
        # Building leaves files behind, so of a copy.
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "rknet", folder / "source/rknet", ignore=ignored)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, folder / "source")
        options = ["--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir"]
        pip("wheel", *options, folder, folder / "source")

    (found,) = once("wheel", build).glob("*.whl")
    return found


def needed(texts, extras=frozenset()):
    """The names of installed packages that requirements bring, and those that these bring."""
    found = set()
    for requirement in map(Requirement, texts):
        wanted = any(
            requirement.marker is None or requirement.marker.evaluate({"extra": extra})
            for extra in extras or {""}
        )
        name = canonicalize_name(requirement.name)
        if wanted and name not in found:
            found |= {name, *needed(metadata.requires(name) or [], requirement.extras)}
    return found


@pytest.fixture(scope="session")
def environment(once, wheel):
    """The folder of a virtual environment with the wheel, and links to what it requires."""

    def make(folder):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        pip("--python", folder / "bin/python", "install", "--no-deps", "--no-index", wheel)
        site = folder / SITE.relative_to(sys.prefix)
        (installed,) = metadata.distributions(name="rknet", path=[str(site)])
        for name in needed(installed.requires):
            tops = {file.parts[0] for file in metadata.distribution(name).files}
            for top in tops - {"..", "__pycache__"}:
                if not (site / top).exists():
                    (site / top).symlink_to(SITE / top)
        (folder / "empty").mkdir()

    return once("environment", make)


@pytest.fixture
def alone(environment):
    """Runs a command of the environment, where there are no other files."""

    def run(*command):
        return subprocess.run(
            [environment / "bin" / command[0], *command[1:]],
            cwd=environment / "empty",
            env={"HOME": str(environment), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def printed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_has_every_file_of_the_package(wheel):
    found = {name for name in ZipFile(wheel).namelist() if name.startswith("rknet/")}
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "rknet").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert found == wanted
    data = {Path(name).suffix or Path(name).name for name in found} - {".py"}
    pages = {".js", ".css", ".LICENSE"}
    assert data == {".yaml", ".csv", ".jinja", ".mplstyle", ".typed", *pages}


def test_the_workflow_is_not_in_the_environment(alone):
    program = "from importlib import metadata\nfor d in metadata.distributions(): print(d.name)"
    found = set(map(canonicalize_name, printed(alone("python", "-c", program)).split()))
    assert {"rknet", "numba", "scikit-learn", "torch", "safetensors", "pyarrow"} <= found
    assert not found & {"pandas", "snakemake", "jsonschema", "pyyaml", "matplotlib", "pytest"}


def test_every_module_of_the_library_and_every_public_name_is_imported(alone):
    library = [name for name in MODULES if not name.startswith(WORKFLOW_ROOMS)]
    assert len(library) > 50
    docs = "json.dumps({name: getattr(rknet, name).__doc__ for name in rknet.__all__})"
    program = f"{IMPORT_ALL}\nimport json, rknet\nprint({docs})"
    documented = json.loads(printed(alone("python", "-c", program, *library)))
    assert documented.keys() == set(rknet.__all__)
    assert all(documented.values())
    assert set(re.findall(r"`(\w+)`", rknet.__doc__)) == set(rknet.__all__)


def test_the_workflows_packages_are_enough_for_every_other_module(wheel, tmp_path):
    """In the environment of this test, which has them."""
    ZipFile(wheel).extractall(tmp_path / "installed")
    found = f"import rknet\nassert rknet.__file__.startswith({str(tmp_path)!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", found + IMPORT_ALL, *MODULES],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "installed"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def programs():
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)


def test_it_trains_as_the_readme_says(alone):
    trained, _, classifier = programs()
    assert len(trained.split("\n\n")[-1].splitlines()) <= 5
    out = printed(alone("python", "-c", trained))
    assert float(re.search(r"validation_accuracy_percent=([\d.]+)", out)[1]) > 90
    assert float(printed(alone("python", "-c", classifier))) > 0.9


def test_a_run_is_loaded_as_the_readme_says(alone, environment, tmp_path):
    _, loaded, _ = programs()
    cell = Cell("spiral", "RK4Net", 16, 20)
    setting = {"network_definition": network(BUILT_IN["RK4Net"]).definition(), "seed": 0}
    run = environment / "empty/results/runs" / Run(cell, 0).path
    datasets.save(tmp_path / "spiral.npz", datasets.draw("spiral", 0))
    train_run(
        {**cell.settings(), **setting},
        tmp_path / "spiral.npz",
        *(run / name for name in ("history.csv", "run.json", "parameters.safetensors")),
    )
    wanted = json.loads((run / "run.json").read_text())["last_metrics"]
    found = 100 * float(printed(alone("python", "-c", loaded)))
    assert found == pytest.approx(wanted["validation_accuracy_percent"])


def test_data_of_every_kind_are_loaded(alone, environment):
    x = np.random.default_rng(0).normal(size=(40, 3))
    rows = [f"{a:.3f},{b:.3f},{c:.3f},{'yes' if a > 0 else 'no'}" for a, b, c in x]
    (environment / "empty/mine.csv").write_text("\n".join(["a,b,c,answer", *rows]))
    program = """
from pyarrow import csv, parquet
from rknet import datasets

parquet.write_table(csv.read_csv("mine.csv"), "mine.parquet")
for file in ("mine.csv", "mine.parquet"):
    mine = {"file": file, "label": "answer", "training": 30, "validation": 10}
    own = datasets.drawn(datasets.defined("mine", mine), seed=0)
    print(own.training.x.shape, own.about.class_names)
digits = datasets.draw("digits", seed=0)
datasets.save("digits.npz", digits)
print(datasets.load("digits.npz").about == digits.about)
"""
    out = printed(alone("python", "-c", program))
    assert out.splitlines() == ["(30, 3) ('no', 'yes')"] * 2 + ["True"]


@pytest.mark.parametrize("command", [["rknet"], ["python", "-m", "rknet"]], ids=" ".join)
def test_the_command_says_what_it_needs(alone, command):
    out = " ".join(printed(alone(*command, "--help")).split())
    assert re.search(r"missing: .*pandas.*snakemake.*pip install 'rknet\[workflow\]'$", out)


@pytest.mark.parametrize("arguments", ["report", "verify x", "check", "images", "why a.csv",
                                       "audit", "archive list"])  # fmt: skip
def test_a_command_that_needs_more_says_what_to_install(alone, arguments):
    done = alone("rknet", *arguments.split())
    assert done.returncode == 1
    assert re.fullmatch(r"\w+ is not installed\. .*pip install 'rknet\[workflow\]'\n", done.stderr)


def test_with_the_workflow_the_command_asks_for_nothing(capsys):
    from rknet.command import main

    with pytest.raises(SystemExit):
        main(["--help"])
    assert "pip install" not in capsys.readouterr().out
