"""A run that a figure shows, read from its record and its dataset's file."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rknet import datasets
from rknet.datasets import Split
from rknet.experiments import AXES, Cell, Run


@dataclass(frozen=True)
class Shown(ABC):
    """What all runs in figures have; what is kept of the network comes in a subclass.

    Attributes
    ----------
    setting : dict
        The run's setting, as its record has it.
    status : str
        ``completed``, ``stopped`` or ``diverged``.
    validation : Split
        Points or images, (samples, d), and their classes.
    """

    setting: dict[str, Any]
    status: str
    validation: Split

    @property
    def run(self) -> Run:
        """The cell and the seed."""
        return Run(Cell(**{axis: self.setting[axis] for axis in AXES}), self.setting["seed"])

    @property
    def diverged(self) -> bool:
        """Whether training ended without a finite cost, so that there is nothing to see."""
        return self.status == "diverged"

    @property
    def dimension(self) -> int:
        """Dimension d of the input."""
        return self.validation.x.shape[1]

    @property
    @abstractmethod
    def predicted(self) -> np.ndarray:
        """The most probable class of each validation sample, (samples,)."""

    @property
    def accuracy_percent(self) -> float:
        """Share of the validation samples whose class is predicted."""
        return 100 * float(np.mean(self.predicted == self.validation.labels))


def read_shown(record: str | Path, dataset: str | Path) -> tuple[dict[str, Any], str, Split]:
    """Setting, status and validation samples of a run, from ``run.json`` and its dataset's file.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file cannot be read; the message names it.
    """
    try:
        about = json.loads(Path(record).read_text(encoding="utf-8"))
        setting, status = about["setting"], about["status"]
        data = setting["dataset"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{record} is no record of a run ({error!r}); train it anew") from error
    return setting, status, datasets.load(dataset, data).validation
