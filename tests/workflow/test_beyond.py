"""The experiments beyond the paper, in a small form, with their statements."""

import pandas as pd
import pytest
import yaml
from project import ROOT, Project

EXPERIMENTS = ("schemes", "time_steps", "convolution", "series", "tabular")
#: Of each experiment: one epoch, a few samples where a set may have fewer, and of what PyTorch
#: trains one run. The kernels of the tables' twelve widths would take most of a minute to compile.
FEW = {"training_samples": 60, "validation_samples": 60}
SMALL = {
    "schemes": FEW,
    "time_steps": {**FEW, "depth": [5, 20, 40]},
    "convolution": {**FEW, "seeds": 1},
    "series": {"seeds": 1},
    "tabular": {**FEW, "engine": "torch", "seeds": 1},
}


def small(name):
    """An experiment as it is shipped, with fewer and smaller runs."""
    shipped = yaml.safe_load((ROOT / f"config/experiments/{name}.yaml").read_text())
    for variant in shipped.get("variants", []):
        variant.pop("epochs", None)
    return {"name": name, **shipped, "epochs": 1, "seeds": 2, **SMALL[name]}


def config(names=EXPERIMENTS):
    """The configuration as it is shipped, with the small forms of these experiments."""
    shipped = yaml.safe_load((ROOT / "config/beyond.yaml").read_text())
    return {**shipped, "experiments": [small(name) for name in names]}


@pytest.fixture(scope="module")
def beyond(project_once):
    """A project that has run all of them."""
    # Threads that wait for each other beside other tests take a hundred times as long as one.
    alone = ("--set-threads", "train_images=1")
    project = project_once(
        "beyond", lambda folder: Project.copied(folder).run(*alone, config=config())
    )
    assert project.outcome.code == 0, project.outcome.output
    return project


@pytest.fixture(scope="module")
def results(beyond):
    return beyond.folder / "results/beyond"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_run_of_an_experiment_ends_as_it_should(results, name):
    runs = pd.read_csv(results / f"metrics/{name}.csv").drop_duplicates(
        ["dataset", "network", "width", "depth", "seed"]
    )
    assert len(runs) >= 6
    assert set(runs["status"]) == {"completed"}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_has_a_table_curves_and_a_page(results, name):
    for file in (f"tables/{name}.md", f"figures/{name}.png", f"pages/{name}.html"):
        assert (results / file).is_file()


def test_every_statement_is_tested(results):
    claims = pd.read_csv(results / "claims.csv")
    whole = claims[~claims["id"].str.contains(".", regex=False)]
    assert len(whole) >= 25
    assert set(whole["verdict"]) <= {"supported", "contradicted", "undecided"}


def test_schemes_and_learned_steps_have_figures(results):
    assert (results / "figures/schemes_compared.pdf").is_file()
    for net in ("rk4", "euler"):
        assert (results / f"figures/time_steps_{net}.pdf").is_file()


def test_nothing_is_said_of_printed_numbers(results):
    for file in ("summary.txt", "pages/verdict.rst"):
        text = (results / file).read_text()
        assert "rinted number" not in text, file
        assert "paper prints" not in text, file
        assert "reproduce" not in text, file


def test_nothing_is_left_to_do(beyond):
    assert "Nothing to be done" in beyond.run(config=config()).output


def test_its_target_is_all_of_them(beyond):
    assert "Nothing to be done" in beyond.run("beyond", config=config()).output
    shipped = beyond.run("beyond", "--dry-run", config=None)
    assert shipped.jobs["show_experiment"] == len(EXPERIMENTS)


def test_its_target_without_one_of_them_is_refused(beyond):
    others = [name for name in EXPERIMENTS if name != "series"]
    outcome = beyond.run("beyond", "--dry-run", config=config(others))
    assert outcome.code
    assert "the config has no experiment 'series'; to get it, add series" in outcome.output
