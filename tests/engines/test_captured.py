"""A training step that is captured and replayed, on a GPU or on a played one.

The played one keeps the rules of a CUDA graph: a capture computes nothing, no number may leave the
device meanwhile, and a replay repeats the operations on the memory that they had.
"""

from contextlib import contextmanager

import numpy as np
import pytest
import torch
from problems import problem
from test_engines import each_optimiser
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

from rknet.engines.base import ENGINES
from rknet.engines.on_torch import adjoint, captured
from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.captured import CapturedEngine

ORDER = np.random.default_rng(0).permutation(1500)[:52]


def tensors(tree):
    return [part for part in tree_flatten(tree)[0] if isinstance(part, torch.Tensor)]


def storages(tree):
    return {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage() for tensor in tensors(tree)
    }


class PlayedGraph(TorchDispatchMode):
    """A CUDA graph on the CPU."""

    def __init__(self):
        super().__init__()
        self.operations, self._before, self._inside = [], {}, set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        given = storages((args, kwargs))
        if function is torch.ops.aten._local_scalar_dense.default:
            # `one_hot` checks labels on the CPU only.
            assert not args[0].is_floating_point(), "a number leaves the device"
        for place, storage in given.items():
            if place not in self._inside and place not in self._before:
                self._before[place] = storage, storage.clone()
        found = function(*args, **(kwargs or {}))
        self._inside |= storages(found).keys() - given.keys()
        self.operations.append((function, args, kwargs or {}, found))
        return found

    def undo(self):
        """Nothing has been computed."""
        for storage, content in self._before.values():
            storage.copy_(content)

    def replay(self):
        for function, args, kwargs, outputs in self.operations:
            given = storages((args, kwargs))
            again = function(*args, **kwargs)
            for output, value in zip(tensors(outputs), tensors(again), strict=True):
                if output.untyped_storage().data_ptr() not in given:
                    output.copy_(value)


PRESENT = []


@contextmanager
def play_device(device):
    PRESENT.append(device)
    yield
    PRESENT.pop()


@contextmanager
def play_capture(graph, stream):
    assert [torch.device("cpu")] == PRESENT, "it waits for another device"
    with graph:
        yield
    graph.undo()


@pytest.fixture(params=["played", *["cuda"] * torch.cuda.is_available()])
def device(request, monkeypatch):
    """Where steps are captured; kernels for the CPU are not used there."""
    monkeypatch.setattr(adjoint, "has_kernels", lambda *_: False)
    if request.param == "cuda":
        return "cuda"
    monkeypatch.setattr(captured, "_captures", lambda _: True)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", PlayedGraph)
    monkeypatch.setattr(torch.cuda, "Stream", lambda device: None)
    monkeypatch.setattr(torch.cuda, "device", play_device)
    monkeypatch.setattr(torch.cuda, "graph", play_capture)
    return "cpu"


def compare(device, scheme="rk4", **settings):
    """Two epochs, whose last batch is smaller, in double precision."""
    given = problem(scheme, dtype=np.float64, batch_size=5, **settings)
    engine, reference = CapturedEngine(given, device), AdjointEngine(given)
    for _ in range(2):
        engine.train_epoch(ORDER)
        reference.train_epoch(ORDER)
    assert engine._captured.keys() == {5, 2}
    found, wanted = engine.state(), reference.state()
    assert found.keys() == wanted.keys()
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(engine.evaluate(), reference.evaluate(), rtol=1e-9)


@each_optimiser
def test_a_replayed_step_is_the_step(device, optimiser):
    compare(device, **optimiser)


@pytest.mark.parametrize(
    ("scheme", "settings"),
    [
        (None, {"activation": "softplus"}),
        ("heun", {"activation": "relu", "loss": "mse"}),
        ("euler", {"activation": "logistic", "classifier": "fixed", "weight_decay": 0.01}),
    ],
)
def test_a_replayed_step_of_other_networks(device, scheme, settings):
    compare(device, scheme, **settings)


def test_a_step_goes_on_where_another_process_stopped(device):
    given = problem("rk4", batch_size=5)
    whole, first, second = (CapturedEngine(given, device) for _ in range(3))
    for _ in range(3):
        whole.train_epoch(ORDER)
    first.train_epoch(ORDER)
    for name, array in first.state().items():
        second.restore(name, array)
    for _ in range(2):
        second.train_epoch(ORDER)
    for name, array in whole.state().items():
        np.testing.assert_array_equal(second.state()[name], array)


def test_a_captured_step_is_not_launched_again(device, monkeypatch):
    engine = CapturedEngine(problem("rk4", batch_size=5), device)
    for _ in range(2):
        engine.train_epoch(ORDER)
    monkeypatch.setattr(CapturedEngine, "_sweep", None)
    engine.train_epoch(ORDER)


def test_a_capture_computes_nothing(device):
    engine = CapturedEngine(problem("rk4", batch_size=5), device)
    engine.train_epoch(ORDER[:5])
    before = {name: array.copy() for name, array in engine.state().items()}
    engine._capture(torch.from_numpy(ORDER[5:10]).to(device))
    for name, array in engine.state().items():
        np.testing.assert_array_equal(array, before[name])


def test_on_the_cpu_it_is_the_other_engine():
    given = problem("rk4", width=40, depth=3, batch_size=5)
    ends = []
    for name in ("torch", "torch_graph"):
        start = {key: array.copy() for key, array in given.start.items()}
        engine = ENGINES[name].engine(type(given)(given.cell, given.network, start, given.dataset))
        engine.train_epoch(ORDER)
        ends.append(engine.state())
    for name, array in ends[0].items():
        np.testing.assert_array_equal(ends[1][name], array)
