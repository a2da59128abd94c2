"""The peak of this process, not of the one that started it."""

import resource
import subprocess
import sys
from types import SimpleNamespace

import pytest

from rknet.study import memory

MIB = 2**20


def test_the_peak_grows_by_what_is_filled():
    before = memory.peak_memory_mib()
    filled = bytearray(b"x") * round((before + 64) * MIB)
    assert memory.peak_memory_mib() > 64 + before
    del filled
    assert memory.peak_memory_mib() > 64 + before


@pytest.mark.skipif(not memory._STATUS.exists(), reason="as getrusage has it")
def test_a_child_does_not_inherit_the_peak():
    own = bytearray(b"x") * (256 * MIB)
    program = "from rknet.study.machine import peak_memory_mib; print(peak_memory_mib())"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert 1 < float(found.stdout) < len(own) / MIB


@pytest.mark.parametrize(("platform", "unit"), [("darwin", 1), ("freebsd14", 1024)])
def test_without_proc(platform, unit, monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "none")
    monkeypatch.setattr(sys, "platform", platform)
    usage = SimpleNamespace(ru_maxrss=300 * MIB // unit)
    monkeypatch.setattr(resource, "getrusage", lambda _: usage)
    assert memory.peak_memory_mib() == 300
