"""The pages of verdicts on the numbers and claims, the errata, and the report's opening text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from rknet.show.claims import overview
from rknet.show.comparison import Section, sections
from rknet.show.labels import LIFTS, label, lift_heading, listed, probability, scales
from rknet.show.pages.document import document, heading, listing, paragraph, table
from rknet.show.pages.listing import Page
from rknet.study.claims import count_claims, rest_on_archive, whole_claims
from rknet.study.comparison import NO_POWER, NUMBER, OF_ARCHIVED, lift_evidence
from rknet.study.publication import Publication, printed_by

#: The columns of the list of tests.
_TESTS = (
    *("id", "lift", "quantity", "how tested", "numbers", "reach"),
    *("verdict", "reason", "printed", "read so because"),
)

#: Sections that this page leaves out: the list of all numbers has the one, another page the other.
_ELSEWHERE = ("Inconsistent numbers", "Errata")


def comparison_page(
    page: Page,
    publication: Publication,
    comparison: pd.DataFrame,
    findings: pd.DataFrame,
    taken: str = "",
    fits: Sequence[Section] = (),
) -> str:
    """The page that compares every published number with the runs.

    Parameters
    ----------
    page : Page
    publication : Publication
    comparison : pandas.DataFrame
        As `rknet.study.comparison.compare` returns it.
    findings : pandas.DataFrame
        The errata, as the paper's module of errata returns them.
    taken : str, optional
        The runs from the archive, as `rknet.study.frames.archived_in_words` says it.
    fits : sequence of pairs, optional
        Sections on how whole tables fit, as `rknet.show.fits` makes them.
    """
    blocks = [paragraph(page.caption)]
    for name, content in sections(comparison, findings, publication, taken, fits):
        if name in _ELSEWHERE:
            continue
        blocks.append(heading(name))
        blocks += [
            paragraph(block) if isinstance(block, str) else table({"": block}) for block in content
        ]
        if name == "Verdicts" and len(comparison):
            blocks += [heading("All numbers"), *_numbers(comparison, publication)]
    return document(page.title, blocks)


def _numbers(comparison: pd.DataFrame, publication: Publication) -> list[str]:
    scale = scales(comparison["metric"])
    statistics = comparison["stat"].map({"mean": "", "std": "std of "})
    shown = pd.DataFrame(
        {
            "edition": comparison["edition"],
            "table": comparison["table"].astype(str),
            "dataset": [label("dataset", name) for name in comparison["dataset"]],
            "network": comparison["network"],
            "d̂": comparison["width"],
            "L": comparison["depth"],
            "split": comparison["split"],
            "quantity": statistics + [label("metric", name) for name in comparison["metric"]],
            "lift": comparison["lift"],
            "published": comparison["published"] * scale,
            "reproduced": comparison["reproduced"] * scale,
            **({OF_ARCHIVED: comparison["archived"]} if "archived" in comparison else {}),
            "verdict": comparison["verdict"],
            "adjusted": comparison["verdict_adjusted"],
            "from": comparison["prediction_low"] * scale,
            "to": comparison["prediction_high"] * scale,
            "p": comparison["p_value"],
            "found if below by": comparison["detects_below"] * scale,
            "or above by": comparison["detects_above"] * scale,
        }
    )
    if (shown["adjusted"] == NO_POWER).all():
        shown = shown.drop(columns="adjusted")
    if shown["d̂"].nunique() == 1:
        shown = shown.drop(columns="d̂")
    numbers = ("published", "reproduced", "from", "to", "found if below by", "or above by")
    verdicts = [name for name in ("verdict", "adjusted") if name in shown]
    lifts = [f"{lift}: {lift_heading(lift, publication.lifts)}" for lift in LIFTS]
    names = ["edition", "table", "dataset", "network", "split", "quantity", "lift"]
    archived = ", of which so many are from the archive" if OF_ARCHIVED in shown else ""
    return [
        paragraph(
            "Each row is a printed number and a lift. Reproduced is the mean or standard deviation "
            f"of the runs{archived}; adjusted is the verdict after adjustment; from and to are the "
            "ends of the prediction interval; p is the probability of a number at least as far "
            "off. The last two columns are the power: a mean as much below or above ours is found "
            "in four of five cases. "
            f"The lifts are {'; '.join(lifts)}."
        ),
        listing(
            shown,
            "comparison",
            {**dict.fromkeys(numbers, "{:.2f}"), "p": probability},
            choices=[*names, *verdicts],
            verdicts=verdicts,
        ),
    ]


def claims_page(
    page: Page, definitions: Mapping[str, str], claims: pd.DataFrame, taken: str = ""
) -> str:
    """The page of the paper's claims and their tests.

    Parameters
    ----------
    page : Page
    definitions : mapping
        The paper's words, each with the meaning it is given here.
    claims : pandas.DataFrame
        As `rknet.study.evaluation.evaluate` returns it.
    taken : str, optional
        As `comparison_page` takes it.
    """
    claims = claims.assign(section=claims["section"].astype(str))
    wholes = whole_claims(claims)
    # A claim in parts is tested by the tests of its parts.
    in_parts = claims["id"].isin(
        claims["id"].str.partition(".")[0][~claims.index.isin(wholes.index)]
    )
    tests = claims[~in_parts].rename(columns={"test": "how tested", "why": "read so because"})
    meanings = pd.DataFrame({"words": definitions.keys(), "meaning": definitions.values()})
    meant = (
        "A claim is supported if the hypothesis that it is false is rejected, contradicted if the "
        "hypothesis that it is true is rejected, not run if no run of it is there, and undecided "
        "otherwise. More repetitions decide more claims; four decide hardly any, as no exact test "
        "of four can tell more than half of all runs from fewer. Of a claim in parts, effect, "
        "interval and n are those of the part that decides."
    )
    return document(
        page.title,
        [
            paragraph(f"{page.caption} {meant}"),
            *([paragraph(taken)] if rest_on_archive(claims).any() else []),
            heading("All claims"),
            listing(
                overview(
                    wholes, ["id", "section", "statement", "lift", "verdict"], ["reason", "runs"]
                ),
                "claims",
                choices=["section", "lift", "verdict"],
                verdicts=["verdict"],
            ),
            heading("How each was tested"),
            listing(
                tests[[*_TESTS]],
                "tests",
                choices=["lift", "how tested", "verdict"],
                verdicts=["verdict"],
            ),
            *([heading("The meaning of the words"), table({"": meanings})] * bool(definitions)),
        ],
    )


def errata_page(page: Page, findings: pd.DataFrame, taken: str = "") -> str:
    """The page of the errata, the errors in the publications.

    Parameters
    ----------
    page : Page
    findings : pandas.DataFrame
        The errata, as the paper's module of errata returns them.
    taken : str, optional
        As `comparison_page` takes it.
    """
    blocks = [
        paragraph(
            f"{page.caption} Yes means that the erratum holds, no that it does not, and undecided "
            "that the numbers or runs it needs are missing."
        ),
        *([paragraph(taken)] if taken else []),
    ]
    for row in findings.fillna("").to_dict("records"):
        pairs = [pair.partition("=") for pair in filter(None, str(row["numbers"]).split("; "))]
        numbers = pd.DataFrame([(name.replace("_", " "), value) for name, _, value in pairs],
                               columns=["what", "number"])  # fmt: skip
        name = str(row["id"])
        blocks += [heading(name[:1].upper() + name[1:]), paragraph(row["finding"], row["holds"])]
        blocks += [table({"": numbers})] if len(numbers) else []
    return document(page.title, blocks)


def opening(
    about: Mapping[str, str],
    comparison: pd.DataFrame,
    published: pd.DataFrame,
    claims: pd.DataFrame,
    publication: Publication,
    taken: str = "",
    decided: str = "",
) -> str:
    """The report's opening text in reStructuredText: what is reproduced, and the verdict in short.

    Parameters
    ----------
    about : mapping
        As in `rknet.show.paper.Paper`.
    comparison, published, claims, publication
        As `in_short` takes them.
    taken : str, optional
        As `comparison_page` takes it.
    decided : str, optional
        What looks at more repetitions have decided, as `rknet.show.decisions.summary` says it.
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
        shown,
        in_short(comparison, published, claims, publication).strip(),
        *([f"**The claims, with more repetitions.** {_plain(decided)}"] if decided else []),
        *([f"**The runs.** {_plain(taken)}"] if taken else []),
        judged.strip(),
    ]
    return "\n\n".join(parts) + "\n"


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
    lines = [_claims_in_short(claims, publication)]
    if len(published):
        lines.insert(0, _numbers_in_short(comparison, published))
    if len(publication.lifts) > 1:
        lines += _lift_in_short(comparison, publication)
    return "\n\n".join(lines) + "\n"


