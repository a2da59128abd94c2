"""The document's sections, and the configuration that it prints.

This module is light to import, because the workflow uses it to resolve the configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rknet.show.entries import entry_of
from rknet.study.yaml_files import read_yaml


@dataclass(frozen=True)
class Section:
    """A section of a paper.

    Attributes
    ----------
    number : str
        Its number in the paper: ``4.2``, or ``4`` for the text before 4.1.
    title, lead : str
        The heading, and the text below it.
    experiments : tuple of str, optional
        The experiments that belong here.
    shows : str, optional
        A kind of figure; those of this kind that need no experiment belong here.
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
    """The configuration with every experiment written out; it gives the same runs by itself.

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
    return {"name": entry, **read_yaml(root / f"config/experiments/{entry}.yaml")}
