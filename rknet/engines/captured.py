"""The PyTorch engine for wide networks whose training step is captured as a CUDA graph."""

from __future__ import annotations

from rknet.engines.adjoint import Adjoint
from rknet.engines.base import ENGINES, Engine, Problem


@ENGINES.register("torch_graph")
class Captured(Adjoint):
    """The adjoint sweep; on a GPU, a training step is captured once and then replayed."""

    preference = 3

    @classmethod
    def _engine(cls, problem: Problem, device: str) -> Engine:
        from rknet.engines.on_torch.captured import CapturedEngine
        from rknet.engines.on_torch.devices import device_of, memory_needed

        return CapturedEngine(problem, device_of(device, memory_needed(problem)), in_place=True)
