"""Cost: the mean loss of the samples, which training minimises."""

from __future__ import annotations

from collections.abc import Mapping

from rknet.study.metrics.base import METRICS, Metric


@METRICS.register("cost")
class Cost(Metric):
    """The cost, as a run records it; printed in tenths."""

    title, unit, scale, best = "cost", "× 10⁻¹", 10, "lowest"

    @staticmethod
    def value(last: Mapping[str, float], classes: int) -> float:  # noqa: ARG004
        """The recorded value."""
        return last["cost"]
