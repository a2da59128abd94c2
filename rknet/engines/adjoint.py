"""The PyTorch engine for wide networks: the adjoint sweep, on the CPU or a GPU."""

from __future__ import annotations

from collections.abc import Iterator

from rknet.cell import Cell
from rknet.engines.base import ENGINES, Engine, Problem, swept_only
from rknet.engines.pytorch import PyTorch
from rknet.networks.base import Network


@ENGINES.register("torch")
class Adjoint(PyTorch):
    """The adjoint sweep with the optimiser applied layer by layer inside it."""

    preference = 1

    @classmethod
    def problems(cls, network: Network, cell: Cell) -> Iterator[str]:
        """Why it cannot train the cell."""
        yield from super().problems(network, cell)
        yield from swept_only(network, cell)

    @classmethod
    def _engine(cls, problem: Problem, device: str) -> Engine:
        from rknet.engines.on_torch.adjoint import AdjointEngine
        from rknet.engines.on_torch.devices import device_of, memory_needed

        return AdjointEngine(problem, device_of(device, memory_needed(problem)), in_place=True)
