"""The wide sweeps against PyTorch's functions."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import numpy as np
import pytest
import torch
from problems import ACTIVATIONS, problem
from test_tableau import EXPLICIT

from rknet.engines.on_torch import adjoint
from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.engines.on_torch.layers import LibrarySweeps
from rknet.engines.on_torch.team import Team
from rknet.engines.on_torch.wide import MOST_SAMPLES, NARROWEST, TILE, WideSweeps


@pytest.fixture
def threads():
    """Sets the number of threads, for this test."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def steps(monkeypatch, given, order, *, wide):
    """All that training changes after some steps, by the kernels or by PyTorch's functions."""
    with monkeypatch.context() as patch:
        patch.setattr(adjoint, "has_kernels", lambda *_: wide)
        engine = AdjointEngine(given)
        engine.train_epoch(order)
        (kind,) = {type(sweeps) for _, sweeps in engine._prepared.values()}
        assert kind == (WideSweeps if wide else LibrarySweeps)
        # Not every optimiser of PyTorch counts its steps.
        return {name: array for name, array in engine.state().items() if name != "steps"}


# A scheme is an argument of a kernel and an activation a part of it: not every pair is needed.
@pytest.mark.parametrize(
    ("scheme", "activation"), [*zip([*EXPLICIT, None], cycle(ACTIVATIONS), strict=False)]
)
def test_the_gradient_is_that_of_autograd(threads, scheme, activation):
    threads(2)
    given = problem(scheme, dtype=np.float64, width=41, activation=activation)
    batch = np.array([3, 1, 4, 15, 9])
    found, wanted = (kind(given).gradients(batch) for kind in (AdjointEngine, AutogradEngine))
    assert found.keys() == wanted.keys()
    for name in wanted:
        distance = np.abs(found[name] - wanted[name]).max() / np.abs(wanted[name]).max()
        assert distance < 1e-12, name


@pytest.mark.parametrize(
    ("samples", "dtype", "tolerance"),
    [(1, np.float64, 1e-12), (5, np.float64, 1e-12), (8, np.float64, 1e-12), (5, np.float32, 2e-5)],
)
@pytest.mark.parametrize(
    ("scheme", "width"),
    [("rk4", NARROWEST), ("heun", NARROWEST + 3), (None, 2 * TILE + 1), ("heun", 47), ("rk4", 97)],
)
def test_steps_at_every_shape(monkeypatch, threads, scheme, width, samples, dtype, tolerance):
    """Widths with whole blocks and without, and such that rows need vectors of every length."""
    threads(2)
    given = problem(scheme, dtype=dtype, width=width, depth=3, batch_size=samples)
    order = np.arange(3 * samples)
    found, wanted = (steps(monkeypatch, given, order, wide=wide) for wide in (True, False))
    assert found.keys() == wanted.keys()
    for name in wanted:
        # A step of Adam has the learning rate's length however small the gradient.
        np.testing.assert_allclose(
            found[name], wanted[name], rtol=100 * tolerance, atol=tolerance, err_msg=name
        )


@pytest.mark.parametrize(
    "settings",
    [
        {"optimiser": "adam", "weight_decay": 0.2},
        {"optimiser": "sgd"},
        {"optimiser": "sgd", "momentum": 0.9, "weight_decay": 0.1},
        {"optimiser": "adagrad"},
        {"optimiser": "adadelta"},
    ],
    ids=["adam", "sgd", "momentum", "adagrad", "adadelta"],
)
def test_steps_of_every_optimiser(monkeypatch, threads, settings):
    threads(2)
    given = problem("rk4", dtype=np.float64, width=35, **settings)
    found, wanted = (steps(monkeypatch, given, np.arange(50), wide=wide) for wide in (True, False))
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12, err_msg=name)


# Few steps: on a busy machine, threads that share one wait for each other.
@pytest.mark.parametrize(
    ("scheme", "width"), [("rk4", NARROWEST), ("rk4", 97), ("heun", 50), (None, 50)]
)
def test_bits_do_not_depend_on_the_number_of_threads(threads, scheme, width):
    given, ends = problem(scheme, width=width), []
    for count in (1, 2, 3):
        threads(count)
        engine = AdjointEngine(given)
        assert engine._team.size == count
        engine.train_epoch(np.arange(25))
        assert torch.get_num_threads() == count
        ends.append({name: array.tobytes() for name, array in engine.parameters().items()})
    assert ends[0] == ends[1] == ends[2]


def test_all_threads_flush_denormals(threads):
    """Products of small numbers, by both threads."""
    threads(2)
    given = problem(None, width=64, depth=1, activation="relu", classifier="fixed")
    for name, value in (("K", 1e-30), ("b", 0), ("lift", 1e-10)):
        given.start[name][:] = value
    engine = AdjointEngine(given)
    engine.train_epoch(np.arange(5))
    ((memory, _),) = engine._prepared.values()
    assert memory.input.abs().max() > 0
    assert not memory.slopes.any()
    # Outside, denormals are back.
    assert float(torch.tensor(1e-39) * 1) > 0


def test_a_last_batch_may_be_smaller(monkeypatch):
    given = problem("heun", dtype=np.float64, width=40)
    found, wanted = (steps(monkeypatch, given, np.arange(11), wide=wide) for wide in (True, False))
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("samples", "width", "wide"),
    [
        (MOST_SAMPLES, NARROWEST, True),
        (MOST_SAMPLES + 1, NARROWEST, False),
        (MOST_SAMPLES, NARROWEST - 1, False),
    ],
)
def test_larger_batches_and_narrower_layers_are_the_librarys(samples, width, wide):
    engine = AdjointEngine(problem("heun", dtype=np.float64, batch_size=samples, width=width))
    engine.train_epoch(np.arange(samples))
    ((_, sweeps),) = engine._prepared.values()
    assert isinstance(sweeps, WideSweeps) == wide


def test_a_team_rests_when_an_epoch_fails(threads, monkeypatch):
    """Threads that went on waiting would keep the process from ending."""
    threads(2)
    engine = AdjointEngine(problem("heun", width=40))

    def fail(*_):
        raise RuntimeError("the loss fails")

    with monkeypatch.context() as patch:
        patch.setattr(engine._loss, "torch_gradient", fail)
        with pytest.raises(RuntimeError, match="the loss fails"):
            engine.train_epoch(np.arange(5))
    assert engine._team._futures == []
    assert torch.get_num_threads() == 2
    engine.train_epoch(np.arange(5))


def test_teams_beside_each_other(threads):
    """More threads than cores: each gets to its end, with the bits it has alone."""
    threads(2)

    def parameters(seed):
        engine = AdjointEngine(problem("heun", width=40, seed=seed))
        engine.train_epoch(np.arange(25))
        return engine.parameters()["K"].tobytes()

    alone = [parameters(seed) for seed in range(3)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(parameters, range(3))) == alone


def test_a_team_of_one_has_no_threads():
    assert Team(1)._others is None
