"""Times of modification say nothing: they cause nothing to be drawn or trained again."""

import os
import random
import shutil
import time

import pytest
from project import EXPERIMENT, Project

DRAW = random.Random(0)
HOUR = 3600
#: What may happen to the times of files: from a path and now to its time.
TIMES = {
    "equal": lambda path, now: now,
    "random": lambda path, now: now - DRAW.randrange(10**6),
    "sources newer": lambda path, now: now - HOUR * ("results" in path.parts),
    "clock set back": lambda path, now: now + DRAW.randrange(HOUR, 10**6),
}


def retrained(outcome):
    return {"dataset", "train", "train_images"} & outcome.jobs.keys()


@pytest.mark.parametrize(
    ("times", "copied"),
    [
        ("equal", True),  # a fresh clone, rsync without times
        ("random", False),  # `test_targets.py` has them copied
        ("sources newer", False),
        ("clock set back", False),
    ],
)
def test_nothing_is_retrained(finished, tmp_path, times, copied):
    """Neither where Snakemake knows how results were made, nor where they are copied."""
    if copied:
        project = Project.copied(tmp_path / "project")
        shutil.copytree(finished.folder / "results", project.folder / "results")
    else:
        project = finished.duplicate(tmp_path / "project")
    now = time.time()
    for path in project.folder.rglob("*"):
        moment = TIMES[times](path.relative_to(project.folder), now)
        os.utime(path, (moment, moment), follow_symlinks=False)
    outcome = project.run("--dry-run")
    assert outcome.code == 0, outcome.output
    assert not retrained(outcome)


def test_what_is_made_before_the_clock_is_set_back_stays(finished, tmp_path):
    """What is added later is older than what it is made with, and is made once nevertheless."""
    project = finished.duplicate(tmp_path / "project")
    later = time.time() + 10 * HOUR
    for path in project.folder.rglob("*"):
        os.utime(path, (later, later), follow_symlinks=False)
    added = {"experiments": [{**EXPERIMENT, "depth": [1, 2, 3], "seeds": 1}]}
    target = "results/metrics/depth.csv"
    outcome = project.run(target, config=added)
    assert outcome.code == 0, outcome.output
    assert outcome.jobs["train"] == 1
    assert not retrained(project.run(target, "--dry-run", config=added))
