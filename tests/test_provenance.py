"""Code hashes follow content, and commits are recorded."""

import os
import subprocess

import pytest

from rknet import provenance


@pytest.fixture
def code(tmp_path):
    (tmp_path / "a.py").write_text("a = 1\n")
    (tmp_path / "b.py").write_text("b = 1\n")
    return tmp_path


def test_a_hash_follows_content_not_time_or_order(code):
    before = provenance.code_hash(["a.py", "b.py"], code)
    os.utime(code / "a.py", (0, 0))
    assert provenance.code_hash(["b.py", "a.py", "a.py"], code) == before
    (code / "a.py").write_text("a = 2\n")
    assert provenance.code_hash(["a.py", "b.py"], code) != before


def test_content_cannot_move_between_files(code):
    before = provenance.code_hash(["a.py", "b.py"], code)
    (code / "a.py").write_text("a = 1\nb = 1\n")
    (code / "b.py").write_text("")
    assert provenance.code_hash(["a.py", "b.py"], code) != before


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def test_commit_and_dirty_flag(code, monkeypatch):
    monkeypatch.setattr(provenance, "ROOT", code)
    provenance._commit.cache_clear()
    assert provenance._commit() == {"commit": None, "dirty": None}
    git(code, "init", "-q")
    git(code, "add", ".")
    git(code, "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm", "first")
    provenance._commit.cache_clear()
    clean = provenance._commit()
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (code / "a.py").write_text("a = 3\n")
    provenance._commit.cache_clear()
    assert provenance._commit()["dirty"] is True
    provenance._commit.cache_clear()


def test_file_hash(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    assert provenance.file_hash(tmp_path / "x").startswith("ba7816bf8f01cfea414140de5dae2223")
