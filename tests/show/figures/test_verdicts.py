"""The comparison as a picture: distances, bands, counts, and what does not fit on the axis."""

from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from of_a_kind import of_a_kind
from scipy import stats

from rknet.show.figures.drawing import draw as draw_figure
from rknet.show.figures.figure import Files
from rknet.show.figures.kinds import verdicts
from rknet.show.figures.kinds.verdicts import levels
from rknet.show.paper import load_paper
from rknet.study.comparison import COLUMNS, counts

PUBLICATION = load_paper().publication


def number(published, low, high, **more):
    """A row of a comparison."""
    return {
        "edition": "journal", "table": 1, "dataset": "spiral", "network": "RK4Net", "width": 16,
        "depth": 1, "activation": "tanh", "split": "validation", "metric": "accuracy_percent",
        "stat": "mean", "lift": "random", "published": published,
        "reproduced": (low + high) / 2, "std": 1.0, "n": 4, "prediction_low": low,
        "prediction_high": high, "p_value": 0.5, "verdict": "consistent",
        "verdict_adjusted": "consistent", "published_metric": "accuracy_percent",
    } | more  # fmt: skip


def comparison(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


OUT = {"verdict": "inconsistent"}
FAR = {"verdict": "inconsistent", "verdict_adjusted": "inconsistent"}
SEVERAL = comparison(
    number(90, 88, 92),
    number(91, 88, 92, depth=3),
    number(95, 88, 92, depth=5, **OUT),
    number(60, 88, 92, depth=10, **FAR),
    number(99, 88, 92, depth=20, lift="zeros", **FAR),
    number(0.3, 0.2, 0.4, table=2, metric="cost"),
    number(90, 88, 92, edition="preprint"),
    number(80, 70, 80, edition="preprint", table=3, metric="one_hot_agreement_percent"),
)


def draw(frame):
    with TemporaryDirectory() as folder:
        frame.to_csv(f"{folder}/comparison.csv", index=False)
        files = Files(comparison=[f"{folder}/comparison.csv"])
        return draw_figure(of_a_kind("verdicts"), files, publication=PUBLICATION)


def distances(frame):
    return verdicts.distances(frame, PUBLICATION)


@pytest.fixture(scope="module")
def picture():
    return draw(SEVERAL)


@pytest.mark.mpl_image_compare
def test_picture():
    return draw(SEVERAL)


def marks(picture):
    """Row, place, mark and verdict of every number shown."""
    return sorted(
        (round(y), round(x, 4), line.get_marker(), line.get_gid())
        for line in picture.axes[0].lines
        if line.get_gid()
        for x, y in line.get_xydata()
    )


def test_every_number_stands_at_its_distance_with_its_verdict(picture):
    rounding = 0.005 / 2
    assert marks(picture) == [
        (0, -3, "<", "inconsistent, also adjusted"),
        (0, 0, "o", "consistent"),
        (0, round(0.5 - rounding, 4), "o", "consistent"),
        (0, round(2.5 - rounding, 4), "D", "inconsistent"),
        (1, 3, ">", "inconsistent, also adjusted"),
        (2, 0, "o", "consistent"),
        (3, 0.999, "o", "consistent"),
    ]


def texts(picture):
    return [text.get_text() for text in picture.axes[0].texts]


def test_groups_and_how_many_are_consistent(picture):
    names = [text.get_text() for text in picture.axes[0].get_yticklabels()]
    assert names == [
        "Table 1\nfrozen random lift",
        "Table 1\npadding by zeros",
        "Table 2\nfrozen random lift",
        "preprint, Table 3\nfrozen random lift",
    ]
    assert [text for text in texts(picture) if " of " in text] == [
        "2 of 4",
        "0 of 1",
        "1 of 1",
        "1 of 1",
    ]


def test_the_band_is_the_prediction_interval(picture):
    band = picture.axes[0].patches[0]
    assert (band.get_x(), band.get_x() + band.get_width()) == (-1, 1)


def test_legend_has_what_occurs(picture):
    assert [text.get_text() for text in picture.legends[0].get_texts()] == [
        "consistent",
        "inconsistent",
        "inconsistent, also adjusted",
        "beyond ±3",
    ]
    few = draw(SEVERAL.iloc[:2])
    assert [text.get_text() for text in few.legends[0].get_texts()] == ["consistent"]


def test_a_table_that_repeats_another_edition_is_left_out_and_any_other_is_whole():
    again = number(90, 88, 92, edition="preprint")
    other = number(90.1, 88, 92, edition="preprint")
    lift = number(90, 88, 92, lift="zeros")
    assert len(distances(comparison(again, number(90, 88, 92), lift))) == 2
    found = distances(comparison(again, number(90, 88, 92), other, lift))
    assert found["edition"].tolist() == ["journal", "journal", "preprint", "preprint"]
    assert found["published"].tolist() == [90, 90, 90, 90.1]
    # Within an edition, too, tables are whole.
    assert len(distances(comparison(number(90, 88, 92), number(90, 88, 92, table=2)))) == 2


def test_tables_have_as_many_numbers_as_they_are_counted_with():
    """The paper's own numbers, some of which several tables and editions print."""
    printed = pd.read_csv(load_paper().published)
    rows = printed.rename(columns={"value": "published"}).to_dict("records")
    rows = [number(row.pop("published"), 0, 1) | row for row in rows]
    for row in rows:
        row["metric"] = PUBLICATION.metric_printed(row["edition"], row["table"], row["metric"])
    shown = distances(comparison(*rows)).groupby(["edition", "table"]).size()
    counted = counts(comparison(*rows)).set_index(["edition", "table"])["consistent"]
    assert (shown == counted[shown.index]).all()
    assert set(counted.index) - set(shown.index) == {("preprint", 1), ("preprint", 2)}


def test_one_is_the_edge_of_the_prediction_interval():
    """Against the interval from its definition: t quantile times the error of a difference."""
    values = np.array([90.1, 91.3, 89.2, 92.0])
    error = values.std(ddof=1) * np.sqrt(1 / 4 + 1 / 4)
    half = stats.t.ppf(0.975, 3) * error
    mean = values.mean()
    found = distances(comparison(number(mean + 0.7 * half + 0.005, mean - half, mean + half)))
    assert found["distance"].item() == pytest.approx(0.7)


def test_rounding_brings_a_number_nearer_but_not_past_the_middle():
    found = distances(comparison(number(92.004, 88, 92), number(90.004, 88, 92, depth=2)))
    assert found["distance"].tolist() == [pytest.approx(0.9995), 0]


def test_an_interval_that_is_a_point():
    frame = comparison(number(50, 50, 50), number(51, 50, 50, depth=2, **FAR))
    assert distances(frame)["distance"].tolist() == [0, np.inf]
    assert marks(draw(frame))[-1] == (0, 3, ">", "inconsistent, also adjusted")


def test_numbers_without_an_interval_are_counted_below():
    undecided = {"verdict": "undecided", "verdict_adjusted": "undecided"}
    frame = comparison(number(90, 88, 92), number(90, np.nan, np.nan, depth=2, **undecided))
    picture = draw(frame)
    assert len(marks(picture)) == 1
    assert "1 numbers with fewer than two runs are undecided" in picture.axes[0].get_xlabel()
    assert "1 of 1\n1 undecided" in texts(picture)
    # A table of which no number is decided has a row, too.
    other = frame.assign(table=[1, 2])
    rows = draw(other)
    assert [text for text in texts(rows) if text != "consistent"] == ["1 of 1", "1 undecided"]
    assert len(marks(rows)) == 1
    alone = draw(frame.iloc[1:])
    assert "1 published numbers have runs, but fewer than two each" in alone.texts[0].get_text()


def test_nothing_compared_says_so():
    picture = draw(comparison())
    assert "No published number is compared" in picture.texts[0].get_text()


def test_marks_do_not_cover_one_another():
    x = np.sort(np.random.default_rng(0).normal(size=200))
    found = np.array(levels(x, 0.08))
    for level in set(found):
        assert np.diff(x[found == level]).min(initial=1) >= 0.08
    assert levels([0, 0, 0, 1], 0.1) == [0, 1, -1, 0]


def test_a_crowded_row_stays_within_its_own():
    crowd = comparison(*(number(90, 88, 92, width=width) for width in range(1, 101)))
    picture = draw(crowd)
    heights = [y for line in picture.axes[0].lines if line.get_gid() for y in line.get_ydata()]
    assert len(heights) == 100
    assert max(np.abs(heights)) < 0.5


def test_nothing_is_cut_off_at_the_edge(picture, within_page):
    within_page(picture)
