"""Convolutional Runge–Kutta nets: against convolutions as matrices, and what is refused."""

import json
import re

import numpy as np
import pytest
import torch
import yaml
from project import ROOT

import rknet
from rknet.cell import Cell
from rknet.datasets import draw
from rknet.engines.base import ENGINES, preferred
from rknet.networks.base import defined, network
from rknet.networks.modules import RungeKuttaNet, layer_features
from rknet.study.config import ConfigurationError, load
from rknet.tableau import SCHEMES

CASES = {
    "plain": ({"tableau": "rk4", "shape": [1, 4, 5]}, (1, 4, 5)),
    "channels": ({"tableau": "heun", "shape": [2, 3, 3], "channels": 2}, (4, 3, 3)),
    "border": ({"tableau": "kutta3", "shape": [1, 3, 4], "border": 1, "kernel": 5}, (1, 5, 6)),
    "series": ({"tableau": "rk4", "shape": [2, 6], "channels": 1, "border": 2}, (3, 10)),
    "square": ({"tableau": "euler", "channels": 1}, (2, 4, 4)),
}
CELL = Cell("digits", "Conv", width=64, depth=2, lift="zeros", engine="autograd")


def made(options, maps, depth=2, dimension=None, **more):
    torch.manual_seed(0)
    shape = options.get("shape", [1, 4, 4])
    return network({"convolution": options}).module(
        dimension or int(np.prod(shape)), int(np.prod(maps)), depth, 3, lift="zeros", **more
    )


def matrix_of(kernel, maps):
    """K ∗ as a matrix on flattened maps, entry by entry: zeros beyond the border."""
    size, reach = maps[1:], kernel.shape[-1] // 2
    dense = np.zeros((*maps, *maps))
    for place in np.ndindex(*size):
        for offset in np.ndindex(*kernel.shape[2:]):
            other = tuple(p + o - reach for p, o in zip(place, offset, strict=True))
            if all(0 <= o < side for o, side in zip(other, size, strict=True)):
                dense[(slice(None), *place, slice(None), *other)] = kernel[(..., *offset)]
    return dense.reshape(np.prod(maps), np.prod(maps))


def padding_of(shape, maps, border):
    """The augmentation as a matrix: where each number of a sample goes."""
    places = np.arange(np.prod(maps)).reshape(maps)
    inner = tuple(slice(border, border + side) for side in shape[1:])
    wanted = places[(slice(shape[0]), *inner)].ravel()
    return np.eye(np.prod(maps))[:, wanted]


def dense_twin(net, options, maps):
    """The same network with full matrices, as the paper's Runge–Kutta nets have them."""
    shape = options.get("shape", [1, 4, 4])
    features, dimension = int(np.prod(maps)), int(np.prod(shape))
    twin = RungeKuttaNet(
        SCHEMES[options["tableau"]], dimension, features, len(net.layers), 3, lift="zeros"
    ).double()
    weights = [layer.weight.detach().numpy() for layer in net.layers]
    biases = [layer.bias.detach().numpy() for layer in net.layers]
    twin.load_arrays(
        {
            "lift": padding_of(shape, maps, options.get("border", 0)),
            "K": np.stack([matrix_of(weight, maps) for weight in weights]),
            "b": np.stack([np.repeat(bias, np.prod(maps[1:])) for bias in biases]),
            "W": net.classifier.weight.detach().numpy(),
            "mu": net.classifier.bias.detach().numpy(),
        }
    )
    return twin


