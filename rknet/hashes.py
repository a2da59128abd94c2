"""Digests of code, files and arrays: what decides a result, and whether it is as it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent


def code_hash(paths: Iterable[str], root: Path = ROOT) -> str:
    """A digest of source files, that changes when and only when their content does.

    Rules carry it as a parameter, so that a change of the code a result depends on, and no other,
    makes it anew; times of modification do not count.

    Parameters
    ----------
    paths : iterable of str
        Files below `root`.
    root : Path, optional
        The project's folder.

    Returns
    -------
    str
        The first 16 hexadecimal digits of a SHA-256.
    """
    digest = hashlib.sha256()
    for path in sorted(set(paths)):
        content = (root / path).read_bytes()
        digest.update(f"{path} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file's content, as hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def array_hash(arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of named arrays: their names, types, shapes and numbers; order does not count."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
