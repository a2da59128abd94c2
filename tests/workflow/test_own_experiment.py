"""An experiment of one's own through the workflow: a table, curves and a page, by default."""

import csv
import json

import pytest
from project import SHOWN, Project

OWN = {
    **{"name": "my_study", "dataset": ["spiral", "donut_2d"], "network": ["StandardNet", "RK4Net"]},
    **{"width": 3, "depth": 2, "epochs": 2, "seeds": 2},
}
CONFIG = {"experiments": [OWN]}
MADE = {
    *(f"tables/my_study.{suffix}" for suffix in ("tex", "md", "csv")),
    *("figures/my_study.pdf", "figures/my_study.png", "pages/my_study.html"),
}


@pytest.fixture(scope="module")
def own(project_once):
    """A project in which the experiment's own target has been made; not to be changed."""
    project = project_once(
        "own experiment", lambda folder: Project.copied(folder).run("my_study", config=CONFIG)
    )
    assert project.outcome.code == 0, project.outcome.output
    return project


def test_its_name_makes_a_table_curves_and_a_page(own):
    assert own.outcome.jobs == {
        **{"dataset": 4, "train": 8, "metrics": 1},
        **SHOWN,
    }
    assert set(own.results("**/*")) >= MADE


def test_the_table_holds_what_was_trained(own):
    (table,) = own.results("tables/my_study.csv").values()
    rows = list(csv.DictReader(table.decode().splitlines()))
    assert len(rows) == 4
    for row in rows:
        records = own.results(f"runs/{row['dataset']}/{row['network']}/*/seed*/run.json")
        last = [
            json.loads(record)["last_metrics"]["validation_cost"] for record in records.values()
        ]
        assert len(last) == int(row["validation_cost_n"]) == 2
        assert float(row["validation_cost_mean"]) == pytest.approx(sum(last) / 2)


def test_the_page_says_what_it_is_and_shows_all_cells(own):
    (page,) = own.results("pages/my_study.html").values()
    text = page.decode()
    assert "4 cells, which differ in dataset and network; 2 repetitions of each." in text
    assert "8 runs: 8 completed, 0 stopped and 0 diverged." in text
    assert "data:image/png;base64," in text


def test_all_takes_them_in_and_writes_them_down(own):
    outcome = own.run("--dry-run", config=CONFIG)
    assert outcome.code == 0, outcome.output
    assert "show_experiment" not in outcome.jobs
    touched = own.run("--dry-run", "--forcerun", "curves", config=CONFIG).jobs
    assert touched["show_experiment"] == touched["provenance"] == 1


def test_an_experiment_that_the_paper_shows_gets_none(own):
    depth = {**OWN, "name": "depth", "dataset": "spiral", "width": 16}
    jobs = own.run("--dry-run", config={"experiments": [depth]}).jobs
    assert jobs["tabulate"] == 1
    assert "show_experiment" not in jobs


@pytest.mark.parametrize("name", ["table1_intervals", "figure3", "runs"])
def test_a_name_that_results_have_is_refused(own, name):
    outcome = own.run("--dry-run", config={"experiments": [{**OWN, "name": name}]})
    assert outcome.code != 0
    assert f"'{name}' is the name of a table, figure or page; choose another" in outcome.output
