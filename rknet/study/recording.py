"""Writes records: what each result was made of.

Every job writes a record as its last step: a run writes ``run.json``, any other job a file in
``records`` in the folder of the results, or one for each of its parts. The definitions behind a
digest of code are written once, in ``code``. Nothing here decides a result, so fingerprints leave
this module out.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from rknet.files import file_hash, write_json
from rknet.study.fingerprints import Kind, fingerprint
from rknet.study.known_code import digest_of
from rknet.study.machine import TRAINING, environment, peak_memory_mib
from rknet.study.records import digest, within


@contextmanager
def recorded(job: Any) -> Iterator[Any]:
    """Write the record of a job after the block has made its results.

    Parameters
    ----------
    job : snakemake.script.Snakemake
        The object ``snakemake`` of a script. Its params have the ``code`` that `code_of` returns. A
        job with an output called ``record`` writes its own record, see `write_record`.

    Yields
    ------
    snakemake.script.Snakemake
        The same.
    """
    params = dict(job.params.items())
    if "record" in job.output.keys():  # noqa: SIM118  # in a namedlist, this looks for a value
        # The runs that are finished count, even if others fail.
        note_code(job.config["results"], params["code"])
        yield job
        return
    with _recorded(job, job.input, job.output, params):
        yield job


def record_each(job: Any, make: Callable[..., None]) -> None:
    """Make the parts of a job one after another, each with a record of its own.

    Parameters
    ----------
    job : snakemake.script.Snakemake
        The object ``snakemake`` of a script. Its params have ``parts``, a mapping for each: its
        ``inputs``, lists of files by name, its ``outputs``, a list of files, and its ``params``,
        with the ``code``.
    make : callable
        Makes a part from its inputs and outputs, and, by name, its params without the code.

    Raises
    ------
    Exception
        The error of the part that failed, after all others are made; an `ExceptionGroup` if
        several did.
    """

    def make_recorded(part: Mapping[str, Any]) -> None:
        inputs, outputs, params = part["inputs"], part["outputs"], dict(part["params"])
        with _recorded(job, chain.from_iterable(inputs.values()), outputs, params):
            make(inputs, outputs, **_without_code(params))

    make_each(make_recorded, job.params.parts)


def make_each(make: Callable[[Any], None], parts: Sequence[Any]) -> None:
    """Make parts one after another; one that fails leaves the others.

    Raises
    ------
    Exception
        The error of the part that failed, after all others are made; an `ExceptionGroup` if
        several did.
    """
    errors = []
    for part in parts:
        try:
            make(part)
        except Exception as error:  # whatever it is, the next part may not have it
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {len(parts)} parts failed", errors)


@contextmanager
def _recorded(
    job: Any, inputs: Iterable[str], outputs: Iterable[str], params: Mapping[str, Any]
) -> Iterator[None]:
    try:
        with errors_in(job.log[0]):
            yield
            _write_job_record(job, inputs, list(outputs), params)
    except BaseException:
        # Snakemake would not: it keeps the finished runs of a job with one that failed.
        for path in outputs:
            Path(path).unlink(missing_ok=True)
        raise


@contextmanager
def errors_in(log: str | Path) -> Iterator[None]:
    """Write an error into a log, where Snakemake sends whoever asks why."""
    try:
        yield
    except BaseException:
        with Path(log).open("a", encoding="utf-8") as file:
            traceback.print_exc(file=file)
        raise


def _without_code(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name != "code"}


def _write_job_record(
    job: Any, inputs: Iterable[str], outputs: Sequence[str], params: Mapping[str, Any]
) -> None:
    results, code = Path(job.config["results"]), dict(params["code"])
    note_code(results, code)
    record = {
        "rule": job.rule,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "code": code,
        # As JSON gives them back, so that they can be compared.
        "params": json.loads(json.dumps(_without_code(params), default=str)),
        "inputs": _checksums(inputs, results),
        "outputs": _checksums(outputs, results),
        **environment(),
    }
    path, *others = (results / "records" / f"{within(name, results)}.json" for name in outputs)
    write_json(path, {**record, "sha256": digest(record)})
    # If another job made one of these by itself before, its record is out of date.
    for other in others:
        other.unlink(missing_ok=True)


def code_of(roots: Iterable[str], kinds: Iterable[Kind] = ()) -> dict[str, Any]:
    """The code that given roots reach, as a parameter of a rule and in a record.

    It takes the arguments of `rknet.study.fingerprints.fingerprint`.
    """
    found, with_kinds = digest_of(roots, kinds)
    return {"digest": found, "roots": list(with_kinds)}


def note_code(results: str | Path, code: Mapping[str, Any]) -> None:
    """Write the definitions that a digest of code stands for, unless they are already written.

    Parameters
    ----------
    results : str or Path
        The folder of the results.
    code : mapping
        As `code_of` returns it. If the code has been edited since, nothing is written.
    """
    path = Path(results, "code", f"{code['digest']}.json")
    if not path.is_file():
        found = fingerprint(code["roots"])
        if found.digest == code["digest"]:
            write_json(path, {"roots": code["roots"], "parts": found.parts})


def write_record(path: str | Path, record: Mapping[str, Any], files: Iterable[str | Path]) -> None:
    """Write the record of a run after its other files.

    Parameters
    ----------
    path : str or Path
        ``run.json``.
    record : mapping
        Plain values; versions, commit and hardware of the process are added.
    files : iterable of str or Path
        The run's other files, in the same folder.
    """
    path, files = Path(path), [Path(file) for file in files]
    record = {
        "peak_memory_mib": round(peak_memory_mib(), 1),
        **environment(TRAINING),
        **record,
        "files_sha256": {file.name: file_hash(file) for file in files},
    }
    write_json(path, {**record, "sha256": digest(record)})


def _checksums(paths: Iterable[str], results: Path) -> dict[str, str]:
    return {within(path, results): file_hash(path) for path in dict.fromkeys(map(str, paths))}
