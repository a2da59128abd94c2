"""Time the PyTorch engines at the width of the images: L = 100, width 900, batch 5.

Beside them the machine's limit: how fast it updates three large arrays in place, as Adam does, and
how long a training step would take if it did nothing but move its numbers at that rate. Prints a
table and writes results/benchmarks/wide.csv. Other work on a shared machine only ever
slows one down, so what is compared takes turns, and what counts is the fastest round of each.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch
from numba import njit, prange, set_num_threads

from rknet.cell import Cell
from rknet.checkpoint import Checkpoint
from rknet.datasets import Dataset, Description, Split
from rknet.engines.base import Parameters, Problem, initial_parameters
from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.files import write_text
from rknet.networks.runge_kutta import RungeKutta
from rknet.study.machine import peak_memory_mib
from rknet.tableau import SCHEMES

DIMENSION, CLASSES = 784, 10
SCHEME = {"RK4Net": "rk4", "EulerNet": "euler"}
#: Training steps timed a round.
STEPS = 3
#: Samples in a split. The evaluation timed is of two splits.
SAMPLES = 500
ABOUT = Description("noise", DIMENSION, CLASSES, (SAMPLES, SAMPLES))
#: Large matrix products timed a round, of the 800 that an evaluation of RK4Net has.
PRODUCTS = 200


@cache
def start(depth: int) -> Parameters:
    """Both networks start from the same parameters."""
    return initial_parameters(Cell("mnist", "", 900, depth), 0, DIMENSION, CLASSES)


def problem_of(network: str, depth: int) -> Problem:
    """A network as wide as the images', on noise: what the pixels are does not change the time."""
    cell = Cell("mnist", network, width=900, depth=depth, engine="torch")
    rng = np.random.default_rng(0)
    x = rng.random((SAMPLES, DIMENSION), dtype=np.float32)
    split = Split(x, rng.integers(CLASSES, size=SAMPLES))
    kind = RungeKutta(SCHEMES[SCHEME[network]])
    return Problem(cell, kind, start(depth), Dataset(split, split, ABOUT))


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@njit(parallel=True, fastmath=True)
def stream(theta: np.ndarray, first: np.ndarray, second: np.ndarray) -> None:
    """Update three arrays in place, with hardly anything to compute."""
    for i in prange(theta.size):
        first[i] = np.float32(0.9) * first[i] + theta[i]
        second[i] = np.float32(0.9) * second[i] + theta[i]
        theta[i] = np.float32(0.9) * theta[i] + first[i] * second[i]


def streaming_times(depth: int, rounds: int) -> pd.DataFrame:
    """Seconds that three arrays of RK4Net's size take, a column a number of threads."""
    arrays = [np.zeros(start(depth)["K"].size, np.float32) for _ in range(3)]
    stream(*arrays)

    def on(threads: int) -> float:
        set_num_threads(threads)
        return seconds(lambda: stream(*arrays))

    return pd.DataFrame({n: on(n) for n in thread_counts()} for _ in range(rounds))


def thread_counts() -> list[int]:
    """One, and all there are."""
    return sorted({1, torch.get_num_threads()})


def step_times(network: str, depth: int, rounds: int) -> pd.DataFrame:
    """Seconds of a training step, a column an engine and its threads, a row a round."""
    problem = problem_of(network, depth)
    order = np.arange(problem.cell.batch_size * STEPS)
    engines, all_threads = {}, torch.get_num_threads()
    for threads in thread_counts():
        torch.set_num_threads(threads)
        engines["torch", threads] = AdjointEngine(problem)
    engines["autograd", all_threads] = AutogradEngine(problem)

    def step(engine: AdjointEngine | AutogradEngine, threads: int) -> float:
        torch.set_num_threads(threads)
        return seconds(lambda: engine.train_epoch(order)) / STEPS

    for (_, threads), engine in engines.items():  # allocate, warm up
        step(engine, threads)
    return pd.DataFrame(
        {f"{name}, {n} threads": step(engine, n) for (name, n), engine in engines.items()}
        for _ in range(rounds)
    )


