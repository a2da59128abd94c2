"""The comparison for people: verdicts, which lift, what is inconsistent, and the findings."""

from __future__ import annotations

import pandas as pd

from rknet.paper.errata import DESCRIBED, USED, lift_evidence
from rknet.show.labels import LIFTS, label
from rknet.show.latex import escaped, tabular
from rknet.study.comparison import KEY, REPETITIONS, counts
from rknet.study.metrics import METRICS

#: A heading, and paragraphs and tables of texts below it.
Section = tuple[str, list[str | pd.DataFrame]]

#: Rows of a list on a page of LaTeX.
_ROWS = 40


def sections(comparison: pd.DataFrame, findings: pd.DataFrame) -> list[Section]:
    """What the comparison says, in the order in which a reader asks.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `rknet.study.comparison.compare` makes it.
    findings : pandas.DataFrame
        As `rknet.paper.errata.findings` makes it.

    Returns
    -------
    list of pairs
        A heading, and paragraphs and tables of texts below it.
    """
    exposed = [
        f"{row['id'].capitalize()} (holds: {row['holds']}). {row['finding']}"
        for row in findings.to_dict("records")
    ]
    if comparison.empty:
        nothing = "No published number is compared: no run is of a published cell at the paper's "
        return [("Verdicts", [nothing + "protocol."]), ("Findings", exposed)]
    return [
        ("Verdicts", _verdicts(comparison)),
        ("Which lift the published tables were made with", _lifts(comparison)),
        ("Inconsistent numbers", _inconsistent(comparison)),
        ("Findings", exposed),
    ]


def markdown(parts: list[Section]) -> str:
    """Sections as Markdown."""
    lines = ["# Published against reproduced", ""]
    for heading, blocks in parts:
        lines += [f"## {heading}", ""]
        for block in blocks:
            lines += [block if isinstance(block, str) else _markdown_table(block), ""]
    return "\n".join(lines)


def latex(parts: list[Section]) -> str:
    """Sections as LaTeX to be read into a document; it needs booktabs alone."""
    lines = [r"% Needs \usepackage{booktabs}."]
    for heading, blocks in parts:
        lines.append(rf"\subsection*{{{escaped(heading)}}}")
        for block in blocks:
            lines += [escaped(block), ""] if isinstance(block, str) else _latex_table(block)
    return "\n".join([*lines, ""])


def _verdicts(comparison: pd.DataFrame) -> list[str | pd.DataFrame]:
    explained = (
        "A printed number is consistent if it lies, within its rounding, in the 95 % prediction "
        f"interval for the mean (or standard deviation) of {REPETITIONS} fresh repetitions, and "
        "undecided with fewer than two runs. Of many right numbers one in twenty is called "
        "inconsistent; adjusted verdicts keep the expected share of false ones among the "
        "inconsistent numbers of a lift below 5 % (Benjamini and Yekutieli), at the price of power."
    )
    return [explained, counts(comparison).astype(str)]


def _lifts(comparison: pd.DataFrame) -> list[str | pd.DataFrame]:
    summary, differing = lift_evidence(comparison)
    if not summary["numbers"].any():
        return ["No published mean is compared with both lifts."]
    summary["lift"] = [LIFTS[lift].partition(",")[0] for lift in summary["lift"]]
    for name in ("median_abs_z", "mean_abs_z"):
        summary[name] = summary[name].map("{:.2f}".format)
    summary["p_value"] = summary["p_value"].map(_probability)
    summary.columns = ["lift", "numbers", "consistent", "lifts differ", "of these consistent",
                       "median |z|", "mean |z|", "p"]  # fmt: skip
    explained = (
        "Of the printed means, each once, those tell the lifts apart on which the runs of the two "
        "differ (Welch's t test, 5 %). The distance z is that of the published from the reproduced "
        "number in units of the prediction standard error; p is that of all these numbers together "
        "(Cauchy combination)."
    )
    blocks = [explained, summary.astype(str).replace("nan", "–")]
    for metric, part in differing.groupby("metric", sort=False):
        cells = _cells(part)
        cells["printed"] = _numbers(part, "published")
        for lift in (USED, DESCRIBED):
            cells[lift] = _numbers(part, f"reproduced_{lift}")
            cells[f"z {lift}"] = part[f"z_{lift}"].map("{:+.1f}".format)
        blocks += [f"Where they differ in {label('metric', metric)}:", cells]
    return blocks


def _inconsistent(comparison: pd.DataFrame) -> list[str | pd.DataFrame]:
    rows = comparison[comparison["verdict"] == "inconsistent"]
    if rows.empty:
        return ["There is none."]
    number = [*KEY, "stat", "lift", "published"]
    editions = rows["edition"].str[0].str.upper() + rows["table"].astype(str)
    where = editions.groupby([rows[name] for name in number]).agg(_in_order).rename("in")
    rows = rows.drop_duplicates(number).merge(where.reset_index(), on=number)
    blocks: list[str | pd.DataFrame] = [
        "J is a table of the journal, P one of the preprint. With an asterisk: also after "
        "adjustment. Of the runs there is the mean or standard deviation, as printed, and the 95 % "
        "prediction interval."
    ]
    for (lift, stat, metric), part in rows.groupby(["lift", "stat", "metric"]):
        cells = _cells(part)
        cells.insert(0, "in", part["in"])
        cells["printed"] = _numbers(part, "published")
        cells["runs"] = _numbers(part, "reproduced")
        ends = [_numbers(part, f"prediction_{end}") for end in ("low", "high")]
        cells["prediction"] = [f"[{low}, {high}]" for low, high in zip(*ends, strict=True)]
        adjusted = part["verdict_adjusted"].map({"inconsistent": "*"}).fillna("")
        cells["p"] = part["p_value"].map(_probability) + adjusted
        what = ("standard deviation of " if stat == "std" else "") + label("metric", metric)
        blocks += [f"{LIFTS[lift].partition(',')[0].capitalize()}, {what}:", cells]
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


def _probability(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _numbers(rows: pd.DataFrame, name: str) -> pd.Series:
    scale = rows["metric"].map(lambda metric: METRICS[metric].scale)
    return (rows[name] * scale).map("{:.2f}".format)


def _markdown_table(frame: pd.DataFrame) -> str:
    # Bars would end a cell.
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
