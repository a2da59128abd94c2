"""Pages of the report: what they hold, that they stand alone, and that data cannot run in them."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browsing import assert_for_everyone, barriers, is_blank, needs_chromium, opened, overflow
from test_tables import metrics

from rknet.cell import AXES, Cell
from rknet.files import file_hash, write_json
from rknet.show.pages import charts
from rknet.show.pages.document import document, listing, paragraph, preformatted, table
from rknet.show.pages.listing import figure_title, pages
from rknet.show.pages.runs import provenance_page, runs_page
from rknet.show.pages.tables import table_page
from rknet.show.pages.verdict import claims_page, comparison_page, errata_page
from rknet.show.paper import definitions, load_paper
from rknet.study.frames import archived_in_words
from rknet.study.provenance import provenance, read_provenance
from rknet.study.recording import write_record
from rknet.study.records import digest, read_record

ROOT = Path(__file__).parents[2]
EVIL = "<script>document.title = 'run'</script>\"'&<img src=x onerror=\"document.title='run'\">"
PUBLISHED = ROOT / "rknet/paper/published.csv"
PAPER = load_paper()
TABLES = PAPER.tables
PUBLICATION = PAPER.publication
COMPARED = pd.DataFrame(
    {
        **{"edition": "journal", "table": [1, 1], "dataset": "spiral", "network": "RK4Net"},
        **{"width": 16, "depth": [1, 20], "activation": "tanh", "split": "validation"},
        **{"metric": "accuracy_percent", "stat": "mean", "lift": "random"},
        **{"published": [75.12, 99.70], "reproduced": [75.7, 50.0], "std": 1.0, "n": 4},
        **{"prediction_low": [70.0, 49.0], "prediction_high": [80.0, 51.0]},
        **{
            "detects_below": 6.0,
            "detects_above": 5.0,
            "p_value": [0.5, 0.0001],
            "verdict": ["consistent", "inconsistent"],
        },
        **{"verdict_adjusted": "consistent", "published_metric": "accuracy_percent"},
    }
)
RUNS = metrics()
FOLDER = "spiral/RK4Net/width4_depth2_tanh_random_epochs9/"
FINDINGS = pd.DataFrame(
    {"id": ["lift"], "finding": ["A < B."], "numbers": ["pairs=1; of_these=0"], "holds": ["no"]}
)
CLAIMS = pd.DataFrame(
    [
        ("D1", 4.2, "All is well.", "random", "2 parts", "every part", "D1.1", "undecided"),
        ("D1.1", 4.2, "", "random", "accuracy (%)", "t-test", "0.1 [0, 1]", "supported"),
        ("W1", 4.1, "Wider is better.", "–", "order", "computed", "4", "supported"),
    ],
    columns=["id", "section", "statement", "lift", "quantity", "test", "numbers", "verdict"],
).assign(
    **{"reason": "p = 0.01", "runs": "depth: 8 runs", "effect": [0.75, 1.0, np.nan]},
    **{"low": [0.4, 0.6, np.nan], "high": [0.95, 1.0, np.nan], "n": [8, 8, 0]},
    **{"reach": "a share of 95%", "printed": "met: 1", "why": "so it is"},
)
COLUMNS = [f"{split}_{metric}" for split in ("training", "validation")
           for metric in ("cost", "accuracy_percent")]  # fmt: skip
HISTORY = f"""epoch,{",".join(COLUMNS)}
0,1e306,44.2,0.75,45.2666667
1,0.5,71.07,0.6,74.5
2,0.4,80,inf,
"""


class Tables(HTMLParser):
    """The texts of all tables of a page, row by row, and its elements."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.elements, self.loads = [], [], []
        self.cell = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        places = [value for name, value in attributes if name in ("src", "href")]
        # A link, to a place in the page itself or in another page beside it, loads nothing.
        link = re.compile(r"([a-z0-9_]+\.html)?#")
        self.loads += [place for place in places if tag != "a" or not link.match(place)]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell)
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


def record(seed=0, status="completed", **setting):
    """A run's record."""
    cell = Cell("spiral", "RK4Net", 4, 2, **setting)
    diverged = status == "diverged"
    last = {"validation_accuracy_percent": None if diverged else 91.254, "validation_cost": 0.25}
    hardware = {"host": "here", "system": "Linux", "processor": "some", "cores": 2,
                "gpus": ["G"] * seed}  # fmt: skip
    return {
        "setting": {**{axis: getattr(cell, axis) for axis in AXES}, "seed": seed},
        **{"status": status, "last_epoch": 40, "last_metrics": last},
        **{
            "dataset_file": "datasets/spiral/seed0.npz",
            "wall_time_seconds": 1.5,
            "cpu_time_seconds": 1.25,
            "peak_memory_mib": 150.5,
        },
        **{"versions": {"python": "3.11.7"}, "commit": "abc", "dirty": seed > 0},
        "hardware": hardware,
    }


