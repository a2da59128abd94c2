"""What a process runs in: versions, commit and hardware."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from rknet.hashes import ROOT


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
            "gpus": _gpus(),
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


def _gpus() -> list[str]:
    """The GPUs that this process sees, if it has used one."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return []
    return [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
