"""The page of a table: the published numbers, the reproduced ones below, and the intervals."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rknet.cell import Cell
from rknet.show.labels import ARCHIVED, LIFTS, label, lift_heading, listed, scales
from rknet.show.pages.document import document, heading, listing, paragraph, table
from rknet.show.pages.listing import Page
from rknet.show.pages.runs import of_cell
from rknet.show.tables.layouts import DASH, MARK, as_tuple, cells, flat, layout, setting, shown_in
from rknet.show.tables.table import Table
from rknet.study.frames import archived_in_words
from rknet.study.metrics import METRICS
from rknet.study.publication import Publication


def table_page(
    page: Page,
    shown: Table,
    editions: Sequence[str],
    publication: Publication,
    metrics: pd.DataFrame,
    published: pd.DataFrame,
) -> str:
    """A table of the paper.

    Parameters
    ----------
    page : Page
    shown : Table
    editions : sequence of str
        The editions that have the table.
    publication : Publication
    metrics : pandas.DataFrame
        The metrics of the table's experiment, as `rknet.study.frames.collect` returns them.
    published : pandas.DataFrame
        As `rknet.study.comparison.compare` takes it.
    """
    layouts = {lift: layout(shown, metrics, lift) for lift in LIFTS if lift in set(metrics["lift"])}
    names = {lift: f"Reproduced, {lift_heading(lift, publication.lifts)}" for lift in layouts}
    texts = {names[lift]: placed.text for lift, placed in layouts.items()}
    best = {names[lift]: _framed(placed.best) for lift, placed in layouts.items()}
    printed = _printed(shown, published, publication, next(iter(texts.values())))
    if printed is not None:
        texts = {"Published": printed, **texts}
    found = setting(shown, metrics)
    about = f"{page.caption} {found['repetitions']}, {found['activation']} activation."
    if len(editions) > 1:
        about += f" It is the same in {listed(editions)}."
    if any(best[name].to_numpy().any() for name in best):
        about += " The best network of the reproduced ones is bold."
    if any((frame == DASH).to_numpy().any() for frame in texts.values()):
        about += f" {DASH} means that there is no number."
    if cells(shown, metrics)["fewer"].any():
        about += f" {MARK} marks a mean over fewer repetitions: some runs diverged or are missing."
    if taken := archived_in_words(shown_in(shown, metrics)):
        about += f" {ARCHIVED} {taken}"
    files = (
        f"The same tables are in the files tables/{shown.name} and "
        f"tables/{shown.name}_intervals (.tex, .md, .csv)."
    )
    return document(
        page.title,
        [
            paragraph(f"{about} {shown.note}".strip()),
            table({name: flat(shown, frame) for name, frame in texts.items()}, best),
            heading("With intervals"),
            paragraph(
                "Std is the standard deviation over repetitions; from and to are the ends of the "
                f"95 % confidence interval of the mean (Student's t). The number of runs "
                f"leads to these. {files}"
            ),
            _intervals(shown, metrics),
        ],
    )


def _printed(
    shown: Table, published: pd.DataFrame, publication: Publication, like: pd.DataFrame
) -> pd.DataFrame | None:
    """The numbers that the edition prints, placed as in `like`; None if there are none."""
    rows = published[(published["edition"] == shown.edition) & (published["table"] == shown.number)]
    values = {}
    for row in rows.to_dict("records"):
        metric = publication.metric_printed(row["edition"], row["table"], row["metric"])
        place = {**row, "metric": metric, "statistic": row["stat"]}
        key = tuple(place[axis] for axis in (*shown.rows, *shown.columns))
        values[key, row["stat"]] = f"{row['value'] * METRICS[metric].scale:.2f}"

    def text(key: tuple) -> str:
        if not shown.spread:
            statistic = "std" if "std" in key else "mean"
            return values.get((key, statistic), DASH)
        both = [values.get((key, statistic), DASH) for statistic in ("mean", "std")]
        return " ± ".join(both)

    if not values:
        return None
    places = [
        [text((*as_tuple(row), *as_tuple(column))) for column in like.columns] for row in like.index
    ]
    return pd.DataFrame(places, index=like.index, columns=like.columns)


def _framed(best: pd.DataFrame) -> pd.DataFrame:
    """Says which cells are bold; the columns of row labels, added here, are not."""
    rows = best.index.to_frame(index=False)
    rows = rows.astype(object).mask(rows.notna() | rows.isna(), False)
    return pd.concat([rows, best.reset_index(drop=True)], axis=1)


def _intervals(shown: Table, metrics: pd.DataFrame) -> str:
    found = cells(shown, metrics)
    scale = scales(found["metric"])
    numbers = {"mean": "mean", "std": "std", "from": "ci_low", "to": "ci_high"}
    frame = pd.DataFrame(
        {
            "lift": found["lift"],
            "dataset": [label("dataset", name) for name in found["dataset"]],
            "network": found["network"],
            "d̂": found["width"],
            "L": found["depth"],
            "split": found["split"],
            "metric": [label("metric", name) for name in found["metric"]],
            **{name: found[column] * scale for name, column in numbers.items()},
            "runs": found["n"],
            "diverged": found["diverged"],
        }
    )
    return listing(
        frame,
        shown.name,
        dict.fromkeys(numbers, "{:.2f}"),
        choices=["lift", "dataset", "network", "split", "metric"],
        links={"runs": [[of_cell(Cell.of(row))] for row in found.to_dict("records")]},
    )
