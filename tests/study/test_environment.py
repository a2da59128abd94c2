"""What a process says of the commit that it runs."""

import subprocess

import pytest

from rknet.study import machine as environment


@pytest.fixture
def code(tmp_path):
    (tmp_path / "a.py").write_text("a = 1\n")
    return tmp_path


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def test_commit_and_dirty_flag(code, monkeypatch):
    monkeypatch.setattr(environment, "ROOT", code)
    environment._commit.cache_clear()
    assert environment._commit() == {"commit": None, "dirty": None}
    git(code, "init", "-q")
    git(code, "add", ".")
    git(code, "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm", "first")
    environment._commit.cache_clear()
    clean = environment._commit()
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (code / "a.py").write_text("a = 3\n")
    environment._commit.cache_clear()
    assert environment._commit()["dirty"] is True
    environment._commit.cache_clear()


def test_gpus_are_named_once_one_is_used(monkeypatch):
    import torch

    assert environment.environment()["hardware"]["gpus"] == []
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"G{number}")
    assert environment.environment()["hardware"]["gpus"] == ["G0", "G1"]
