"""The document's LaTeX, with the numbers of the runs in its text."""

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
from rknet.show.document.sections import OVERVIEWS, SHOWN, Section
from rknet.show.figures.specification import FIGURES, ScatterFigure, TableauFigure
from rknet.show.labels import listed
from rknet.show.latex import escaped
from rknet.show.tables.specification import TABLES
from rknet.study.records import read_record

#: Packages that decide how tables and figures come out, whose versions no run records.
PACKAGES = ("matplotlib", "pandas", "scikit-learn", "scipy", "snakemake")

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
    """Text that is LaTeX already; every other text is escaped where it enters the document."""

    __slots__ = ()


def literal(text: object) -> Latex:
    r"""Any text as LaTeX that prints it character by character.

    What is not printable ASCII, which not every font has, is printed as ``\uXXXX``.
    """
    plain = re.sub(r"[^ -~]", lambda match: rf"\u{ord(match[0]):04x}", str(text))
    return Latex("".join(_LITERAL.get(character, character) for character in plain))


def prose(text: str) -> Latex:
    """A sentence of the project's own, with its symbols, as LaTeX."""
    # A line does not begin with a percent sign.
    return Latex(escaped(text).replace(r" \%", r"~\%"))


def read(
    metrics: Iterable[str | Path],
    comparison: str | Path,
    claims: str | Path,
    published: str | Path,
    records: Iterable[str | Path],
    tables: Sequence[str],
    captions: Mapping[str, str],
) -> Inputs:
    """Read the files that the document is made from; see `Inputs`."""
    return Inputs(
        metrics={Path(path).stem: pd.read_csv(path) for path in metrics},
        comparison=pd.read_csv(comparison),
        # Section 4.1 is no number.
        claims=pd.read_csv(claims, dtype=str, keep_default_na=False),
        printed=len(pd.read_csv(published)),
        records=[read_record(path) for path in records],
        tables=tables,
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
        """Write what is equal again: a reader would have to look anchors up."""
        return True


def render(inputs: Inputs) -> str:
    """The document, to be compiled in a folder beside those of tables and figures."""
    drawn = {name: FIGURES[name] for name in inputs.captions if name in FIGURES}
    return _template().render(
        version=__version__,
        runs=contents.ended(inputs.metrics),
        experiments=contents.overview(inputs.metrics),
        networks=contents.networks(inputs.metrics),
        compared=contents.compared(inputs),
        verdicts=contents.verdicts(inputs.claims),
        adjoint=contents.verdicts(inputs.claims, "3"),
        sections=[_section(section, inputs) for section in contents.present(inputs.metrics)],
        tableaus=[name for name, figure in drawn.items() if isinstance(figure, TableauFigure)],
        datasets=[name for name, figure in drawn.items() if isinstance(figure, ScatterFigure)],
        captions={name: prose(caption) for name, caption in inputs.captions.items()},
        numbers={
            **{n: figure.heading.removeprefix("Figure ") for n, figure in drawn.items()},
            **{name: letter for name, (letter, _, _) in OVERVIEWS.items()},
        },
        tables=[name for name in inputs.tables if TABLES[name].edition != "preprint"],
        preprint=[name for name in inputs.tables if TABLES[name].edition == "preprint"],
        provenance=contents.provenance(inputs.records),
        packages=_packages(),
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        # Braces and hash signs are LaTeX's.
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
    """What a section on experiments holds, for the template."""
    tables = [
        name
        for name in inputs.tables
        if TABLES[name].experiment in section.experiments and TABLES[name].edition != "preprint"
    ]
    figures = [name for name in inputs.captions if _experiment(name) in section.experiments]
    return {
        # The paper's number, which the document's is to be; there is none before 4.1.
        "place": int(section.number[2:] or 0),
        "title": section.title,
        "lead": prose(section.lead),
        "shown": _shown(tables, figures),
        "results": [
            {
                **contents.size(inputs.metrics[name]),
                "name": name,
                "ranges": prose(contents.ranges(inputs.metrics[name])),
            }
            for name in section.experiments
        ],
        "verdicts": contents.verdicts(inputs.claims, section.number),
        "tables": tables,
        "figures": figures,
    }


def _experiment(figure: str) -> str:
    """The experiment that a figure shows, or nothing if it shows none or all."""
    return FIGURES[figure].experiment if figure in FIGURES else OVERVIEWS[figure][1]


def _shown(tables: Sequence[str], figures: Sequence[str]) -> Latex:
    """What the tables and figures show, as the items of a list in a sentence."""
    places = {name: rf"Table~\ref{{tab:{name}}}" for name in tables}
    places |= {name: rf"Figure~\ref{{fig:{name}}}" for name in figures}
    items = [f"{place} {literal(SHOWN.get(name, 'shows more'))}" for name, place in places.items()]
    return Latex(listed(items))


def _packages() -> list[tuple[str, str]]:
    """The versions of the packages that made tables and figures, of those installed."""
    installed = {each.metadata["Name"].lower(): each.version for each in metadata.distributions()}
    return [(name, installed[name]) for name in PACKAGES if name in installed]
