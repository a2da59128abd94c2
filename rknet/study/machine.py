"""The environment of a process: versions, commit and hardware; and its largest use of memory."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

#: The folder of this code: a checkout, or an installation.
_CODE = Path(__file__).parent
_STATUS = Path("/proc/self/status")
#: Packages that can change a result with their version.
_PACKAGES = ("numpy", "numba", "torch", "scipy", "pandas", "sklearn", "matplotlib")
_DISTRIBUTIONS = {"sklearn": "scikit-learn"}


def environment() -> dict[str, Any]:
    """Versions, commit and hardware of this process, as plain values."""
    return {
        "versions": {
            "python": platform.python_version(),
            **{
                package: metadata.version(_DISTRIBUTIONS.get(package, package))
                for package in _PACKAGES
                if sys.modules.get(package) is not None
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
