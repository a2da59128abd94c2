"""Python files of the user's: loaded here and nowhere else, and their errors shown as theirs."""

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

#: Characters of an exception that a message repeats.
_LONGEST = 500


class OwnFileError(ValueError):
    """A file of the user's does not do what it must; the message begins with its path and line."""


@contextmanager
def blaming(path: str | Path) -> Iterator[None]:
    """Say of an exception inside that it is the file's, where in it, and what it is.

    Parameters
    ----------
    path : str or Path
        The file whose code runs inside.

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
        Relative to the folder that Python runs in. The file stands for itself: what it imports is
        installed, not beside it.

    Raises
    ------
    OwnFileError
        If it cannot be read, or does not run to its end.
    """
    name = f"own_{re.sub(r'[^A-Za-z0-9]', '_', str(path))}"
    module = ModuleType(name)
    module.__file__, module.__package__ = str(path), ""
    # Dataclasses look their module up.
    sys.modules[name] = module
    with blaming(path):
        # Not by an import, which would put byte code beside the file, and find that of an earlier
        # content if both are of the same second and length.
        exec(compile(Path(path).read_bytes(), str(path), "exec"), vars(module))  # noqa: S102
    return module


def function_of(path: str | Path, name: str, signature: str) -> Callable[..., Any]:
    """The function or class of a name in a file.

    Parameters
    ----------
    path : str or Path
        As `load_module`.
    name : str
        What the file must define.
    signature : str
        How it is called, for the message.

    Raises
    ------
    OwnFileError
        As `load_module`; also if the file has none.
    """
    found = vars(load_module(path)).get(name)
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
    """What the exception says, in a line that is not too long."""
    words = str(error.msg if isinstance(error, SyntaxError) else error).split()
    return " ".join(words)[:_LONGEST]
