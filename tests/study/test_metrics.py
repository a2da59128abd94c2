"""Metrics against what they say, counted sample by sample."""

import numpy as np
import pytest

from rknet.study.metrics import METRICS


def test_every_metric_says_how_it_is_printed():
    assert set(METRICS) == {"accuracy_percent", "cost", "one_hot_agreement_percent"}
    for name in METRICS:
        metric = METRICS[name]
        assert metric.title
        assert metric.unit
        assert metric.best in ("highest", "lowest")
        assert metric.scale in (1, 10)


def test_what_a_run_records_is_given_as_it_is():
    last = {"cost": 0.25, "accuracy_percent": 80.0}
    assert METRICS["cost"].value(last, 3) == 0.25
    assert METRICS["accuracy_percent"].value(last, 3) == 80.0


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_one_hot_agreement_counts_entries(classes):
    true, predicted = np.random.default_rng(0).integers(classes, size=(2, 500))
    one_hot = np.eye(classes)
    entries = 100 * (one_hot[true] == one_hot[predicted]).mean()
    last = {"accuracy_percent": 100 * (true == predicted).mean()}
    found = METRICS["one_hot_agreement_percent"].value(last, classes)
    assert found == pytest.approx(entries)
