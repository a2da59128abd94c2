"""What Snakemake asks of the project grows as the number of runs, and not as its square."""

import os
import pstats
import subprocess
import sys

import yaml
from project import Project

#: Of all experiments, the one that most is made of.
EXPERIMENT = {
    "name": "architecture",
    "dataset": "donut_2d_6c",
    "network": ["EulerNet", "RK4Net"],
    "width": 16,
    "seeds": 1,
}


def calls(project, depths):
    """How often functions of the project are called while so many cells are planned."""
    config = {"experiments": [{**EXPERIMENT, "depth": list(range(1, depths + 1))}]}
    (project.folder / "test.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "cProfile", "-o", "profile", "-m", "snakemake"]
    done = subprocess.run(
        [*command, "--dry-run", "--configfile", "test.yaml"],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(project.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    statistics = pstats.Stats(str(project.folder / "profile")).stats
    ours = [
        about for (file, _, _), about in statistics.items() if file.startswith(str(project.folder))
    ]
    return sum(count for _, count, *_ in ours)


def test_nothing_is_quadratic_in_the_runs(tmp_path):
    project = Project.copied(tmp_path / "project")
    few, more, most = (calls(project, depths) for depths in (10, 20, 40))
    # Twice the growth for twice the runs; of a quadratic step it would be four times.
    assert 1.9 < (most - more) / (more - few) < 2.2
