"""What a trained network makes of points, read from a run's files."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from sklearn.decomposition import PCA
from trained_runs import ANODE, LIFTED, NODE, untrained, with_datasets

from rknet import datasets
from rknet.cell import Cell
from rknet.networks.modules import RK4Net
from rknet.show.figures.trained import read, read_all
from rknet.study.grids import Run
from rknet.study.principal_axes import principal_axes


@pytest.fixture(scope="module")
def files(frozen, tmp_path_factory):
    folder = tmp_path_factory.mktemp("datasets")
    return lambda *cells, seeds=(0,): with_datasets(frozen(*cells, seeds=seeds), folder)


def trained(files):
    return read_all(files.records, files.parameters, files.datasets)


@pytest.mark.parametrize("cell", [NODE, ANODE, LIFTED])
def test_features_and_probabilities_are_the_networks(files, cell):
    given = files(cell)
    (run,) = trained(given)
    network = RK4Net(2, run.setting["width"], 4, 2).double()
    network.load_arrays(load_file(given.parameters[0]))
    x = datasets.draw("donut_2d", 0).validation.x
    with torch.no_grad():
        y = network.lift(torch.from_numpy(x.astype(float)))
        for layer, found in zip([None, *network.layers], run.features, strict=True):
            y = y if layer is None else network.step(layer, y)
            assert found.dtype == np.float64
            np.testing.assert_allclose(found, y.numpy(), rtol=1e-12, atol=1e-14)
        logits = network.classifier(y).numpy()
    wanted = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(run.probabilities(x), wanted, rtol=1e-12)
    np.testing.assert_allclose(run.output_probabilities(run.features[-1]), wanted, rtol=1e-12)
    np.testing.assert_array_equal(run.predicted, wanted.argmax(axis=1))


def test_accuracy_is_the_recorded_one(files):
    given = files(NODE, ANODE, LIFTED, seeds=(0, 1))
    for record, run in zip(given.records, trained(given), strict=True):
        recorded = json.loads(Path(record).read_text())["last_metrics"]
        # Training counts in single precision: a point on the border may fall to either side.
        assert run.accuracy_percent == pytest.approx(
            recorded["validation_accuracy_percent"], abs=0.1
        )


def test_a_run_knows_what_it_is(files):
    (run,) = trained(files(NODE, seeds=(1,)))
    assert run.run == Run(Cell("donut_2d", "RK4Net", 2, 4, lift="zeros", epochs=12), 1)
    assert (run.dimension, run.status, run.diverged) == (2, "completed", False)


def test_a_diverged_run_can_be_read(tmp_path):
    files = untrained(tmp_path, Cell("spiral", "RK4Net", 4, 3), status="diverged")
    (run,) = trained(files)
    assert run.diverged
    assert np.isnan(run.features[-1]).all()


@pytest.mark.parametrize(
    ("spoilt", "content"),
    [
        ("records", b"{"),
        ("records", b"[]"),
        ("records", b'{"status": "completed"}'),
        ("parameters", b"nothing"),
        ("datasets", b"nothing"),
    ],
)
def test_errors_name_the_file(tmp_path, spoilt, content):
    files = untrained(tmp_path, Cell("spiral", "RK4Net", 4, 3))
    path = Path(getattr(files, spoilt)[0])
    path.write_bytes(content)
    with pytest.raises(ValueError, match=path.name):
        trained(files)
    path.unlink()
    with pytest.raises((ValueError, FileNotFoundError), match=path.name):
        trained(files)


def test_parameters_of_another_run_are_refused(tmp_path):
    files = untrained(tmp_path, Cell("spiral", "RK4Net", 4, 3), Cell("spiral", "RK4Net", 5, 3))
    with pytest.raises(ValueError, match=r"parameters\.safetensors does not hold"):
        read(files.records[0], files.parameters[1], files.datasets[0])
    save_file({"W": np.zeros(1)}, files.parameters[0])
    with pytest.raises(ValueError, match=r"parameters\.safetensors does not hold"):
        trained(files)


def test_principal_axes_are_those_of_the_singular_values():
    y = np.random.default_rng(0).standard_normal((90, 5)) * [5, 3, 2, 1, 0.5] + 7
    found = principal_axes(y, 3)
    centred = y - y.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:3]
    signs = [np.sign(axis[np.abs(axis).argmax()]) for axis in axes]
    wanted = centred @ (axes * np.array(signs)[:, None]).T
    np.testing.assert_allclose(found.transform(y), wanted, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found.inverse_transform(np.zeros((1, 3))), [y.mean(axis=0)])


@pytest.mark.parametrize("number", [2, 3])
def test_principal_axes_are_those_of_scikit_learn_but_for_their_signs(number):
    y = np.random.default_rng(3).standard_normal((200, 6)).astype(np.float32) @ np.diag(range(6))
    wanted = PCA(number, svd_solver="full").fit(y)
    found = principal_axes(y, number)
    signs = np.sign(np.sum(found.components * wanted.components_, axis=1))
    np.testing.assert_allclose(found.transform(y), wanted.transform(y) * signs, atol=1e-5)
    z = np.eye(number, dtype=np.float32)
    np.testing.assert_allclose(
        found.inverse_transform(z), wanted.inverse_transform(z * signs), atol=1e-5
    )


def test_signs_of_principal_axes_depend_on_the_features_alone():
    y = np.random.default_rng(1).standard_normal((90, 4)) * [4, 3, 2, 1]
    found = principal_axes(y, 3).components
    order = np.random.default_rng(2).permutation(len(y))
    np.testing.assert_allclose(principal_axes(y[order], 3).components, found, atol=1e-12)
    np.testing.assert_allclose(principal_axes(-y, 3).components, found, atol=1e-12)
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in found)


def test_features_that_are_all_one_have_principal_axes():
    assert not principal_axes(np.ones((9, 4)), 3).transform(np.ones((9, 4))).any()
