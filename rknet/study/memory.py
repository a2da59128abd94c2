"""Memory of this process."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_memory_mib() -> float:
    """The most memory that this process has ever had, in MiB."""
    # Linux hands what `getrusage` tells down from the process that started this one.
    if _STATUS.exists():
        line = next(x for x in _STATUS.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # In bytes on macOS, elsewhere in KiB.
    return peak / (2**20 if sys.platform == "darwin" else 1024)
