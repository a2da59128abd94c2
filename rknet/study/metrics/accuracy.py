"""Accuracy: the share of samples whose class is predicted."""

from __future__ import annotations

from collections.abc import Mapping

from rknet.study.metrics.base import METRICS, Metric


@METRICS.register("accuracy_percent")
class Accuracy(Metric):
    """The accuracy, as a run records it."""

    title, unit, best = "accuracy", "%", "highest"

    @staticmethod
    def value(last: Mapping[str, float], classes: int) -> float:  # noqa: ARG004
        """The recorded value."""
        return last["accuracy_percent"]
