"""The verdict: on the numbers, on the sentences, and what that exposes."""

from __future__ import annotations

import pandas as pd

from rknet.paper.errata import DESCRIBED, USED, lift_evidence
from rknet.paper.readings import DEFINITIONS
from rknet.show.comparison import sections
from rknet.show.labels import LIFTS, label, listed
from rknet.show.pages.document import document, heading, listing, paragraph, table
from rknet.show.pages.specification import Page
from rknet.study.comparison import NUMBER
from rknet.study.metrics import METRICS

#: Sections of the comparison that stand elsewhere: in its list of all numbers, on a page of theirs.
_ELSEWHERE = ("Inconsistent numbers", "Findings")
_CLAIM_VERDICTS = ("supported", "contradicted", "undecided")


def comparison_page(page: Page, comparison: pd.DataFrame, findings: pd.DataFrame) -> str:
    """Every published number against the runs.

    Parameters
    ----------
    page : Page
    comparison : pandas.DataFrame
        As `rknet.study.comparison.compare` makes it.
    findings : pandas.DataFrame
        As `rknet.paper.errata.findings` makes it.
    """
    blocks = [paragraph(page.caption)]
    for name, content in sections(comparison, findings):
        if name in _ELSEWHERE:
            continue
        blocks.append(heading(name))
        blocks += [
            paragraph(block) if isinstance(block, str) else table({"": block}) for block in content
        ]
        if name == "Verdicts" and len(comparison):
            blocks += [heading("All numbers"), *_numbers(comparison)]
    return document(page.title, blocks)


def _numbers(comparison: pd.DataFrame) -> list[str]:
    scale = comparison["metric"].map(lambda metric: METRICS[metric].scale)
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
            "verdict": comparison["verdict"],
            "adjusted": comparison["verdict_adjusted"],
            "from": comparison["prediction_low"] * scale,
            "to": comparison["prediction_high"] * scale,
            "p": comparison["p_value"],
        }
    )
    if shown["d̂"].nunique() == 1:
        shown = shown.drop(columns="d̂")
    numbers = ("published", "reproduced", "from", "to")
    verdicts = ["verdict", "adjusted"]
    names = ["edition", "table", "dataset", "network", "split", "quantity", "lift"]
    return [
        paragraph(
            "A row a printed number and lift. Reproduced: the mean or standard deviation of the "
            "runs; adjusted: the verdict after adjustment; from, to: the ends of the prediction "
            "interval; p: how probable a number at least as far off is. Lift random: "
            f"{LIFTS['random']}; zeros: {LIFTS['zeros']}."
        ),
        listing(
            shown,
            "comparison",
            {**dict.fromkeys(numbers, "{:.2f}"), "p": _probability},
            choices=[*names, *verdicts],
            verdicts=verdicts,
        ),
    ]


def claims_page(page: Page, claims: pd.DataFrame) -> str:
    """The paper's sentences, tested.

    Parameters
    ----------
    page : Page
    claims : pandas.DataFrame
        As `rknet.study.evaluation.evaluate` makes it.
    """
    claims = claims.assign(section=claims["section"].astype(str))
    wholes = _wholes(claims)
    # Of a claim in parts, the tests are those of its parts.
    in_parts = claims["id"].isin(
        claims["id"].str.partition(".")[0][~claims.index.isin(wholes.index)]
    )
    tests = claims[~in_parts].rename(columns={"test": "how tested"})
    definitions = pd.DataFrame({"words": DEFINITIONS.keys(), "taken as": DEFINITIONS.values()})
    meant = (
        "Supported: the hypothesis that the sentence is false is rejected; contradicted: that it "
        "is true is rejected; undecided: neither. More repetitions decide more."
    )
    return document(
        page.title,
        [
            paragraph(f"{page.caption} {meant}"),
            heading("Sentences"),
            listing(
                wholes[["id", "section", "statement", "lift", "verdict", "reason", "runs"]],
                "claims",
                choices=["section", "lift", "verdict"],
                verdicts=["verdict"],
            ),
            heading("How each was tested"),
            listing(
                tests[["id", "lift", "quantity", "how tested", "numbers", "verdict", "reason"]],
                "tests",
                choices=["lift", "how tested", "verdict"],
                verdicts=["verdict"],
            ),
            heading("What the words are taken to mean"),
            table({"": definitions}),
        ],
    )


