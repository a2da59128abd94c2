"""A module trained in a call, in place."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from problems import problem
from torch import nn

import rknet
from rknet.datasets import Split
from rknet.loop import train
from rknet.networks.modules import FeatureNet
from rknet.seeds import stream

ROOT = Path(__file__).parents[1]


def points(samples=300):
    return problem(dataset="spiral", samples=samples).dataset


def net(kind=rknet.RK4Net, *arguments, seed=0, **options):
    torch.manual_seed(seed)
    return kind(*arguments, 2, 5, 4, 2, **options)


def own_module():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Dropout(0.1), torch.nn.Linear(8, 2)
    )


def state(module):
    return {name: tensor.numpy().tobytes() for name, tensor in module.state_dict().items()}


@pytest.mark.parametrize("engine", ["compiled", "torch", "autograd"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (rknet.StandardNet, {"activation": "logistic"}),
        (rknet.RK4Net, {"step_size": 0.2}),
        (rknet.EulerNet, {"train_classifier": False, "lift": "zeros"}),
    ],
)
def test_the_networks_of_the_library_against_plain_pytorch(engine, kind, options):
    """The same steps, written out: torch.optim and autograd on a copy, in float64."""
    found, wanted = (net(kind, **options).double() for _ in range(2))
    history = rknet.fit(found, points(), epochs=2, batch_size=7, engine=engine, seed=3)
    trained = [p for p in wanted.parameters() if p.requires_grad]
    optimiser = torch.optim.Adam(trained)
    x, labels = (torch.from_numpy(part) for part in points().training)
    for epoch in (1, 2):
        order = stream("batch order", seed=3, epoch=epoch).permutation(300)
        for batch in torch.from_numpy(order).split(7):
            optimiser.zero_grad()
            cost = torch.nn.functional.cross_entropy(wanted(x[batch].double()), labels[batch])
            cost.backward()
            optimiser.step()
    for name, tensor in wanted.state_dict().items():
        torch.testing.assert_close(found.state_dict()[name], tensor, rtol=1e-9, atol=1e-10)
    cost = torch.nn.functional.cross_entropy(wanted(x.double()), labels).item()
    assert history.epochs[-1].training_cost == pytest.approx(cost, rel=1e-9)
    assert (history.status, len(history.epochs)) == ("completed", 3)


@pytest.mark.parametrize("engine", ["compiled", "torch", "autograd"])
def test_weight_decay_alone_shrinks_parameters(engine):
    sizes = {}
    for decay in (0.0, 1.0):
        module = net()
        rknet.fit(
            module, points(), epochs=2, optimiser="sgd", learning_rate=0.01,
            weight_decay=decay, engine=engine,
        )  # fmt: skip
        sizes[decay] = float(module.layers[0].weight.detach().norm())
    # 120 steps, each by a hundredth.
    assert sizes[1.0] < 0.5 * sizes[0.0]


def test_in_single_precision_too():
    found, wanted = net(), net()
    one = rknet.fit(found, points(), epochs=2)
    other = rknet.fit(wanted, points(), epochs=2, engine="autograd")
    for name, tensor in wanted.state_dict().items():
        torch.testing.assert_close(found.state_dict()[name], tensor, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(one.epochs[-1], other.epochs[-1], rtol=1e-3)


def test_training_goes_on_from_where_a_module_is():
    module = net()
    first = rknet.fit(module, points(), epochs=3)
    second = rknet.fit(module, points(), epochs=1, seed=1)
    assert second.epochs[0] == first.epochs[-1]


def test_an_own_module_learns_and_repeats():
    ends = []
    for _ in range(2):
        module = own_module().eval()
        history = rknet.fit(module, points(), epochs=5, learning_rate=0.01)
        assert history.epochs[-1].training_cost < history.epochs[0].training_cost
        assert not module.training
        ends.append(state(module))
        torch.rand(3)
    assert ends[0] == ends[1]
    rknet.fit(module := own_module(), points(), epochs=5, learning_rate=0.01, seed=1)
    assert state(module) != ends[0]
    assert module.training


def chosen(module, **options):
    """The engine that trains a module, told by what the loop is given."""
    seen = []

    def watched(engine, *arguments):
        seen.append(type(engine).__name__)
        return train(engine, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["rknet.fitting"], "train", watched)
        rknet.fit(module, points(20), epochs=1, **options)
    return seen[0]


def test_the_fastest_engine_trains_that_can():
    class Own(FeatureNet):
        def step(self, layer, y):
            return y + layer(y)

    assert chosen(net()) == "CompiledEngine"
    assert chosen(rknet.RK4Net(2, 150, 1, 2)) == "AdjointEngine"
    assert chosen(net(), engine="autograd") == "AutogradEngine"
    assert chosen(own_module()) == "AutogradEngine"
    assert chosen(net(Own, net().network)) == "AutogradEngine"
    frozen = net()
    frozen.layers[1].requires_grad_(False)
    before = frozen.layers[1].weight.clone()
    assert chosen(frozen) == "AutogradEngine"
    assert torch.equal(frozen.layers[1].weight, before)
    assert chosen(net().bfloat16()) == "AutogradEngine"
    unfrozen = net()
    unfrozen.lift.requires_grad_(True)
    assert chosen(unfrozen) == "AutogradEngine"


def test_every_epoch_is_reported():
    seen = []
    rknet.fit(net(), points(20), epochs=2, report=lambda epoch, metrics: seen.append(epoch))
    assert seen == [0, 1, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "compild"}, "unknown engine 'compild'.*did you mean 'compiled'"),
        ({"loss": "huber"}, "unknown loss 'huber'; there are"),
        ({"optimiser": "lion"}, "unknown optimiser 'lion'; there are"),
        ({"batch_size": 0}, "found 40 epochs in batches of 0; expected 1 or more"),
        ({"momentum": 0.9}, r"momentum: found 0.9; adam has none"),
        ({"device": "gpu"}, "device: found 'gpu'"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        rknet.fit(net(), points(20), **options)


def test_an_own_module_is_not_for_every_engine():
    with pytest.raises(ValueError, match="found compiled, which cannot train Sequential"):
        rknet.fit(own_module(), points(20), engine="compiled")


def test_a_module_without_parameters_is_refused():
    with pytest.raises(ValueError, match="Identity has no parameters to train"):
        rknet.fit(torch.nn.Identity(), points(20))


def test_samples_that_do_not_fit_are_refused():
    drawn = points(20)
    wide = Split(np.zeros((20, 3), np.float32), drawn.training.labels)
    high = Split(drawn.training.x, drawn.training.labels + 1)
    for split, message in ((wide, "takes samples of 2 numbers"), (high, "takes 0 to 1")):
        with pytest.raises(ValueError, match=message):
            rknet.fit(net(), replace(drawn, training=split), epochs=1)


PROGRAM = """
import sys
import rknet
assert not {"torch", "numba", "pandas", "matplotlib", "sklearn"} & set(sys.modules)
points = rknet.draw("spiral", seed=0)
net = rknet.RK4Net(dimension=2, width=4, depth=3, classes=2)
history = rknet.fit(net, points, epochs=2)
print(len(history.epochs), history.epochs[-1].training_cost < history.epochs[0].training_cost)
"""


def test_what_is_no_module_or_no_dataset_is_refused():
    data = points()
    with pytest.raises(TypeError, match=r"module: found int; expected a torch\.nn\.Module"):
        rknet.fit(3, data)
    with pytest.raises(TypeError, match=r"dataset: found tuple; expected a dataset of rknet"):
        rknet.fit(nn.Linear(2, 2), (data.training, data.validation))


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Linear(3, 2), r"the module cannot take \(2, 2\) samples: .*shape"),
        (nn.Linear(2, 1), "labels"),
        (nn.Sequential(nn.Linear(2, 2), nn.Flatten(0)), r"found \(4,\) for 2 samples; expected"),
        (nn.LSTM(2, 2), "found tuple for 2 samples"),
    ],
)
def test_modules_that_do_not_fit_the_samples_are_refused(module, message):
    module.train()
    with pytest.raises(ValueError, match=message):
        rknet.fit(module, points(), epochs=1)
    assert module.training


def test_five_lines_in_an_empty_folder(tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "RKNET_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["3", "True"]


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="module 'rknet' has no attribute 'RK5Net'"):
        _ = rknet.RK5Net
    assert all(hasattr(rknet, name) for name in rknet.__all__)
