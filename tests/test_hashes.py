"""Hashes follow content, and nothing else."""

import os

import numpy as np
import pytest

from rknet.files import array_hash, code_hash, file_hash


@pytest.fixture
def code(tmp_path):
    (tmp_path / "a.py").write_text("a = 1\n")
    (tmp_path / "b.py").write_text("b = 1\n")
    return tmp_path


def test_a_hash_follows_content_not_time_or_order(code):
    before = code_hash(["a.py", "b.py"], code)
    os.utime(code / "a.py", (0, 0))
    assert code_hash(["b.py", "a.py", "a.py"], code) == before
    (code / "a.py").write_text("a = 2\n")
    assert code_hash(["a.py", "b.py"], code) != before


def test_content_cannot_move_between_files(code):
    before = code_hash(["a.py", "b.py"], code)
    (code / "a.py").write_text("a = 1\nb = 1\n")
    (code / "b.py").write_text("")
    assert code_hash(["a.py", "b.py"], code) != before


def test_file_hash(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    assert file_hash(tmp_path / "x").startswith("ba7816bf8f01cfea414140de5dae2223")


def test_an_array_hash_follows_names_types_shapes_and_numbers():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    given = array_hash({"x": x, "y": x})
    assert array_hash({"y": x.copy(), "x": np.asfortranarray(x)}) == given
    others = [
        {"x": x, "z": x},
        {"x": x, "y": x.astype(np.float64)},
        {"x": x, "y": x.reshape(3, 2)},
        {"x": x, "y": x.view(np.int32)},
        {"x": x, "y": np.where(x == 5, np.nextafter(x, 9, dtype=x.dtype), x)},
    ]
    assert len({given, *map(array_hash, others)}) == 6
