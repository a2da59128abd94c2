"""A paper: its printed numbers and claims as data, and its modules for the parts that need code.

This module is light to import, and reads only YAML. Jobs read a paper's numbers and modules where
they need them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from rknet.show.document.sections import Section, read_sections
from rknet.show.entries import PaperError, entry_of, read_mapping, refuse_unknown
from rknet.show.figures.figure import Figure, read_figures
from rknet.show.labels import LIFTS
from rknet.show.tables.table import Table, read_tables
from rknet.study.publication import Publication

#: The paper that this project reproduces.
DEFAULT = "rknet.paper"
#: The purposes that a paper's modules can have; `module_of` says what each must define.
MODULES = ("claims", "errata", "checks", "readings")

#: Keys of ``paper.yaml`` that become a `Publication`, as they are.
_PUBLICATION = ("editions", "repetitions", "rounding", "level", "compared_as", "protocol",
                "departures", "stuck", "lifts")  # fmt: skip
_CLAIMS = ("curves", "features", "asked_again", "asked_again_in_words")
_ABOUT = ("title", "short", "authors", "citation", "remark")
_OTHER = ("modules", "claims", "sections", "animated")


@dataclass(frozen=True)
class Paper:
    """Everything about one paper.

    Attributes
    ----------
    name : str
        Its package, such as ``rknet.paper``, or its folder.
    folder : Path
        The folder of its files.
    about : mapping
        ``title``, ``short`` (title), ``authors``, ``citation`` and a ``remark`` for the report.
    publication : Publication
        The facts that numbers and claims are judged by.
    tables, figures : dict
        By name.
    sections : tuple of Section
        The sections of the document.
    modules : mapping
        From purposes, out of `MODULES`, to the names of its modules.
    curves : tuple of str
        The experiments whose curves the claims use.
    features : tuple of str
        The experiments whose features the claims use.
    animated : tuple of str
        The figures whose runs are animated.
    """

    name: str
    folder: Path
    about: Mapping[str, str]
    publication: Publication
    tables: Mapping[str, Table]
    figures: Mapping[str, Figure]
    sections: tuple[Section, ...]
    modules: Mapping[str, str]
    curves: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    animated: tuple[str, ...] = ()

    @property
    def published(self) -> str:
        """The file with every number that the paper prints."""
        return _short(self.folder / "published.csv")

    @property
    def readings(self) -> tuple[str, ...]:
        """The files that say how its sentences are read."""
        return tuple(sorted(_short(path) for path in self.folder.glob("readings/*.yaml")))

    def root(self, purpose: str) -> tuple[str, ...]:
        """The roots of a fingerprint of the module for a purpose; empty if there is no such module.

        They are the module's name or, if the paper is in a folder, its Python files.
        """
        if purpose not in self.modules:
            return ()
        if not _is_folder(self.name):
            return (f"{self.name}.{self.modules[purpose]}",)
        # Its modules may import one another.
        return tuple(sorted(_short(path) for path in self.folder.rglob("*.py")))


def load_paper(name: str = DEFAULT) -> Paper:
    """Read a paper.

    Parameters
    ----------
    name : str
        A package, such as ``rknet.paper``, or a folder; its path must have a slash.

    Raises
    ------
    PaperError
        If there is no such paper, or an entry is wrong; the message names file, entry and key.
    """
    folder = _folder(name)
    file = folder / "paper.yaml"
    found = read_mapping(file)
    where = str(file)
    refuse_unknown(found, (*_ABOUT, *_PUBLICATION, *_OTHER), where, "key")
    missing = [
        key for key in (*_ABOUT[:4], "editions", "repetitions", "rounding") if key not in found
    ]
    if missing:
        raise PaperError(f"{where}: the key {missing[0]!r} is missing")
    claims = found.get("claims", {})
    refuse_unknown(claims, _CLAIMS, f"{where}: claims", "key")
    modules = found.get("modules", {})
    refuse_unknown(modules, MODULES, f"{where}: modules", "purpose")
    for purpose, module in modules.items():
        place = folder.joinpath(*str(module).split("."))
        if not (place.with_name(f"{place.name}.py").is_file() or (place / "__init__.py").is_file()):
            raise PaperError(f"{where}: modules: {purpose}: there is no {module}.py beside it")
    refuse_unknown(found.get("lifts", {}), LIFTS, f"{where}: lifts", "lift")
    judged = {key: value for key, value in found.items() if key in _PUBLICATION}
    judged |= {key: value for key, value in claims.items() if key.startswith("asked_again")}
    publication = Publication(**entry_of(Publication, judged, where))
    sections = read_sections(found.get("sections", []), f"{where}: sections")
    experiments = {name for section in sections for name in section.experiments}
    known = (publication.editions, experiments)
    figures = read_figures(folder / "figures.yaml", *known)
    refuse_unknown(found.get("animated", []), figures, f"{where}: animated", "figure")
    return Paper(
        name=name,
        folder=folder,
        about={"remark": "", **{key: found[key] for key in _ABOUT if key in found}},
        publication=publication,
        tables=read_tables(folder / "tables.yaml", *known),
        figures=figures,
        sections=sections,
        modules=modules,
        curves=tuple(claims.get("curves", ())),
        features=tuple(claims.get("features", ())),
        animated=tuple(found.get("animated", ())),
    )


def module_of(name: str, modules: Mapping[str, str], purpose: str) -> ModuleType | None:
    """Import a paper's module.

    Parameters
    ----------
    name : str
        The paper's.
    modules : mapping
        As `Paper.modules`.
    purpose : str
        Of `MODULES`.

    Returns
    -------
    module or None
        By purpose, it defines ``CLAIMS`` (a sequence of `rknet.study.claims.Claim`), ``errata`` (a
        function of the published numbers, the metrics, the comparison, the `Publication` and what
        ``check`` returned, or None), ``check`` (a function that returns a frame) or ``DEFINITIONS``
        (from words to their meaning here).
    """
    if purpose not in modules:
        return None
    package = name
    if _is_folder(name):
        # The folder becomes a package, so that its modules can import one another.
        package = "_paper_in" + re.sub(r"\W", "_", str(Path(name).resolve()))
        if package not in sys.modules:
            made = ModuleType(package)
            made.__path__ = [str(Path(name).resolve())]
            sys.modules[package] = made
    return import_module(f"{package}.{modules[purpose]}")


def definitions(name: str, modules: Mapping[str, str]) -> dict[str, str]:
    """The meaning that the paper's words are given here, for readers; empty if it defines none."""
    module = module_of(name, modules, "readings")
    return {} if module is None else dict(module.DEFINITIONS)


def _is_folder(name: str) -> bool:
    return "/" in name


def _folder(name: str) -> Path:
    if _is_folder(name):
        folder = Path(name)
        if not folder.is_dir():
            raise PaperError(f"there is no paper in {name}: it is not a folder")
        return folder
    try:
        package = find_spec(name)
    except (ImportError, ValueError):
        package = None
    if package is None or not package.submodule_search_locations:
        raise PaperError(f"there is no paper {name}: no package has this name; if it is a folder, "
                         "its path must have a slash")  # fmt: skip
    return Path(package.submodule_search_locations[0])


def _short(path: Path) -> str:
    """The path relative to the working folder, if it is inside: the same in every checkout."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
