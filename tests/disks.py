"""Disks of a few bytes, on which a test may run out of room."""

import subprocess
from contextlib import contextmanager

import pytest


def mount(*arguments):
    done = subprocess.run(
        ["mount", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr}")


@contextmanager
def disk(folder, size):
    """A disk of so many bytes."""
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
