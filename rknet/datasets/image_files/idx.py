"""The IDX format, in which MNIST and Fashion-MNIST are published.

A file is two zero bytes, a byte for the type of the numbers, a byte for the number of dimensions,
their sizes as big-endian 32-bit integers, and the numbers. It may be compressed by gzip.
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

#: The type that images and labels have: unsigned bytes.
_UNSIGNED_BYTE = 0x08
_GZIP = b"\x1f\x8b"


def uncompressed(content: bytes) -> bytes:
    """`content`, unpacked if it is a gzip archive.

    Raises
    ------
    ValueError
        If it is a damaged archive.
    """
    # An IDX file begins with zeros, so the first two bytes tell, whatever the file is called.
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"damaged gzip archive ({error})") from error


def parse(content: bytes, path: str | Path) -> np.ndarray:
    """The array of an IDX file of unsigned bytes.

    Parameters
    ----------
    content : bytes
        The whole file, uncompressed.
    path : str or Path
        Its name, for messages.

    Returns
    -------
    ndarray, uint8

    Raises
    ------
    ValueError
        If it is no IDX file of unsigned bytes, or shorter or longer than it says.
    """
    magic, dimensions = content[:3], content[3] if len(content) > 3 else 0
    start = 4 + 4 * dimensions
    if magic != bytes([0, 0, _UNSIGNED_BYTE]) or dimensions < 1 or len(content) < start:
        raise ValueError(
            f"{path} is no IDX file of unsigned bytes: it begins with {content[:4].hex(' ')!r}, "
            f"expected '00 00 08' and the number of dimensions, then their sizes"
        )
    # Python integers: the product of sizes in a damaged file may be beyond 64 bits.
    shape = tuple(int(size) for size in np.frombuffer(content[4:start], ">u4"))
    if len(content) - start != math.prod(shape):
        raise ValueError(
            f"{path}: expected {math.prod(shape)} numbers, as its sizes {shape} say; "
            f"found {len(content) - start}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
