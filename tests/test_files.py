"""Files are written whole or not at all."""

import errno
import os
import platform
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rknet.engines.base import Metrics
from rknet.files import (
    WriteError,
    forget_future,
    open_log,
    remove_leftovers,
    replacing,
    write_json,
    write_text,
)
from rknet.loop import History
from rknet.study.outputs import Outputs
from rknet.study.outputs import save as save_outputs
from rknet.study.recording import write_record


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


@pytest.fixture
def left(tmp_path):
    """What a killed writer of a.txt has left, and files that look like it but must stay."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    host = platform.node()
    others = [
        tmp_path / f".a.{host}.{os.getppid()}.part.txt",  # still at it
        tmp_path / f".a.elsewhere.{gone.pid}.part.txt",
        tmp_path / f".a.{host}.old.part.txt",
        tmp_path / f".a.{host}.{gone.pid}.txt",
    ]
    part = tmp_path / f".a.{host}.{gone.pid}.part.txt"
    for path in (part, *others):
        path.write_text("half")
    return part, others


def test_what_a_killed_writer_has_left_is_removed(tmp_path, left):
    part, others = left
    other = part.with_name(part.name.replace(".a.", ".b."))
    other.write_text("half")
    write_text(tmp_path / "a.txt", "whole")
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a.txt", *others, other])


def test_what_killed_writers_have_left_is_removed_if_nobody_writes_again(tmp_path, left):
    part, others = left
    inside = tmp_path / f"results/{part.name.replace('.a.', '.a.b*[c].')}"
    inside.parent.mkdir()
    inside.write_text("half")
    remove_leftovers(tmp_path, tmp_path / "none")
    assert sorted(tmp_path.iterdir()) == sorted([*others, inside.parent])
    assert not list(inside.parent.iterdir())


def test_odd_names_and_folders_stop_no_start(tmp_path):
    host = platform.node()
    odd = [f".x.{host}.9.part.{host}.bak", f".x.{host}.²9.part", f".x.{host}.{'9' * 20}.part"]
    for name in odd:
        (tmp_path / name).write_text("x")
    (tmp_path / f".x.{host}.999999.part").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.iterdir())
    remove_leftovers(tmp_path)
    forget_future(tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_only_files_from_the_future_get_another_time(tmp_path):
    old, future = tmp_path / "old", tmp_path / "folder/future"
    write_text(old, "")
    write_text(future, "")
    os.utime(old, (1, 1))
    os.utime(future, (time.time() + 10_000,) * 2)
    forget_future(tmp_path, tmp_path / "none")
    assert old.stat().st_mtime == 1
    assert future.stat().st_mtime <= time.time()


class Disk:
    """Notes in which order files reach the disk, and get their names."""

    def __init__(self, monkeypatch):
        self.done = []
        fsync, replace = os.fsync, os.replace

        def noted_fsync(descriptor):
            self.done.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink()))
            fsync(descriptor)

        def noted_replace(before, after, *more, **options):
            self.done.append(("name", Path(before), Path(after)))
            replace(before, after, *more, **options)

        monkeypatch.setattr(os, "fsync", noted_fsync)
        monkeypatch.setattr(os, "replace", noted_replace)

    def is_safe(self, path, before=None):
        """Whether content and name of a file were on the disk before another one got its name."""
        end = len(self.done) if before is None else self._named(before)
        named = self._named(path)
        _, temporary, _ = self.done[named]
        return ("sync", temporary) in self.done[:named] and (
            "sync",
            path.parent,
        ) in self.done[named:end]

    def _named(self, path):
        (place,) = [k for k, (what, *names) in enumerate(self.done) if names[1:] == [path]]
        return place


def test_a_finished_run_is_on_the_disk_before_its_record_says_so(tmp_path, monkeypatch):
    history, parameters, outputs, record = (
        tmp_path / "run" / name
        for name in ("history.csv", "parameters.safetensors", "outputs.npz", "run.json")
    )
    disk = Disk(monkeypatch)
    History([Metrics(0.1, 0.2, 0.3, 0.4)]).write(history)
    with replacing(parameters) as temporary:
        save_file({"K": np.eye(2)}, temporary)
    save_outputs(outputs, Outputs(np.eye(2), np.eye(2)))
    write_record(record, {"setting": {}}, [history, parameters, outputs])
    assert disk.is_safe(record)
    for path in (history, parameters, outputs):
        assert disk.is_safe(path, before=record)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_where_nothing_can_be_synced_files_are_written(tmp_path, monkeypatch, number):
    def refuse(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    write_text(tmp_path / "a.txt", "text")
    assert (tmp_path / "a.txt").read_text() == "text"


def test_a_disk_that_fails_at_the_very_end_is_named(tmp_path, monkeypatch):
    """Disks on the network say only then that they are full."""

    def refuse(descriptor):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    write_text(tmp_path / "a.txt", "old")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(WriteError, match=r"a\.txt cannot be written \(.*quota exceeded\)\."):
        write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]


def test_a_log_takes_what_no_encoding_has(tmp_path):
    with open_log(tmp_path / "log") as log:
        print("σ \udce9", file=log)
    assert (tmp_path / "log").read_text(encoding="utf-8") == "σ \\udce9\n"


def test_a_log_is_not_blamed_for_another_file(tmp_path):
    """An error without a name, as writing to an open file gives, while a log is open."""
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left") as found, open_log(tmp_path / "log"):
        raise error
    assert found.value is error
