"""Three rooms, one direction; and planning is quick because it imports little."""

import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT, Project

BIN = Path(sys.executable).parent
#: Each takes from a quarter of a second to seconds to import.
HEAVY = ("torch", "numba", "matplotlib", "sklearn", "scipy", "pandas")


def contracts(folder):
    return subprocess.run(
        [BIN / "lint-imports", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": str(BIN)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_go_one_way():
    done = contracts(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("rknet/engines/base.py", "from rknet.study.records import read_record"),
        ("rknet/study/records.py", "import rknet.show.labels"),
        ("rknet/show/labels.py", "    from rknet.paper import claims"),
        ("rknet/datasets/base.py", "import snakemake"),
    ],
)
def test_an_import_that_goes_the_other_way_is_found(tmp_path, module, line):
    project = Project.copied(tmp_path / "project")
    with (project.folder / module).open("a") as file:
        file.write(f"\ndef _late():\n    {line.strip()}\n")
    done = contracts(project.folder)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout


def test_planning_imports_nothing_heavy():
    rules = sorted((ROOT / "workflow/rules").glob("*.smk"))
    lines = {
        line
        for path in rules
        for line in path.read_text().splitlines()
        if line.startswith(("from rknet", "import rknet")) and not line.endswith("(")
    }
    assert lines
    program = "\n".join([*sorted(lines), "import sys", f"print({HEAVY!r} & sys.modules.keys())"])
    program = program.replace(f"{HEAVY!r} &", f"set({HEAVY!r}) &")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