def about(name):
    return pages(TABLES, TABLES)[name]


@pytest.fixture
def files(tmp_path):
    """What each page is made from, by page."""
    frames = {"comparison": COMPARED, "findings": FINDINGS, "claims": CLAIMS, "metrics": metrics()}
    for name, frame in frames.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    paths = {name: tmp_path / f"{name}.csv" for name in frames}
    records, source = [], tmp_path / "provenance.json"
    for seed, status in enumerate(("completed", "stopped", "diverged")):
        records.append(tmp_path / f"runs/seed{seed}/run.json")
        history = records[-1].with_name("history.csv")
        history.parent.mkdir(parents=True)
        history.write_text(HISTORY.replace("0.5", f"0.{5 + seed}"))
        write_record(records[-1], record(seed, status, epochs=9), [history])
    folder = tmp_path / "benchmarks/metrics"
    folder.mkdir(parents=True)
    (folder / "depth.tsv").write_text("s\tmax_rss\tcpu_time\n2.0\t-\t1.0\n")
    job = {"rule": "claims", "outputs": {"claims.csv": file_hash(paths["claims"])}}
    write_json(tmp_path / "records/claims.csv.json", {**job, "sha256": digest(job)})
    # What `make benchmark` measured is no time of a job.
    (tmp_path / "benchmarks/engines.csv").write_text("what,milliseconds\nstep,0.05\n")
    of = provenance(tmp_path, records, [paths["claims"]],
                    {"results": "r", "experiments": [{"name": "depth"}]})  # fmt: skip
    write_json(source, of)
    return {
        "comparison": {name: paths[name] for name in ("comparison", "findings")},
        "claims": {"claims": paths["claims"]},
        "findings": {"findings": paths["findings"]},
        "table1": {"metrics": paths["metrics"], "published": PUBLISHED},
        "runs": {},
        "provenance": {"provenance": source},
    }


def made(name, files):
    page = about(name)
    if name == "runs":
        folder = files["provenance"]["provenance"].parent
        records = {path: read_record(path) for path in sorted(folder.glob("runs/*/*.json"))}
        return runs_page(page, records, {FOLDER + "seed0": ["depth", "zeros"]})
    if name == "provenance":
        written = read_provenance(files["provenance"]["provenance"])
        return provenance_page(page, written, [{"experiment": "depth", "runs": 3}])
    frames = {what: pd.read_csv(path) for what, path in files[name].items()}
    if name == "comparison":
        return comparison_page(page, PUBLICATION, **frames, metrics=RUNS)
    if name == "claims":
        return claims_page(page, definitions(PAPER.name, PAPER.modules), **frames)
    if name == "findings":
        return errata_page(page, **frames)
    return table_page(page, TABLES[name], ["journal", "preprint"], PUBLICATION, **frames)


NAMES = ("comparison", "claims", "findings", "table1", "runs", "provenance")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_loads_nothing(name, files):
    text = made(name, files)
    assert Tables(text).loads == []
    style = "".join(re.findall(r"<style>(.*?)</style>", text, re.S))
    assert not re.search(r"@import|url\(['\"]?(?!data:|['\"]?data:)", style)
    assert "default-src 'none'" in text


