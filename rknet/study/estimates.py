"""Estimates the cost of training on this machine, from a few seconds with shallow networks.

Every layer costs the same, so the time of a few layers is scaled to a run's depth, epochs and
samples.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rknet.cell import Cell
from rknet.datasets import Dataset, Description, Split
from rknet.engines.base import ENGINES, Problem, initial_parameters
from rknet.networks.base import Network
from rknet.study.config import Configuration
from rknet.study.grids import Run

#: What is timed: so many layers, training steps and samples evaluated. At a width of 900 their
#: parameters are well beyond any cache, as those of a deep network are.
_LAYERS, _STEPS, _SAMPLES = 8, 3, 150

#: Memory of a job (MiB): Python with its libraries and a dataset, then the parameters so many times
#: over: where they start, as they are, two moments of the optimiser, and copies while they are
#: drawn and written. Measured at a width of 900: 501 MiB for 8 layers, 2193 MiB for 100.
_BASE_MEMORY, _COPIES = 350, 6

#: For schedulers, which end a job at its limit: minutes for any job, seconds for any run, and
#: seconds of a training step for a layer and for each of its parameters. All are over twice what
#: was measured of RK4Net: of width 900, 8e-9 a parameter; of width 3, 9e-7 a layer, and by autograd
#: 3e-4.
_MINUTES, _SECONDS_A_RUN, _SECONDS_A_PARAMETER = 2, 0.5, 2e-8
_SECONDS_A_LAYER, _SECONDS_A_SLOW_LAYER = {"compiled": 2e-6}, 1e-3


class Estimate(NamedTuple):
    """The cost of runs.

    Attributes
    ----------
    runs : int
    core_hours : float
        Of one core; less, if runs stop early.
    memory_mib : int
        Of the largest run.
    """

    runs: int
    core_hours: float
    memory_mib: int

    def in_words(self, cores: int) -> str:
        """The estimate in words, for a user who will run on so many cores."""
        used = max(1, min(cores, self.runs))
        return (
            f"On this machine they take up to {self.core_hours:.1f} hours on one core, that is "
            f"{self.core_hours / used:.1f} hours on {cores}. Each needs {self.memory_mib} MiB of "
            f"memory, and {used} run at once."
        )


def estimate(runs: Iterable[Run], setup: Configuration) -> Estimate:
    """Estimate what `runs` cost, by timing their engines on shallow networks.

    Parameters
    ----------
    runs : iterable of Run
    setup : Configuration
        Has their networks and datasets.
    """
    cells = [run.cell for run in runs]
    seconds = sum(
        run_seconds(cell, setup.networks[cell.network], setup.dataset_of(cell).about)
        for cell in cells
    )
    return Estimate(len(cells), seconds / 3600, max(map(run_memory, cells), default=0))


def in_minutes(seconds: float, cores: int = 1) -> str:
    """How long work of so many seconds takes on several cores, in words, rounded up."""
    minutes = math.ceil(seconds / cores / 60)
    return "a minute" if minutes <= 1 else f"{minutes} minutes"


def run_memory(cell: Cell) -> int:
    """Memory (MiB) that training `cell` takes at most."""
    return round(_BASE_MEMORY + _COPIES * _parameters(cell) * 4 / 2**20)


def most_seconds(cell: Cell, about: Description) -> float:
    """An upper bound on the seconds that training `cell` takes; nothing is measured."""
    steps = cell.epochs * math.ceil(about.samples[0] / cell.batch_size)
    layer = _SECONDS_A_LAYER.get(cell.engine, _SECONDS_A_SLOW_LAYER)
    step = cell.depth * layer + _parameters(cell) * _SECONDS_A_PARAMETER
    return _SECONDS_A_RUN + steps * step


def job_minutes(seconds: float) -> int:
    """An upper bound on the minutes of a job whose runs take at most so many seconds."""
    return math.ceil(_MINUTES + seconds / 60)


def run_threads(cell: Cell) -> int:
    """Threads that `cell` can use."""
    return ENGINES[cell.engine].threads(cell)


def run_gpus(cell: Cell, device: str) -> int:
    """GPUs that `cell` asks a scheduler for: one if its engine and `device` allow it."""
    return int(ENGINES[cell.engine].on_gpu and device != "cpu")


def _parameters(cell: Cell) -> int:
    """Numbers in K and b of all layers."""
    return cell.depth * cell.width * (cell.width + 1)


def run_seconds(cell: Cell, network: Network, about: Description) -> float:
    """Seconds that training `cell` takes on one core if it does not stop early."""
    training, validation = about.samples
    # Sets of the same shape cost the same. What is not known by its layers is timed as a whole.
    layers = _LAYERS if network.swept else cell.depth
    step, sample = _layer_seconds(
        replace(cell, dataset="", depth=layers), network, about.dimension, about.classes
    )
    steps = cell.epochs * math.ceil(training / cell.batch_size)
    evaluated = (cell.epochs + 1) * (training + validation)
    return cell.depth * (steps * step + evaluated * sample)


@lru_cache
def _layer_seconds(
    cell: Cell, network: Network, dimension: int, classes: int
) -> tuple[float, float]:
    """Seconds of a training step, and of the evaluation of a sample, both for one layer."""
    kind = ENGINES[cell.engine]
    kind.limit_threads(1)  # as in a job
    rng = np.random.default_rng(0)
    x = rng.random((_SAMPLES, dimension), np.float32)
    split = Split(x, rng.integers(classes, size=_SAMPLES))
    few = Split(x[:1], split.labels[:1])
    start = initial_parameters(cell, 0, dimension, classes) if network.swept else {}
    about = Description("", dimension, classes, (_SAMPLES, 1))
    trainer = kind.engine(Problem(cell, network, start, Dataset(split, few, about)))
    order = np.resize(np.arange(_SAMPLES), _STEPS * cell.batch_size)
    # The first time includes compiling, and making the optimiser's moments.
    trainer.train_epoch(order)
    trainer.evaluate()
    step = _seconds(lambda: trainer.train_epoch(order)) / _STEPS
    sample = _seconds(trainer.evaluate) / (_SAMPLES + 1)
    return step / cell.depth, sample / cell.depth


def _seconds(work: Callable[[], object]) -> float:
    """Time of the processor, and the shorter of two: other programs only ever slow one down."""
    times = []
    for _ in range(2):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)
