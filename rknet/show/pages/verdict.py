"""The pages of verdicts on the numbers and claims, and of the errata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from rknet.cell import AXES, Cell
from rknet.show.claims import overview
from rknet.show.comparison import Section, sections
from rknet.show.labels import LIFTS, label, lift_heading, probability, scales
from rknet.show.pages.document import document, heading, listing, paragraph, table
from rknet.show.pages.listing import Page
from rknet.show.pages.runs import of_cell, of_experiment
from rknet.study.claims import rest_on_archive, whole_claims
from rknet.study.comparison import KEY, NO_POWER, OF_ARCHIVED, runs_at_protocol
from rknet.study.frames import OBSERVATION, one_engine
from rknet.study.publication import Publication

#: The columns of the list of tests.
_TESTS = (
    *("id", "lift", "quantity", "how tested", "numbers", "reach"),
    *("verdict", "reason", "printed", "runs", "read so because"),
)

#: What tells apart the cells that are compared.
_CELL = [*(axis for axis in KEY if axis not in OBSERVATION), "lift"]

#: Sections that this page leaves out: the list of all numbers has the one, another page the other.
_ELSEWHERE = ("Inconsistent numbers", "Errata")


def comparison_page(
    page: Page,
    publication: Publication,
    comparison: pd.DataFrame,
    findings: pd.DataFrame,
    taken: str = "",
    fits: Sequence[Section] = (),
    metrics: pd.DataFrame | None = None,
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
    metrics : pandas.DataFrame, optional
        The runs, as `rknet.study.comparison.compare` takes them: each number leads to its own.
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
            blocks += [heading("All numbers"), *_numbers(comparison, publication, metrics)]
    return document(page.title, blocks)


def _runs_behind(
    comparison: pd.DataFrame, publication: Publication, metrics: pd.DataFrame | None
) -> dict[str, list[list[str]]]:
    """For each number, where its runs are."""
    if metrics is None:
        return {}
    cells = runs_at_protocol(metrics[list(AXES)].drop_duplicates(), publication)
    # As in the comparison: of a cell trained by several engines, one counts.
    compared = {
        tuple(row[axis] for axis in _CELL): of_cell(Cell.of(row))
        for row in one_engine(cells, _CELL).to_dict("records")
    }
    rows = comparison[_CELL].itertuples(index=False, name=None)
    return {"reproduced": [[compared[row]] if row in compared else [] for row in rows]}


def _numbers(
    comparison: pd.DataFrame, publication: Publication, metrics: pd.DataFrame | None
) -> list[str]:
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
            f"of the runs{archived}, to which it leads; adjusted is the verdict after adjustment; "
            "from and to are the ends of the prediction interval; p is the probability of a number "
            "at least as far off. The last two columns are the power: a mean as much below or "
            "above ours is found in four of five cases. "
            f"The lifts are {'; '.join(lifts)}."
        ),
        listing(
            shown,
            "comparison",
            {**dict.fromkeys(numbers, "{:.2f}"), "p": probability},
            choices=[*names, *verdicts],
            verdicts=verdicts,
            links=_runs_behind(comparison, publication, metrics),
        ),
    ]


def _runs_of(claims: pd.DataFrame) -> list[list[str]]:
    """For each verdict on a claim, where the runs of its experiments are."""
    lifts = claims["lift"].where(claims["lift"].isin(list(LIFTS)), "")
    return [
        [of_experiment(name, lift) for name in _experiments(text)]
        for text, lift in zip(claims["runs"], lifts, strict=True)
    ]


def _experiments(runs: str) -> Iterable[str]:
    """The experiments in what `rknet.study.claims.Runs` says it used."""
    return (part.partition(":")[0] for part in str(runs).split("; ") if ":" in part)


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
    # The id of a claim links to the first of its tests.
    names = "test-" + tests["id"] + "-" + tests["lift"]
    first = names.groupby([tests["id"].str.partition(".")[0], tests["lift"]]).first().to_dict()
    meanings = pd.DataFrame({"words": definitions.keys(), "meaning": definitions.values()})
    meant = (
        "A claim is supported if the hypothesis that it is false is rejected, contradicted if the "
        "hypothesis that it is true is rejected, not run if no run of it is there, and undecided "
        "otherwise. More repetitions decide more claims; four decide hardly any, as no exact test "
        "of four can tell more than half of all runs from fewer. Of a claim in parts, effect, "
        "interval and n are those of the part that decides. An id leads to the tests, and the name "
        "of an experiment to its runs with that lift."
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
                links={
                    "id": [
                        [f"#{first[key]}"] if key in first else []
                        for key in zip(wholes["id"], wholes["lift"], strict=True)
                    ],
                    "runs": _runs_of(wholes),
                },
            ),
            heading("How each was tested"),
            listing(
                tests[[*_TESTS]],
                "tests",
                choices=["lift", "how tested", "verdict"],
                verdicts=["verdict"],
                rows=list(names),
                links={"runs": _runs_of(tests)},
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
