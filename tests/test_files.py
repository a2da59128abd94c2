"""Files are written whole or not at all."""

import os
import platform
import subprocess
import time

import pytest

from rknet.files import forget_future, replacing, write_json, write_text


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_success_replaces_and_makes_folders(tmp_path):
    path = tmp_path / "new/folder/a.json"
    write_json(path, {"σ": 1})
    write_json(path, {"σ": 2})
    assert path.read_text(encoding="utf-8") == '{\n  "σ": 2\n}\n'
    assert list(path.parent.iterdir()) == [path]


def test_json_has_no_nan(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not list(tmp_path.iterdir())


def test_what_a_killed_writer_has_left_is_removed(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    host = platform.node()
    left = tmp_path / f".a.{host}.{gone.pid}.part.txt"
    others = [
        tmp_path / f".a.{host}.{os.getppid()}.part.txt",  # still at it
        tmp_path / f".a.elsewhere.{gone.pid}.part.txt",
        tmp_path / f".b.{host}.{gone.pid}.part.txt",
    ]
    for path in (left, *others):
        path.write_text("half")
    write_text(tmp_path / "a.txt", "whole")
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a.txt", *others])


def test_only_files_from_the_future_get_another_time(tmp_path):
    old, future = tmp_path / "old", tmp_path / "folder/future"
    write_text(old, "")
    write_text(future, "")
    os.utime(old, (1, 1))
    os.utime(future, (time.time() + 10_000,) * 2)
    forget_future(tmp_path, tmp_path / "none")
    assert old.stat().st_mtime == 1
    assert future.stat().st_mtime <= time.time()
