"""Which device a run trains on; a GPU is played by replaced functions."""

import numpy as np
import pytest
import torch
from problems import problem

from rknet.engines.base import ENGINES
from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.devices import device_of, memory_needed

GIB = 2**30


@pytest.fixture
def gpus(monkeypatch):
    """Two GPUs with 8 GiB, of which 2 are free."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda number: (2 * GIB, 8 * GIB))
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    torch.backends.cuda.matmul.allow_tf32 = True
    yield
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.parametrize("name", ["auto", "cpu"])
def test_without_a_gpu_the_cpu_trains(no_gpu, name):
    assert device_of(name, GIB) == torch.device("cpu")


@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_a_missing_gpu_is_named(no_gpu, name):
    with pytest.raises(RuntimeError, match=rf"device {name}: PyTorch finds no GPU.* 1\.5 GiB"):
        device_of(name, 3 * GIB // 2)


def test_a_gpu_beyond_the_last(gpus):
    with pytest.raises(RuntimeError, match="device cuda:2: PyTorch finds 2 GPUs, counted from 0"):
        device_of("cuda:2", GIB)


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0", ""])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="expected auto, cpu, cuda or cuda:<number>"):
        device_of(name, 0)


@pytest.mark.parametrize(("name", "number"), [("auto", 0), ("cuda", 0), ("cuda:1", 1)])
def test_a_gpu_computes_reproducibly(gpus, name, number):
    import os

    assert device_of(name, GIB) == torch.device("cuda", number)
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cuda.matmul.allow_tf32
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_a_full_gpu(gpus):
    with pytest.raises(RuntimeError, match=r"cuda: 2\.0 of 8\.0 GiB are free; the run needs 3\.0"):
        device_of("cuda", 3 * GIB)
    assert device_of("auto", 3 * GIB) == torch.device("cpu")


def test_the_memory_that_is_needed_is_the_memory_allocated():
    # So large a batch is trained as on a GPU.
    example = problem("rk4", width=90, depth=10, samples=20, epochs=1, batch_size=10)
    trained = AdjointEngine(example)
    trained.train_epoch(np.arange(20))
    ((memory, _),) = trained._prepared.values()
    tensors = [
        *(*trained._changing.values(), *trained._maps.library._buffers.values()),
        *(*memory, *(x for x, _ in trained._splits)),
    ]
    allocated = sum(tensor.nbytes for tensor in tensors)
    assert memory_needed(example) == pytest.approx(allocated, rel=0.01)


def test_an_engine_is_refused_before_it_allocates(no_gpu):
    with pytest.raises(RuntimeError, match="device cuda"):
        ENGINES["torch"].engine(problem(engine="torch"), "cuda")
    assert isinstance(ENGINES["torch"].engine(problem(engine="torch"), "auto"), AdjointEngine)
