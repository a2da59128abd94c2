"""Random streams: derived from names, independent of one another."""

import itertools

import numpy as np
from scipy import stats

from rknet.seeds import stream


def test_same_axes_same_numbers():
    a, b = stream("data", dataset="x", seed=1), stream("data", seed=1, dataset="x")
    np.testing.assert_array_equal(a.random(5), b.random(5))


def test_the_stream_is_the_same_everywhere():
    # PCG64 seeded with SHA-256 does not depend on machine or session.
    assert stream("data", dataset="spiral", seed=0).integers(2**32) == 2900063701


def test_streams_are_uncorrelated():
    axes = itertools.product(("data", "initialisation", "batch order"), range(20))
    draws = np.array([stream(use, seed=seed).standard_normal(2000) for use, seed in axes])
    correlations = np.corrcoef(draws)[np.triu_indices(len(draws), 1)]
    z = np.arctanh(correlations) * np.sqrt(2000 - 3)
    # Fisher's z is standard normal if the streams are independent.
    assert stats.kstest(z, "norm").pvalue > 1e-4
