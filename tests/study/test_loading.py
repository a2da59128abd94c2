"""`rknet.load`: the network of a finished run, as it was trained."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from project import ROOT
from safetensors.numpy import load_file, save_file

import rknet
from rknet.cell import Cell
from rknet.networks.base import network
from rknet.networks.modules import arrays
from rknet.own import OwnFileError
from rknet.study.recording import write_record
from rknet.study.records import read_record
from rknet.study.training import train_run

FROZEN = sorted((ROOT / "tests/show/figures/frozen").rglob("seed*"))
OWN = """
from torch import nn
def network(dimension, classes, hidden):
    return nn.Sequential(nn.Linear(dimension, hidden), nn.Tanh(), nn.Linear(hidden, classes))
"""


@pytest.fixture
def run(tmp_path):
    """The folder of a run that was trained for real."""
    cell = Cell("donut_3d", "EulerNet", 5, 3, activation="logistic", step_size=0.3, epochs=2)
    return trained(tmp_path, cell, {"tableau": "euler"})


def trained(folder, cell, definition):
    written = network(definition).definition()
    setting = {**cell.settings(), "network_definition": dict(written), "seed": 1}
    rknet.datasets.save(folder / "data.npz", rknet.draw(cell.dataset, 1))
    files = {
        "history": folder / "run/history.csv",
        "record": folder / "run/run.json",
        "parameters": folder / "run/parameters.safetensors",
    }
    train_run(setting, folder / "data.npz", **files)
    return folder / "run"


def accuracy(module, split):
    with torch.no_grad():
        predicted = module(torch.from_numpy(split.x)).argmax(dim=1).numpy()
    return 100 * np.mean(predicted == split.labels)


@pytest.mark.parametrize(
    ("definition", "engine"),
    [
        ({"tableau": "euler"}, "compiled"),
        ({"standard": {}}, "torch"),
        ({"tableau": "heun", "steps": "learned"}, "compiled"),
        ({"tableau": "implicit_midpoint"}, "autograd"),
    ],
    ids=str,
)
def test_it_classifies_as_the_run_did(tmp_path, definition, engine):
    cell = Cell("donut_3d", "Net", 5, 2, step_size=0.3, epochs=1, engine=engine)
    run = trained(tmp_path, cell, definition)
    module = rknet.load(run)
    recorded = json.loads((run / "run.json").read_text())["last_metrics"]
    data = rknet.draw("donut_3d", seed=1)
    for split, name in zip(data, ("training", "validation"), strict=True):
        assert accuracy(module, split) == pytest.approx(recorded[f"{name}_accuracy_percent"])


def test_its_parameters_are_the_files_and_it_is_ready(run):
    module = rknet.load(str(run))
    wanted = load_file(run / "parameters.safetensors")
    assert arrays(module).keys() == wanted.keys()
    for name, array in arrays(module).items():
        np.testing.assert_array_equal(array, wanted[name])
        assert array.dtype == wanted[name].dtype
    assert not module.training
    # And it can be trained on.
    assert rknet.fit(module, rknet.draw("donut_3d", 0), epochs=1).status == "completed"


@pytest.mark.parametrize("folder", FROZEN, ids=lambda path: "/".join(path.parts[-3:]))
def test_runs_of_long_ago_are_loaded(folder):
    record = json.loads((folder / "run.json").read_text())
    split = rknet.draw(record["dataset"]["name"], record["setting"]["seed"]).validation
    wanted = record["last_metrics"]["validation_accuracy_percent"]
    assert accuracy(rknet.load(folder), split) == pytest.approx(wanted)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The folder of a run of the user's network, and its file."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(OWN)
    definition = {"module": "mine.py", "options": {"hidden": 4}}
    return trained(tmp_path, Cell("spiral", "Mine", 2, 1, epochs=1, engine="autograd"), definition)


def test_a_network_of_the_users_is_made_by_its_file(own):
    recorded = json.loads((own / "run.json").read_text())["last_metrics"]
    found = accuracy(rknet.load(own), rknet.draw("spiral", 1).validation)
    assert found == pytest.approx(recorded["validation_accuracy_percent"])


def test_the_users_file_is_named_if_it_is_gone_or_makes_another_network(own):
    Path("mine.py").write_text(OWN.replace("Tanh()", "LayerNorm(hidden)"))
    with pytest.raises(ValueError, match=r"parameters\.safetensors does not fit the network"):
        rknet.load(own)
    Path("mine.py").unlink()
    with pytest.raises(OwnFileError, match=r"mine\.py"):
        rknet.load(own)


def test_where_no_run_is_it_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere/run\.json: there is no finished run; ex"):
        rknet.load(tmp_path / "nowhere")


def test_damage_is_named(run):
    parameters = run / "parameters.safetensors"
    content = bytearray(parameters.read_bytes())
    content[-1] ^= 1
    parameters.write_bytes(content)
    with pytest.raises(ValueError, match=r"parameters\.safetensors is not what the run wrote.*rep"):
        rknet.load(run)
    parameters.unlink()
    with pytest.raises(FileNotFoundError, match=r"parameters\.safetensors is missing; delete"):
        rknet.load(run)
    record = run / "run.json"
    record.write_text(record.read_text().replace('"depth": 3', '"depth": 4'))
    with pytest.raises(ValueError, match=r"run\.json is no record of a run.*repeats"):
        rknet.load(run)


def test_parameters_of_another_network_are_refused(run):
    """A record whose checksums are right, but that was written for other parameters."""
    record, parameters = run / "run.json", run / "parameters.safetensors"
    save_file({"W": np.zeros((2, 5), np.float32)}, parameters)
    write_record(record, read_record(record), [parameters])
    with pytest.raises(ValueError, match=r"parameters\.safetensors does not fit the network"):
        rknet.load(run)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "diverged"}, r"run\.json: the run has diverged"),
        ({}, r"run\.json: the run keeps no parameters.*it has history\.csv\. rknet\.fit trains"),
    ],
    ids=["diverged", "of images"],
)
def test_a_run_without_a_network_to_use_says_why(run, change, said):
    record = run / "run.json"
    files = [run / "history.csv", *([run / "parameters.safetensors"] if change else [])]
    write_record(record, {**read_record(record), **change}, files)
    with pytest.raises(ValueError, match=said):
        rknet.load(run)
