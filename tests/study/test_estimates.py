"""Estimates of what runs cost: how they scale, and what they say."""

from types import SimpleNamespace

import pytest

from rknet.cell import Cell
from rknet.datasets import named
from rknet.networks.base import network
from rknet.study import estimates
from rknet.study.estimates import (
    Estimate,
    estimate,
    job_minutes,
    most_seconds,
    run_gpus,
    run_memory,
    run_seconds,
    run_threads,
)
from rknet.study.grids import Run

RK4 = network({"tableau": "rk4"})


def seconds(cell):
    return run_seconds(cell, RK4, named(cell.dataset).about)


def minutes(*cells):
    return job_minutes(sum(most_seconds(cell, named(cell.dataset).about) for cell in cells))


@pytest.fixture
def timed(monkeypatch):
    """A machine on which a layer of a network takes known times."""
    monkeypatch.setattr(estimates, "_layer_seconds", lambda *_: (1e-3, 1e-6))


@pytest.mark.usefixtures("timed")
def test_time_scales_with_depth_epochs_and_samples():
    cell = Cell("mnist", "RK4Net", 900, 100, epochs=40, engine="torch")
    # 300 steps an epoch, and 3000 samples evaluated before training and after every epoch.
    expected = 100 * (40 * 300 * 1e-3 + 41 * 3000 * 1e-6)
    assert seconds(cell) == pytest.approx(expected)
    digits = Cell("digits", "RK4Net", 900, 100, epochs=1, batch_size=7)
    assert seconds(digits) == pytest.approx(100 * (129 * 1e-3 + 2 * 1797 * 1e-6))


@pytest.mark.usefixtures("timed")
def test_runs_are_summed():
    cells = [Cell("mnist", "RK4Net", width, 100, engine="torch") for width in (784, 900)]
    networks = {"RK4Net": RK4}
    setup = SimpleNamespace(networks=networks, dataset_of=lambda cell: named(cell.dataset))
    cost = estimate([Run(cell, seed) for cell in cells for seed in range(2)], setup)
    assert cost.runs == 4
    assert cost.core_hours == pytest.approx(4 * seconds(cells[0]) / 3600)
    assert cost.memory_mib == run_memory(cells[1])


def test_memory_is_what_was_measured():
    assert run_memory(Cell("mnist", "RK4Net", 900, 100)) == pytest.approx(2193, rel=0.1)
    assert run_memory(Cell("mnist", "RK4Net", 900, 8)) == pytest.approx(501, rel=0.1)


def test_schedulers_give_enough_time():
    wide = Cell("mnist", "RK4Net", 900, 100, engine="torch")
    assert 2 * 2.2 * 60 < minutes(wide) < 6 * 60
    # Fifty of them make one job, which few queues take for too long; it takes 80 seconds.
    assert 3 <= minutes(*[Cell("spiral", "RK4Net", 16, 100)] * 50) <= 10
    # An epoch of 300 steps of the plain loop takes 9 s.
    plain = Cell("spiral", "RK4Net", 16, 100, engine="autograd")
    assert 2 * 40 * 9 < 60 * minutes(plain) < 60 * 60


def test_a_gpu_is_asked_for_if_pytorch_trains_and_may_use_one():
    torch, compiled = (Cell("mnist", "RK4Net", 100, 1, engine=e) for e in ("torch", "compiled"))
    assert [run_gpus(torch, device) for device in ("auto", "cuda:1", "cpu")] == [1, 1, 0]
    assert run_gpus(compiled, "auto") == 0


def test_threads_are_for_wide_layers_and_engines_that_share_work():
    def threads(width, engine):
        return run_threads(Cell("mnist", "RK4Net", width, 1, engine=engine))

    assert [threads(784, name) for name in ("torch", "autograd")] == [4, 4]
    assert [threads(128, name) for name in ("torch", "autograd", "compiled")] == [1, 1, 1]


def test_a_wider_network_takes_longer():
    narrow, wide = (
        seconds(Cell("digits", "RK4Net", width, 4, engine="torch")) for width in (64, 640)
    )
    assert 0 < narrow < wide


def test_words():
    assert "up to 12.0 hours on one core, that is 4.0 hours on 8" in Estimate(3, 12, 99).in_words(8)
