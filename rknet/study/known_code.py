"""Digests of code that another process has found: finding them takes a third of a dry run.

They are kept in the user's cache, in a file for each state of the checkout: of everything that a
fingerprint of the project's own code can be made of. An edit makes another state. What begins with
a file of the user's, or reaches one, is found anew each time. The cache decides nothing: what is
damaged or cannot be read is found again, and what cannot be written is not kept.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from rknet.files import write_json
from rknet.study.fingerprints import Kind, fingerprint
from rknet.study.records import digest, read_record
from rknet.user_cache import user_cache

_CHECKOUT = Path(__file__).parents[2]
#: The folders, in a checkout, of all code that is not the user's.
_FOLDERS = ("rknet", "workflow/scripts")
#: Of so many states what is known is kept; each edit makes a new one.
_STATES = 50
#: By roots and kinds: the digest, and the roots with the kinds that were asked for.
_Known = dict[str, tuple[str, list[str]]]


def digest_of(roots: Iterable[str], kinds: Iterable[Kind] = ()) -> tuple[str, list[str]]:
    """Digest and roots of the fingerprint that `rknet.study.fingerprints.fingerprint` finds."""
    return _digest_of(tuple(sorted(set(map(str, roots)))), tuple(sorted(set(kinds))))


@cache
def _digest_of(roots: tuple[str, ...], kinds: tuple[Kind, ...]) -> tuple[str, list[str]]:
    key = json.dumps([roots, kinds])
    # Asked for first: the state must be of before any code is read, the user's or not.
    known = _known()
    is_ours = all(map(_is_ours, (*roots, *(root for kind in kinds for root in kind))))
    if is_ours and key in known:
        return known[key]
    found = fingerprint(roots, kinds)
    result = found.digest, list(found.roots)
    # A script may name a file that lies elsewhere.
    if is_ours and not any(":/" in part or "../" in part for part in found.parts):
        _new()[key] = result
    return result


def keep() -> None:
    """Let other processes know what this one has found."""
    file = _file(_state())
    with suppress(OSError):
        # Code that was edited meanwhile may be in what was found.
        if file and _new() and _state_now() == _state():
            file.parent.mkdir(parents=True, exist_ok=True)
            # Another process may have written since this one has read.
            record = {"code": _read(file) | _new()}
            write_json(file, {**record, "sha256": digest(record)})
            for old in sorted(file.parent.glob("*.json"), key=_written)[:-_STATES]:
                old.unlink(missing_ok=True)


def _written(file: Path) -> float:
    return file.stat().st_mtime


def _is_ours(root: str) -> bool:
    if root.endswith(".py") or Path(root).is_file():  # as a fingerprint tells them apart
        scripts = f"{_FOLDERS[1]}/"
        return root.startswith(scripts) and ".." not in root and (_CHECKOUT / root).is_file()
    return root.startswith("rknet.")


@cache
def _known() -> _Known:
    return _read(_file(_state()))


@cache
def _new() -> _Known:
    """What this process has found itself."""
    return {}


def _read(file: Path | None) -> _Known:
    with suppress(OSError, ValueError, KeyError):
        if file:
            return {
                key: (digest, roots) for key, (digest, roots) in read_record(file)["code"].items()
            }
    return {}


def _file(state: str | None) -> Path | None:
    folder = user_cache()
    return folder / "code" / f"{state}.json" if folder and state else None


@cache
def _state() -> str | None:
    return _state_now()


def _state_now() -> str | None:
    """A digest of all files that code of the project's own can be made of, and of Python.

    None if not all can be read, or if a folder is a link: what is in it is not found.
    """
    found = hashlib.sha256(sys.version.encode())
    with suppress(OSError):
        for folder in _FOLDERS:
            for path in sorted((_CHECKOUT / folder).rglob("*")):
                if path.is_symlink() and path.is_dir():
                    return None
                if path.is_file() and "__pycache__" not in path.parts:
                    content = path.read_bytes()
                    found.update(f"{path.relative_to(_CHECKOUT)} {len(content)}\n".encode())
                    found.update(content)
        return found.hexdigest()[:32]
    return None
