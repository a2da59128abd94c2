"""Checksums follow content, and nothing else."""

import numpy as np

from rknet.files import array_hash, file_hash


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
