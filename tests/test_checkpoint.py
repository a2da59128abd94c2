"""A killed run goes on, and its results are those of a run that nothing disturbed."""

import io
import json
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import module_problem, problem
from test_loop import SETTING, dataset  # noqa: F401

from rknet import checkpoint
from rknet.checkpoint import Checkpoint
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.loop import train
from rknet.study.training import train_run

ENGINES = [CompiledEngine, AdjointEngine, AutogradEngine]
OPTIMISERS = {
    "adam": {},
    "sgd": {"optimiser": "sgd", "learning_rate": 0.1},
    "momentum": {"optimiser": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    "decay": {"optimiser": "sgd", "momentum": 0.9, "weight_decay": 0.01},
    "adagrad": {"optimiser": "adagrad"},
    "adadelta": {"optimiser": "adadelta"},
}
NAMES = ("history.csv", "run.json", "parameters.safetensors")


@pytest.fixture
def every_epoch(monkeypatch):
    monkeypatch.setattr(checkpoint, "LONG_EPOCH_SECONDS", 0.0)


class Stub:
    """An engine that is nothing but its state."""

    threads = 2

    def __init__(self, value=0.0):
        self.arrays = {"K": np.full((2, 3), value, np.float32), "steps": np.array(7)}

    def state(self):
        return self.arrays

    def restore(self, name, array):
        self.arrays[name] = array


def kept(folder, run=None, history=((0.5, 50.0, 0.25, 75.0),)):
    path = folder / "checkpoint.safetensors"
    Checkpoint(path, run or {"seed": 1}).keep(Stub(3.0), list(history), seconds=60)
    return path


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("kind", ENGINES)
def test_an_engine_goes_on_as_if_never_stopped(kind, optimiser):
    example = problem("heun", **OPTIMISERS[optimiser])
    order = np.random.default_rng(0).permutation(1500)[:100]
    whole, first, second = kind(example), kind(example), kind(example)
    first.train_epoch(order[:50])
    for name, array in first.state().items():
        second.restore(name, array.copy())
    for engine, part in ((whole, order), (second, order[50:])):
        engine.train_epoch(part)
    found, wanted = second.parameters(), whole.parameters()
    assert {k: v.tobytes() for k, v in found.items()} == {k: v.tobytes() for k, v in wanted.items()}
    assert second.evaluate() == whole.evaluate()


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("killed_at", [0, 1, 2, 4])
def test_a_run_stopped_at_any_epoch(kind, killed_at, tmp_path, every_epoch):
    example = problem("euler", epochs=4, samples=60)
    place = Checkpoint(tmp_path / "checkpoint.safetensors", {})
    wanted, undisturbed = train(engine := kind(example), example), engine.state()

    def interrupt(epoch, _):
        if epoch == killed_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(kind(example), example, interrupt, place)
    seen = []
    found = train(engine := kind(example), example, lambda epoch, _: seen.append(epoch), place)
    assert found == wanted
    # What is lost is the epoch that was being reported.
    assert seen[0] == (killed_at if killed_at > 1 else 0)
    state = engine.state()
    assert {k: v.tobytes() for k, v in state.items()} == {
        k: v.tobytes() for k, v in undisturbed.items()
    }


def test_a_module_that_draws_while_it_trains_goes_on(tmp_path, every_epoch):
    """It has dropout, and keeps means of what it has seen."""
    example = module_problem(epochs=4, samples=60)
    wanted, undisturbed = train(engine := AutogradEngine(example), example), engine.parameters()
    place = Checkpoint(tmp_path / "checkpoint.safetensors", {})

    def interrupt(epoch, _):
        torch.rand(3)
        if epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(AutogradEngine(example), example, interrupt, place)
    seen = []
    engine = AutogradEngine(example)
    assert train(engine, example, lambda epoch, _: seen.append(epoch), place) == wanted
    assert seen[0] == 3
    found = engine.parameters()
    assert {k: v.tobytes() for k, v in found.items()} == {
        k: v.tobytes() for k, v in undisturbed.items()
    }


PROGRAM = """
import json, sys
from rknet import checkpoint
from rknet.study.training import train_run
checkpoint.LONG_EPOCH_SECONDS = 0.0
setting, dataset, *files = json.loads(sys.argv[1])
print("ready", flush=True)
train_run(setting, dataset, *files, code="abc")
"""


def test_killed_at_random_moments(dataset, tmp_path, every_epoch):  # noqa: F811
    setting = {**SETTING, "engine": "torch", "batch_size": 50, "epochs": 30, "depth": 6}
    log = io.StringIO()
    undisturbed = [tmp_path / "undisturbed" / name for name in NAMES]
    train_run(setting, dataset, *undisturbed, log=log, code="abc")

    files = [tmp_path / "killed" / name for name in NAMES]
    call = json.dumps([setting, str(dataset), *map(str, files)])
    moments = random.Random(0)
    kills = 0
    while not files[1].exists():
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, call], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout.readline() == b"ready\n"
        if kills < 4:
            time.sleep(moments.uniform(0.2, 1.2))
            process.kill()
        errors = process.communicate()[1].decode()
        if process.returncode == -signal.SIGKILL:
            kills += 1
        else:
            assert process.returncode == 0, errors
    assert kills > 0
    for found, wanted in zip(files[::2], undisturbed[::2], strict=True):
        assert found.read_bytes() == wanted.read_bytes()
    left = {file.name for file in files[0].parent.iterdir()}
    assert sorted(left) == sorted(NAMES)


