"""The part that all kinds of PyTorch engines share."""

from __future__ import annotations

from rknet.cell import Cell
from rknet.engines.base import EngineKind

#: Layers up to this width do not gain from several threads.
NARROW, THREADS = 128, 4


class PyTorch(EngineKind):
    """An engine that uses PyTorch, on any device."""

    on_gpu = True

    @classmethod
    def threads(cls, cell: Cell) -> int:
        """Several for wide layers."""
        return THREADS if cell.width > NARROW else 1

    @classmethod
    def limit_threads(cls, count: int) -> None:
        """Tell PyTorch."""
        import torch

        torch.set_num_threads(count)
