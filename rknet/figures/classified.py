"""What a run made of the validation images, read from its files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rknet import datasets
from rknet.datasets import Split
from rknet.experiments import AXES, Cell, Run
from rknet.training.outputs import Outputs, load


@dataclass(frozen=True)
class Classified:
    """A run's predictions and output features, and the images they are of.

    Attributes
    ----------
    setting : dict
        The run's setting, as its record has it.
    status : str
        ``completed``, ``stopped`` or ``diverged``.
    outputs : Outputs
        Of the validation images.
    validation : Split
        Those images as vectors, (samples, d), and their classes.
    """

    setting: dict[str, Any]
    status: str
    outputs: Outputs
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
    def accuracy_percent(self) -> float:
        """Share of the validation images whose class is predicted."""
        return 100 * float(np.mean(self.outputs.predicted == self.validation.labels))


def read(record: str | Path, outputs: str | Path, dataset: str | Path) -> Classified:
    """Read a run from its ``run.json`` and ``outputs.npz``, and its dataset's file.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file cannot be read or does not fit the others; the message names the file.
    """
    try:
        about = json.loads(Path(record).read_text(encoding="utf-8"))
        setting, status = about["setting"], about["status"]
        data = setting["dataset"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{record} is no record of a run ({error!r}); train it anew") from error
    validation = datasets.load(dataset, data).validation
    return Classified(setting, status, load(outputs, len(validation.labels)), validation)


def read_all(
    records: Iterable[str], outputs: Iterable[str], datasets: Iterable[str]
) -> list[Classified]:
    """Read the runs of a figure; takes and raises what `read` does, file by file."""
    return [read(*files) for files in zip(records, outputs, datasets, strict=True)]
