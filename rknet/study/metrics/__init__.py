"""The metrics of a run; each is a file here that registers itself."""

from rknet.study.metrics.base import METRICS, Metric

__all__ = ["METRICS", "Metric"]
