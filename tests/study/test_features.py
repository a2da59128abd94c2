"""Norms and spreads of features by layer, by hand and against the trained network."""

import numpy as np
import pytest
from problems import problem
from safetensors.numpy import save_file

from rknet import datasets
from rknet.engines.torch_engines import AutogradEngine
from rknet.files import file_hash
from rknet.study.features import features, measure, norms
from rknet.study.recording import write_record
from rknet.tableau import SCHEMES


def test_norms_by_hand():
    layers = [np.array([[3.0, 4.0], [-3.0, -4.0]]), np.array([[1.0, 0.0], [2.0, 0.0]])]
    frame = norms(layers)
    assert frame["layer"].tolist() == [0, 1]
    assert frame["mean_norm"].tolist() == [5, 1.5]
    assert frame["relative_norm"].tolist() == [1, 0.3]
    assert frame["mean_spread"].tolist() == [5, 0.5]
    assert frame["relative_spread"].tolist() == [1, 0.1]


@pytest.mark.parametrize("scheme", ["rk4", None])
@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_features_are_the_networks(scheme, activation):
    given = problem(scheme, activation=activation)
    x = given.dataset.validation.x[:9]
    setting = {**vars(given.cell), "tableau": scheme and SCHEMES[scheme].to_mapping(), "seed": 0}
    found = features(setting, given.start, x)
    assert len(found) == given.cell.depth + 1
    network = AutogradEngine(given).network.double()
    import torch

    wanted = network.features(torch.from_numpy(x.astype(float)))
    np.testing.assert_allclose(found[-1], wanted[-1].detach().numpy(), rtol=1e-12)


def test_measuring_runs_from_their_files(tmp_path):
    given = problem(None, "spiral", depth=3)
    datasets.save(tmp_path / "d.npz", datasets.draw("spiral", 0))
    save_file(given.start, tmp_path / "p.safetensors")
    setting = {**vars(given.cell), "tableau": None, "seed": 0}
    files = [tmp_path / name for name in ("run.json", "p.safetensors", "d.npz")]
    drawn = file_hash(tmp_path / "d.npz")
    record = {"setting": setting, "status": "completed", "dataset_sha256": drawn}
    write_record(files[0], record, files[1:2])
    frame = measure([files, files])
    assert len(frame) == 2 * 4
    assert frame["layer"].tolist() == [0, 1, 2, 3] * 2
    assert set(frame["status"]) == {"completed"}
    # Untrained, a plain network contracts: its weights are small.
    assert frame["relative_spread"].iloc[3] < frame["relative_spread"].iloc[1] < 1
