"""The report of a small config: made by the command, read in a browser."""

import re
import shutil

import pytest
import yaml
from browsing import is_blank, needs_chromium, opened, overflow
from playwright.sync_api import expect
from project import TINY, Outcome, Project


def make(project, config=TINY):
    """Run what ``make report`` does."""
    (project.folder / "test.yaml").write_text(yaml.safe_dump(config))
    return project.rknet("report", "test.yaml")


@pytest.fixture(scope="module")
def reported(finished, project_once):
    """A finished project whose report is made; not to be changed."""
    project = project_once("report", lambda folder: make(finished.duplicate(folder)))
    assert project.outcome == Outcome(0, "The report is in results/report.html.\n")
    return project


@pytest.fixture
def project(finished, tmp_path):
    """A finished project to change at will."""
    return finished.duplicate(tmp_path / "project")


def choose(page, category):
    """Go to a category from wherever the report is; return the entries of its list."""
    page.locator("nav nav a").first.click()
    page.get_by_role("link", name=category, exact=True).click()
    return page.locator("nav table tbody tr")


def show(page, category, entry):
    """Open an entry of a category."""
    choose(page, category).filter(has_text=entry).locator("a").first.click()


@needs_chromium
def test_it_opens_with_the_verdict_and_its_categories(reported):
    with opened(reported.folder / "results/report.html") as page:
        page.get_by_role(
            "heading", name="Runge–Kutta networks with feature space augmentation, reproduced"
        ).wait_for()
        assert not is_blank(page.screenshot())
        text = page.locator("body").inner_text()
        assert "None of the 232 that the two editions print is compared" in text
        assert "System Message" not in text
        menu = [item.strip() for item in page.locator("nav li").all_inner_texts()]
        assert menu[-4:] == ["1 Verdict", "2 Tables", "3 Figures", "4 Runs"]
        seen = page.get_by_alt_text("Table 1: 28 not compared")
        assert "Section 3: 2 supported" in seen.get_attribute("alt")
        assert not is_blank(seen.screenshot())
        # It is what a reader sees first, and the graph of rules comes below all text.
        ends = [page.locator(name).last.bounding_box() for name in (".prose", "div#rulegraph")]
        assert seen.bounding_box()["y"] < 200
        assert ends[1]["y"] >= ends[0]["y"] + ends[0]["height"]
        page.get_by_role("link", name="errata hold").click()
        page.frame_locator("iframe").get_by_role("heading", name="Errata").wait_for()
        page.locator("nav nav a").first.click()
        # A link of the text opens its page.
        page.get_by_role("link", name="all claims").click()
        frame = page.frame_locator("iframe")
        frame.get_by_role("heading", name="All claims").wait_for()
        page.get_by_role("link", name="1 Verdict", exact=True).wait_for()


@needs_chromium
def test_the_picture_is_as_wide_as_a_phone(reported):
    with opened(reported.folder / "results/report.html") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        seen = page.get_by_alt_text("Table 1: 28 not compared")
        seen.scroll_into_view_if_needed()
        box = seen.bounding_box()
        assert box["x"] >= 0
        assert 340 < box["width"] <= 390 - box["x"]
        assert overflow(page) <= 0
        assert (reported.folder / "results/at_a_glance.pdf").is_file()


@needs_chromium
def test_the_frame_is_as_dark_as_the_pages_in_it(reported):
    colours = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    with opened(reported.folder / "results/report.html") as page:
        text, seen = page.locator(".prose p").last, {}
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            seen[scheme] = [page.locator("body").evaluate(colours)[0], text.evaluate(colours)[1]]
        assert seen["light"] != seen["dark"]
        show(page, "2 Tables", "Table 1")
        assert page.frame_locator("iframe").locator("body").evaluate(colours) == seen["dark"]


@needs_chromium
def test_every_entry_opens(reported):
    with opened(reported.folder / "results/report.html") as page:
        found = {}
        for category in ("1 Verdict", "2 Tables", "4 Runs"):
            entries = choose(page, category)
            found[category] = [text.strip() for text in entries.all_inner_texts()]
            for entry in entries.all():
                entry.locator("a").first.click()
                title = entry.inner_text().strip()
                page.frame_locator("iframe").get_by_role("heading", name=title).first.wait_for()
                # A browser shows nothing at an address of two megabytes, which pages may have.
                assert page.frames[-1].url.startswith("blob:")
        assert found == {
            "1 Verdict": ["Claims", "Comparison", "Errata"],
            "2 Tables": ["Table 1", "Table 2"],
            "4 Runs": ["Provenance", "Runs"],
        }


