"""The IDX parser: what it reads, and that it refuses whatever is damaged."""

import gzip
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from rknet.datasets.image_files.idx import parse, uncompressed

ARRAYS = arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=6))


def written(array, kind=0x08):
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, kind, array.ndim]) + sizes + array.tobytes()


@given(ARRAYS, st.booleans())
def test_it_reads_what_was_written(array, compressed):
    content = gzip.compress(written(array)) if compressed else written(array)
    np.testing.assert_array_equal(parse(uncompressed(content), "x"), array)


@given(ARRAYS, st.data())
def test_a_truncated_file_is_refused(array, data):
    content = written(array)
    short = content[: data.draw(st.integers(0, len(content) - 1))]
    with pytest.raises(ValueError, match="labels-file"):
        parse(short, "labels-file")


@given(ARRAYS, st.binary(min_size=1, max_size=9))
def test_trailing_bytes_are_refused(array, more):
    with pytest.raises(ValueError, match="as its sizes"):
        parse(written(array) + more, "x")


@given(ARRAYS, st.binary(min_size=3, max_size=3).filter(lambda magic: magic != b"\0\0\x08"))
def test_another_magic_number_is_refused(array, magic):
    with pytest.raises(ValueError, match="no IDX file of unsigned bytes"):
        parse(magic + written(array)[3:], "x")


@given(ARRAYS, st.integers(1, 2**32 - 1), st.data())
def test_wrong_counts_are_refused(array, other, data):
    axis = data.draw(st.integers(0, array.ndim - 1))
    shape = list(array.shape)
    shape[axis] = other
    content = bytearray(written(array))
    content[4 + 4 * axis : 8 + 4 * axis] = struct.pack(">I", other)
    if np.prod(shape, dtype=object) == array.size:
        return
    with pytest.raises(ValueError, match="as its sizes"):
        parse(bytes(content), "x")


def test_sizes_beyond_any_memory_are_refused():
    with pytest.raises(ValueError, match="found 0"):
        parse(bytes([0, 0, 8, 3]) + b"\xff" * 12, "x")


@given(ARRAYS.filter(lambda array: array.size > 0), st.data())
def test_a_damaged_archive_is_refused(array, data):
    archive = gzip.compress(written(array), mtime=0)
    cut = archive[: data.draw(st.integers(2, len(archive) - 1))]
    with pytest.raises(ValueError, match="damaged gzip archive"):
        uncompressed(cut)


@given(st.binary(max_size=60))
def test_anything_else_is_refused_or_read(content):
    """Nothing but a ValueError comes of any bytes."""
    with suppress(ValueError):
        parse(uncompressed(content), "x")