def _lift_in_short(comparison: pd.DataFrame, publication: Publication) -> list[str]:
    summary, differing = lift_evidence(comparison, publication)
    if differing.empty:
        return []
    first, second = summary.to_dict("records")
    return [
        f"**The lift.** Where the two lifts differ, {first['differing_consistent']} of "
        f"{len(differing)} published means are consistent with the {first['lift']} one and "
        f"{second['differing_consistent']} with {second['lift']}."
    ]


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
        by_lift.append(
            f"with lift {lift}, {consistent} of {len(rows)} are consistent with the runs{also}"
        )
    return (
        f"**The numbers.** {compared} of the {printed} are compared. Counting "
        f"each once: {'; '.join(by_lift)}."
    )


def _claims_in_short(claims: pd.DataFrame, publication: Publication) -> str:
    stated, by_lift = count_claims(claims, publication.asked_again)
    counted = []
    for lift, numbers in by_lift.iterrows():
        words = listed([f"{count} {verdict}" for verdict, count in numbers.items() if count])
        counted.append(f"with lift {lift} {words}" if lift in LIFTS else f"without a lift {words}")
    also = publication.asked_again_in_words
    return (
        f"**The claims.** {stated} are tested, once for each lift they have"
        f"{f' ({also})' if also else ''}: {'; '.join(counted)}."
    )
