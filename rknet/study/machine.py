"""The environment of a process: versions, commit and hardware; and its largest use of memory."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

#: The folder of this code: a checkout, or an installation.
_CODE = Path(__file__).parent
_STATUS = Path("/proc/self/status")
#: Packages that can change a run with their version, and those that can change any result.
TRAINING = ("numpy", "numba", "torch")
_PACKAGES = (*TRAINING, "scipy", "pandas", "scikit-learn", "matplotlib", "seaborn")


def environment(packages: Iterable[str] = _PACKAGES) -> dict[str, Any]:
    """Versions, commit and hardware of this process, as plain values.

    Parameters
    ----------
    packages : iterable of str, optional
        Those whose versions are given, if they are installed, whether they are imported or not.
    """
    return {
        "versions": {"python": platform.python_version(), **_versions(tuple(packages))},
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
def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for package in packages:
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


@cache
def _commit() -> dict[str, Any]:
    """The checked-out commit, and whether files differ from it; None outside a git checkout."""

    def git(*arguments: str) -> str | None:
        try:
            # An absolute, fixed command: no part of it comes from the config.
            return subprocess.run(  # noqa: S603
                ["git", "-C", str(_CODE), *arguments],  # noqa: S607
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=True,
                timeout=20,
            ).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return None

    # An installed library may be inside another project's checkout.
    if git("ls-files", "--error-unmatch", Path(__file__).name) is None:
        return {"commit": None, "dirty": None}
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


def peak_memory_mib() -> float:
    """The most memory that this process has ever had, in MiB."""
    # On Linux, `getrusage` starts with the value of the parent process.
    if _STATUS.exists():
        line = next(x for x in _STATUS.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # In bytes on macOS, elsewhere in KiB.
    return peak / (2**20 if sys.platform == "darwin" else 1024)
