"""Reads the entries of a paper's YAML files; an error names the file, entry and key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from rknet.registry import suggestion
from rknet.study.yaml_files import YamlError, read_yaml

T = TypeVar("T")


class PaperError(ValueError):
    """A paper cannot be used; the message names file, entry and key."""


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Raises
    ------
    PaperError
        If it is missing, is not YAML, has a key twice, or does not hold a mapping.
    """
    try:
        found = read_yaml(path)
    except (OSError, YamlError) as error:
        raise PaperError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise PaperError(f"{path}: expected a mapping")
    return found


def refuse_unknown(names: Iterable[Any], known: Iterable[str], where: str, what: str) -> None:
    """Refuse names that are not known.

    Raises
    ------
    PaperError
        At the first unknown name; the message says where it is, and lists the known ones.
    """
    known = tuple(known)
    for name in names:
        if name not in known:
            raise PaperError(
                f"{where}: unknown {what} {name!r}; there are {', '.join(map(str, known))}"
                f"{suggestion(str(name), known)}"
            )


def entry_of(kind: type, entry: Any, where: str, given: Iterable[str] = ()) -> dict[str, Any]:
    """The arguments of a dataclass, from an entry; lists become tuples.

    Parameters
    ----------
    kind : type
        The dataclass.
    entry : mapping
        As the file has it.
    where : str
        File and entry, for messages.
    given : iterable of str, optional
        Fields that the entry does not contain.

    Raises
    ------
    PaperError
        If a key is unknown or missing, or a value has the wrong type.
    """
    if not isinstance(entry, Mapping):
        raise PaperError(f"{where}: expected a mapping, found {entry!r}")
    said = [field for field in fields(kind) if field.name not in set(given)]
    refuse_unknown(entry, [field.name for field in said], where, "key")
    for field in said:
        optional = field.default is not MISSING or field.default_factory is not MISSING
        if field.name not in entry and not optional:
            raise PaperError(f"{where}: the key {field.name!r} is missing")
        if field.name in entry:
            _refuse_odd(entry[field.name], str(field.type), f"{where}: {field.name}")
    return {key: frozen(value) for key, value in entry.items()}


#: From the beginning of a field's type to the types allowed there, and their name in messages.
_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "str": (str, "text (in quotes, if YAML takes it for something else)"),
    "int | str": ((int, str), "a number or a letter"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
    "float": ((int, float), "a number"),
    "tuple": (list, "a list"),
    "Mapping": (Mapping, "a mapping"),
}


def _refuse_odd(value: Any, declared: str, where: str) -> None:
    kind, words = next(
        (found for beginning, found in _KINDS.items() if declared.startswith(beginning)),
        (object, ""),
    )
    if not isinstance(value, kind):
        raise PaperError(f"{where}: found {value!r}; expected {words}")


def frozen(value: Any) -> Any:
    """The value with all lists in it, at any depth, as tuples."""
    if isinstance(value, list):
        return tuple(map(frozen, value))
    if isinstance(value, Mapping):
        return {key: frozen(item) for key, item in value.items()}
    return value


def named(file: Path) -> Iterator[tuple[str, Any, str]]:
    """Each entry of a file: its name, its value, and its place for messages; none without a file.

    Raises
    ------
    PaperError
        If the file cannot be read.
    """
    if file.is_file():
        for name, entry in read_mapping(file).items():
            yield str(name), entry, f"{file}: {name}"


def of_editions(
    kind: type[T], entries: Iterable[tuple[str, Any, str]], editions: Mapping[str, str]
) -> Iterator[tuple[T, str]]:
    """What entries are of, each with its place for messages.

    Parameters
    ----------
    kind : type
        A dataclass with the fields ``name``, ``edition`` and ``edition_in_words``.
    entries : iterable of tuple
        As `named` gives them.
    editions : mapping
        By name, the end of headings.

    Raises
    ------
    PaperError
        If an entry is wrong, as `entry_of` says, or its edition is unknown.
    """
    for name, entry, where in entries:
        said = entry_of(kind, entry, where, given=("name", "edition_in_words"))
        refuse_unknown([said["edition"]], editions, f"{where}: edition", "edition")
        yield kind(name=name, edition_in_words=editions[said["edition"]], **said), where
