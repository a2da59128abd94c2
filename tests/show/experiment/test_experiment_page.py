"""An experiment's page: what it says, shows and lets a reader do."""

import re
from base64 import b64decode
from dataclasses import replace

import pytest
from browsing import assert_for_everyone, is_blank, needs_chromium, opened
from grids import CELL, curves, metrics

from rknet.cell import AXES
from rknet.show.experiment.curves import draw_curves
from rknet.show.experiment.page import experiment_page
from rknet.show.figures.style import save
from rknet.study.grids import expand

CELLS = expand({"dataset": "spiral", "network": ["StandardNet", "RK4Net"], "width": 4,
                "depth": [1, 10, 20]})  # fmt: skip
ENDS = {"diverged": [(0, 0)], "stopped": [(1, 0), (1, 1)]}


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    stem = tmp_path_factory.mktemp("picture") / "mine"
    save(draw_curves(curves(list(CELLS), **ENDS)), stem)
    return stem.with_suffix(".png")


@pytest.fixture(scope="module")
def page(picture):
    found = metrics(CELLS, **ENDS)
    return experiment_page("my_study", found, costs(found), curves(list(CELLS), **ENDS), picture)


def costs(metrics):
    """An epoch of the n-th repetition takes 0.1 n seconds a layer."""
    runs = metrics.drop_duplicates([*AXES, "seed"])
    seconds = 0.1 * runs["depth"] * (1 + runs["seed"])
    return runs[[*AXES, "seed"]].assign(seconds_per_epoch=seconds)


def rows(page):
    """The rows of the page's list, as texts by heading."""
    listed = re.search(r'<table id="my_study".*?</table>', page, re.S)[0]
    heading, *rest = re.findall(r"<tr>(.*?)</tr>", listed, re.S)
    names = re.findall(r"<th[^>]*>(.*?)</th>", heading)
    texts = [re.sub(r"</?a.*?>", "", row) for row in rest]
    return [dict(zip(names, re.findall(r"<td[^>]*>(.*?)</td>", row), strict=True)) for row in texts]


def test_it_says_what_the_experiment_is(page):
    assert "<h1>My study</h1>" in page
    assert "6 cells, which differ in network and depth; 2 repetitions of each." in page
    assert "dataset spiral, d̂ = 4, tanh activation" in page


def test_it_says_how_runs_ended(page):
    assert "12 runs: 9 completed, 2 stopped and 1 diverged." in page


def test_a_row_a_cell(page):
    found = rows(page)
    assert [(row["network"], row["L"]) for row in found] == [
        (cell.network, str(cell.depth)) for cell in CELLS
    ]
    assert [(row["runs"], row["stopped"], row["diverged"]) for row in found[:3]] == [
        *(("1", "0", "1"), ("2", "2", "0"), ("2", "0", "0"))
    ]
    second = found[1]
    assert (second["accuracy (%)"], second["accuracy std"]) == ("20.01", "0.01")
    assert second["training accuracy (%)"] == "20.51"
    assert second["cost (× 10⁻¹)"] == "0.20"
    # The median of 1 and 2 seconds.
    assert second["s an epoch"] == "1.5"


def test_it_holds_its_curves(page, picture):
    (held,) = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert b64decode(held) == picture.read_bytes()
    assert "Validation accuracy (left) and cost (right)" in page


def test_one_cell_of_one_run(picture):
    found = metrics([CELL], seeds=1)
    page = experiment_page("my_study", found, costs(found), curves([CELL], seeds=1), picture)
    assert "1 cell; 1 repetition. Its setting: dataset spiral, RK4Net" in page
    assert "1 run: 1 completed, 0 stopped and 0 diverged." in page
    (row,) = rows(page)
    assert (row["network"], row["accuracy from"], row["accuracy std"]) == ("RK4Net", "", "")


def test_step_sizes_that_differ_look_different(picture):
    cells = [replace(CELL, step_size=step) for step in (0.1234561, 0.1234562)]
    found = metrics(cells)
    page = experiment_page("my_study", found, costs(found), curves(cells), picture)
    assert [row["step size"] for row in rows(page)] == ["0.1234561", "0.1234562"]
    assert re.findall(r'"name":"step size (.*?)"', page) == ["0.1234561", "0.1234562"]


def test_an_experiment_whose_runs_diverged_has_no_lines(picture):
    gone = {"diverged": [(0, 0), (0, 1)]}
    found = metrics([CELL], **gone)
    page = experiment_page("my_study", found, costs(found), curves([CELL], **gone), picture)
    assert "2 runs: 0 completed, 0 stopped and 2 diverged." in page
    assert "application/json" not in page


@needs_chromium
def test_it_is_sorted_in_a_browser_and_its_picture_is_seen(page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    with opened(path) as shown:
        shown.get_by_text("1 to 6 of 6 rows").wait_for()
        depth = shown.locator("#my_study thead th").nth(1)
        first = shown.locator("#my_study tbody tr").first.locator("td").nth(1)
        for wanted, order in (("1", "ascending"), ("20", "descending")):
            depth.click()
            shown.locator(f"#my_study th[aria-sort={order}]").first.wait_for()
            assert first.inner_text() == wanted
        image = shown.locator("img")
        assert image.evaluate("image => image.naturalWidth") > 1000
        assert not is_blank(image.screenshot())


@needs_chromium
def test_its_curves_tell_their_values(picture, tmp_path):
    """Of more cells than a panel has room for, a panel is chosen."""
    cells = expand({"dataset": "spiral", "network": ["StandardNet", "RK4Net"], "width": 4,
                    "depth": [1, 3, 5, 10, 20]})  # fmt: skip
    found, drawn = metrics(cells), curves(list(cells))
    path = tmp_path / "page.html"
    path.write_text(experiment_page("my_study", found, costs(found), drawn, picture))
    rk4 = drawn[(drawn["network"] == "RK4Net") & (drawn["split"] == "validation")]
    mean = rk4.groupby(["depth", "metric", "epoch"])["value"].mean()
    with opened(path) as shown:
        shown.get_by_label("Curves of").select_option("RK4Net")
        shown.get_by_role("slider").press("Home")
        shown.get_by_role("slider").press("ArrowRight")
        told = [row.split("\t") for row in
                shown.locator("table.legend tbody tr").all_inner_texts()]  # fmt: skip
        assert told == [
            [f"L = {depth}", f"{mean[depth, 'accuracy_percent', 1]:.2f}",
             f"{mean[depth, 'cost', 1]:.4f}"]
            for depth in (1, 3, 5, 10, 20)
        ]  # fmt: skip
        assert not is_blank(shown.locator("canvas").last.screenshot())
        assert shown.get_by_role("link", name="2").first.get_attribute("href") == (
            "runs.html#/spiral/StandardNet/width4_depth1_tanh_random/"
        )


@needs_chromium
def test_everyone_can_read_it(page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(page)
    with opened(file) as shown:
        assert_for_everyone(shown)
