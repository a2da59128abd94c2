"""How runs ask for a GPU: what the profile says `sbatch` is given, and that SLURM takes it."""

import os
import re
import shlex
import subprocess

import pytest
import yaml
from project import EXPERIMENT, ROOT, Project
from test_slurm import PICTURES, PROFILE, cluster

#: One run on points, and two on images: one that wants a GPU, and one that does not.
CONFIG = {
    "experiments": [
        {**EXPERIMENT, "depth": 1, "seeds": 1},
        {**PICTURES, "engine": ["torch", "compiled"], "seeds": 1},
    ]
}
TARGETS = ("results/metrics/depth.csv", "results/metrics/pictures.csv")
#: It notes how it was called and submits nothing.
STAND_IN = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["NOTED"], "a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
sys.exit("noted, not submitted")
"""
#: What the options that ask for a GPU and its surroundings look like.
ASKING = ("--gpus", "--gres", "--qos", "-C", "-p")
GPU = "engine-torch"


def documented():
    """The keys that can be switched on in the profile, each with what it says `sbatch` is given."""
    text = (ROOT / PROFILE / "config.yaml").read_text()
    lines = re.findall(r"^#   (\w+): (.+?) +# (.+)$", text, re.M)
    return {key: (yaml.safe_load(value), said.split(",")[0]) for key, value, said in lines}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose datasets are drawn, and stand-ins for SLURM's commands."""
    folder = tmp_path_factory.mktemp("gpus")
    project = Project.copied(folder / "project")
    drawn = project.run("--until", "dataset", *TARGETS, config=CONFIG)
    assert drawn.code == 0, drawn.output
    (folder / "bin").mkdir()
    for name in ("sbatch", "squeue", "sacct", "scontrol", "sinfo", "scancel"):
        command = folder / "bin" / name
        command.write_text(STAND_IN if name == "sbatch" else "#!/bin/sh\n")
        command.chmod(0o755)
    project.commands = folder / "bin"
    return project


def submitted(project, monkeypatch, keys):
    """The options of each `sbatch`, by its comment, with these keys of the profile switched on."""
    noted = project.folder / "noted"
    noted.unlink(missing_ok=True)
    monkeypatch.setenv("NOTED", str(noted))
    monkeypatch.setenv("PATH", f"{project.commands}:{os.environ['PATH']}")
    profile = project.folder / PROFILE / "config.yaml"
    written = (ROOT / PROFILE / "config.yaml").read_text()
    for key in keys:
        written, count = re.subn(rf"^#   {key}:", f"    {key}:", written, flags=re.M)
        assert count == 1
    profile.write_text(written)
    outcome = project.run("--profile", PROFILE, "--retries", "0", *TARGETS, config=CONFIG)
    assert "noted, not submitted" in outcome.output, outcome.output
    calls = [yaml.safe_load(line) for line in noted.read_text().splitlines()]
    return {call[call.index("--comment") + 1]: call for call in calls}


def asking(call):
    """The options of a call that ask for a GPU and its surroundings."""
    return {
        f"{option} {call[place + 1]}" if option in ("-C", "-p") else option
        for place, option in enumerate(call)
        if option.split("=")[0] in ASKING
    }


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ((), {"--gpus=1"}),
        (("gpu_model", "qos", "constraint"), None),
        (("gres", "gpu"), {"--gres=gpu:1"}),
    ],
    ids=["as it is", "type", "gres"],
)
def test_sbatch_is_given_what_the_profile_says(project, monkeypatch, keys, wanted):
    said = {documented()[key][1] for key in keys} - {"no --gpus"}
    assert wanted is None or not said or said == wanted
    calls = submitted(project, monkeypatch, keys)
    assert len(calls) == 3
    for comment, call in calls.items():
        if GPU in comment:
            assert asking(call) == {"-p gpu", *(wanted or said)}
        else:
            assert asking(call) == {"-p cpu"}


def test_every_way_to_ask_is_documented():
    said = {what for _, what in documented().values()}
    assert said == {"--gpus=a100:1", "--gres=gpu:1", "no --gpus", "--qos=fast", "-C bigmem"}


def test_slurm_gives_a_gpu_to_whoever_asks_so(tmp_path):
    asked = ["--gpus=1", "--gpus=a100:1", "--gres=gpu:1", "--gres=gpu:a100:1", "--gpus=1 -C bigmem"]
    try:
        with cluster() as commands:
            given = {}
            for options in ["", *asked, "--gpus=h100:1", "--gpus=1 -C nowhere"]:
                done = subprocess.run(
                    [
                        *(commands / "sbatch", "--wait", "-p", "gpu", *shlex.split(options)),
                        *("-t", "1", "--mem", "100", "--output", tmp_path / "said"),
                        *("--wrap", "echo GPU=$CUDA_VISIBLE_DEVICES"),
                    ],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                said = (tmp_path / "said").read_text().strip() if not done.returncode else None
                given[options] = said
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no SLURM: {error.stderr}")
    assert given.pop("") == "GPU="
    assert given.pop("--gpus=h100:1") is None
    assert given.pop("--gpus=1 -C nowhere") is None
    assert set(given.values()) == {"GPU=0"}
