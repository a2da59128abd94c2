"""Time the engines against each other: RK4Net, L = 100, width 16, batch 5, on one thread.

Prints a table and writes results/benchmarks/engines.csv. Times on a shared machine drift, so the
engines take turns, and what counts is the median over rounds of the ratio within a round.
"""

from __future__ import annotations

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from rknet import datasets
from rknet.cell import Cell
from rknet.engines.base import Problem, initial_parameters
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.files import write_text
from rknet.networks.general import General
from rknet.networks.runge_kutta import RungeKutta
from rknet.tableau import SCHEMES

CELL = Cell("spiral", "RK4Net", width=16, depth=100)
#: The compiled engine, training the step sizes too, on the simplex.
LEARNED = "compiled, learned step sizes"
#: Training steps timed a round; the whole epoch for the compiled engine.
STEPS = {"autograd": 6, "torch": 12, "compiled": 300, LEARNED: 300}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="turns of each engine (default: 7)")
    parser.add_argument(
        "--output", type=Path, default=Path("results/benchmarks/engines.csv"), help="CSV to write"
    )
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    dataset = datasets.draw(CELL.dataset, 0)
    start = initial_parameters(CELL, 0, 2, 2)
    problem = Problem(CELL, RungeKutta(SCHEMES["rk4"]), start, dataset)
    engines = {
        "autograd": AutogradEngine(problem),
        "torch": AdjointEngine(problem),
        "compiled": CompiledEngine(problem),
        LEARNED: CompiledEngine(replace(problem, network=General(SCHEMES["rk4"], steps="simplex"))),
    }
    order = np.random.default_rng(0).permutation(len(dataset.training.labels))
    for engine in engines.values():  # compile, allocate, warm up
        engine.train_epoch(order[:10])
    engines["compiled"].evaluate()

    rounds = []
    for _ in range(arguments.rounds):
        seconds = {}
        for name, engine in engines.items():
            began = time.perf_counter()
            engine.train_epoch(order[: CELL.batch_size * STEPS[name]])
            seconds[name] = (time.perf_counter() - began) / STEPS[name]
        began = time.perf_counter()
        engines["compiled"].evaluate()
        evaluation = time.perf_counter() - began
        rounds.append({**seconds, "evaluation": evaluation})
    times = pd.DataFrame(rounds)

    rows = [
        {
            "what": f"training step, {name}",
            "milliseconds": 1000 * times[name].median(),
            "times faster than autograd": (times["autograd"] / times[name]).median(),
        }
        for name in engines
    ]
    rows[-1]["times as long"] = (times[LEARNED] / times["compiled"]).median()
    epoch = STEPS["compiled"] * times["compiled"]
    rows += [
        {"what": "training epoch, compiled", "milliseconds": 1000 * epoch.median()},
        {
            "what": "evaluation of 3000 points, compiled",
            "milliseconds": 1000 * times["evaluation"].median(),
            "share of a training epoch": (times["evaluation"] / epoch).median(),
        },
    ]
    table = pd.DataFrame(rows)
    write_text(arguments.output, table.to_csv(index=False, lineterminator="\n"))
    print("RK4Net, L = 100, width 16, batch 5, one thread\n")
    print(
        table.to_markdown(index=False, floatfmt=("", ".3f", ".1f", ".3f", ".2f")).replace(
            "nan", "   "
        )
    )
    print(f"\nwritten to {arguments.output}")


if __name__ == "__main__":
    main()
