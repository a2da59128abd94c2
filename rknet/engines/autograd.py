"""The plain PyTorch loop: trains any module."""

from __future__ import annotations

from rknet.engines.base import ENGINES, Engine, Problem
from rknet.engines.pytorch import PyTorch


@ENGINES.register("autograd")
class Autograd(PyTorch):
    """Autograd and `torch.optim`."""

    preference = 2

    @classmethod
    def _engine(cls, problem: Problem, device: str) -> Engine:
        from rknet.engines.on_torch.autograd import AutogradEngine
        from rknet.engines.on_torch.devices import device_of, memory_needed

        return AutogradEngine(problem, device_of(device, memory_needed(problem)))
