"""A run's predictions and features of the validation images, read from its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rknet.show.figures.shown_run import Shown, shown
from rknet.study.outputs import Outputs, load
from rknet.study.records import checked, read_record


@dataclass(frozen=True)
class Classified(Shown):
    """A run's predictions and output features, together with their images.

    Attributes
    ----------
    outputs : Outputs
        The outputs for the validation images.
    """

    outputs: Outputs

    @property
    def predicted(self) -> np.ndarray:
        """The most probable class of each validation image, (samples,)."""
        return self.outputs.predicted


def read_all(
    records: Iterable[str], outputs: Iterable[str], datasets: Iterable[str]
) -> list[Classified]:
    """Read the runs of a figure from ``run.json``, ``outputs.npz`` and datasets' files.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file cannot be read or does not fit the others; the message names the file.
    """
    return [_read(*files) for files in zip(records, outputs, datasets, strict=True)]


def _read(record: str | Path, outputs: str | Path, dataset: str | Path) -> Classified:
    about = read_record(record)
    run = shown(about, dataset)
    return Classified(*run, load(checked(about, outputs), run[-1].samples[1]))
