"""Loads the user's Python files; nothing else does. Their errors are shown as the user's own."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

#: How many characters of an exception a message repeats.
_LONGEST = 500


class OwnFileError(ValueError):
    """A user's file does not do what it must; the message begins with its path and line."""


@contextmanager
def blaming(path: str | Path) -> Iterator[None]:
    """Turn an exception inside into one that names the user's file, the line and the error.

    Parameters
    ----------
    path : str or Path
        The file that runs inside the block.

    Raises
    ------
    OwnFileError
        Instead of any other exception; that one is its cause.
    """
    try:
        yield
    except OwnFileError:
        raise
    except (Exception, SystemExit) as error:
        where = f"{path}, line {line}" if (line := _line(path, error)) else str(path)
        raise OwnFileError(f"{where}: {type(error).__name__}: {_said(error)}") from error


def load_module(path: str | Path) -> ModuleType:
    """Run a Python file and give its module.

    Parameters
    ----------
    path : str or Path
        Relative to the folder that Python runs in. The file must work alone: it can import
        installed packages, but not other files in its folder.

    Raises
    ------
    OwnFileError
        If it cannot be read, or does not run to its end.
    """
    name = f"own_{re.sub(r'[^A-Za-z0-9]', '_', str(path))}"
    module = ModuleType(name)
    module.__file__, module.__package__ = str(path), ""
    # Dataclasses look up their module.
    sys.modules[name] = module
    with blaming(path):
        # Not by an import, which would put byte code next to the file, and find that of an earlier
        # content if both are of the same second and length.
        exec(compile(Path(path).read_bytes(), str(path), "exec"), vars(module))  # noqa: S102
    return module


def function_of(path: str | Path, name: str, signature: str) -> Callable[..., Any]:
    """The function or class with a given name in a file.

    Parameters
    ----------
    path : str or Path
        As `load_module`.
    name : str
        What the file must define.
    signature : str
        The way it is called, for the message.

    Raises
    ------
    OwnFileError
        As `load_module`; also if the file has none.
    """
    found: object = vars(load_module(path)).get(name)
    if not callable(found):
        what = "is missing" if found is None else f"is {found!r:.100}"
        raise OwnFileError(f"{path}: {name} {what}; expected a function or class {signature}")
    return found


def files_in(options: object) -> tuple[str, ...]:
    """The files that options name, wherever they stand in them: what is made rests on these too."""
    if isinstance(options, str):
        return (options,) if os.path.isfile(options) else ()  # noqa: PTH113  # any text
    if not isinstance(options, Mapping | list | tuple):
        return ()
    values = options.values() if isinstance(options, Mapping) else options
    return tuple(dict.fromkeys(file for value in values for file in files_in(value)))


def _line(path: str | Path, error: BaseException) -> int | None:
    """The last line of the file that the exception came through."""
    file = Path(path).resolve()
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).resolve() == file:
        return error.lineno
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).resolve() == file
    ]
    return lines[-1] if lines else None


def _said(error: BaseException) -> str:
    """The exception's text, as one line that is not too long."""
    words = str(error.msg if isinstance(error, SyntaxError) else error).split()
    return " ".join(words)[:_LONGEST]
