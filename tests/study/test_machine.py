"""What a process says of the commit that it runs, and of its memory."""

import json
import resource
import subprocess
import sys
from types import SimpleNamespace

import pytest

from rknet.study import machine

MIB = 2**20


@pytest.fixture
def code(tmp_path):
    (tmp_path / "machine.py").write_text("a = 1\n")
    return tmp_path


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def test_commit_and_dirty_flag(code, monkeypatch):
    monkeypatch.setattr(machine, "_CODE", code)
    machine._commit.cache_clear()
    assert machine._commit() == {"commit": None, "dirty": None}
    git(code, "init", "-q")
    machine._commit.cache_clear()
    assert machine._commit() == {"commit": None, "dirty": None}, "not in this checkout"
    git(code, "add", ".")
    git(code, "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm", "first")
    machine._commit.cache_clear()
    clean = machine._commit()
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (code / "machine.py").write_text("a = 3\n")
    machine._commit.cache_clear()
    assert machine._commit()["dirty"] is True
    machine._commit.cache_clear()


def test_the_versions_are_the_same_whatever_is_imported():
    program = (
        "import json; from rknet.study import machine; print(json.dumps(machine.environment()))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert json.loads(found.stdout)["versions"] == machine.environment()["versions"]
    assert {"python", "torch", "matplotlib", "seaborn"} <= machine.environment()["versions"].keys()
    assert machine.environment(["numpy", "no-such"])["versions"].keys() == {"python", "numpy"}


def test_gpus_are_named_once_one_is_used(monkeypatch):
    import torch

    assert machine.environment()["hardware"]["gpus"] == []
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"G{number}")
    assert machine.environment()["hardware"]["gpus"] == ["G0", "G1"]


def test_the_peak_grows_by_what_is_filled():
    before = machine.peak_memory_mib()
    filled = bytearray(b"x") * round((before + 64) * MIB)
    assert machine.peak_memory_mib() > 64 + before
    del filled
    assert machine.peak_memory_mib() > 64 + before


@pytest.mark.skipif(not machine._STATUS.exists(), reason="as getrusage has it")
def test_a_child_does_not_inherit_the_peak():
    own = bytearray(b"x") * (256 * MIB)
    program = "from rknet.study.machine import peak_memory_mib; print(peak_memory_mib())"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert 1 < float(found.stdout) < len(own) / MIB


@pytest.mark.parametrize(("platform", "unit"), [("darwin", 1), ("freebsd14", 1024)])
def test_without_proc(platform, unit, monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "_STATUS", tmp_path / "none")
    monkeypatch.setattr(sys, "platform", platform)
    usage = SimpleNamespace(ru_maxrss=300 * MIB // unit)
    monkeypatch.setattr(resource, "getrusage", lambda _: usage)
    assert machine.peak_memory_mib() == 300
