"""The document's sections, and the configuration that it prints.

Light to import, as the workflow resolves the configuration with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rknet.show.entries import entry_of


@dataclass(frozen=True)
class Section:
    """A section of a paper.

    Attributes
    ----------
    number : str
        In the paper: ``4.2``, or ``4`` for its text before 4.1.
    title, lead : str
        The heading and what is said first.
    experiments : tuple of str, optional
        The experiments that belong here.
    shows : str, optional
        A kind of figures that rest on no experiment and belong here.
    """

    number: str
    title: str
    lead: str
    experiments: tuple[str, ...] = ()
    shows: str = ""


def read_sections(entries: Iterable[Any], where: str) -> tuple[Section, ...]:
    """The sections of a paper, in the document's order.

    Raises
    ------
    PaperError
        If an entry is wrong; the message says where.
    """
    return tuple(
        Section(**entry_of(Section, entry, f"{where}: {place}"))
        for place, entry in enumerate(entries, start=1)
    )


def resolved(config: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """The configuration with every experiment written out, which alone makes the same runs.

    Parameters
    ----------
    config : mapping
        As Snakemake reads it, checked.
    root : Path
        The project's folder.
    """
    return {
        **config,
        **{
            key: [_written(entry, root) for entry in config.get(key, [])]
            for key in ("experiments", "optional_experiments")
        },
    }


def _written(entry: str | Mapping[str, Any], root: Path) -> dict[str, Any]:
    if isinstance(entry, Mapping):
        return dict(entry)
    path = root / f"config/experiments/{entry}.yaml"
    return {"name": entry, **yaml.safe_load(path.read_text(encoding="utf-8"))}
