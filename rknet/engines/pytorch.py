"""What the kinds of PyTorch engines share."""

from __future__ import annotations

from rknet.cell import Cell
from rknet.engines.base import EngineKind

#: Layers up to this width are not worth sharing among threads.
NARROW, THREADS = 128, 4


class PyTorch(EngineKind):
    """An engine that PyTorch works for, on any device."""

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
