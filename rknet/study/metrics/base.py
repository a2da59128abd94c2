"""The base of every metric, and the registry of metrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

from rknet.registry import Registry

#: By name, with the unit in it, as tidy frames have it. Their rows have the metrics that a run
#: records first, then the others in this order.
METRICS: Registry[type[Metric]] = Registry("metric", "rknet.study.metrics")


class Metric(ABC):
    """A number that says how well a network does on a split.

    Attributes
    ----------
    title, unit : str
        Its printed title and unit.
    scale : float
        The factor from the value to the unit.
    best : str
        Which value is best: ``highest`` or ``lowest``.
    """

    title: ClassVar[str]
    unit: ClassVar[str]
    scale: ClassVar[float] = 1
    best: ClassVar[Literal["highest", "lowest"]]

    @staticmethod
    @abstractmethod
    def value(last: Mapping[str, float], classes: int) -> float:
        """The metric's value in a run.

        Parameters
        ----------
        last : mapping
            What the run recorded of the split in its last epoch: ``cost``, ``accuracy_percent``.
        classes : int
            Number of classes K.
        """
