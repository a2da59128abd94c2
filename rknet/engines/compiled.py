"""The compiled engine (Numba): for narrow networks, on one thread."""

from __future__ import annotations

from collections.abc import Iterator

from rknet.cell import Cell
from rknet.engines.base import ENGINES, Engine, EngineKind, Problem, swept_only
from rknet.networks.base import Network

#: Wider layers leave the processor's cache, and more threads than one are worth it.
WIDEST = 128


def learns_steps(network: Network) -> bool:
    """Whether it is a Runge–Kutta net that learns a step size a layer, and is explicit else.

    It is asked without its kind, `rknet.networks.general`: the runs of the paper's networks do not
    depend on that.
    """
    return (
        getattr(network, "steps", "fixed") != "fixed"
        and network.controls == "shared"  # type: ignore[attr-defined]
        and network.scheme.is_explicit  # type: ignore[attr-defined]
    )


@ENGINES.register("compiled")
class Compiled(EngineKind):
    """The adjoint sweep, compiled for the network's shape."""

    preference = 0

    @classmethod
    def problems(cls, network: Network, cell: Cell) -> Iterator[str]:
        """Why it cannot train the cell."""
        yield from super().problems(network, cell)
        if not learns_steps(network):
            yield from swept_only(network, cell)
        if cell.width > WIDEST:
            yield (
                f"width: found {cell.width}; the compiled engine takes widths up to {WIDEST}, set "
                "engine: torch for more"
            )

    @classmethod
    def limit_threads(cls, count: int) -> None:
        """Nothing to do: it has one thread."""

    @classmethod
    def _engine(cls, problem: Problem, device: str) -> Engine:  # noqa: ARG003
        from rknet.engines.on_numba.engine import CompiledEngine

        return CompiledEngine(problem)