def findings_page(page: Page, findings: pd.DataFrame) -> str:
    """What the numbers expose in the publications.

    Parameters
    ----------
    page : Page
    findings : pandas.DataFrame
        As `rknet.paper.errata.findings` makes it.
    """
    blocks = [
        paragraph(
            f"{page.caption} Yes: it holds; no: it does not; undecided: what it needs is not at "
            "hand."
        )
    ]
    for row in findings.fillna("").to_dict("records"):
        pairs = [pair.partition("=") for pair in filter(None, str(row["numbers"]).split("; "))]
        numbers = pd.DataFrame([(name.replace("_", " "), value) for name, _, value in pairs],
                               columns=["what", "number"])  # fmt: skip
        name = str(row["id"])
        blocks += [heading(name[:1].upper() + name[1:]), paragraph(row["finding"], row["holds"])]
        blocks += [table({"": numbers})] if len(numbers) else []
    return document(page.title, blocks)


def in_short(comparison: pd.DataFrame, published: pd.DataFrame, claims: pd.DataFrame) -> str:
    """The verdict in a few sentences of reStructuredText, which opens the report.

    Parameters
    ----------
    comparison, claims : pandas.DataFrame
        As for the pages.
    published : pandas.DataFrame
        All printed numbers.
    """
    lines = [_numbers_in_short(comparison, len(published)), _claims_in_short(claims)]
    summary, differing = lift_evidence(comparison)
    if len(differing):
        rows = summary.set_index("lift")
        lines.append(
            f"**The lift.** Where the two lifts differ, {rows['differing_consistent'][USED]:g} of "
            f"{len(differing)} published means are consistent with the {USED} one and "
            f"{rows['differing_consistent'][DESCRIBED]:g} with {DESCRIBED}."
        )
    return "\n\n".join(lines) + "\n"


def _numbers_in_short(comparison: pd.DataFrame, printed: int) -> str:
    if comparison.empty:
        return (
            f"**The numbers.** None of the {printed} that the two editions print is compared: no "
            "run is of a published cell at the paper's protocol."
        )
    once = comparison.drop_duplicates([*NUMBER, "published", "lift"])
    compared = len(comparison.drop_duplicates(["edition", "table", *NUMBER]))
    by_lift = []
    for lift, rows in once.groupby("lift"):
        consistent, adjusted = (
            int((rows[name] == "consistent").sum()) for name in ("verdict", "verdict_adjusted")
        )
        by_lift.append(
            f"with lift {lift}, {consistent} of {len(rows)} are consistent with the runs "
            f"({adjusted} after adjustment for their number)"
        )
    return (
        f"**The numbers.** {compared} of the {printed} that the two editions print are compared. "
        f"Each counted once: {'; '.join(by_lift)}."
    )


def _claims_in_short(claims: pd.DataFrame) -> str:
    wholes = _wholes(claims)
    # An id that ends in d asks the same of the bundled digits.
    stated = wholes["id"].str.removesuffix("d").nunique()
    counted = []
    for lift, verdicts in wholes.groupby("lift")["verdict"]:
        numbers = verdicts.value_counts()
        words = [f"{numbers[word]} {word}" for word in _CLAIM_VERDICTS if word in numbers]
        counted.append((f"with lift {lift} " if lift in LIFTS else "of the rest ") + listed(words))
    return (
        f"**The sentences.** {stated} are tested, once for every lift they have, those on images "
        f"on the bundled digits, too: {'; '.join(counted)}."
    )


def _wholes(claims: pd.DataFrame) -> pd.DataFrame:
    return claims[~claims["id"].str.contains(".", regex=False)]


def _probability(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"
