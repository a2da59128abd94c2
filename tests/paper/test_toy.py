"""A second paper, in a folder: it needs no change of library, study or show."""

import pandas as pd
import pytest
from project import EXPERIMENT, ROOT, Project

from rknet.show.paper import load_paper, module_of

TOY = "tests/paper/toy"
CONFIG = {"paper": TOY, "experiments": [{**EXPERIMENT, "name": "steps"}]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The results of a tiny config with the toy paper."""
    project = Project.copied(tmp_path_factory.mktemp("toy") / "project")
    outcome = project.run(config=CONFIG)
    assert outcome.code == 0, outcome.output
    return project.folder / "results"


WRITTEN_DOWN = {"provenance": 1}


@pytest.mark.parametrize(
    ("file", "old", "new", "jobs"),
    [
        # The table, its page, and what is written down.
        ("tables.yaml", "Mean of", "The mean of", {"tabulate": 1, **WRITTEN_DOWN}),
        # A constant that a claim's module imports; the page of claims shows it.
        (
            "bound.py",
            "BOUND = 1.0",
            "BOUND = 2.0",
            {"claims": 1, "summary": 1, **WRITTEN_DOWN},
        ),
        ("claims.py", '"""The toy paper\'s claim."""', '"""A claim."""', {}),
        ("paper.yaml", "# A paper that nobody wrote", "# Nobody wrote it", {}),
    ],
)
def test_an_edit_makes_anew_what_it_concerns(made, tmp_path, file, old, new, jobs):
    project = Project(made.parent).duplicate(tmp_path / "project")
    path = project.folder / TOY / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert project.run("--dry-run", config=CONFIG).jobs == jobs


def test_its_table_is_made_as_it_says(made):
    assert {path.name for path in (made / "tables").iterdir()} == {
        f"table1{layout}.{suffix}"
        for layout in ("", "_intervals")
        for suffix in ("tex", "md", "csv")
    }
    table = pd.read_csv(made / "tables/table1.csv")
    assert table.columns.tolist() == ["lift", "network", "1", "2"]
    assert "**Table 1.** Mean of validation accuracy (%) over 2 repetitions on spiral" in (
        (made / "tables/table1.md").read_text()
    )
    assert "Frozen random lift, as Nobody lifts" in (made / "tables/table1.md").read_text()


def test_its_numbers_are_compared_as_it_prints_them(made):
    compared = pd.read_csv(made / "comparison.csv").set_index("depth")
    # There are no runs with three layers; an accuracy of 1 % is outside any interval.
    assert sorted(compared.index) == [1, 2]
    assert (compared["edition"] == "first").all()
    metrics = pd.read_csv(made / "metrics/steps.csv").query(
        "split == 'validation' and metric == 'accuracy_percent'"
    )
    means = metrics.groupby("depth")["value"].mean()
    assert compared["reproduced"].to_dict() == pytest.approx(means.to_dict())
    # A 90 % interval for the mean of two fresh runs, from two runs: t(1; 0.95) s √(1/2 + 1/2).
    spread = metrics.groupby("depth")["value"].std(ddof=1)
    half = (compared["prediction_high"] - compared["prediction_low"]) / 2
    assert half.to_dict() == pytest.approx((6.313751515 * spread).to_dict())


def test_its_claim_is_tested(made):
    (claim,) = pd.read_csv(made / "claims.csv").to_dict("records")
    assert (claim["id"], claim["statement"]) == ("N1", "Two layers learn something.")
    assert claim["runs"] == "steps: 2 runs"
    assert "Definitions" not in (made / "claims.md").read_text()


def test_its_pages_are_there(made):
    assert {path.name for path in (made / "pages").glob("*.html")} == {
        f"{name}.html"
        for name in ("comparison", "claims", "findings", "runs", "provenance", "table1")
    }
    assert "Two layers learn something." in (made / "pages/claims.html").read_text()
    opening = (made / "pages/verdict.rst").read_text()
    assert opening.startswith("First steps, reproduced\n=====")
    assert "2 of the 3 that the paper prints are compared" in opening
    assert "90 % prediction interval for 2 fresh repetitions" in opening
    assert "The paper's claims: 1 are tested" in (made / "summary.txt").read_text()


def test_nothing_of_the_other_paper_appears(made):
    assert not (made / "figures").exists()
    assert not (made / "checks").exists()
    assert not pd.read_csv(made / "findings.csv").size
    files = [path for path in made.rglob("*")
             if path.suffix in (".md", ".tex", ".rst", ".txt", ".html")]  # fmt: skip
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not any(word in text for word in ("Giesecke", "Kröner", "journal", "preprint")), path


def test_its_modules_are_in_fingerprints(monkeypatch):
    monkeypatch.chdir(ROOT)
    toy = load_paper(TOY)
    assert toy.root("claims") == (f"{TOY}/bound.py", f"{TOY}/claims.py")
    assert toy.root("errata") == ()
    assert load_paper().root("errata") == ("rknet.paper.errata",)
    assert module_of(TOY, toy.modules, "errata") is None
    assert [claim.id for claim in module_of(TOY, toy.modules, "claims").CLAIMS] == ["N1"]
