"""A run that a figure shows, read from its record and its dataset's file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rknet import datasets
from rknet.cell import Cell
from rknet.datasets import Description, Split
from rknet.study.grids import Run


@dataclass(frozen=True)
class Shown(ABC):
    """The data that all runs in figures have; a subclass adds what is kept of the network.

    Attributes
    ----------
    setting : dict
        The run's setting, from its record.
    status : str
        ``completed``, ``stopped`` or ``diverged``.
    validation : Split
        Points or images, (samples, d), and their classes.
    about : Description
        The description of the dataset.
    """

    setting: dict[str, Any]
    status: str
    validation: Split
    about: Description

    @property
    def run(self) -> Run:
        """The cell and the seed."""
        return Run(Cell.of(self.setting), self.setting["seed"])

    @property
    def diverged(self) -> bool:
        """Whether training ended without a finite cost, so that there is nothing to show."""
        return self.status == "diverged"

    @property
    def dimension(self) -> int:
        """Dimension d of the input."""
        return self.about.dimension

    @property
    def classes(self) -> int:
        """Number of classes K."""
        return self.about.classes

    @property
    @abstractmethod
    def predicted(self) -> np.ndarray:
        """The most probable class of each validation sample, (samples,)."""

    @property
    def accuracy_percent(self) -> float:
        """The share of the validation samples whose class is predicted."""
        return 100 * float(np.mean(self.predicted == self.validation.labels))


def shown(
    record: Mapping[str, Any], dataset: str | Path
) -> tuple[dict[str, Any], str, Split, Description]:
    """The attributes of `Shown` for a run, from its record and its dataset's file.

    Raises
    ------
    ValueError
        If the dataset file is missing, or is not the one that the run was trained on; the message
        names it.
    """
    setting = record["setting"]
    drawn = datasets.load(dataset, setting["dataset"], record["dataset_sha256"])
    return setting, record["status"], drawn.validation, drawn.about