@pytest.mark.parametrize("case", CASES)
def test_it_is_a_runge_kutta_net_whose_matrices_are_convolutions(case):
    options, maps = CASES[case]
    net = made(options, maps).double()
    twin = dense_twin(net, options, maps)
    x = torch.randn(4, twin.lift.in_features, dtype=torch.float64)
    for found, wanted in zip(net.features(x), twin.features(x), strict=True):
        assert found.shape == (4, *maps)
        torch.testing.assert_close(found.flatten(1), wanted, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(net(x), twin(x), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("case", CASES)
def test_the_gradient_is_that_of_the_matrices(case):
    """The chain rule: a kernel's gradient sums those of the entries that it fills."""
    options, maps = CASES[case]
    net = made(options, maps).double()
    twin = dense_twin(net, options, maps)
    x = torch.randn(4, twin.lift.in_features, dtype=torch.float64)
    for model in (net, twin):
        model(x).square().sum().backward()
    for layer, dense in zip(net.layers, twin.layers, strict=True):
        for entry in np.ndindex(*layer.weight.shape):
            one = np.zeros(layer.weight.shape)
            one[entry] = 1
            wanted = (torch.from_numpy(matrix_of(one, maps)) * dense.weight.grad).sum()
            torch.testing.assert_close(layer.weight.grad[entry], wanted, rtol=1e-10, atol=1e-12)
        by_channel = dense.bias.grad.reshape(maps[0], -1).sum(1)
        torch.testing.assert_close(layer.bias.grad, by_channel, rtol=1e-10, atol=1e-12)


def test_the_gradient_is_that_of_differences():
    net = made({"tableau": "rk4", "shape": [2, 5], "channels": 1, "pooled": True}, (3, 5)).double()
    x = torch.randn(3, 10, dtype=torch.float64)
    names = [name for name, _ in net.named_parameters()]

    def logits(*values):
        return torch.func.functional_call(net, dict(zip(names, values, strict=True)), x)

    values = [p.detach().requires_grad_() for p in net.parameters()]
    assert torch.autograd.gradcheck(logits, values)


def test_a_pooled_classifier_takes_the_mean_of_each_channel():
    options = {"tableau": "euler", "shape": [1, 4, 4], "channels": 2, "pooled": True}
    net = made(options, (3, 4, 4)).double()
    x = torch.randn(5, 16, dtype=torch.float64)
    means = net.features(x)[-1].detach().numpy().mean(axis=(2, 3))
    wanted = means @ net.classifier.weight.detach().numpy().T + net.classifier.bias.detach().numpy()
    np.testing.assert_allclose(net(x).detach().numpy(), wanted, rtol=1e-12)


def test_what_is_trained():
    options, maps = CASES["channels"]
    net = made(options, maps, train_classifier=False)
    assert not any(p.requires_grad for p in net.classifier.parameters())
    assert sum(p.numel() for p in net.layers.parameters()) == 2 * (4 * 4 * 9 + 4)


def test_a_definition_is_written_out_and_comes_back():
    short = network({"convolution": {"tableau": "rk4"}})
    written = json.loads(json.dumps(short.definition()))
    assert written["convolution"]["tableau"] == SCHEMES["rk4"].to_mapping()
    assert defined(written) == short
    assert defined(written).definition() == written
    others = [{"kernel": 5}, {"channels": 1}, {"border": 1}, {"tableau": "rk38"}]
    others += [{"pooled": True, "channels": 1}, {"shape": [1, 8, 8]}]
    found = {network({"convolution": {"tableau": "rk4", **other}}) for other in others}
    assert len(found | {short}) == len(others) + 1


WRONG = {
    "no mapping": ("rk4", ["convolution: found 'rk4'", "mapping"]),
    "unknown key": (
        {"tableau": "rk4", "stride": 2},
        ["convolution: unknown key 'stride'", "kernel"],
    ),
    "no scheme": ({"kernel": 3}, ["convolution: tableau: found none"]),
    "unknown scheme": ({"tableau": "rk5"}, ["tableau: unknown scheme 'rk5'", "rk4"]),
    "implicit": (
        {"tableau": {"A": [["1/2"]], "beta": [1]}},
        ["convolution: tableau: it is implicit", "explicit"],
    ),
    "even kernel": ({"tableau": "rk4", "kernel": 4}, ["kernel: found 4", "odd"]),
    "no kernel": ({"tableau": "rk4", "kernel": 0}, ["kernel: found 0", "odd"]),
    "kernel of text": (
        {"tableau": "rk4", "kernel": "3"},
        ["kernel: found '3'", "odd whole"],
    ),
    "large kernel": (
        {"tableau": "rk4", "kernel": 7, "shape": [1, 4, 9], "border": 1},
        ["kernel: found 7", "at most 6"],
    ),
    "negative border": ({"tableau": "rk4", "border": -1}, ["border: found -1", "at least 0"]),
    "wide border": (
        {"tableau": "rk4", "border": 5, "shape": [1, 4, 9]},
        ["border: found 5", "at most 4"],
    ),
    "half a border": ({"tableau": "rk4", "border": 0.5}, ["border: found 0.5", "whole number"]),
    "negative channels": ({"tableau": "rk4", "channels": -2}, ["channels: found -2", "at least 0"]),
    "true channels": ({"tableau": "rk4", "channels": True}, ["channels: found True"]),
    "flat shape": ({"tableau": "rk4", "shape": [64]}, ["shape: found [64]", "rows, columns"]),
    "empty shape": ({"tableau": "rk4", "shape": [1, 0, 8]}, ["shape: found [1, 0, 8]"]),
    "pooled word": ({"tableau": "rk4", "pooled": "yes"}, ["pooled: found 'yes'", "true or false"]),
    "pooled without channels": (
        {"tableau": "rk4", "pooled": True, "shape": [1, 8, 8]},
        ["pooled: found true", "channels of at least 1"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_definition_is_refused(case):
    written, words = WRONG[case]
    with pytest.raises(ValueError, match=re.escape(words[0])) as error:
        network({"convolution": written})
    assert all(word in str(error.value) for word in words), str(error.value)


MISFITS = {
    "width": ({"channels": 3}, {"width": 64}, 64, ["width: found 64; expected 256", "4 × 8 × 8"]),
    "lift": ({}, {"lift": "random"}, 64, ["lift: found random; expected zeros"]),
    "shape": ({"shape": [1, 7, 8]}, {}, 64, ["shape: found [1, 7, 8], 56 numbers", "64"]),
    "no square": ({}, {}, 50, ["shape: found none", "50 dimensions are no square"]),
    "kernel": ({"kernel": 9}, {}, 64, ["kernel: found 9; expected at most 8"]),
    "border": ({"border": 9}, {}, 64, ["border: found 9; expected at most 8"]),
    "pooled": ({"pooled": True}, {}, 64, ["pooled: found true"]),
}


@pytest.mark.parametrize("case", MISFITS)
def test_what_does_not_fit_a_cell_is_found_before_training(case):
    options, axes, dimension, words = MISFITS[case]
    net = network({"convolution": {"tableau": "rk4", **options}})
    cell = Cell(**{**CELL.settings(), **axes})
    (problem,) = net.problems(cell, dimension, 10)
    assert all(word in problem for word in words), problem
    with pytest.raises(ValueError, match=re.escape(words[0])):
        net.module(dimension, cell.width, cell.depth, 10, lift=cell.lift)


def test_a_cell_that_fits_has_no_problems():
    net = network({"convolution": {"tableau": "rk4"}})
    assert not list(net.problems(CELL, 64, 10))
    assert preferred(net, CELL) == "autograd"
    assert list(ENGINES["compiled"].problems(net, CELL))


def test_a_config_with_a_width_that_does_not_fit_is_refused():
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    grid = {"name": "mine", "dataset": "digits", "network": "Conv", "width": 64, "depth": 2}
    config["networks"] = {"Conv": {"convolution": {"tableau": "rk4", "channels": 1}}}
    config["experiments"] = [{**grid, "lift": "zeros", "seeds": 1}]
    with pytest.raises(ConfigurationError, match="width: found 64; expected 128"):
        load(config, ROOT)
    config["experiments"][0]["width"] = 128
    assert len(load(config, ROOT).experiments["mine"].cells) == 1


def test_it_learns():
    torch.manual_seed(0)
    net = network({"convolution": {"tableau": "heun", "channels": 1}})
    module = net.module(64, 128, 2, 10, lift="zeros", step_size=1.0)
    dataset = draw("digits", 0)
    history = rknet.fit(module, dataset, epochs=3, batch_size=20)
    last = history.epochs[-1]
    assert last.validation_accuracy_percent > 75  # chance is 10
    features = layer_features(module, torch.from_numpy(dataset.validation.x[:5]))
    assert [tuple(y.shape) for y in features] == [(5, 2, 8, 8)] * 3