def evaluation_rates(depth: int, rounds: int) -> pd.DataFrame:
    """GFLOP/s of RK4Net's evaluation, counting its products only, and of large products alone."""
    problem = problem_of("RK4Net", depth)
    engine, width = AdjointEngine(problem), problem.cell.width
    y, K = torch.rand(SAMPLES, width), torch.rand(width, width)
    out = torch.empty_like(y)
    billions = 2 * SAMPLES * width**2 / 1e9

    def multiply() -> None:
        for _ in range(PRODUCTS):
            torch.mm(y, K, out=out)

    multiply()
    return pd.DataFrame(
        {
            "evaluation": 8 * problem.cell.depth * billions / seconds(engine.evaluate),
            "products": PRODUCTS * billions / seconds(multiply),
        }
        for _ in range(rounds)
    )


def peak_memory(case: str, depth: int, folder: Path) -> float:
    """Peak memory in GiB of a process that trains RK4Net as `train_and_tell` does."""
    # The command is fixed.
    command = [sys.executable, __file__, "--depth", str(depth), "--train-and-tell", case, folder]
    told = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return float(told.stdout)


def train_and_tell(case: str, depth: int, folder: Path) -> None:
    """Train a little, evaluate, and print the process's peak memory in GiB.

    With a checkpoint in `folder` for the case ``writing``, and from it for ``resuming``.
    """
    engine = AdjointEngine(problem_of("RK4Net", depth), in_place=True)  # as a run does
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", {})
    if case == "resuming" and not checkpoint.resume(engine):
        raise SystemExit(f"{folder}: no checkpoint")
    engine.train_epoch(np.arange(10))
    metrics = engine.evaluate()
    if case == "writing":
        checkpoint.keep(engine, [metrics], seconds=math.inf)
    print(peak_memory_mib() / 1024)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default: 5)")
    parser.add_argument(
        "--depth",
        type=int,
        default=100,
        help="with few layers it shows that everything works, and no more (default: 100)",
    )
    parser.add_argument("--train-and-tell", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument(
        "--output", type=Path, default=Path("results/benchmarks/wide.csv"), help="CSV to write"
    )
    arguments = parser.parse_args()
    if arguments.train_and_tell:
        case, folder = arguments.train_and_tell
        return train_and_tell(case, arguments.depth, Path(folder))

    depth, rounds = arguments.depth, arguments.rounds
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    # Parameters and moments are read and written once, and the parameters read before that.
    streaming = streaming_times(depth, rounds)
    rows = [
        {
            "what": f"three arrays updated in place, {threads} threads",
            "value": 6 * start(depth)["K"].nbytes / times.min() / 1e9,
            "unit": "GB/s",
        }
        for threads, times in streaming.items()
    ]
    for network in SCHEME:
        times = step_times(network, depth, rounds)
        slowest = times.filter(like="autograd").to_numpy().min()
        rows += [
            {
                "what": f"training step, {network}, {engine}",
                "value": 1000 * column.min(),
                "unit": "ms",
                "ratio": slowest / column.min(),
                "times the limit": column.min() / (7 / 6 * streaming.to_numpy().min()),
            }
            for engine, column in times.items()
        ]
    rates = evaluation_rates(depth, rounds)
    rows += [
        {
            "what": f"RK4Net, {2 * SAMPLES} samples: {what}",
            "value": rates[what].max(),
            "unit": "GFLOP/s",
            "ratio": rates[what].max() / rates["products"].max(),
        }
        for what in rates
    ]
    with TemporaryDirectory(dir=arguments.output.parent) as folder:
        rows += [
            {
                "what": f"peak memory, RK4Net, torch, {case}",
                "value": peak_memory(case, depth, Path(folder)),
                "unit": "GiB",
            }
            for case in ("training", "writing", "resuming")
        ]
    table = pd.DataFrame(rows)
    write_text(arguments.output, table.to_csv(index=False, lineterminator="\n"))
    print(f"L = {depth}, width 900, batch 5, {torch.get_num_threads()} threads\n")
    print("The ratio is to autograd's time, or to the rate of matrix products alone. The limit is")
    print("the time that a step's numbers take to be moved at the machine's rate.\n")
    floats = "", ".4g", "", ".2f", ".2f"
    print(table.to_markdown(index=False, floatfmt=floats).replace("nan", "   "))
    print(f"\nwritten to {arguments.output}")
    return None


if __name__ == "__main__":
    main()