@needs_chromium
def test_a_page_leads_to_a_run_on_another(reported):
    (record, *_) = sorted((reported.folder / "results/runs").rglob("run.json"))
    run = record.parent.relative_to(reported.folder / "results/runs").as_posix()
    link = f'<a id="there" href="runs.html#{run}">there</a>'
    with opened(reported.folder / "results/report.html") as page:
        show(page, "1 Verdict", "Claims")
        frame = page.frame_locator("iframe")
        frame.locator("main").evaluate("(main, link) => main.innerHTML = link", link)
        frame.get_by_role("link", name="there").click()
        frame.get_by_role("heading", name=run).wait_for()
        frame.locator("table.legend").wait_for()


@needs_chromium
def test_a_table_is_sorted_and_filtered(reported):
    with opened(reported.folder / "results/report.html") as page:
        show(page, "2 Tables", "Table 1")
        frame = page.frame_locator("iframe")
        frame.get_by_text("1 to 4 of 4 rows").wait_for()
        names = frame.locator("table.listing thead tr").first.locator("th").all_inner_texts()
        means = frame.locator(f"table.listing tbody td:nth-child({names.index('mean') + 1})")
        ascending = sorted(means.all_inner_texts(), key=float)
        for wanted in (ascending, ascending[::-1]):
            frame.locator("table.listing thead th").nth(names.index("mean")).click()
            expect(means).to_have_text(wanted)
        frame.locator("table.listing .dtcc-button_dropdown").nth(3).click()
        frame.get_by_role("button", name="validation").click()
        frame.get_by_text("1 to 2 of 2 rows").wait_for()
        depth = frame.locator("table.listing thead tr").nth(1).locator("td").nth(names.index("L"))
        depth.locator("input").fill("2")
        frame.get_by_text("1 to 1 of 1 rows").wait_for()
        assert not is_blank(page.screenshot())


@needs_chromium
def test_figures_are_shown_with_captions(reported):
    with opened(reported.folder / "results/report.html") as page:
        show(page, "3 Figures", "Figure 02")
        image = page.locator("img[src^='data:image/png']")
        image.wait_for()
        assert not is_blank(image.screenshot())
        choose(page, "3 Figures").filter(has_text="Figure 02").locator("a").nth(1).click()
        page.locator("p", has_text="Datasets for binary classification in two dim").wait_for()


@needs_chromium
def test_statistics_are_drawn(reported):
    with opened(reported.folder / "results/report.html") as page:
        page.get_by_role("link", name="Statistics").click()
        for name in ("runtimes", "timeline"):
            drawn = page.locator(f"#{name} canvas, #{name} svg").first
            drawn.wait_for()
            assert not is_blank(drawn.screenshot())


def test_every_file_has_its_own_caption(reported):
    """Several come from one job, and Snakemake does not say which one a caption is for."""
    report = (reported.folder / "results/report.html").read_text()
    found = dict(re.findall(r'"filename": "([^"]+)", .{0,200}"caption": "([^"]+)"', report))
    assert len(set(found.values())) == len(found) > 10
    for file, beginning in {
        "figure1.png": "Butcher tableaus",
        "figure2.png": "Datasets for binary classification in two dimensions",
        "figure8.png": "Donut and squares datasets of two and three dimensions",
        "table1.html": "Mean of training and validation accuracy",
        "table2.html": "Mean of training and validation cost",
        "claims.html": "The claims of the paper",
        "runs.html": "Every run",
    }.items():
        assert found[file].startswith(f"<p>{beginning}")


def test_results_without_records_still_make_a_report(finished, tmp_path):
    clone = Project.copied(tmp_path / "clone")
    shutil.copytree(finished.folder / "results", clone.folder / "results")
    done = make(clone)
    assert done.code == 0, done.output
    assert "Snakemake does not know how" in done.output
    assert "files were made, because they were made elsewhere" in done.output
    assert (clone.folder / "results/report.html").is_file()


@pytest.mark.parametrize("name", ["pages/runs.html", "pages/verdict.rst"])
def test_what_is_missing_is_named(project, name):
    (project.folder / "results" / name).unlink()
    done = make(project)
    assert done.code == 1
    assert name in done.output
    assert "`make reproduce CONFIG=test.yaml` makes it, and then the report." in done.output
    assert "Traceback" not in done.output


def test_the_report_lies_with_the_results(project):
    (project.folder / "results").rename(project.folder / "elsewhere")
    done = make(project, {**TINY, "results": "elsewhere"})
    assert done.code == 0, done.output
    assert "The report is in elsewhere/report.html." in done.output


def test_a_caption_makes_nothing_anew(reported):
    for name in ("workflow", "page", "figure"):
        with (reported.folder / f"workflow/report/{name}.rst").open("a") as file:
            file.write("\nMore.\n")
    assert "Nothing to be done" in reported.run("--dry-run").output
