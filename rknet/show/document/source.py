"""Writes the document's LaTeX, with the numbers of the runs in its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import yaml

from rknet import __version__
from rknet.show.document import contents
from rknet.show.document.contents import Inputs
from rknet.show.document.sections import Section
from rknet.show.figures.figure import Figure
from rknet.show.labels import LIFTS, lift_heading, listed
from rknet.show.latex import escaped
from rknet.show.tables.table import Table
from rknet.study.frames import archived_in_words
from rknet.study.publication import Publication, printed_by
from rknet.study.records import read_record

#: Packages that affect tables and figures, but whose versions no run records.
PACKAGES = ("matplotlib", "pandas", "scikit-learn", "scipy", "seaborn", "snakemake")

#: Characters that LaTeX reads as something else, alone or as part of a ligature.
_LITERAL = {
    **{character: rf"\{character}" for character in "%&_#${}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "-": "-{}",
    ",": ",{}",
}


class Latex(str):
    """Text that is already LaTeX; every other text is escaped where it enters the document."""

    __slots__ = ()


def literal(text: object) -> Latex:
    r"""Any text as LaTeX that prints it character by character.

    A character outside printable ASCII, which a font may lack, is printed as ``\uXXXX``.
    """
    plain = re.sub(r"[^ -~]", lambda match: rf"\u{ord(match[0]):04x}", str(text))
    return Latex("".join(_LITERAL.get(character, character) for character in plain))


def prose(text: str) -> Latex:
    """Text of the project itself, with its symbols, as LaTeX."""
    # A line does not begin with a percent sign.
    return Latex(escaped(text).replace(r" \%", r"~\%"))


def read(
    metrics: Iterable[str | Path],
    comparison: str | Path,
    claims: str | Path,
    published: str | Path,
    records: Iterable[str | Path],
    paper: Mapping[str, Any],
    captions: Mapping[str, str],
) -> Inputs:
    """Read the files that the document is made from; see `Inputs`.

    `paper` has the shown parts of the paper as plain values: ``about``, ``publication``,
    ``sections``, ``tables`` and ``figures``.
    """
    numbers = pd.read_csv(published)
    return Inputs(
        metrics={Path(path).stem: pd.read_csv(path) for path in metrics},
        comparison=pd.read_csv(comparison),
        # Text, because Section 4.1 is not a number.
        claims=pd.read_csv(claims, dtype=str, keep_default_na=False),
        printed=len(numbers),
        editions=numbers["edition"].nunique(),
        records=[read_record(path) for path in records],
        about=paper["about"],
        publication=Publication(**paper["publication"]),
        sections=[Section(**section) for section in paper["sections"]],
        tables={name: Table(**table) for name, table in paper["tables"].items()},
        figures={name: Figure(**figure) for name, figure in paper["figures"].items()},
        captions=captions,
    )


def configuration(resolved: Mapping[str, Any]) -> str:
    """A configuration as YAML in printable ASCII, lists of plain values on one line."""
    return yaml.dump(dict(resolved), Dumper=_Dumper, sort_keys=False, width=80)


class _Dumper(yaml.SafeDumper):
    def represent_sequence(
        self, tag: str, sequence: Iterable[Any], flow_style: bool | None = None
    ) -> yaml.SequenceNode:
        plain = not any(isinstance(value, Mapping) for value in sequence)
        return super().represent_sequence(tag, sequence, flow_style=plain or flow_style)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Write equal values again, so that a reader need not look up anchors."""
        return True


