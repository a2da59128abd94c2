"""Any file may be asked for: it is planned, or one sentence says what is missing and how to get it."""

import json
import re
import subprocess
import sys

import pytest
import yaml
from project import EXPERIMENT, ROOT, TINY, Project

#: Tries one target after the other, because starting Snakemake takes much longer than planning. Of
#: each file that a rule can make, it says what stands in the way, if anything does.
PLAN_EACH = """
import itertools, json, os, re, sys
from pathlib import Path
from snakemake.api import ConfigSettings, OutputSettings, ResourceSettings, SnakemakeApi
from snakemake.settings.types import DAGSettings, Quietness

values = json.loads(sys.argv[1])
with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
    prepared = api.workflow(
        resource_settings=ResourceSettings(cores=1),
        config_settings=ConfigSettings(configfiles=[Path("test.yaml")]),
        snakefile=Path("Snakefile"),
    )
    found = {}
    prepared.dag(DAGSettings())
    workflow = prepared._workflow
    for rule in workflow.rules:
        for pattern in map(str, rule.output):
            # A wildcard whose constraint lists names has these; others have what the test offers.
            fields = dict(re.findall(r"{(\\w+)(?:,((?:[^{}]|{\\d+})*))?}", pattern))
            offered = [
                values.get(name) or constraint.split("|") for name, constraint in fields.items()
            ]
            for chosen in itertools.product(*offered):
                file = pattern
                for name, value in zip(fields, chosen):
                    file = re.sub(rf"{{{name}(,(?:[^{{}}]|{{\\d+}})*)?}}", value, file)
                if not any(output.match(file) for output in rule.output):
                    continue
                workflow.dag_settings = DAGSettings(targets={file})
                try:
                    workflow._prepare_dag(False, False, True, nolock=True)
                    workflow._build_dag()
                    said = None
                except Exception as error:
                    said = f"{type(error).__name__}: {error}"
                found.setdefault(rule.name, {})[file] = said
    print(json.dumps(found))
"""

CELL = "width4_depth1_tanh_random_epochs2"
#: What stands for wildcards that no constraint lists: a run and an experiment of the config, one on
#: images, some that only the paper has, and some that nobody has.
VALUES = {
    "experiment": [path.stem for path in sorted((ROOT / "config/experiments").glob("*.yaml"))]
    + ["mine"],
    "run": [
        f"spiral/RK4Net/{CELL}/seed0",
        f"digits/RK4Net/{CELL}/seed0",
        f"spiral/RK4Net/{CELL}9/seed0",
    ],
    "dataset": ["spiral", "digits", "mnist", "moons"],
    "seed": ["0"],
    "drawn_by": ["00000000"],
}

#: Every experiment of the paper, by name, but with cells that none of its tables and figures shows.
OTHERS = {
    "experiments": [
        {**EXPERIMENT, "name": name, "dataset": "donut_2d_2c", "network": "EulerNet"}
        for name in VALUES["experiment"]
        if name not in ("depth", "images", "mine")
    ]
    + [{**EXPERIMENT, "name": "depth", "dataset": "digits", "width": 64}],
    "optional_experiments": [{**EXPERIMENT, "name": "images"}],
}
CONFIGS = {
    "tiny": TINY,
    "none optional": {**TINY, "optional_experiments": []},
    "so far": {**TINY, "optional": "so_far"},
    "all": {**TINY, "optional": "all"},
    "others": OTHERS,
    "own": {"experiments": [{**EXPERIMENT, "name": "mine"}], "optional_experiments": ["depth"]},
    "another paper": {**TINY, "paper": "tests/paper/toy"},
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    return Project.copied(tmp_path_factory.mktemp("targets") / "project")


def plan_each(project, config):
    """By rule and file, what is said of a file that cannot be made, or None of one that is planned."""
    (project.folder / "test.yaml").write_text(yaml.safe_dump(config))
    done = subprocess.run(
        [sys.executable, "-c", PLAN_EACH, json.dumps(VALUES)],
        cwd=project.folder,
        env={**__import__("os").environ, "PYTHONPATH": str(project.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def planned(copied):
    """What is said of each file, by config: planned once for all tests."""
    return {name: plan_each(copied, config) for name, config in CONFIGS.items()}


def test_x(copied, planned):
    Path = __import__("pathlib").Path
    Path("/tmp/tgt/planned.json").write_text(json.dumps(planned))
