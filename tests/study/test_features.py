"""Features of trained networks: against the network, and measured from the files of runs."""

import numpy as np
import pytest
from problems import problem
from safetensors.numpy import save_file

from rknet import datasets
from rknet.cell import Cell
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.files import file_hash
from rknet.networks.base import network
from rknet.networks.modules import arrays
from rknet.study.features import features, output_features, trained_network
from rknet.study.measuring import measure
from rknet.study.outputs import Outputs, save
from rknet.study.recording import write_record
from rknet.tableau import SCHEMES


@pytest.mark.parametrize("scheme", ["rk4", None])
@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_features_are_the_networks(scheme, activation):
    given = problem(scheme, activation=activation)
    x = given.dataset.validation.x[:9]
    definition = {"tableau": SCHEMES[scheme].to_mapping()} if scheme else {"standard": {}}
    setting = {**vars(given.cell), "network_definition": definition, "seed": 0}
    trained = trained_network(setting, given.start, 3, 3)
    found = features(trained, x)
    assert len(found) == given.cell.depth + 1
    np.testing.assert_array_equal(output_features(trained, x), found[-1])
    network = AutogradEngine(given).network.double()
    import torch

    wanted = network.features(torch.from_numpy(x.astype(float)))
    np.testing.assert_allclose(found[-1], wanted[-1].detach().numpy(), rtol=1e-12)


def test_measuring_runs_from_their_files(tmp_path):
    given = problem(None, "spiral", depth=3)
    datasets.save(tmp_path / "d.npz", datasets.draw("spiral", 0))
    save_file(given.start, tmp_path / "p.safetensors")
    setting = {**vars(given.cell), "network_definition": {"standard": {}}, "seed": 0}
    files = [tmp_path / name for name in ("run.json", "p.safetensors", "d.npz")]
    drawn = file_hash(tmp_path / "d.npz")
    record = {"setting": setting, "status": "completed", "dataset_sha256": drawn}
    write_record(files[0], record, files[1:2])
    again = [tmp_path / "again.json", *files[1:]]
    write_record(again[0], {**record, "setting": {**setting, "seed": 1}}, files[1:2])
    frame, pairs = measure([again, files])
    assert len(frame) == 2 * 4
    assert frame["layer"].tolist() == [0, 1, 2, 3] * 2
    assert frame["seed"].tolist() == [0] * 4 + [1] * 4
    # The same parameters under another seed.
    (row,) = pairs.to_dict("records")
    assert (row["seed"], row["other_seed"], row["disagreement"]) == (0, 1, 0)
    assert row["cka"] == pytest.approx(1, rel=1e-5)
    assert set(frame["status"]) == {"completed"}
    # Untrained, a plain network contracts: its weights are small.
    assert frame["relative_spread"].iloc[3] < frame["relative_spread"].iloc[1] < 1


OWN = """
from torch import nn


class network(nn.Module):
    def __init__(self, dimension, classes, depth):
        super().__init__()
        sizes = [dimension, *range(5, 5 + depth)]
        self.layers = nn.ModuleList(map(nn.Linear, sizes, sizes[1:]))
        self.last = nn.Linear(sizes[-1], classes)

    def features(self, x):
        found = [x]
        for layer in self.layers:
            found.append(layer(found[-1]).tanh())
        return found

    def forward(self, x):
        return self.last(self.features(x)[-1])
"""


def own_setting(folder, text=OWN):
    (folder / "mine.py").write_text(text)
    cell = Cell("spiral", "Mine", 1, 3, engine="autograd")
    return {**vars(cell), "network_definition": {"module": str(folder / "mine.py")}, "seed": 0}


def test_features_of_a_network_of_ones_own(tmp_path):
    """They are padded to the widest, and computed in the module's own type."""
    setting = own_setting(tmp_path)
    module = network(setting["network_definition"]).module(2, 1, 3, 2)
    trained = trained_network(setting, arrays(module), 2, 2)
    assert not trained.training
    x = np.random.default_rng(0).standard_normal((4, 2)).astype(np.float32)
    found = features(trained, x)
    assert [y.shape for y in found] == [(4, 7)] * 4
    y = x
    for layer, padded in zip([None, *module.layers], found, strict=True):
        if layer is not None:
            K, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()
            y = np.tanh(y @ K.T + b)
        np.testing.assert_allclose(padded[:, : y.shape[1]], y, rtol=1e-5, atol=1e-6)
        assert not padded[:, y.shape[1] :].any()


def test_of_images_the_silhouette_is_measured(tmp_path):
    drawn = datasets.draw("digits", 0)
    datasets.save(tmp_path / "d.npz", drawn)
    labels = drawn.validation.labels
    corners = 10.0 * np.eye(10, dtype=np.float32)[labels] @ np.eye(10, 12, dtype=np.float32)
    save(tmp_path / "outputs.npz", Outputs(corners, labels))
    cell = Cell("digits", "RK4Net", 100, 100)
    record = {
        "setting": {**vars(cell), "seed": 0},
        "status": "completed",
        "dataset_sha256": file_hash(tmp_path / "d.npz"),
    }
    write_record(tmp_path / "run.json", record, [tmp_path / "outputs.npz"])
    files = [tmp_path / name for name in ("run.json", "outputs.npz", "d.npz")]
    frame, pairs = measure([files])
    (row,) = frame.to_dict("records")
    assert (row["layer"], row["network"], row["seed"]) == (100, "RK4Net", 0)
    assert row["silhouette"] > 0.1
    assert np.isnan(row["fisher_ratio"])
    assert pairs.empty


def test_a_network_without_features_has_no_rows(tmp_path):
    text = OWN.replace("def features", "def layers_of").replace("self.features", "self.layers_of")
    datasets.save(tmp_path / "d.npz", datasets.draw("spiral", 0))
    rows = []
    for folder, written in (("with", OWN), ("without", text)):
        (tmp_path / folder).mkdir()
        setting = own_setting(tmp_path / folder, written)
        files = [tmp_path / folder / name for name in ("run.json", "p.safetensors")]
        module = network(setting["network_definition"]).module(2, 1, 3, 2)
        save_file(arrays(module), files[1])
        drawn = file_hash(tmp_path / "d.npz")
        record = {"setting": setting, "status": "completed", "dataset_sha256": drawn}
        write_record(files[0], record, files[1:])
        rows.append((*files, tmp_path / "d.npz"))
    layers, _ = measure(rows)
    assert len(layers) == len(measure(rows[:1])[0]) == 4
    empty, _ = measure(rows[1:])
    assert len(empty) == 0
    assert list(empty.columns) == list(layers.columns)
