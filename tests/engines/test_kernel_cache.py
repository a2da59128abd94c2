"""Kernels are compiled once and loaded afterwards, whoever else is at it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import filelock
import pytest
from llvmlite import binding
from problems import problem

from rknet.engines.on_numba import cache, kernels
from rknet.engines.on_numba.cache import cache_folder
from rknet.engines.on_numba.engine import CompiledEngine

ROOT = Path(__file__).parents[2]

#: Trains a little and says how often each kernel was compiled, and how often loaded.
PROGRAM = """
import json
import numpy as np
from problems import problem
from rknet.engines.on_numba.engine import CompiledEngine

engine = CompiledEngine(problem("euler", width=3))
print("ready", flush=True)
input()
engine.evaluate()
engine.train_epoch(np.arange(10))
stats = [kernel.dispatcher.stats for kernel in (engine._train, engine._evaluate)]
print(json.dumps([[sum(s.cache_misses.values()), sum(s.cache_hits.values())] for s in stats]))
"""
COMPILED, LOADED = [[1, 0]] * 2, [[0, 1]] * 2


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, for this process too."""
    monkeypatch.setenv("RKNET_CACHE", str(tmp_path / "cache"))
    kernels.kernels.cache_clear()
    yield tmp_path / "cache"
    kernels.kernels.cache_clear()


def train_at_once(count, package=ROOT):
    """Let so many processes train at once; compilations and loads of the kernels of each."""
    env = {
        **os.environ,
        "PYTHONPATH": f"{package}:{ROOT / 'tests'}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-c", PROGRAM]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, env=env, **pipes) for _ in range(count)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return [json.loads(process.communicate()[0]) for process in processes]


def test_of_many_processes_one_compiles(folder):
    found = train_at_once(4)
    for kernel in zip(*found, strict=True):
        assert sorted(kernel) == [[0, 1]] * 3 + [[1, 0]]
    assert train_at_once(1) == [LOADED]


def test_the_package_may_be_read_only(folder, tmp_path):
    package = tmp_path / "package"
    shutil.copytree(ROOT / "rknet", package / "rknet", ignore=shutil.ignore_patterns("__pycache__"))
    paths = sorted(package.rglob("*"))
    for path in (package, *paths):
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert train_at_once(1, package) == [COMPILED]
    assert train_at_once(1, package) == [LOADED]
    # The superuser may write anywhere, and does not.
    assert sorted(package.rglob("*")) == paths
    for path in (package, *paths):
        path.chmod(0o755)


@pytest.mark.parametrize("error", [OSError, NotImplementedError, filelock.Timeout])
def test_where_files_cannot_be_locked_everyone_compiles(folder, monkeypatch, error):
    def refuse(*args, **options):
        raise error("no locks")

    monkeypatch.setattr(cache, "FileLock", refuse)
    assert CompiledEngine(problem("euler", width=3)).evaluate().training_cost > 0


def test_whoever_hangs_is_not_waited_for(folder, monkeypatch):
    monkeypatch.setattr(cache, "PATIENCE", 0)
    engine = CompiledEngine(problem("euler", width=3))
    with filelock.FileLock(engine._evaluate._lock):
        assert engine.evaluate().training_cost > 0


def test_without_a_writable_folder_it_still_runs(folder):
    folder.write_text("")
    assert CompiledEngine(problem("euler", width=3)).evaluate().training_cost > 0


def test_folders_differ_with_shape_and_processor(folder, monkeypatch):
    folders = [cache_folder("shape"), cache_folder("other")]
    monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "other")
    folders.append(cache_folder("shape"))
    assert len(set(folders)) == 3
    assert all(folder in path.parents for path in folders)
