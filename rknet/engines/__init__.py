"""Engines: what carries out the numerical work of training."""

from __future__ import annotations

from rknet.engines.base import Engine, Problem


def engine(problem: Problem, device: str = "cpu") -> Engine:
    """The engine that the problem's cell asks for, ready to train.

    The engines' libraries are imported here, so that a job loads only the one it uses.

    Parameters
    ----------
    problem : Problem
        Its start may be what is trained: it is not for a second engine.
    device : str, optional
        Where PyTorch trains, see `rknet.engines.devices`; the compiled engine is for the CPU.

    Raises
    ------
    ValueError, RuntimeError
        As the engines and `rknet.engines.devices.device_of` do.
    """
    if problem.cell.engine == "compiled":
        from rknet.engines.compiled import CompiledEngine

        return CompiledEngine(problem)
    from rknet.engines.devices import device_of, memory_needed
    from rknet.engines.torch_engines import AdjointEngine, AutogradEngine

    place = device_of(device, memory_needed(problem))
    if problem.cell.engine == "autograd":
        return AutogradEngine(problem, place)
    return AdjointEngine(problem, place, in_place=True)
