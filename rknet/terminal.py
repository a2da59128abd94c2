"""What is shown in a terminal stops nothing, whatever the terminal can show."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


def show_anything() -> None:
    """From now on, show what an encoding lacks by its number, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def in_utf8() -> dict[str, str]:
    """Variables with which a Python program that is started writes UTF-8, whatever the locale."""
    return {**os.environ, "PYTHONIOENCODING": "utf-8:backslashreplace"}


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line at once; if nobody can read it, go on.

    Parameters
    ----------
    text : str
    stream : text file, optional
        By default, the standard output.
    """
    try:
        print(text, file=stream, flush=True)
    except OSError:
        forget(stream or sys.stdout)


def forget(stream: TextIO) -> None:
    """Send to nowhere what a stream still holds: its reader is gone, or its disk is full."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
