"""The comparison with other libraries: its table, and the pins that it is installed from."""

import importlib.util
import re

import numpy as np
import pytest
from project import ROOT

from rknet.engines.base import Metrics

_SPEC = importlib.util.spec_from_file_location("peers", ROOT / "benchmarks/peers.py")


@pytest.fixture
def peers(monkeypatch):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "")  # it sets them; the test's end puts them back
    module = importlib.util.module_from_spec(_SPEC)
    _SPEC.loader.exec_module(module)
    return module


class Standin:
    """A peer with known costs; it is trained in no time."""

    def __init__(self, cost):
        self.cost = cost

    def train_epoch(self, order):
        assert len(order)

    def evaluate(self):
        return Metrics(self.cost, 50.0, self.cost, 50.0)


def missing(problem):
    raise ImportError("No module named 'nowhere'")


def test_only_peers_with_the_same_costs_are_timed_and_all_are_in_the_table(peers, monkeypatch):
    monkeypatch.setattr(peers, "compiled", lambda problem: Standin(2.0))
    kinds = {
        peers.COMPILED: peers.Kind(lambda problem: Standin(2.0), 300),
        "same": peers.Kind(lambda problem: Standin(2.0 * (1 + peers.TOLERANCE / 2)), 6),
        "other": peers.Kind(lambda problem: Standin(2.1), 6),
        "none": peers.Kind(lambda problem: Standin(np.nan), 6),
        "missing": peers.Kind(missing, 6),
    }
    found, deviations, reasons = peers.checked(kinds)
    assert list(found) == [peers.COMPILED, "same"]
    times = peers.times_of(found, kinds, rounds=2)
    table = peers.table_of(times, deviations, reasons, list(kinds)).set_index("what")
    assert list(table.index) == list(kinds)
    assert table["step, µs"].notna().tolist() == [True, True, False, False, False]
    why = table["why it is not timed"]
    assert why["same"] == ""
    assert why["other"] == "costs deviate by 0.05"
    assert why["none"] == "costs deviate by nan"
    assert why["missing"] == "cannot be imported: No module named 'nowhere'"


def test_ratios_are_medians_of_those_within_a_round(peers):
    rows = [("a", 0, 1.0, 100.0), (peers.COMPILED, 0, 0.5, 50.0)]
    rows += [("a", 1, 4.0, 0.0), (peers.COMPILED, 1, 1.0, 0.0)]
    times = peers.pd.DataFrame(rows, columns=["what", "round", "step", "evaluation"])
    table = peers.table_of(times, {}, {}, [peers.COMPILED, "a"])
    assert table["epoch, times the compiled engine's"].tolist() == [1.0, 3.0]
    assert table["step, µs"].tolist() == [0.75e6, 2.5e6]


def test_everything_a_peer_imports_is_pinned():
    code = (ROOT / "benchmarks/peers.py").read_text()
    pins = set(re.findall(r"^([\w-]+)==", (ROOT / "benchmarks/peers.txt").read_text(), re.M))
    pins |= set(re.findall(r"^([\w-]+)==", (ROOT / "constraints.txt").read_text(), re.M))
    imported = set(re.findall(r"^ +(?:import|from) (\w+)", code, re.M)) - {"rknet"}
    assert imported == {"torch", "torchdiffeq", "jax", "optax", "diffrax"}
    assert imported <= pins
