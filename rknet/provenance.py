"""Where a result comes from: the code it depends on, and the machine and versions that made it."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

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


def environment() -> dict[str, Any]:
    """Versions, commit and hardware of this process, as plain values."""
    return {
        "versions": {
            "python": platform.python_version(),
            **{
                package: metadata.version(package)
                for package in ("numpy", "numba", "torch")
                if package in sys.modules
            },
        },
        **_commit(),
        "hardware": {
            "host": platform.node(),
            "system": platform.platform(),
            "processor": _processor(),
            "cores": os.cpu_count(),
        },
    }


@cache
def _commit() -> dict[str, Any]:
    """The commit checked out and whether files differ from it; None outside a git checkout."""

    def git(*arguments: str) -> str | None:
        try:
            # An absolute, fixed command: no part of it comes from the config.
            return subprocess.run(  # noqa: S603
                ["git", "-C", str(ROOT), *arguments],  # noqa: S607
                capture_output=True,
                text=True,
                check=True,
                timeout=20,
            ).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return None

    changes = git("status", "--porcelain", "--untracked-files=no")
    return {"commit": git("rev-parse", "HEAD"), "dirty": None if changes is None else bool(changes)}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
