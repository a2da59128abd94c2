"""The training protocol of Section 4, for every engine: epochs, metrics, early stopping."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rknet.engines.base import Engine, Metrics, Problem
from rknet.files import write_text
from rknet.networks.base import UnsolvedError
from rknet.seeds import stream

if TYPE_CHECKING:
    from rknet.checkpoint import Checkpoint

#: The metrics of an epoch that failed.
UNKNOWN = Metrics(*[math.nan] * len(Metrics._fields))

#: Early stopping begins at this epoch, counted from 0, and compares means over this many costs.
FIRST_CHECK, WINDOW = 10, 5


@dataclass
class History:
    """Metrics before training (epoch 0) and after every epoch, and how training ended.

    Attributes
    ----------
    epochs : list of Metrics
    status : str
        ``completed``, ``stopped`` (early) or ``diverged`` (a cost is not finite).
    reason : str
        Why a run has diverged whose network's equations were not solved: the `UnsolvedError`.
    """

    epochs: list[Metrics] = field(default_factory=list)
    status: str = "completed"
    reason: str = ""

    def write(self, path: str | Path) -> None:
        """Write a CSV with a row for each epoch."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["epoch", *Metrics._fields])
        for epoch, metrics in enumerate(self.epochs):
            # Nine digits tell every float32 from its neighbours.
            writer.writerow([epoch, *(f"{value:.9g}" for value in metrics)])
        write_text(path, text.getvalue())


def train(
    engine: Engine,
    problem: Problem,
    report: Callable[[int, Metrics], None] | None = None,
    checkpoint: Checkpoint | None = None,
) -> History:
    """Train until the last epoch, early stopping or divergence.

    Parameters
    ----------
    engine : Engine
        Made from `problem`.
    problem : Problem
        Gives epochs, tolerance and the seed. Seed and epoch decide the batch order, which is the
        same for all cells.
    report : callable, optional
        Called with the epoch and its metrics before training and after every epoch.
    checkpoint : Checkpoint, optional
        Says where to continue, and is written after every long epoch.

    Returns
    -------
    History
    """
    history = History()
    if checkpoint is not None:
        history.epochs += [Metrics(*values) for values in checkpoint.resume(engine)]
    samples = len(problem.dataset.training.labels)
    for epoch in range(len(history.epochs), problem.cell.epochs + 1):
        began = time.perf_counter()
        try:
            if epoch > 0:
                rng = stream("batch order", seed=problem.seed, epoch=epoch)
                engine.train_epoch(rng.permutation(samples))
            metrics = engine.evaluate()
        except UnsolvedError as error:
            metrics, history.reason = UNKNOWN, str(error)
        history.epochs.append(metrics)
        if report is not None:
            report(epoch, metrics)
        if not np.isfinite(metrics).all():
            history.status = "diverged"
            break
        costs = [m.validation_cost for m in history.epochs]
        if epoch < problem.cell.epochs and stops_early(costs, problem.cell.tolerance):
            history.status = "stopped"
            break
        if checkpoint is not None and 0 < epoch < problem.cell.epochs:
            checkpoint.keep(engine, history.epochs, time.perf_counter() - began)
    return history


def stops_early(validation_costs: Sequence[float], tolerance: float) -> bool:
    """Whether training stops: the last five costs exceed the five before by more than `tolerance`.

    Parameters
    ----------
    validation_costs : sequence of float
        The costs from before training (epoch 0) to the present epoch.
    tolerance : float
        In units of the cost.
    """
    if len(validation_costs) - 2 < FIRST_CHECK:
        return False
    recent = np.mean(validation_costs[-WINDOW:])
    before = np.mean(validation_costs[-2 * WINDOW : -WINDOW])
    return bool(recent - before > tolerance)
