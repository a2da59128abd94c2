"""Figures of networks of the user's: with features by layer, and without."""

from pathlib import Path

import numpy as np
import pytest
import torch
from rknet.show.figures.specification import MOTIONS, Files, LayerFigure, PanelFigure
from safetensors.numpy import load_file, save_file
from trained_runs import dataset, joined, untrained

from rknet import datasets
from rknet.cell import Cell
from rknet.files import file_hash
from rknet.networks.base import network
from rknet.networks.modules import arrays
from rknet.own import OwnFileError
from rknet.show.figures import animation, layers, panels
from rknet.show.figures.trained import read_all
from rknet.study.recording import write_record

OWN = """
from torch import nn


class network(nn.Module):
    def __init__(self, dimension, classes):
        super().__init__()
        self.a, self.b = nn.Linear(dimension, 6), nn.Linear(6, 4)
        self.last = nn.Linear(4, classes)

    def features(self, x):
        y = self.a(x).tanh()
        return [x, y, self.b(y).tanh()]

    def forward(self, x):
        return self.last(self.features(x)[-1])
"""
PLAIN = OWN.replace("features", "layers")
KINDS = tuple(panels.PANELS)


def own(folder: Path, text: str = OWN, depth: int = 9) -> Files:
    """A run of a network of the user's, as it starts."""
    folder.mkdir()
    file = folder / "mine.py"
    file.write_text(text)
    definition = network({"module": str(file)}).definition()
    cell = Cell("spiral", "Mine", 1, depth, engine="autograd")
    record, parameters = folder / "run.json", folder / "parameters.safetensors"
    torch.manual_seed(0)
    save_file(arrays(network(definition).module(2, 1, depth, 2)), parameters)
    drawn = dataset(folder, "spiral", 0)
    setting = {**vars(cell), "network_definition": definition, "seed": 0}
    about = {"setting": setting, "status": "completed", "dataset_sha256": file_hash(drawn)}
    write_record(record, about, [parameters])
    return Files([str(record)], [str(parameters)], [], [drawn])


def words(picture):
    return [text.get_text() for text in picture.texts if text.get_text()]


def trained(files):
    return read_all(files.records, files.parameters, files.datasets)


def test_what_it_makes_of_points_is_its_modules(tmp_path):
    files = own(tmp_path / "own")
    (run,) = trained(files)
    p = load_file(files.parameters[0])
    x = datasets.draw("spiral", 0).validation.x
    y = np.tanh(np.tanh(x @ p["a.weight"].T + p["a.bias"]) @ p["b.weight"].T + p["b.bias"])
    logits = y @ p["last.weight"].T + p["last.bias"]
    wanted = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(run.probabilities(x), wanted, rtol=1e-4)
    np.testing.assert_allclose(run.features[-1][:, :4], y, rtol=1e-4, atol=1e-6)
    assert np.mean(run.predicted == wanted.argmax(axis=1)) > 0.999
    assert (run.last_layer, run.classifies_features) == (2, False)


def test_panels_beside_the_papers_networks(tmp_path):
    files = joined(
        untrained(tmp_path, Cell("spiral", "RK4Net", 4, 3)), own(tmp_path / "own"),
        own(tmp_path / "plain", PLAIN),
    )  # fmt: skip
    picture = panels.draw(PanelFigure("small", 0, None, "", panels=KINDS), files)
    assert words(picture).count(panels.NO_FEATURES) == 4
    a, _, c = trained(files)
    # All five of the first two, and the prediction of the third.
    assert len(picture.axes) == 11
    assert c.features == []
    assert c.last_layer == -1
    assert a.classifies_features


def test_layers_are_those_of_its_features(tmp_path):
    files = joined(own(tmp_path / "own"), own(tmp_path / "plain", PLAIN))
    picture = layers.draw(LayerFigure("small", 0, None, "", layers=3), files)
    found = words(picture)
    assert [word for word in found if word in ("input", "layer 1", "output")] == [
        "input", "layer 1", "output",
    ]  # fmt: skip
    assert panels.NO_FEATURES in found
    assert len(picture.axes) == 3


@pytest.mark.parametrize("motion", MOTIONS)
def test_a_film_goes_through_its_features(tmp_path, motion):
    (run,) = trained(own(tmp_path / "own"))
    film = animation.film(motion, run)
    assert film.layers == [0, 1, 2]
    for layer in film.layers:
        film.show(layer)
    (run,) = trained(own(tmp_path / "plain", PLAIN))
    film = animation.film(motion, run)
    film.show(film.layers[0])
    assert words(film.picture) == [panels.NO_FEATURES]


def test_a_file_that_has_gone_wrong_is_blamed_itself(tmp_path):
    files = own(tmp_path / "own")
    (tmp_path / "own/mine.py").write_text("x = y")
    with pytest.raises(OwnFileError, match=r"mine\.py, line 1: NameError"):
        trained(files)


def test_parameters_of_another_module_are_refused(tmp_path):
    files = own(tmp_path / "own")
    (tmp_path / "own/mine.py").write_text(OWN.replace("6", "7"))
    with pytest.raises(ValueError, match=r"parameters\.safetensors does not hold"):
        trained(files)
