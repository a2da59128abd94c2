"""An optimiser and a loss of one's own: one class each, and every engine trains with them."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from problems import problem

from rknet.engines.on_numba.engine import CompiledEngine
from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.losses.base import LOSSES, Loss
from rknet.optimisers.base import OPTIMISERS, Optimiser

ROOT = Path(__file__).parents[2]


class RMSProp(Optimiser):
    """As `torch.optim.RMSprop`."""

    default_learning_rate = 0.01
    moments = 1

    @staticmethod
    def factors(step, learning_rate, momentum):
        return learning_rate, 0.0

    @staticmethod
    def update(parameter, first, second, gradient, factors):
        number = type(gradient)
        square = number(0.99) * first + number(0.01) * gradient * gradient
        moved = parameter - factors[0] * gradient / (math.sqrt(square) + number(1e-8))
        return moved, square, second

    def torch_step(self):
        def step(parameters, gradients, moments, steps):
            for p, g, v in zip(parameters, gradients, moments[0], strict=True):
                g = g.add(p, alpha=self.weight_decay)
                v.mul_(0.99).addcmul_(g, g, value=0.01)
                p.addcdiv_(g, v.sqrt().add_(1e-8), value=-self.learning_rate)

        return step

    def torch_optimiser(self, parameters):
        return torch.optim.RMSprop(
            parameters, lr=self.learning_rate, weight_decay=self.weight_decay
        )


class Focal(Loss):
    """The focal loss with exponent two: −(1 − ℋ_c)² log ℋ_c."""

    @staticmethod
    def cost(z, k, label, classes, largest, total):
        log = np.float64(z[k, label]) - largest - math.log(total)
        return -((1 - math.exp(log)) ** 2) * log

    @staticmethod
    def gradient(z, k, label, classes, share):
        p = z[k, label]
        rest = z.dtype.type(1) - p
        factor = share * (z.dtype.type(2) * p * rest * math.log(p) - rest * rest)
        for c in range(classes):
            z[k, c] = factor * (z.dtype.type(c == label) - z[k, c])

    @staticmethod
    def torch_costs(logits, labels):
        log = logits.log_softmax(dim=1).gather(1, labels[:, None])[:, 0]
        return -((1 - log.exp()) ** 2) * log

    @staticmethod
    def torch_gradient(logits, labels):
        logits = logits.detach().requires_grad_()
        with torch.enable_grad():
            cost = Focal.torch_costs(logits, labels).mean()
        return torch.autograd.grad(cost, logits)[0]


@pytest.fixture
def own(monkeypatch):
    for registry, name, kind in ((OPTIMISERS, "rmsprop", RMSProp), (LOSSES, "focal", Focal)):
        registry.names()
        monkeypatch.setitem(registry._kinds, name, kind)


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_engine_trains_with_them(dtype, decay):
    given = problem("heun", dtype=dtype, optimiser="rmsprop", loss="focal", weight_decay=decay)
    assert given.cell.learning_rate == 0.01
    order = np.random.default_rng(0).permutation(1500)[:250]
    tolerance = 1e-10 if dtype is np.float64 else 1e-3
    reference = AutogradEngine(given)
    reference.train_epoch(order)
    assert np.abs(reference.parameters()["K"] - given.start["K"]).max() > 0.01
    for kind in (CompiledEngine, AdjointEngine):
        engine = kind(given)
        engine.train_epoch(order)
        np.testing.assert_allclose(
            engine.parameters()["K"], reference.parameters()["K"], rtol=tolerance, atol=tolerance
        )
        np.testing.assert_allclose(
            engine.evaluate()[::2], reference.evaluate()[::2], rtol=tolerance
        )


@pytest.mark.usefixtures("own")
def test_the_compiled_gradient_is_noted_for_them_too():
    given = problem("euler", dtype=np.float64, optimiser="rmsprop", loss="focal")
    found, wanted = (
        kind(given).gradients(np.arange(5)) for kind in (CompiledEngine, AutogradEngine)
    )
    for name, gradient in wanted.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-10, atol=1e-12)


def test_what_is_compiled_for_them_is_loaded_by_other_processes(tmp_path):
    program = """
import json, numpy as np
from problems import problem
from engines.test_own_kinds import OPTIMISERS, RMSProp, CompiledEngine
OPTIMISERS.names(); OPTIMISERS._kinds["rmsprop"] = RMSProp
engine = CompiledEngine(problem("euler", width=3, optimiser="rmsprop"))
engine.train_epoch(np.arange(10))
stats = engine._train.dispatcher.stats
print(json.dumps([sum(stats.cache_misses.values()), sum(stats.cache_hits.values())]))
"""
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "RKNET_CACHE": str(tmp_path)}
    found = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", program], env=env, capture_output=True, check=True
            ).stdout
        )
        for _ in range(2)
    ]
    assert found == [[1, 0], [0, 1]]
