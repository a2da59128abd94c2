"""One-hot agreement: what the preprint's Table 3 calls accuracy."""

from __future__ import annotations

from collections.abc import Mapping

from rknet.study.metrics.base import METRICS, Metric


@METRICS.register("one_hot_agreement_percent")
class OneHotAgreement(Metric):
    """Share of entries in which predicted and true one-hot labels agree."""

    title, unit, best = "one-hot agreement", "%", "highest"

    @staticmethod
    def value(last: Mapping[str, float], classes: int) -> float:
        """The value that follows from the accuracy."""
        return one_hot_agreement(last["accuracy_percent"], classes)


def one_hot_agreement(accuracy_percent: float, classes: int) -> float:
    """Share (%) of entries in which predicted and true one-hot labels agree.

    A sample that is classified wrongly differs in two entries of its `classes`, one that is
    classified correctly in none.
    """
    return 100 - (100 - accuracy_percent) * 2 / classes
