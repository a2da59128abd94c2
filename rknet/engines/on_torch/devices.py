"""Where PyTorch trains: `device_of` is the one place that chooses."""

from __future__ import annotations

import os

import torch

from rknet.engines.base import Problem

_GIB = 2**30


def device_of(name: str, needed: int) -> torch.device:
    """The device meant by `name`, made ready for reproducible arithmetic.

    Parameters
    ----------
    name : str
        ``cpu``; ``cuda`` or ``cuda:1``, a GPU; or ``auto``: the first GPU if it has room,
        otherwise the CPU.
    needed : int
        Bytes that the run needs there, see `memory_needed`.

    Raises
    ------
    ValueError
        If the name is none of these.
    RuntimeError
        If that GPU is missing or too full; the message names it and what the run needs.
    """
    kind, _, number = name.partition(":")
    if name not in ("auto", "cpu", "cuda") and not (kind == "cuda" and number.isdecimal()):
        raise ValueError(f"device: found {name!r}; expected auto, cpu, cuda or cuda:<number>")
    if name == "cpu":
        return torch.device("cpu")
    # Read when CUDA starts: without it cuBLAS may add in another order each time.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    problem = _gpu_problem(int(number or 0), needed)
    if problem and name == "auto":
        return torch.device("cpu")
    if problem:
        raise RuntimeError(
            f"device {name}: {problem}; the run needs {needed / _GIB:.1f} GiB there "
            "(device: cpu trains without a GPU)"
        )
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.use_deterministic_algorithms(True)
    return torch.device("cuda", int(number or 0))


def memory_needed(problem: Problem) -> int:
    """Bytes that training by the adjoint needs on a device, without PyTorch's own.

    The parameters with two moments each and the gradient of one layer, the stages and slopes of a
    batch at every layer, and the lifted samples. Of a module nothing is known but its samples.
    """
    if not problem.start:
        return sum(split.x.nbytes for split in problem.dataset)
    cell, tableau = problem.cell, problem.network.tableau
    stages = tableau.stages if tableau else 1
    layer = (cell.width + 1) * cell.width
    batch = cell.batch_size * cell.width * stages
    samples = sum(len(split.labels) for split in problem.dataset) * cell.width
    numbers = (3 * cell.depth + 1) * layer + 2 * (cell.depth + 1) * batch + 2 * samples
    return numbers * problem.start["K"].itemsize


def _gpu_problem(number: int, needed: int) -> str | None:
    """Why the GPU cannot be used, if so."""
    if not torch.cuda.is_available():
        return "PyTorch finds no GPU"
    count = torch.cuda.device_count()
    if number >= count:
        return f"PyTorch finds {count} GPU{'s' * (count > 1)}, counted from 0"
    free, total = torch.cuda.mem_get_info(number)
    if free < needed:
        return f"{free / _GIB:.1f} of {total / _GIB:.1f} GiB are free"
    return None
