"""Kernels are compiled once and loaded afterwards, whoever else is at it."""

import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import filelock
import pytest
from disks import disk, mount
from llvmlite import binding
from problems import problem

from rknet import user_cache
from rknet.datasets.image_files.sources import cache_folder as images_folder
from rknet.engines.on_numba import cache, kernels
from rknet.engines.on_numba.cache import CachedKernel, CacheWarning, cache_folder
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.user_cache import kernel_cache_trouble

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


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    """This process has not warned of any folder yet."""
    monkeypatch.setattr(cache, "_warned", set())


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
    with pytest.warns(CacheWarning) as said:
        engines = [CompiledEngine(problem("euler", width=width)) for width in (3, 2)]
    assert engines[0].evaluate().training_cost > 0
    (warning,) = said
    assert f"cannot be kept in {folder}/kernels (" in str(warning.message)
    assert "Not a directory" in str(warning.message)
    assert "RKNET_CACHE" in str(warning.message)


def test_without_a_home_it_still_runs(tmp_path, monkeypatch):
    """As in a container: no HOME, and a user that no file knows."""
    for name in ("HOME", "NUMBA_CACHE_DIR", "RKNET_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    monkeypatch.chdir(tmp_path)
    with pytest.warns(CacheWarning, match=r"cannot be kept \(the user has no home folder\)"):
        folder = cache_folder("shape")
    assert outcome(folder) == (1, 0)
    assert images_folder("mnist", {}).is_absolute()
    assert not list(tmp_path.iterdir())


def double(x):
    return 2 * x


def outcome(folder):
    """Whether a kernel was compiled or loaded."""
    kernel = CachedKernel(double, folder)
    assert kernel(21) == 42
    stats = kernel.dispatcher.stats
    return sum(stats.cache_misses.values()), sum(stats.cache_hits.values())


DAMAGES = {
    "empty": lambda content: b"",
    "cut off": lambda content: content[:-1],
    "half": lambda content: content[: len(content) // 2],
    "a wrong bit": lambda content: (
        content[: len(content) // 3]
        + bytes([content[len(content) // 3] ^ 1])
        + content[len(content) // 3 + 1 :]
    ),
    "something else": lambda content: b"cos\n" * 1000,
    "zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_damaged_file_is_replaced(tmp_path, suffix, damage):
    assert outcome(tmp_path) == (1, 0)
    (file,) = tmp_path.glob(f"*{suffix}")
    written = file.read_bytes()
    file.write_bytes(DAMAGES[damage](written))
    assert outcome(tmp_path) == (1, 0)
    # The names in compiled code vary in length.
    assert len(file.read_bytes()) == pytest.approx(len(written), rel=0.1)
    assert outcome(tmp_path) == (0, 1)


def test_a_missing_file_is_written_again(tmp_path):
    for suffix in (".nbi", ".nbc"):
        assert outcome(tmp_path) == (1, 0)
        (file,) = tmp_path.glob(f"*{suffix}")
        file.unlink()
    assert [outcome(tmp_path), outcome(tmp_path)] == [(1, 0), (0, 1)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
def test_a_folder_that_can_only_be_read_is_used(tmp_path):
    with disk(tmp_path / "cache", 2**20) as folder:
        (folder / "kept").mkdir()
        (folder / "damaged").mkdir()
        assert outcome(folder / "kept") == outcome(folder / "damaged") == (1, 0)
        next((folder / "damaged").glob("*.nbc")).write_bytes(b"")
        mount("-o", "remount,ro", folder)
        assert outcome(folder / "kept") == (0, 1)
        # Of all that cannot be kept in a folder, one warning tells.
        with pytest.warns(CacheWarning, match=rf"cannot be kept in {folder} \(.*Read-only") as said:
            found = [outcome(folder / kernel) for kernel in ("damaged", "new", "damaged")]
        assert found == [(1, 0)] * 3
        assert len(said) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
def test_on_a_full_disk_a_kernel_is_compiled_in_memory(tmp_path):
    with disk(tmp_path / "cache", 65536) as folder:
        (folder / "filler").write_bytes(bytes(65536 - 4096))
        with pytest.warns(CacheWarning, match="No space left on device"):
            assert outcome(folder) == (1, 0)
        assert not list(folder.glob("*part*"))


@pytest.mark.parametrize(
    ("variables", "used"),
    [
        ({"NUMBA_CACHE_DIR": "numba"}, "numba"),
        ({"NUMBA_CACHE_DIR": "numba", "RKNET_CACHE": "own"}, "own"),
        ({"NUMBA_CACHE_DIR": "", "RKNET_CACHE": "", "XDG_CACHE_HOME": "xdg"}, "xdg/rknet"),
        ({"HOME": "home"}, "home/.cache/rknet"),
    ],
)
def test_variables_name_the_folder(tmp_path, monkeypatch, variables, used):
    for name in ("NUMBA_CACHE_DIR", "RKNET_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value and str(tmp_path / value))
    assert cache_folder("shape").parent == tmp_path / used / "kernels"
    assert cache_folder("shape").is_dir()


def test_folders_differ_with_shape_and_processor(folder, monkeypatch):
    folders = [cache_folder("shape"), cache_folder("other")]
    monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "other")
    folders.append(cache_folder("shape"))
    assert len(set(folders)) == 3
    assert all(folder in path.parents for path in folders)


def test_the_workflow_finds_beforehand_what_jobs_would_warn_of(tmp_path, monkeypatch):
    monkeypatch.setenv("RKNET_CACHE", str(tmp_path / "new"))
    assert kernel_cache_trouble() is None
    assert [path.name for path in (tmp_path / "new").rglob("*")] == ["kernels"]
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RKNET_CACHE", str(tmp_path / "file"))
    assert f"cannot be kept in {tmp_path}/file/kernels (" in kernel_cache_trouble()
    for name in ("NUMBA_CACHE_DIR", "RKNET_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(user_cache.platformdirs, "user_cache_path", lambda _: Path("~/.cache"))
    assert "(the user has no home folder)" in kernel_cache_trouble()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
@pytest.mark.parametrize("kept", [False, True])
def test_kernels_that_can_be_read_are_no_trouble(tmp_path, monkeypatch, kept):
    with disk(tmp_path / "cache", 2**20) as folder:
        (folder / "kernels" / ("kept" if kept else "")).mkdir(parents=True)
        mount("-o", "remount,ro", folder)
        monkeypatch.setenv("RKNET_CACHE", str(folder))
        assert (kernel_cache_trouble() is None) is kept