def render(inputs: Inputs) -> str:
    """The document; its folder must stand next to those of the tables and figures."""
    lifts = [lift_heading(lift, inputs.publication.lifts) for lift in LIFTS]
    usual, others = _by_edition(inputs)
    return _template().render(
        version=__version__,
        about=inputs.about,
        runs=contents.ended(inputs.metrics),
        archived=archived_in_words(contents.together(inputs.metrics)),
        experiments=contents.overview(inputs.metrics),
        networks=contents.networks(inputs.metrics),
        lifts=prose("; ".join(lifts)),
        compared=contents.compared(inputs),
        printed_by=printed_by(inputs.editions),
        verdicts=contents.verdicts(inputs),
        sections=[
            _section(section, inputs)
            for section in contents.present(inputs.metrics, inputs.sections)
        ],
        overviews=[name for name, each in inputs.figures.items() if each.source == "comparison"],
        captions={name: prose(caption) for name, caption in inputs.captions.items()},
        numbers={
            name: figure.heading.removeprefix("Figure ") for name, figure in inputs.figures.items()
        },
        tables=usual,
        others=others,
        origins=contents.origins(inputs.records),
        packages=_packages(),
    )


def _by_edition(inputs: Inputs) -> tuple[list[str], list[dict[str, Any]]]:
    """The tables in the sections, and by edition the other versions of those tables."""
    first = next(iter(inputs.publication.editions))
    twice = {table.experiment for table in inputs.tables.values() if table.edition == first}
    usual, others = [], {}
    for name, table in inputs.tables.items():
        if table.edition == first or table.experiment not in twice:
            usual.append(name)
        else:
            others.setdefault(inputs.publication.editions[table.edition], []).append(name)
    return usual, [{"edition": edition, "tables": names} for edition, names in others.items()]


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        # LaTeX itself uses braces and hash signs.
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        # Jinja escapes for HTML; `finalize` does so for LaTeX.
        autoescape=False,  # noqa: S701
        finalize=lambda value: value if isinstance(value, Latex) else literal(value),
    )
    environment.filters["raw"] = Latex
    return environment.get_template("paper.tex.jinja")


def _section(section: Section, inputs: Inputs) -> dict[str, Any]:
    """The content of a section, for the template."""
    usual, _ = _by_edition(inputs)
    tables = [name for name in usual if inputs.tables[name].experiment in section.experiments]
    figures = [name for name, each in inputs.figures.items() if _belongs(each, section)]
    chapter, _, place = section.number.partition(".")
    return {
        # The document uses the paper's section numbers.
        "chapter": int(chapter or 0),
        "place": int(place or 0),
        "title": section.title,
        "lead": prose(section.lead),
        "shown": _shown(tables, figures, inputs),
        "on_experiments": bool(section.experiments),
        "results": [
            {
                **contents.size(inputs.metrics[name]),
                "name": name,
                "ranges": prose(contents.ranges(inputs.metrics[name])),
            }
            for name in section.experiments
        ],
        "verdicts": _verdicts(section, inputs),
        "tables": tables,
        "figures": figures,
    }


def _belongs(figure: Figure, section: Section) -> bool:
    """Whether a figure belongs in a section."""
    if figure.experiment:
        return figure.experiment in section.experiments
    return figure.kind == section.shows


def _verdicts(section: Section, inputs: Inputs) -> dict[str, Any]:
    """The verdicts on a section's claims, unless a later section has the same number."""
    same = [other for other in inputs.sections if other.number == section.number]
    if same and same[-1].title != section.title:
        return {"claims": 0}
    return contents.verdicts(inputs, section.number)


def _shown(tables: Sequence[str], figures: Sequence[str], inputs: Inputs) -> Latex:
    """What the tables and figures show, as a list in a sentence."""
    said = {rf"Table~\ref{{tab:{name}}}": inputs.tables[name].said for name in tables}
    said |= {rf"Figure~\ref{{fig:{name}}}": inputs.figures[name].said for name in figures}
    return Latex(listed([f"{place} {literal(words)}" for place, words in said.items()]))


def _packages() -> list[tuple[str, str]]:
    """The versions of the installed packages that affect tables and figures."""
    installed = {each.metadata["Name"].lower(): each.version for each in metadata.distributions()}
    return [(name, installed[name]) for name in PACKAGES if name in installed]