def test_a_run_says_that_it_was_resumed(dataset, tmp_path, every_epoch, monkeypatch):  # noqa: F811
    setting = {**SETTING, "epochs": 3}
    files = [tmp_path / "run" / name for name in NAMES]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        # Killed when all is trained and nothing written.
        patch.setattr("rknet.loop.History.write", interrupted)
        train_run(setting, dataset, *files)
    log = io.StringIO()
    train_run(setting, dataset, *files, log=log)
    assert json.loads(files[1].read_text())["resumed_after_epoch"] == 2
    assert log.getvalue().startswith("going on after epoch 2, from ")


def interrupted(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("other", [{"seed": 2}, {"seed": 1, "code": "new"}])
def test_a_checkpoint_of_another_run_is_refused(other, tmp_path):
    path, log, engine = kept(tmp_path), io.StringIO(), Stub()
    assert Checkpoint(path, other, log).resume(engine) == []
    assert "another setting, dataset or code: starting over" in log.getvalue()
    assert (engine.arrays["K"] == 0).all()
    assert not list(tmp_path.iterdir())


@settings(deadline=None)
@given(data=st.data())
def test_a_damaged_checkpoint_is_set_aside(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    path, log, engine = kept(folder), io.StringIO(), Stub()
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans(), label="truncated"):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    assert Checkpoint(path, {"seed": 1}, log).resume(engine) == []
    assert "is damaged" in log.getvalue()
    assert (engine.arrays["K"] == 0).all()
    assert [file.name for file in folder.iterdir()] == ["checkpoint.safetensors.corrupt"]
    # The next checkpoint has room.
    assert Checkpoint(kept(folder), {"seed": 1}, log).resume(engine) != []


def test_a_whole_checkpoint_is_taken_over(tmp_path):
    history = [(0.1, 50.0, 1 / 3, 75.0), (2e-45, 100.0, 1e300, 0.0)]
    path, engine = kept(tmp_path, history=history), Stub()
    # A process that was killed while it wrote has left half a file.
    (tmp_path / ".checkpoint.123.part.safetensors").write_bytes(b"half")
    assert Checkpoint(path, {"seed": 1}, io.StringIO()).resume(engine) == history
    assert (engine.arrays["K"] == 3).all()
    assert int(engine.arrays["steps"]) == 7
    assert list(tmp_path.iterdir()) == [path]


def test_another_number_of_threads_is_said(tmp_path):
    path, logs = kept(tmp_path), [io.StringIO(), io.StringIO()]
    engines = [Stub(), Stub()]
    engines[1].threads = 8
    for engine, log in zip(engines, logs, strict=True):
        assert Checkpoint(path, {"seed": 1}, log).resume(engine) != []
        assert (engine.arrays["K"] == 3).all()
    assert "number of threads" not in logs[0].getvalue()
    assert "number of threads: so far 2, now 8; the last digits may not" in logs[1].getvalue()


def test_short_epochs_are_not_kept(tmp_path):
    place = Checkpoint(tmp_path / "checkpoint.safetensors", {})
    example = problem("euler", epochs=2, samples=20)
    train(CompiledEngine(example), example, checkpoint=place)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_does_not_stop_a_run(tmp_path, monkeypatch, every_epoch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    log = io.StringIO()
    place = Checkpoint(tmp_path / "checkpoint.safetensors", {}, log)
    example = problem("euler", epochs=3, samples=20)
    assert train(CompiledEngine(example), example, checkpoint=place).status == "completed"
    said = log.getvalue().splitlines()
    assert len(said) == 2
    for line in said:
        assert line.startswith(
            f"no checkpoint: {tmp_path}/checkpoint.safetensors cannot be written"
        )
        assert "No space left on device" in line
    assert not list(tmp_path.iterdir())
