"""The archive as a Workflow Run RO-Crate, so that others can take over its runs.

The crate holds the archive as it is, and in ``ro-crate-metadata.json`` each run as an action: what
was set, what trained it, and the files that came out.
"""

from __future__ import annotations

import json
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rocrate.model.computationalworkflow import ComputationalWorkflow
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from rknet.study.archive.entries import check, entries
from rknet.study.archive.taken import machine, training_seconds

#: The profiles that the crate conforms to, by address and name, and their version.
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
#: A term that RO-Crate 1.1 lacks, as the profiles define it.
_TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
_LICENCE = "https://spdx.org/licenses/MIT"
#: What the files of a run are.
_FILES = {
    "history.csv": ("costs and accuracies before training and after every epoch", "text/csv"),
    "outputs.npz": (
        "predicted classes and principal components of the features of the validation samples",
        "application/x-npz",
    ),
    "parameters.safetensors": ("trained parameters", "application/octet-stream"),
    "run.json": ("record of the run: settings, code, versions, hardware", "application/json"),
}
_WORKFLOW = "Snakefile"


class CrateError(ValueError):
    """A crate cannot be written or read; the message says why."""


def export(archive: Path, target: Path) -> str:
    """Write the archive as a crate.

    Parameters
    ----------
    archive : Path
        Its folder, in a checkout.
    target : Path
        A file that ends in ``.zip``, or a folder to make.

    Returns
    -------
    str
        What was written, in words.

    Raises
    ------
    CrateError
        If the archive is empty, or there is something at `target` already.
    ArchiveError
        If an archived run is damaged.
    """
    paths = list(entries(archive))
    if not paths:
        raise CrateError(f"{archive} has no runs; rknet archive add puts some there")
    if target.exists():
        raise CrateError(f"{target} exists already; delete it, or name another file")
    crate = _described(archive.absolute().parent / _WORKFLOW)
    for path in paths:
        _add_run(crate, archive, path, check(archive / path))
    if target.suffix == ".zip":
        crate.write_zip(target)
    else:
        crate.write(target)
    return f"{target} is a Workflow Run RO-Crate of {len(paths)} archived runs"


def _described(workflow: Path) -> ROCrate:
    """A crate without runs: what it is, and the workflow that made them."""
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms.update(_TERMS)
    crate.name = "Archived runs of Runge-Kutta networks"
    crate.description = (
        "Trained runs of a reproduction of Giesecke and Kröner: histories, predictions and "
        "principal components of features, each with a record of what made it"
    )
    crate.license = _entity(crate, _LICENCE, "CreativeWork", name="MIT License")
    profiles = [
        _entity(crate, address, "CreativeWork", name=name, version=address.rpartition("/")[2])
        for address, name in _PROFILES.items()
    ]
    crate.root_dataset["conformsTo"] = profiles
    main = crate.add_workflow(
        workflow, _WORKFLOW, main=True, lang="snakemake", cls=ComputationalWorkflow
    )
    main["name"] = "rknet"
    return crate


def _entity(crate: ROCrate, address: str, kind: str, **properties: Any) -> ContextEntity:
    return crate.add(ContextEntity(crate, address, properties={"@type": kind, **properties}))


def _add_run(crate: ROCrate, archive: Path, path: str, record: Mapping[str, Any]) -> None:
    """Add a run: its files, and the action that made them."""
    files = []
    for name in (*record["files_sha256"], "run.json"):
        what, kind = _FILES[name]
        properties = {"name": f"{name} of {path}", "description": what, "encodingFormat": kind}
        if name in record["files_sha256"]:
            properties["sha256"] = record["files_sha256"][name]
        place = f"archive/{path}/{name}"
        files.append(crate.add_file(archive / path / name, place, properties=properties))
    settings = [
        _entity(
            crate,
            f"#{path}/{key}",
            "PropertyValue",
            name=key,
            value=value if isinstance(value, str | int | float) else json.dumps(value),
        )
        for key, value in record["setting"].items()
    ]
    action = _entity(
        crate,
        f"#{path}",
        "CreateAction",
        name=f"Training of {path}",
        description=(
            f"{record['status']} after epoch {record['last_epoch']}; "
            f"{training_seconds(record):.0f} seconds on {machine(record)}; code "
            f"{(record.get('code') or {}).get('digest')}"
        ),
        actionStatus="http://schema.org/CompletedActionStatus",
    )
    action["instrument"] = crate.mainEntity
    action["object"] = settings
    action["result"] = files
    crate.root_dataset.append_to("mentions", action)


@contextmanager
def unpacked(source: Path) -> Iterator[Path]:
    """The folder of a crate or of another archive, unpacked if it is a ``.zip`` file.

    Raises
    ------
    CrateError
        If it is neither.
    """
    if source.is_dir():
        yield source
        return
    if not source.exists():
        raise CrateError(f"{source}: there is no such file or folder")
    with TemporaryDirectory() as folder:
        try:
            shutil.unpack_archive(source, folder, "zip")
        # Of a file that is encrypted, or packed in a way that Python does not know, RuntimeError.
        except (zipfile.BadZipFile, shutil.ReadError, zlib.error, RuntimeError) as error:
            raise CrateError(
                f"{source} is no crate ({error}); expected a .zip file or a folder that rknet "
                "archive export wrote"
            ) from None
        yield Path(folder)
