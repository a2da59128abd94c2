"""Reads and checks tables of samples: CSV, Parquet and NPZ."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

#: What pandas calls the index of a frame that it writes to a Parquet file.
_INDEX = re.compile("__index_level_[0-9]+__")


class TableError(ValueError):
    """A file does not hold a dataset; the message names it, and the column and row."""


class Table(NamedTuple):
    """Samples and their classes.

    Attributes
    ----------
    x : ndarray, float64, shape (samples, dimension)
    labels : ndarray, int64, shape (samples,)
    class_names : tuple of str
        By label: in order as numbers if all are whole numbers, else as text.
    image_shape : tuple of int, or None
        Rows and columns, if the samples are images.
    """

    x: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    image_shape: tuple[int, int] | None = None


@dataclass
class _Written:
    """The content of a file.

    Attributes
    ----------
    features : dict
        By name, the values of each dimension.
    labels : sequence
        Of text, numbers or None.
    place : callable
        From the number of a sample to its place in the file, in words.
    image_shape : tuple of int, or None
    """

    features: dict[str, Sequence[Any]]
    labels: Sequence[Any]
    place: Callable[[int], str]
    image_shape: tuple[int, int] | None = None


def read(path: str, label: str, features: list[str]) -> Table:
    """Read a table of samples.

    Parameters
    ----------
    path : str
        A CSV file with a line of names first, a Parquet file, or an NPZ file of arrays.
    label : str
        The column, or the array, of the classes.
    features : list of str
        The columns of the dimensions, or the one array of samples. If there are none, it is every
        other column, or the array ``x``.

    Raises
    ------
    TableError
        If the file is missing, empty or something else; if a name is not in it; if a value is
        missing, is no number where one belongs, or not finite; if there is one class only.
    """
    readers = {".csv": _read_csv, ".parquet": _read_parquet, ".npz": _read_npz}
    reader = readers.get(Path(path).suffix.lower())
    if reader is None:
        raise TableError(f"{path}: expected a name that ends in {', '.join(readers)}")
    try:
        if Path(path).stat().st_size == 0:
            raise TableError(f"{path} is empty")
        written = reader(path, label, features)
    except FileNotFoundError as error:
        raise TableError(f"{path}: there is no such file") from error
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error}") from error
    if not len(written.labels):
        raise TableError(f"{path} has no rows")
    columns = [
        _numbers(path, name, values, written.place) for name, values in written.features.items()
    ]
    labels, class_names = _classes(path, label, written)
    return Table(np.column_stack(columns), labels, class_names, written.image_shape)


def _read_csv(path: str, label: str, features: list[str]) -> _Written:
    rows, lines = [], []
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            names = [name.strip() for name in next(reader, [])]
            line = reader.line_num + 1
            for row in reader:
                if row and len(row) != len(names):
                    raise TableError(
                        f"{path}, line {line}: found {len(row)} values; expected {len(names)}, as "
                        "there are names in the first line"
                    )
                if row:
                    rows.append(row)
                    lines.append(line)
                # A value in quotes may have more than one line.
                line = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise TableError(f"{path} is no UTF-8 text: {error}") from error
        except csv.Error as error:
            raise TableError(f"{path}, line {reader.line_num}: {error}") from error
    for place, name in enumerate(names, start=1):
        if not name or name in names[: place - 1]:
            found = f"the name {name!r} again" if name else "no name"
            raise TableError(f"{path}, line 1: column {place} has {found}; expected one of its own")
    chosen = _chosen(path, names, label, features)
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {label: ()}
    return _Written(
        {name: columns[name] for name in chosen if rows},
        [text.strip() or None for text in columns[label]],
        lambda sample: f"line {lines[sample]}",
    )


def _read_parquet(path: str, label: str, features: list[str]) -> _Written:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            names = file.schema_arrow.names
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise TableError(f"{path} has the column {twice!r} twice; expected it once")
            chosen = _chosen(path, names, label, features)
            table = file.read(columns=[*chosen, label])
    except ArrowException as error:
        raise TableError(f"{path} is no Parquet file: {error}") from error
    for name in (*chosen, label):
        if table.schema.field(name).type.num_fields:
            raise TableError(
                f"{path}, column {name!r}: found {table.schema.field(name).type}; expected one "
                "value in each row"
            )
    columns = {name: table[name].to_numpy() for name in (*chosen, label)}
    return _Written(
        {name: columns[name] for name in chosen},
        columns[label],
        lambda sample: f"row {sample + 1}",
    )


def _read_npz(path: str, label: str, features: list[str]) -> _Written:
    if len(features) > 1:
        raise TableError(f"{path}: features: found {features}; expected the name of one array")
    name = features[0] if features else "x"
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [wanted for wanted in (name, label) if wanted not in archive.files]
            if missing:
                raise TableError(
                    f"{path} has no array {missing[0]!r}; there are {', '.join(archive.files)}"
                )
            x, labels = archive[name], archive[label]
    except (TableError, OSError):
        raise
    except Exception as error:  # numpy and zipfile raise a dozen kinds
        raise TableError(f"{path} is no NPZ file of arrays: {error}") from error
    if x.ndim not in (2, 3) or 0 in x.shape[1:]:
        raise TableError(
            f"{path}: the array {name!r} has the shape {x.shape}; expected (samples, "
            "dimension), or (samples, rows, columns) for images"
        )
    if labels.shape != x.shape[:1]:
        raise TableError(
            f"{path}: the array {label!r} has the shape {labels.shape}; expected {x.shape[:1]}, a "
            f"class for each sample in {name!r}"
        )
    image_shape = x.shape[1:] if x.ndim == 3 else None
    columns = x.reshape(len(x), math.prod(x.shape[1:])).T
    return _Written(
        {f"{name}[:, {place}]": column for place, column in enumerate(columns)},
        labels,
        lambda sample: f"row {sample + 1}",
        image_shape,
    )


def _chosen(path: str, names: list[str], label: str, features: list[str]) -> list[str]:
    """The columns of the dimensions."""
    for name in (label, *features):
        if name not in names:
            raise TableError(f"{path} has no column {name!r}; there are {', '.join(names)}")
    chosen = features or [name for name in names if name != label and not _INDEX.fullmatch(name)]
    if not chosen:
        raise TableError(f"{path} has no column but {label!r}; expected one for each dimension")
    if label in chosen:
        raise TableError(f"{path}: the column {label!r} is among the features, and is the label")
    return chosen


def _numbers(
    path: str, name: str, values: Sequence[Any], place: Callable[[int], str]
) -> np.ndarray:
    """A column as float64; float32 must be able to hold every value."""
    array = np.asarray(values)
    if array.dtype.kind not in "biufOU":
        raise TableError(f"{path}, column {name!r}: found {array.dtype}; expected numbers")
    try:
        numbers = array.astype(np.float64)
    except (TypeError, ValueError):
        numbers = np.array([_number(value) for value in values])
    with np.errstate(over="ignore"):
        good = np.isfinite(numbers.astype(np.float32))
    if not good.all():
        sample = int(np.argmin(good))
        value = values[sample]
        found = "no value" if _is_missing(value) else f"{_plain(value)!r:.100}"
        raise TableError(
            f"{path}, {place(sample)}, column {name!r}: found {found}; expected a finite number"
        )
    return numbers


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan


def _is_missing(value: Any) -> bool:
    """Whether a value is missing: empty, blank, or not a number."""
    if isinstance(value, str | bytes):
        return not value.strip()
    return value is None or value != value  # as NaN is


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _name(value: Any) -> str:
    """The name of the class that a value stands for."""
    if isinstance(value, bytes):
        return value.decode("utf-8")
    # Whole numbers may be written 1.0, as pandas does in columns with missing values.
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _classes(path: str, label: str, written: _Written) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels from 0 on, and the names of the classes."""
    texts = []
    for sample, value in enumerate(written.labels):
        if _is_missing(value):
            raise TableError(
                f"{path}, {written.place(sample)}, column {label!r}: found no value; expected a "
                "class"
            )
        try:
            texts.append(_name(_plain(value)))
        except UnicodeDecodeError as error:
            raise TableError(
                f"{path}, {written.place(sample)}, column {label!r}: found {value!r:.100}; "
                "expected text in UTF-8"
            ) from error
    names = sorted(set(texts))
    if all(math.isfinite(_number(name)) for name in names):
        names.sort(key=float)
    if len(names) == 1:
        raise TableError(
            f"{path}, column {label!r}: all rows are of the class {names[0]!r}; expected two "
            "classes at least"
        )
    number = {name: place for place, name in enumerate(names)}
    return np.array([number[text] for text in texts], np.int64), tuple(names)
