"""Networks side by side: every repetition, every mean and every star is where it should be."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from of_a_kind import of_a_kind

from rknet.cell import Cell
from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import Files
from rknet.show.figures.style import save
from rknet.show.paper import load_paper

NETWORKS = (("StandardNet", 1), ("StandardNet", 5), ("RK4Net", 1))
NAMES = ["StandardNet, L = 1", "StandardNet, L = 5", "RK4Net, L = 1"]
#: What the journal's Table 1 prints of their validation accuracy.
PRINTED = [91.88, 98.10, 75.12]
VALUES = np.random.default_rng(0).uniform(50, 100, (2, len(NETWORKS), 3))
#: A run that diverged.
VALUES[1, 2, 1] = np.nan
DATASETS = ({"dataset": "spiral"}, {"dataset": "donut_2d"})
LIFTS = ({"lift": "random"}, {"lift": "zeros"})
OF_TABLE = {"panels": "lift", "edition": "journal", "table": 1}


def metrics(panels=LIFTS, **changes):
    """Runs with these values, a panel and network after the other."""
    rows = []
    for (i, j, seed), value in np.ndenumerate(VALUES):
        network, depth = NETWORKS[j]
        setting = {"dataset": "spiral", "network": network, "width": 16, "depth": depth}
        run = asdict(Cell(**setting | panels[i] | changes)) | {"seed": seed, "status": "completed"}
        for split, worse in (("validation", 0.0), ("training", 5.0)):
            rows += [{**run, "split": split, "metric": "accuracy_percent", "value": value - worse},
                     {**run, "split": split, "metric": "cost", "value": 0.1}]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def drawn_of(tmp_path_factory, published_path):
    """A function that draws metrics, given the options of the figure."""
    path = tmp_path_factory.mktemp("dots") / "metrics.csv"

    def picture(metrics, **options):
        metrics.to_csv(path, index=False)
        files = Files(metrics=[path], published=[published_path])
        return draw(of_a_kind("dots", **options), files, publication=load_paper().publication)

    return picture


@pytest.fixture(scope="module")
def picture(drawn_of):
    return drawn_of(metrics(), **OF_TABLE)


@pytest.mark.mpl_image_compare
def test_picture(drawn_of):
    return drawn_of(metrics(), **OF_TABLE)


def marks(axes, marker):
    """By row from the top, where marks of a kind stand."""
    rows = [[] for _ in NETWORKS]
    for line in axes.lines:
        for x, y in line.get_xydata() if line.get_marker() == marker else ():
            if np.isfinite(x):
                rows[round(y)].append(x)
    return rows


def dots(axes):
    """By row from the top, where dots stand, in order."""
    rows = [[] for _ in NETWORKS]
    for cloud in axes.collections:
        for x, y in np.asarray(cloud.get_offsets()):
            rows[round(y)].append(x)
    return [sorted(row) for row in rows]


@pytest.mark.parametrize("panel", [0, 1])
def test_dots_are_repetitions_and_lines_the_means_of_those_that_did_not_diverge(picture, panel):
    axes = picture.axes[panel]
    runs = [sorted(row[np.isfinite(row)]) for row in VALUES[panel]]
    for found, wanted in zip(dots(axes), runs, strict=True):
        np.testing.assert_allclose(found, wanted)
    np.testing.assert_allclose(np.ravel(marks(axes, "|")), list(map(np.mean, runs)))


@pytest.mark.parametrize("panel", [0, 1])
def test_stars_are_the_printed_means(picture, panel):
    np.testing.assert_allclose(np.ravel(marks(picture.axes[panel], "*")), PRINTED)


def test_runs_off_the_protocol_have_no_star(drawn_of):
    other = metrics(epochs=7)
    other = other[other["depth"] == 5]
    both = drawn_of(pd.concat([other, metrics()[metrics()["depth"] == 1]]), **OF_TABLE)
    axes = both.axes[0]
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels == ["StandardNet, L = 5, epochs 7", *(f"{n}, L = 1, epochs 40" for n in
                      ("StandardNet", "RK4Net"))]  # fmt: skip
    assert marks(axes, "*") == [[], PRINTED[:1], PRINTED[2:]]
    alone = drawn_of(other, **OF_TABLE)
    assert legend(alone) == ["mean", "repetition"]


def legend(picture):
    return [text.get_text() for text in picture.legends[0].get_texts()]


def test_each_network_has_a_row_and_titles_count_what_diverged(picture):
    assert [text.get_text() for text in picture.axes[0].get_yticklabels()] == NAMES
    assert [axes.get_title() for axes in picture.axes] == [
        "frozen random lift",
        "padding by zeros; 1 diverged",
    ]
    assert legend(picture) == ["mean", "published", "repetition"]


def test_without_a_table_a_dataset_has_a_panel_and_nothing_printed_is_shown(drawn_of):
    # Steps that the depth decides name no row.
    frame = metrics(DATASETS)
    picture = drawn_of(frame.assign(step_size=1 / frame["depth"]))
    assert [axes.get_title() for axes in picture.axes] == ["spiral", "donut 2D; 1 diverged"]
    assert [text.get_text() for text in picture.axes[0].get_yticklabels()] == NAMES
    assert legend(picture) == ["mean", "repetition"]


def test_networks_on_a_dataset_are_next_to_each_other(drawn_of):
    frame = pd.concat([metrics(dataset=name) for name in ("squares", "donut_2d")])
    picture = drawn_of(frame.sort_values("depth", kind="stable"), panels="lift")
    names = ["StandardNet, L = 1", "RK4Net, L = 1", "StandardNet, L = 5"]
    assert [text.get_text() for text in picture.axes[0].get_yticklabels()] == [
        *(f"squares, {name}" for name in names),
        *(f"donut 2D, {name}" for name in names),
    ]


def test_a_network_whose_runs_all_diverged_keeps_its_row(drawn_of):
    frame = metrics()
    gone = (frame["network"] == "RK4Net") | (frame["lift"] == "zeros")
    picture = drawn_of(frame.assign(value=frame["value"].mask(gone)), **OF_TABLE)
    axes, empty = picture.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == NAMES
    assert (dots(axes)[2], dots(empty)) == ([], [[], [], []])
    assert axes.get_title() == "frozen random lift; 3 diverged"
    assert empty.get_title() == "padding by zeros; 9 diverged"


def test_repetitions_that_end_alike_can_be_counted(drawn_of):
    picture = drawn_of(metrics().assign(value=90.0))
    picture.draw_without_rendering()
    for axes in picture.axes:
        for cloud in axes.collections:
            heights = axes.transData.transform(cloud.get_offsets())[:, 1]
            size = np.sqrt(cloud.get_sizes()[0]) * picture.dpi / 72
            assert len(heights) == VALUES.shape[-1]
            assert np.diff(np.sort(heights)).min() >= size


def test_the_same_runs_give_the_same_bytes(drawn_of, tmp_path):
    for name in ("one", "other"):
        save(drawn_of(metrics(), **OF_TABLE), tmp_path / name)
    for suffix in ("png", "pdf"):
        one, other = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in ("one", "other"))
        assert one == other


def test_nothing_is_cut_off_at_the_edge(picture, within_page):
    within_page(picture)
