"""What is kept of large networks: predictions and output features."""

import numpy as np
import pytest
import torch
from problems import problem

from rknet import datasets
from rknet.cell import AXES
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.study.outputs import Outputs, load, outputs, save


def setting_of(example):
    cell = {axis: getattr(example.cell, axis) for axis in AXES}
    return {**cell, "network_definition": example.network.definition(), "seed": 0}


@pytest.mark.parametrize("scheme", ["rk4", None])
def test_they_are_the_networks(scheme):
    example = problem(scheme, dataset="digits", width=70, depth=3)
    trainer = CompiledEngine(example)
    trainer.train_epoch(np.arange(200))
    found = outputs(setting_of(example), trainer.parameters(), example.dataset.validation.x, 10)
    module = example.network.module(64, 70, 3, 10)
    module.load_arrays(trainer.parameters())
    with torch.no_grad():
        x = torch.from_numpy(example.dataset.validation.x)
        wanted = module.features(x)[-1].numpy()
        np.testing.assert_allclose(found.features, wanted, rtol=1e-5, atol=1e-6)
        assert (found.predicted == module(x).argmax(dim=1).numpy()).all()
    # And they are what the run's accuracy says.
    accuracy = 100 * np.mean(found.predicted == example.dataset.validation.labels)
    assert accuracy == pytest.approx(trainer.evaluate().validation_accuracy_percent)


FOUND = Outputs(np.arange(6, dtype=np.float32).reshape(3, 2), np.array([1, 0, 2]))


def test_they_are_kept(tmp_path):
    save(tmp_path / "a.npz", FOUND)
    save(tmp_path / "b.npz", FOUND)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    for kept, given in zip(load(tmp_path / "a.npz", 3), FOUND, strict=True):
        assert (kept == given).all()
        assert kept.dtype == given.dtype


def test_what_is_no_outputs_is_refused(tmp_path):
    path = tmp_path / "outputs.npz"
    save(path, FOUND)
    with pytest.raises(ValueError, match=r"outputs\.npz holds features \(3, 2\).*expected 4"):
        load(path, 4)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"outputs\.npz holds no outputs of a network"):
        load(path, 3)


def test_digits_have_the_sizes_that_are_described():
    assert len(datasets.draw("digits", 0, {}).validation.labels) == 897