@needs_chromium
@pytest.mark.parametrize("name", NAMES)
def test_everyone_can_read_a_page(name, files, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(made(name, files))
    with opened(path) as page:
        assert_for_everyone(page)


@needs_chromium
def test_what_keeps_readers_out_is_found(tmp_path):
    path = tmp_path / "page.html"
    block = '<input><p style="color: #aaa; width: 1900px; max-width: none">Who can read this?</p>'
    path.write_text(document("a page", [block]))
    with opened(path) as page:
        found = " ".join(barriers(page))
        assert "label (critical)" in found
        assert "color-contrast (serious)" in found
        assert overflow(page) > 400


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_the_same_bytes_twice(name, files):
    assert made(name, files) == made(name, files)


def test_a_list_holds_what_the_frame_does():
    frame = pd.DataFrame(
        {"name": ["b", "a & b", None], "n": [2, 10, 3], "x": [0.5, np.nan, 1e-9], "v": "yes"}
    )
    text = listing(frame, "some", {"x": "{:.2f}"}, choices=["name"], verdicts=["v"])
    rows = [["b", "2", "0.50", "yes"], ["a & b", "10", "", "yes"], ["", "3", "0.00", "yes"]]
    assert Tables(text).rows == [["name", "n", "x", "v"], *rows]
    # Numbers are sorted by their value, not by what is shown.
    assert re.findall(r'data-order="(.*?)"', text) == ["2", "0.5", "10", "", "3", "1e-09"]
    assert text.count('data-verdict="yes"') == 3
    assert text.count("data-choices") == 1


def test_a_table_has_parts_and_bold_cells():
    frame = pd.DataFrame({"who": ["x", "y"], "what": ["1.0", "2.0†"]})
    bold = pd.DataFrame({"who": [False, False], "what": [True, False]})
    text = table({"one": frame, "two": frame}, {"two": bold})
    body = [["x", "1.0"], ["y", "2.0†"]]
    assert Tables(text).rows == [["who", "what"], ["one"], *body, ["two"], *body]
    assert text.count("<b>") == 1
    assert '<td class="number"><b>1.0</b></td>' in text


@pytest.mark.parametrize(
    "block",
    [
        listing(pd.DataFrame({EVIL: [EVIL]}), "evil", choices=[EVIL], verdicts=[EVIL]),
        table({EVIL: pd.DataFrame({EVIL: [EVIL]})}),
        paragraph(EVIL, EVIL),
        preformatted(EVIL),
    ],
)
def test_what_comes_from_data_is_escaped(block):
    found = Tables(block)
    assert {"script", "img"} & set(found.elements) == set()
    assert EVIL in "".join(map(str, found.rows)) or "&lt;script&gt;" in block
    assert Tables(document(EVIL, [])).elements.count("script") == 0


@needs_chromium
def test_what_comes_from_data_does_not_run(tmp_path):
    frame = pd.DataFrame({"name": [EVIL, "other"], EVIL: [1, 2]})
    page = tmp_path / "page.html"
    page.write_text(document("quiet", [listing(frame, "evil", choices=["name"])]))
    with opened(page) as shown:
        shown.click("table.listing .dtcc-button_dropdown")
        shown.get_by_role("button", name="other").click()
        assert shown.locator("table.listing tbody tr").count() == 1
        assert shown.title() == "quiet"


def test_the_comparison_shows_every_number(files):
    rows = Tables(made("comparison", files)).rows
    shown = [row for row in rows if "RK4Net" in row]
    ends = ["accuracy (%)", "random", "75.12", "75.70", "consistent", "consistent", "70.00",
            "80.00", "0.500", "6.00", "5.00"]  # fmt: skip
    assert ["journal", "1", "spiral", "RK4Net", "1", "validation", *ends] in shown
    assert any(row[-7:-2] == ["inconsistent", "consistent", "49.00", "51.00", "<0.001"]
               for row in shown)  # fmt: skip


def test_the_comparison_shows_how_whole_tables_fit(files):
    frames = [pd.read_csv(path) for path in files["comparison"].values()]
    fits = [("As a whole", ["It fits.", pd.DataFrame({"table": ["1"], "p": ["0.500"]})])]
    text = comparison_page(about("comparison"), PUBLICATION, *frames, fits=fits)
    assert text.index("<h2>As a whole") < text.index("It fits.")
    assert ["1", "0.500"] in Tables(text).rows


def test_claims_show_what_is_said_and_the_tests_behind_them(files):
    rows = Tables(made("claims", files)).rows
    shown = ["D1", "4.2", "All is well.", "random", "undecided", "75% [40%, 95%]", "8"]
    assert shown in [row[:7] for row in rows]
    tests = [row for row in rows if "p = 0.01" in row and row[-1] == "so it is"]
    # A claim in parts is tested by its parts.
    assert [row[0] for row in tests if row[1] in ("random", "–")] == ["D1.1", "W1"]


@needs_chromium
def test_a_claim_leads_to_its_tests_wherever_they_are(files, tmp_path):
    """They are on another page of their list, behind a search and a choice."""
    many = pd.concat([CLAIMS.assign(id=CLAIMS["id"].str.replace("1", f"{n}", n=1))
                      for n in range(1, 41)])  # fmt: skip
    text = claims_page(about("claims"), {}, many)
    path = tmp_path / "page.html"
    path.write_text(text)
    names = set(re.findall(r'<tr id="(.*?)"', text))
    links = re.findall(r'href="#(.*?)"', text)
    assert len(links) == 80
    assert set(links) <= names
    with opened(path) as page:
        tests = page.locator("#tests_wrapper")
        tests.get_by_label("Search all columns").fill("nothing has this")
        tests.get_by_label("search quantity", exact=True).fill("nor this")
        claims = page.locator("#claims_wrapper")
        claims.get_by_label("search id", exact=True).fill("D40")
        claims.get_by_role("link", name="D40", exact=True).click()
        row = page.locator("tr:focus")
        assert row.locator("td").first.inner_text() == "D40.1"
        assert row.bounding_box()["y"] < 900


TAKEN = "4 of 5 runs are from the archive; trained on a `x86_` *chip*|."


def test_pages_say_which_runs_are_archived(files):
    compared = COMPARED.assign(archived=[4, 0])
    text = comparison_page(about("comparison"), PUBLICATION, compared, FINDINGS, TAKEN)
    assert f"‡ {TAKEN}" in text
    rows = Tables(text).rows
    heading = next(row for row in rows if "reproduced" in row)
    place = heading.index("of archived runs")
    assert [row[place] for row in rows if row[:1] == ["journal"] and len(row) > place] == ["4", "0"]
    claims = CLAIMS.assign(runs="depth: 8 runs, 4 of them from the archive")
    assert TAKEN in claims_page(about("claims"), {}, claims, TAKEN)
    assert TAKEN in errata_page(about("findings"), FINDINGS, TAKEN)
    of_archive = metrics().assign(archived="a machine")
    page = table_page(about("table1"), TABLES["table1"], ["journal"], PUBLICATION, of_archive,
                      pd.read_csv(PUBLISHED))  # fmt: skip
    assert f"‡ {archived_in_words(of_archive)}" in page


@pytest.mark.parametrize("name", NAMES)
def test_without_archived_runs_a_page_does_not_mention_them(name, files):
    # Runs and what made them always say where they are from.
    assert "archive" not in made(name, files) or name in ("runs", "provenance")


def test_errata_say_whether_they_hold(files):
    text = made("findings", files)
    assert '<span data-verdict="no">no</span> A &lt; B.' in text
    assert ["of these", "0"] in Tables(text).rows


def test_a_table_shows_published_and_reproduced(files):
    text = made("table1", files)
    rows = Tables(text).rows
    published = rows.index(["Published"])
    assert rows[published - 1][:2] == ["network", "split"]
    assert rows[published + 2] == ["StandardNet", "validation", "91.88", "66.87"]
    assert ["Reproduced, padding by zeros, eq. (2.3)"] in rows
    assert "It is the same in journal and preprint." in text
    assert ["lift", "dataset", "network"] in [row[:3] for row in rows]
    assert 'href="runs.html#/spiral/RK4Net/width16_depth20_tanh_zeros/"' in text


def test_runs_tell_how_they_ended(files):
    text = made("runs", files)
    assert "3 runs: 1 completed, 1 stopped, 1 diverged." in text
    rows = Tables(text).rows
    assert [rows[1][0], *rows[1][7:12]] == [
        "seed 0",
        "epochs9",
        "completed",
        "40",
        "91.25",
        "0.2500",
    ]
    assert [rows[3][0], *rows[3][7:12]] == ["seed 2", "epochs9", "diverged", "40", "", "0.2500"]


def test_a_number_leads_to_the_runs_of_its_cell(files):
    text = made("comparison", files)
    links = re.findall(r'<a href="(.*?)" title="(.*?)">(.*?)</a>', text)
    cells = [f"/spiral/RK4Net/width16_depth{depth}_tanh_random/" for depth in (1, 20)]
    assert links == [
        (f"runs.html#{cell}", f"in the page Runs, search for {cell}", number)
        for cell, number in zip(cells, ("75.70", "50.00"), strict=True)
    ]


def test_a_number_leads_to_none_but_its_own_runs(files):
    """Those at the paper's protocol, by the engine that counts."""
    frames = [pd.read_csv(path) for path in files["comparison"].values()]
    other = RUNS.assign(epochs=9)
    torch = RUNS[RUNS["depth"] == 20].assign(engine="torch")
    found = comparison_page(about("comparison"), PUBLICATION, *frames,
                            metrics=pd.concat([other, torch]))  # fmt: skip
    assert re.findall(r'href="(runs.html.*?)"', found) == [
        "runs.html#/spiral/RK4Net/width16_depth20_tanh_random_engine-torch/"
    ]


def test_a_claim_leads_to_the_runs_of_its_experiments():
    claims = CLAIMS.assign(
        lift=["random", "random", "–"],
        runs=["depth: 8 runs, 1 of them diverged; width: 1 run", "depth: 8 runs", "none"],
    )
    text = claims_page(about("claims"), {}, claims)
    of = "runs.html#experiment%3A{}%3B%20lift%3Arandom%3B"
    assert re.findall(r'href="(runs.html.*?)"', text) == [
        of.format(name) for name in ("depth", "width", "depth")
    ]
    assert (
        'search for experiment:depth; lift:random;">depth: 8 runs, 1 of them diverged</a>; <a'
        in text
    )


def held(text):
    """The data of a page's curves."""
    (data,) = re.findall(r'<script type="application/json".*?>(.*?)</script>', text, re.S)
    return json.loads(data)


def test_the_runs_hold_their_curves(files):
    data = held(made("runs", files))
    run = data["runs"][f"{FOLDER}seed1"]
    costs, accuracies = run["curves"][2], run["curves"][3]
    # Differences in units of the last digit; what is no number is left out, and a large one written
    # as it is: JavaScript would add nothing small to it.
    assert costs == [7500, -1500, None]
    assert accuracies == [4527, 2923, None]
    assert run["curves"][0] == [[1e306], 6000, -2000]
    assert data["settings"][run["setting"]]["epochs"] == "9"
    assert data["origins"][run["origin"]]["files"] == ["run.json", "history.csv"]


def test_an_archived_run_leads_to_no_dataset_that_may_not_be_there(files, monkeypatch):
    file = "datasets/spiral/seed0.npz"
    for taken, name in (("", "dataset file"), ("a machine", "trained on")):
        monkeypatch.setattr("rknet.show.pages.runs.origin", lambda _, taken=taken: taken)
        assert held(made("runs", files))["runs"][f"{FOLDER}seed0"]["dataset"] == {name: file}


def test_data_of_curves_cannot_end_its_element():
    text = charts.of_runs(1, [{EVIL: EVIL}], [], {})
    assert held(text)["settings"] == [{EVIL: EVIL}]
    assert Tables(text).elements == ["section", "script"]


def test_of_many_epochs_few_are_held(files, monkeypatch):
    """One in three, and the last. The three records say that they have 40 epochs each."""
    monkeypatch.setattr(charts, "MOST_EPOCHS", 40)
    text = made("runs", files)
    assert "Of so many runs the curves show one epoch in 3, and the last." in text
    assert held(text)["runs"][f"{FOLDER}seed0"]["curves"][0] == [[1e306], 4000]


def test_a_damaged_history_is_no_curve(files, tmp_path):
    (tmp_path / "runs/seed1/history.csv").write_text(HISTORY)
    with pytest.raises(ValueError, match=r"seed1/history\.csv is not what the run wrote"):
        made("runs", files)


@needs_chromium
def test_a_run_shows_its_curves_and_those_beside_it(files, tmp_path):
    path = tmp_path / "runs.html"
    path.write_text(made("runs", files))
    with opened(path) as page:
        page.locator(f"[id='{FOLDER}seed1'] a").press("Enter")
        page.get_by_role("heading", name=f"{FOLDER}seed1").wait_for()
        assert page.evaluate("location.hash") == f"#{FOLDER}seed1"
        assert page.locator(".pane").count() == 2
        assert not is_blank(page.locator("canvas").first.screenshot())
        table = page.locator("table.legend")
        # At the last epoch, of which only the training is known.
        assert table.locator("tr", has_text="training").first.inner_text().split() == [
            "training", "80.00", "0.4000"
        ]  # fmt: skip
        page.get_by_role("slider", name="epoch").press("Home")
        assert table.locator("tr").nth(1).inner_text().split() == ["validation", "45.27", "0.7500"]
        page.get_by_role("slider").press("ArrowRight")
        others = table.locator("tr", has_text="validation, other seeds")
        assert others.inner_text().split()[-2:] == ["74.50", "0.6000"]
        page.locator(".u-over").first.hover(position={"x": 1, "y": 50})
        assert page.locator("output").inner_text() == "0"
        before = page.locator("canvas").first.screenshot()
        button = table.get_by_role("button", name="training", exact=True)
        button.click()
        assert button.get_attribute("aria-pressed") == "false"
        page.mouse.move(0, 0)
        assert page.locator("canvas").first.screenshot() != before
        facts = page.locator("dl.facts").inner_text().split("\n")
        assert facts[facts.index("learning rate") + 1] == "0.001"
        assert facts[facts.index("status") + 1] == "stopped"
        dataset = page.get_by_role("link", name="spiral/seed0.npz")
        assert dataset.get_attribute("href") == "../datasets/spiral/seed0.npz"
        link = page.get_by_role("link", name="history.csv")
        assert link.get_attribute("href") == f"../runs/{FOLDER}seed1/history.csv"
        assert_for_everyone(page)


@needs_chromium
@pytest.mark.parametrize(
    ("address", "shown", "rows"),
    [
        (f"{FOLDER}seed2", f"{FOLDER}seed2", 3),
        (f"/{FOLDER}", f"{FOLDER}seed0", 3),
        ("experiment%3Adepth%3B%20lift%3Arandom%3B", f"{FOLDER}seed0", 1),
    ],
)
def test_an_address_shows_a_run_or_searches(address, shown, rows, files, tmp_path):
    path = tmp_path / "runs.html"
    path.write_text(made("runs", files))
    with opened(path, f"#{address}") as page:
        page.get_by_role("heading", name=shown).wait_for()
        assert page.locator("#runs tbody tr").count() == rows
        # It is where the reader is, and nothing else comes after.
        page.wait_for_timeout(200)
        assert page.locator("h2:focus").inner_text() == shown
        assert 0 <= page.locator("h2:focus").bounding_box()["y"] < 450


@needs_chromium
@pytest.mark.parametrize(
    "address", [f"/{FOLDER[1:]}", "experiment%3Adepth%3B%20lift%3Azeros%3B", "100%"]
)  # fmt: skip
def test_no_run_is_found_by_a_part_of_a_name(address, files, tmp_path):
    """MNIST is a part of Fashion-MNIST, and an experiment may be called after a lift.

    An address may be written wrongly, too.
    """
    path = tmp_path / "runs.html"
    path.write_text(made("runs", files))
    with opened(path, f"#{address}") as page:
        page.get_by_text("No matching records found").wait_for()


@needs_chromium
def test_a_link_that_nobody_follows_says_what_to_search_for(files, tmp_path):
    """As in a report that does not answer."""
    (tmp_path / "page.html").write_text(made("comparison", files))
    around = tmp_path / "around.html"
    around.write_text("<iframe></iframe>")
    with opened(around) as page:
        page.evaluate(
            "text => frames[0].frameElement.src = URL.createObjectURL("
            "new Blob([text], { type: 'text/html' }))",
            (tmp_path / "page.html").read_text(),
        )
        frame = page.frame_locator("iframe")
        frame.get_by_role("link", name="75.70").click()
        frame.get_by_text("75.70 (in the page Runs, search for /spiral/RK4Net/").wait_for()


def test_provenance_counts_what_made_the_runs(files, tmp_path):
    rows = Tables(made("provenance", files)).rows
    assert ["claims.csv", "claims", file_hash(tmp_path / "claims.csv")] in rows
    assert ["commit", "abc", "1"] in rows
    assert ["commit", "abc, with changes that are not committed", "2"] in rows
    assert ["GPU", "G", "2"] in rows
    assert ["train", "3", "3.8", "4.5", "150"] in rows
    assert ["metrics", "1", "1.0", "2.0", "–"] in rows


def test_nothing_compared_is_said(files):
    COMPARED.head(0).to_csv(files["comparison"]["comparison"], index=False)
    assert "No published number is compared" in made("comparison", files)


def test_tables_that_two_editions_share_have_one_page():
    names = set(pages(TABLES, TABLES))
    assert {"table1", "table2", "table3", "table4", "preprint_table3"} <= names
    assert {"preprint_table1", "preprint_table2"} & names == set()
    assert not any("table" in name for name in pages(TABLES, set()))


def test_figures_and_categories_sort_by_plain_words():
    titles = [figure_title(figure) for figure in PAPER.figures.values()]
    assert "Figure 02" in titles
    assert "Figure 14 in miniature" in titles
    assert "Accuracy over depth" in titles
    numbered = [title for title in titles if title.startswith("Figure") and len(title) == 9]
    assert numbered == sorted(numbered)
    categories = list(dict.fromkeys(page.category for page in pages(TABLES, TABLES).values()))
    assert sorted(categories) == ["1 Verdict", "2 Tables", "4 Runs"]
    assert all(text.isascii() for text in (*titles, *categories))
