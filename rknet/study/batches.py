"""Jobs that train several runs, one after another in one process.

The start of a job takes as long as a short run, and so does compiling what it needs. So a job
trains a batch of runs that need the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import groupby
from pathlib import PurePath

from rknet.study.grids import Run

#: The most seconds of training in a job, by an estimate that is some five times too high for
#: networks on points: a start takes half a second, and forty jobs keep as many cores busy.
SECONDS = 60.0


def batches(
    runs: Iterable[Run],
    alike: Callable[[Run], Hashable],
    seconds: Callable[[Run], float],
    longest: float = SECONDS,
) -> list[tuple[Run, ...]]:
    """Divide runs among jobs.

    Parameters
    ----------
    runs : iterable of Run
        All that the configuration has, whether they are finished or not: the batches of a process
        that plans a job, and of the node that runs it, are the same.
    alike : callable
        What the runs of a batch have in common.
    seconds : callable
        How long a run takes at most.
    longest : float, optional
        How long a batch may take. A run that takes longer has one to itself.

    Returns
    -------
    list of tuple of Run
        Each run is in one batch. Batches of the same kind take about the same time.
    """
    kinds: dict[Hashable, list[Run]] = {}
    for run in runs:
        kinds.setdefault(alike(run), []).append(run)
    return [batch for kind in kinds.values() for batch in _cut(kind, seconds, longest)]


def _cut(
    runs: Sequence[Run], seconds: Callable[[Run], float], longest: float
) -> list[tuple[Run, ...]]:
    """Cut a sequence of runs where whole shares of its time are reached."""
    times = [seconds(run) for run in runs]
    share = sum(times) / max(1, math.ceil(sum(times) / longest))
    reached, numbers = 0.0, []
    for time in times:
        # A run belongs where its middle is.
        numbers.append(int((reached + time / 2) / share) if share else 0)
        reached += time
    parts = groupby(zip(numbers, runs, strict=True), key=lambda item: item[0])
    return [tuple(run for _, run in part) for _, part in parts]


def in_words(runs: Sequence[Run]) -> str:
    """The runs of a batch in words, such as “3 runs: spiral/RK4Net/…/seed0 to …/seed2”."""
    first, last = PurePath(runs[0].path), PurePath(runs[-1].path)
    if len(runs) == 1:
        return f"1 run: {first}"
    same = first.parent == last.parent
    return f"{len(runs)} runs: {first} to {last.name if same else last}"
