"""The kernels for few samples against PyTorch's functions."""

import numpy as np
import pytest
import torch
from problems import problem

from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.affine import Affine, Library
from rknet.engines.on_torch.wide import MOST_SAMPLES, FewSamples
from rknet.optimisers.adam import Adam

#: Rows and columns: less than a block and more, and such that columns need vectors of every length.
SHAPES = [(1, 1), (3, 900), (10, 47), (33, 16), (64, 97)]
ADAM = Adam(0.01)


def affine(shape, dtype, optimiser=ADAM):
    """An affine map with moments as after some steps, always the same."""
    torch.manual_seed(0)
    sizes = [shape, shape[:1]]
    parameters = [torch.randn(size, dtype=dtype) for size in sizes]
    state = [[torch.rand(size, dtype=dtype) for size in sizes] for _ in range(optimiser.moments)]
    return Affine(parameters, parameters[0].T, state, [torch.tensor(6.0), torch.tensor(6.0)])


def rows(count, width, dtype):
    return torch.randn(count, width, dtype=dtype)


@pytest.mark.parametrize("samples", [1, 5, MOST_SAMPLES])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-13), (torch.float32, 1e-5)])
def test_products(shape, samples, dtype, tolerance):
    layer, (height, width) = affine(shape, dtype), shape
    few, library = FewSamples(ADAM, samples), Library(ADAM)
    y, xi = rows(samples, width, dtype), rows(samples, height, dtype)
    for operation, given, size in (("apply", y, height), ("pull_back", xi, width)):
        found, wanted = (torch.full((samples, size), torch.nan, dtype=dtype) for _ in range(2))
        getattr(few, operation)(layer, given, found)
        getattr(library, operation)(layer, given, wanted)
        torch.testing.assert_close(found, wanted, rtol=tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("adam", [ADAM, Adam(0.01, weight_decay=0.2)], ids=["plain", "decaying"])
@pytest.mark.parametrize("terms", [5, 20])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-13), (torch.float32, 1e-5)])
def test_a_step_of_adam(shape, terms, dtype, tolerance, adam):
    found, wanted, start = (affine(shape, dtype) for _ in range(3))
    deltas, inputs = rows(terms, shape[0], dtype), rows(terms, shape[1], dtype)
    FewSamples(adam, 5).train(found, deltas, inputs)
    Library(adam).train(wanted, deltas, inputs)
    assert (found.parameters[0] != start.parameters[0]).double().mean() > 0.9
    for group in ("parameters", "moments", "steps"):
        torch.testing.assert_close(
            getattr(found, group), getattr(wanted, group), rtol=tolerance, atol=10 * tolerance
        )


@pytest.mark.parametrize("scheme", ["rk4", None])
def test_training_does_not_depend_on_the_number_of_threads(scheme):
    given = problem(scheme, width=50)
    before, ends = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            engine = AdjointEngine(given)
            engine.train_epoch(np.arange(200))
            assert engine.threads == threads
            ends.append({name: array.tobytes() for name, array in engine.parameters().items()})
    finally:
        torch.set_num_threads(before)
    assert ends[0] == ends[1]


def test_all_threads_flush_denormals():
    """Products of small numbers, by both threads."""
    shape, before = (64, 64), torch.get_num_threads()
    layer = affine(shape, torch.float32)
    for parameter in layer.parameters:
        parameter.fill_(1e-30)
    layer.parameters[1].zero_()
    y, out = torch.full((1, 64), 1e-10), torch.ones(1, 64)
    torch.set_num_threads(2)
    try:
        few = FewSamples(ADAM, 1)
        few.apply(layer, y, out)
        assert not out.any()
        few.pull_back(layer, y, out.fill_(1))
        assert not out.any()
    finally:
        torch.set_num_threads(before)
    # Outside, denormals are back.
    assert float(torch.tensor(1e-39) * 1) > 0


@pytest.mark.parametrize("samples", [MOST_SAMPLES, MOST_SAMPLES + 1])
def test_larger_batches_are_the_librarys(samples):
    engine = AdjointEngine(problem("heun", batch_size=samples))
    engine.train_epoch(np.arange(samples))
    assert isinstance(engine._sweeps[samples].maps, FewSamples) == (samples == MOST_SAMPLES)
