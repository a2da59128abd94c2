"""The comparison for readers: verdicts, the likely lift, inconsistent numbers, and the errata."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rknet.show.labels import ARCHIVED, LIFTS, label, marks, probability, scales
from rknet.show.latex import escaped, tabular
from rknet.study.comparison import KEY, NO_POWER, OF_ARCHIVED, counts, lift_evidence
from rknet.study.publication import Publication

#: A heading, with the paragraphs and tables below it.
Section = tuple[str, list[str | pd.DataFrame]]

#: Columns of the errata: a name, what it says, the numbers behind it, and whether it holds.
ERRATA = ["id", "finding", "numbers", "holds"]

#: The number of rows of a list that fit on a page of LaTeX.
_ROWS = 40


def sections(
    comparison: pd.DataFrame,
    findings: pd.DataFrame,
    publication: Publication,
    taken: str = "",
    fits: Sequence[Section] = (),
) -> list[Section]:
    """The results of the comparison, in the order in which a reader asks for them.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `rknet.study.comparison.compare` makes it.
    findings : pandas.DataFrame
        As the paper's module of errata makes it.
    publication : Publication
    taken : str, optional
        The runs from the archive, as `rknet.study.frames.archived_in_words` says it.
    fits : sequence of pairs, optional
        Sections on how whole tables fit, as `rknet.show.fits` makes them.

    Returns
    -------
    list of pairs
        A heading, with the paragraphs and tables below it.
    """
    exposed: list[str | pd.DataFrame] = [
        f"{row['id'].capitalize()} (holds: {row['holds']}). {row['finding']}"
        for row in findings.to_dict("records")
    ]
    if comparison.empty:
        nothing = "No published number is compared: no published cell was run at the paper's "
        return [("Verdicts", [nothing + "protocol."]), *_errata(exposed)]
    lifts = _lifts(comparison, publication) if len(publication.lifts) > 1 else []
    return [
        ("Verdicts", _verdicts(comparison, publication, taken)),
        *([("Which of two lifts fits the published tables better", lifts)] if lifts else []),
        *fits,
        ("Inconsistent numbers", _inconsistent(comparison, publication)),
        *_errata(exposed),
    ]


def _errata(exposed: list[str | pd.DataFrame]) -> list[Section]:
    return [("Errata", exposed)] if exposed else []


def markdown(parts: list[Section]) -> str:
    """Sections as Markdown."""
    lines = ["# Published against reproduced", ""]
    for heading, blocks in parts:
        lines += [f"## {heading}", ""]
        for block in blocks:
            lines += [block if isinstance(block, str) else _markdown_table(block), ""]
    return "\n".join(lines)


def latex(parts: list[Section]) -> str:
    """Sections as LaTeX for a document to read in; it needs only booktabs."""
    lines = [r"% Needs \usepackage{booktabs}."]
    for heading, blocks in parts:
        lines.append(rf"\subsection*{{{escaped(heading)}}}")
        for block in blocks:
            lines += [escaped(block), ""] if isinstance(block, str) else _latex_table(block)
    return "\n".join([*lines, ""])


def _verdicts(
    comparison: pd.DataFrame, publication: Publication, taken: str
) -> list[str | pd.DataFrame]:
    explained = (
        "A printed number is consistent if it lies, within its rounding, in the "
        f"{_share(publication)} prediction interval for the mean (or standard deviation) of "
        f"{publication.repetitions} fresh repetitions. With fewer than two runs it is undecided. "
        "Where runs may get stuck, the interval allows for runs of a kind that was not seen; until "
        "there are some twenty, that makes it wide. Even if all numbers are right, up to one in "
        "twenty is called inconsistent."
    )
    if (comparison["verdict_adjusted"] != NO_POWER).any():
        explained += (
            " Adjusted verdicts keep the expected share of such false ones among the inconsistent "
            "numbers of a lift below 5 % (Benjamini and Yekutieli), at the price of power."
        )
    counted = counts(comparison).astype(str)
    if OF_ARCHIVED not in counted:
        return [explained, counted]
    counted = counted.rename(columns={OF_ARCHIVED: f"{OF_ARCHIVED}{ARCHIVED}"})
    return [explained, counted, f"{ARCHIVED} {taken}"]


def _lifts(comparison: pd.DataFrame, publication: Publication) -> list[str | pd.DataFrame]:
    summary, differing = lift_evidence(comparison, publication)
    if not summary["numbers"].any():
        return ["No published mean is compared with both lifts."]
    compared = list(summary["lift"])
    summary = summary.drop(columns="runs")
    summary["lift"] = [LIFTS[lift] for lift in compared]
    for name in ("median_abs_z", "mean_abs_z"):
        summary[name] = summary[name].map("{:.2f}".format)
    summary["p_value"] = summary["p_value"].map(probability)
    summary.columns = ["lift", "numbers", "consistent", "lifts differ", "of these consistent",
                       "median |z|", "mean |z|", "p"]  # fmt: skip
    explained = (
        "A printed mean tells the lifts apart if the runs with the two lifts differ on it (Welch's "
        "t test, 5 %); each mean counts once. z is the distance of the published from the "
        "reproduced number in units of the prediction standard error; p is for all these numbers "
        "together (Cauchy combination)."
    )
    blocks = [explained, summary.astype(str).replace("nan", "–")]
    for metric, part in differing.groupby("metric", sort=False):
        cells = _cells(part)
        cells["printed"] = _numbers(part, "published")
        for lift in compared:
            cells[lift] = _numbers(part, f"reproduced_{lift}") + marks(part, f"archived_{lift}")
            cells[f"z {lift}"] = part[f"z_{lift}"].map("{:+.1f}".format)
        blocks += [f"Where they differ in {label('metric', metric)}:", cells]
    return blocks


def _inconsistent(comparison: pd.DataFrame, publication: Publication) -> list[str | pd.DataFrame]:
    rows = comparison[comparison["verdict"] == "inconsistent"]
    if rows.empty:
        return ["All numbers compared are consistent or undecided."]
    number = [*KEY, "stat", "lift", "published"]
    editions = rows["edition"].str[0].str.upper() + rows["table"].astype(str)
    where = editions.groupby([rows[name] for name in number]).agg(_in_order).rename("in")
    rows = rows.drop_duplicates(number).merge(where.reset_index(), on=number)
    known = [name for name in publication.editions if name in set(rows["edition"])]
    initials = "; ".join(f"{name[0].upper()}: a table of the {name}" for name in known)
    blocks: list[str | pd.DataFrame] = [
        f"{initials}. An asterisk marks numbers that are inconsistent also after adjustment. "
        "The column runs shows the mean or standard deviation of the runs, as printed, and the "
        f"column prediction the {_share(publication)} prediction interval."
    ]
    for (lift, stat, metric), part in rows.groupby(["lift", "stat", "metric"]):
        cells = _cells(part)
        cells.insert(0, "in", part["in"])
        cells["printed"] = _numbers(part, "published")
        cells["runs"] = _numbers(part, "reproduced") + marks(part)
        ends = [_numbers(part, f"prediction_{end}") for end in ("low", "high")]
        cells["prediction"] = [f"[{low}, {high}]" for low, high in zip(*ends, strict=True)]
        adjusted = part["verdict_adjusted"].map({"inconsistent": "*"}).fillna("")
        cells["p"] = part["p_value"].map(probability) + adjusted
        what = ("standard deviation of " if stat == "std" else "") + label("metric", metric)
        blocks += [f"{LIFTS[lift].capitalize()}, {what}:", cells]
    return blocks


def _in_order(names: pd.Series) -> str:
    return ", ".join(sorted(names))


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "network": rows["network"],
            "L": rows["depth"].astype(str),
            "dataset": [label("dataset", dataset) for dataset in rows["dataset"]],
            "split": rows["split"],
        }
    )


def _share(publication: Publication) -> str:
    return f"{100 * publication.level:g} %"


def _numbers(rows: pd.DataFrame, name: str) -> pd.Series:
    scale = scales(rows["metric"])
    return (rows[name] * scale).map("{:.2f}".format)


def _markdown_table(frame: pd.DataFrame) -> str:
    # A bar would end a cell.
    shown = frame.rename(columns=lambda name: name.replace("|", r"\|"))
    return shown.to_markdown(index=False, disable_numparse=True)


def _latex_table(frame: pd.DataFrame) -> list[str]:
    lines = []
    for start in range(0, len(frame), _ROWS):
        part = frame.iloc[start : start + _ROWS].reset_index(drop=True)
        lines += [
            r"\begin{center}",
            r"\scriptsize\setlength{\tabcolsep}{2pt}",
            tabular(part, "l" * len(part.columns)),
            r"\end{center}",
        ]
    return lines
