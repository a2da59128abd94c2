"""The text that the report opens with: the verdicts as a picture, what to know first, the rest."""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Iterator, Mapping
from textwrap import indent, shorten

import pandas as pd

from rknet.show.figures.kinds.verdicts import first_printed, table_name
from rknet.show.labels import LIFTS, listed, probability
from rknet.show.pages.glance import in_order
from rknet.study.claims import count_claims
from rknet.study.comparison import NUMBER, as_compared, lift_evidence
from rknet.study.publication import Publication, printed_by
from rknet.study.statistics import NOT_RUN

#: The names that workflow/report/workflow.rst gives the pages.
_NUMBERS, _CLAIMS, _ERRATA = "all numbers", "all claims", "errors in the publications"
#: A sentence of the paper is cut to so many characters.
_SENTENCE = 150


def opening(
    about: Mapping[str, str],
    comparison: pd.DataFrame,
    published: pd.DataFrame,
    claims: pd.DataFrame,
    publication: Publication,
    taken: str = "",
    decided: str = "",
    above: str = "",
) -> str:
    """The report's opening text in reStructuredText: what is reproduced, and the verdict in short.

    Parameters
    ----------
    about : mapping
        As in `rknet.show.paper.Paper`.
    comparison, published, claims, publication
        As `in_short` takes them.
    taken : str, optional
        As `rknet.show.pages.verdict.comparison_page` takes it.
    decided : str, optional
        What looks at more repetitions have decided, as `rknet.show.decisions.summary` says it.
    above : str, optional
        What comes before all this: the `picture` of the verdicts, and what `to_know_first`.
    """
    title, shown = about["short"], f"This report shows the experiments of *{about['title']}*."
    judged = about["remark"]
    if len(published):
        title += ", reproduced"
        shown = (
            f"This report reproduces the tables and figures of {about['authors']}, "
            f"*{about['title']}*. It gives a verdict on every printed number, and on every claim "
            "that can be tested."
        )
        judged = (
            f"A number is consistent if, within its rounding, it lies in the "
            f"{100 * publication.level:g} % prediction interval for {publication.repetitions} "
            f"fresh repetitions. {judged}"
        )
    parts = [
        f"{title}\n{'=' * len(title)}",
        *([above.strip()] if above else []),
        shown,
        in_short(comparison, published, claims, publication).strip(),
        *([f"**The claims, with more repetitions.** {_plain(decided)}"] if decided else []),
        *([f"**The runs.** {_plain(taken)}"] if taken else []),
        judged.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def picture(png: bytes, words: str) -> str:
    """A picture (PNG) in reStructuredText, inside the text, with what it says in words."""
    # Docutils joins the lines again; it refuses long ones.
    data = indent(encodebytes(png).decode("ascii"), "   ")
    return f".. image:: data:image/png;base64,\n{data}   :alt: {words}\n"


def to_know_first(
    comparison: pd.DataFrame,
    published: pd.DataFrame,
    findings: pd.DataFrame,
    verdicts: pd.DataFrame,
    fits: pd.DataFrame,
    publication: Publication,
) -> str:
    """What a reader must know, in at most five lines of reStructuredText with links to the pages.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `rknet.study.comparison.compare` makes it.
    published : pandas.DataFrame
        All printed numbers.
    findings : pandas.DataFrame
        The errata, as the paper's module of errata returns them.
    verdicts : pandas.DataFrame
        The claims, as `rknet.show.pages.glance.latest` returns them.
    fits : pandas.DataFrame
        As `rknet.study.joint.table_fits` makes it.
    publication : Publication

    Returns
    -------
    str
        Empty if nothing is decided.
    """
    lines = [
        *_contradicted(verdicts, publication),
        *_worst_table(comparison, published, publication),
        *_rejected_tables(fits, publication),
        *_errors(findings),
        *_lifts(comparison, publication),
    ]
    listed_lines = [f"#. {line}" for line in lines]
    return "\n".join(["**What to know first**", "", *listed_lines]) if lines else ""


def _link(text: str, page: str) -> str:
    return f"`{text} <{page}_>`__"


def _contradicted(verdicts: pd.DataFrame, publication: Publication) -> Iterator[str]:
    """How many claims are contradicted, and the first of them in the order of the paper."""
    counts = verdicts["verdict"].value_counts()
    wrong = verdicts[verdicts["verdict"] == "contradicted"]
    if len(wrong):
        first = wrong.sort_values("section", key=in_order, kind="stable").iloc[0]
        claims = wrong["id"].replace(dict(publication.asked_again)).nunique()
        count = _counted(claims, "claim is", "claims are")
        lift = f" with lift {first['lift']}" if first["lift"] in LIFTS else ""
        said = _plain(shorten(first["statement"], _SENTENCE, placeholder=" …"))
        yield f"{_link(f'{count} contradicted', _CLAIMS)}, the first{lift}: “{said}”"
    elif "supported" in counts:
        held = _counted(counts["supported"], "is", "are") + " supported"
        others = [
            f"{counts[name]} {name}" for name in ("undecided", "futile", NOT_RUN) if name in counts
        ]
        yield (
            f"{_link('No claim is contradicted', _CLAIMS)}; counting each lift, "
            f"{listed([held, *others])}."
        )


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _worst_table(
    comparison: pd.DataFrame, published: pd.DataFrame, publication: Publication
) -> Iterator[str]:
    """The table with the largest share of inconsistent numbers, or that there is none."""
    key = ["edition", "table"]
    tables = first_printed(as_compared(published, publication), publication)[key]
    rows = comparison.merge(tables.drop_duplicates())
    counts = rows["verdict"].value_counts()
    if "inconsistent" in counts:
        found = (rows["verdict"] == "inconsistent").groupby([rows[name] for name in (*key, "lift")])
        shares = found.agg(["mean", "sum", "size"])
        # Of several, the first that was printed.
        shares = shares.sort_values(["mean", "size"], ascending=False, kind="stable")
        (edition, table, lift), worst = shares.index[0], shares.iloc[0]
        name = _capital(table_name(edition, table, publication))
        yield (
            f"{_link(f'{name} has the largest share of inconsistent numbers', _NUMBERS)}: "
            f"{worst['sum']:.0f} of {worst['size']:.0f} that are compared, with lift {lift}."
        )
    elif "consistent" in counts:
        open_ones = counts.get("undecided", 0)
        also = f"; {_counted(open_ones, 'is', 'are')} undecided" if open_ones else ""
        yield f"{_link('No printed number', _NUMBERS)} that is compared is inconsistent{also}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rejected_tables(fits: pd.DataFrame, publication: Publication) -> Iterator[str]:
    """How many tables do not fit as a whole, for one of so many that are tested, and the least."""
    tested = fits.dropna(subset="p_value").sort_values("p_value", kind="stable")
    level = (1 - publication.level) / max(1, len(tested))
    rejected = tested[tested["p_value"] < level]
    if len(rejected):
        least = rejected.iloc[0]
        name = table_name(least["edition"], least["table"], publication)
        p = probability(least["p_value"])
        count = _counted(len(rejected), "table does", "tables do")
        yield (
            f"{_link(f'{count} not fit as a whole', _NUMBERS)}, of {len(tested)} with their lifts "
            f"and p below {level:.2g}: least {name} with lift {least['lift']} "
            f"(p {p if p[0] == '<' else f'= {p}'})."
        )


def _errors(findings: pd.DataFrame) -> Iterator[str]:
    held = findings["id"][findings["holds"] == "yes"]
    if len(held):
        count = _counted(len(held), "erratum holds", "errata hold")
        yield f"{_link(count, _ERRATA)}: {_plain(listed(list(held)))}."


def _lifts(comparison: pd.DataFrame, publication: Publication) -> Iterator[str]:
    """With which of two lifts more of the numbers are consistent that tell them apart."""
    if len(publication.lifts) < 2:
        return
    summary, differing = lift_evidence(comparison, publication)
    if len(differing):
        first, second = summary.to_dict("records")
        yield (
            f"{_link('Where the two lifts differ', _NUMBERS)}, {first['differing_consistent']} of "
            f"{len(differing)} published means are consistent with the {first['lift']} one and "
            f"{second['differing_consistent']} with {second['lift']}."
        )


def _plain(text: str) -> str:
    """Text as reStructuredText that shows it as it is."""
    return re.sub(r"([\\*_`|])", r"\\\1", text)


def in_short(
    comparison: pd.DataFrame,
    published: pd.DataFrame,
    claims: pd.DataFrame,
    publication: Publication,
) -> str:
    """The verdict in a few sentences of reStructuredText.

    Parameters
    ----------
    comparison, claims : pandas.DataFrame
        As the pages take them.
    published : pandas.DataFrame
        All printed numbers.
    publication : Publication
    """
    lines = [_claims_in_short(claims, publication)] if len(claims) else []
    if len(published):
        lines.insert(0, _numbers_in_short(comparison, published))
    return "\n\n".join(lines) + "\n"


def _numbers_in_short(comparison: pd.DataFrame, published: pd.DataFrame) -> str:
    printed = f"{len(published)} that {printed_by(published['edition'].nunique())}"
    if comparison.empty:
        return (
            f"**The numbers.** None of the {printed} is compared: no published cell was run at "
            "the paper's protocol."
        )
    once = comparison.drop_duplicates([*NUMBER, "published", "lift"])
    compared = len(comparison.drop_duplicates(["edition", "table", *NUMBER]))
    by_lift = []
    for lift, rows in once.groupby("lift"):
        consistent, adjusted = (
            int((rows[name] == "consistent").sum()) for name in ("verdict", "verdict_adjusted")
        )
        also = f" ({adjusted} after adjustment for their number)" if adjusted else ""
        others = [
            f"{count} {verdict}"
            for verdict in ("inconsistent", "undecided")
            if (count := (rows["verdict"] == verdict).sum())
        ]
        by_lift.append(
            f"with lift {lift}, {consistent} of {len(rows)} are consistent with the runs{also}"
            f"{f' ({listed(others)})' if others else ''}"
        )
    why = " One run alone decides nothing." if (once["verdict"] == "undecided").any() else ""
    return (
        f"**The numbers.** {compared} of the {printed} are compared. Counting "
        f"each once: {'; '.join(by_lift)}.{why}"
    )


def _claims_in_short(claims: pd.DataFrame, publication: Publication) -> str:
    stated, by_lift = count_claims(claims, publication.asked_again)
    counted = []
    for lift, numbers in by_lift.iterrows():
        words = listed([f"{count} {verdict}" for verdict, count in numbers.items() if count])
        counted.append(f"with lift {lift} {words}" if lift in LIFTS else f"without a lift {words}")
    also = publication.asked_again_in_words
    return (
        f"**The claims.** {_counted(stated, 'is', 'are')} tested, once for each lift they have"
        f"{f' ({also})' if also else ''}: {'; '.join(counted)}."
    )
