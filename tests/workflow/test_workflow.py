"""The real workflow on a small config: what it makes, and what it makes again."""

import ast
import csv
import json
import re
import shutil

import pytest
from project import EXPERIMENT, SHOWN, TINY, Project

#: What is made from the runs of the tiny config.
AFTER_METRICS = {
    **{"tabulate": 1, "features": 1, "comparison": 1, "claims": 1, "summary": 1},
    "provenance": 1,
    # The experiment's figures, and the comparison.
    "draw": 2,
}
ALL_AFTER_TRAINING = {"metrics": 1, **AFTER_METRICS}
#: Whatever is made again is recorded again.
WRITTEN_DOWN = {"provenance": 1}


@pytest.fixture
def project(finished, tmp_path):
    """A finished project to change at will."""
    return finished.duplicate(tmp_path / "project")


def experiment(**changes):
    return {"experiments": [{**EXPERIMENT, **changes}]}


def test_each_job_is_done_once(finished):
    # Figures 1, 2 and 8 share a job; the scatter plots need nine datasets more.
    jobs = {"dataset": 11, "train": 4, **ALL_AFTER_TRAINING, "draw": 3, "check_scheme": 1}
    assert finished.outcome.jobs == jobs


def test_it_ends_with_what_was_made_and_where(finished):
    output = finished.outcome.output
    assert "4 runs: 4 completed, 0 stopped early, 0 diverged." in output
    assert "results/tables/table1.md" in output
    assert "results/comparison.csv" in output


def test_what_it_makes(finished):
    made = set(finished.results("**/*"))
    cells = [f"spiral/RK4Net/width4_depth{depth}_tanh_random_epochs2" for depth in (1, 2)]
    runs = [f"runs/{cell}/seed{seed}" for cell in cells for seed in (0, 1)]
    assert {f"{run}/{name}" for run in runs for name in
            ("history.csv", "parameters.safetensors", "run.json")} <= made  # fmt: skip
    assert {f"tables/table{n}.{suffix}" for n in (1, 2) for suffix in ("tex", "md", "csv")} <= made
    assert {"metrics/depth.csv", "comparison.csv", "findings.csv", "claims.csv"} <= made
    assert "summary.txt" in made
    assert sum(name.startswith("logs/train/") for name in made) == 4
    assert not [name for name in made if ".part" in name]


def test_numbers_are_traceable_from_table_to_run(finished):
    table = finished.results("tables/table1.csv")["tables/table1.csv"].decode()
    rows = list(csv.DictReader(table.splitlines()))
    shown = float(next(row["2"] for row in rows if row["split"] == "validation"))
    last = []
    for seed in (0, 1):
        name = f"runs/spiral/RK4Net/width4_depth2_tanh_random_epochs2/seed{seed}/history.csv"
        history = list(csv.DictReader(finished.results(name)[name].decode().splitlines()))
        last.append(float(history[-1]["validation_accuracy_percent"]))
    assert shown == pytest.approx(sum(last) / 2, abs=0.0051)


def test_a_second_run_does_nothing(project):
    before = {p: p.stat().st_mtime_ns for p in (project.folder / "results").rglob("*")}
    outcome = project.run()
    assert outcome.code == 0
    assert "Nothing to be done" in outcome.output
    assert {p: p.stat().st_mtime_ns for p in (project.folder / "results").rglob("*")} == before


def documented(text):
    """The same code with other comments and another docstring."""
    tree = ast.parse(text)
    if ast.get_docstring(tree, clean=False) is None:
        return f'"""New."""\n{text}\n# edited\n'
    lines = text.splitlines(keepends=True)
    return "".join(['"""Another one."""\n', *lines[tree.body[0].end_lineno :], "\n# edited\n"])


def test_comments_and_docstrings_make_nothing_anew(project):
    for path in (*project.folder.glob("rknet/**/*.py"), *project.folder.glob("workflow/**/*.py")):
        path.write_text(documented(path.read_text()))
    assert "Nothing to be done" in project.run("--dry-run").output


#: What rests on the library's functions that write files, and with that on its first module.
EVERYTHING = {"dataset": 11, "train": 4, "check_scheme": 1, **ALL_AFTER_TRAINING, "draw": 3}
NEW = "\n\ndef new(x=1):\n    return x\n"


def test_edits_that_nothing_rests_on_make_nothing_anew(project):
    for file in (
        "rknet/show/tables/layouts.py",
        "rknet/study/statistics.py",
        "rknet/show/figures/kinds/panels.py",
        "rknet/seeds.py",
        "rknet/tableau.py",
        "rknet/datasets/images.py",
    ):
        project.edit(file, after=NEW)
    project.edit("rknet/seeds.py", "def stream", "new = 1\n\n\ndef stream")
    for file in ("rknet/study/recording.py", "rknet/study/fingerprints.py"):
        project.edit(file, after="\nprint()\n")
    assert "Nothing to be done" in project.run("--dry-run").output


@pytest.mark.parametrize(
    ("file", "after", "jobs"),
    [
        ("workflow/scripts/write_tables.py", "\nx = 1\n", {"tabulate": 1, **WRITTEN_DOWN}),
        # The summary has a picture, too.
        (
            "rknet/show/figures/rknet.mplstyle",
            "\n# edited\n",
            {"draw": 3, "summary": 1, **WRITTEN_DOWN},
        ),
        ("rknet/seeds.py", "\nprint()\n", EVERYTHING),
        # What is written down of the results names the config that made them.
        ("rknet/study/config.py", "\nprint()\n", {"provenance": 1}),
    ],
)
def test_an_edit_makes_anew_what_rests_on_it(project, file, after, jobs):
    project.edit(file, after=after)
    assert project.run("--dry-run").jobs == jobs


def test_the_coefficients_of_a_scheme_make_its_runs_anew_and_no_others(project):
    config, table = experiment(network=["EulerNet", "RK4Net"]), "results/tables/table1.md"
    assert project.run(table, config=config).code == 0
    project.edit("rknet/tableau.py", 'beta="1/6 1/3 1/3 1/6"', 'beta="1/6 1/3 1/4 1/4"')
    outcome = project.run("--dry-run", table, config=config)
    first = "spiral/RK4Net/width4_depth1_tanh_random_epochs2/seed0"
    assert outcome.batches == {first: 4}
    said = project.why(table, "results/figures/figure1.png", config=config)
    assert "4 files such as runs/spiral/RK4Net/width4_depth1_tanh_random_epochs2" in said
    assert "    network_definition has changed" in said
    assert "changed: rknet.tableau:SCHEMES['rk4']" in said
    assert "EulerNet" not in said
    # The tableaus are drawn again, too.
    wanted = {"train": 4, "check_scheme": 1, **ALL_AFTER_TRAINING, "draw": 3}
    assert project.run("--dry-run").jobs == wanted


def test_another_scheme_makes_no_run_anew(project):
    project.edit("rknet/tableau.py", '    "rk38":', '    "mine": _explicit(beta="1"),\n    "rk38":')
    # Every named scheme is checked, which claims and errata rest on.
    compared = {"comparison": 1, "draw": 1}
    wanted = {"check_scheme": 1, "claims": 1, **compared, "summary": 1, **WRITTEN_DOWN}
    assert project.run("--dry-run").jobs == wanted


def test_other_kinds_make_no_run_and_no_table_anew(project):
    for file in ("rknet/optimisers/adadelta.py", "rknet/losses/mse.py"):
        path = project.folder / file
        text = path.read_text()
        assert f'register("{path.stem}")' in text
        new = text.replace(f'register("{path.stem}")', 'register("another")')
        path.with_name("another.py").write_text(new)
    outcome = project.run("-n")
    assert outcome.code == 0, outcome.output
    # What may ask for any kind is made anew; it takes seconds.
    assert not outcome.jobs.keys() & {"train", "dataset", "metrics", "curves", "tabulate"}


def test_why_tells_of_settings_that_no_record_has(project):
    words = "Mean of training (upper row)"
    project.edit("rknet/paper/tables.yaml", words, words.replace("Mean", "Means"))
    said = project.why("results/tables/table1.md")
    assert "neither its code nor its inputs" in said
    assert "But the workflow would make it again" in said
    assert "params have changed since last execution (rule tabulate_depth)" in said


def test_an_edited_script_is_run_and_then_all_is_done(project):
    before = project.results("runs/**/*")
    project.edit("workflow/scripts/write_tables.py", after="\nx = 1\n")
    said = project.why("results/tables/table1.md", "results/provenance.json")
    assert "new: workflow/scripts/write_tables.py:x" in said
    assert "results/provenance.json was made by the rule provenance" in said
    assert project.run().jobs == {"tabulate": 1, **WRITTEN_DOWN}
    assert project.results("runs/**/*") == before
    assert "Nothing to be done" in project.run("--dry-run").output
    assert "Nothing has changed since" in project.why("results/tables/table1.md")


def test_every_result_has_a_record(finished):
    """Of what jobs make, all is recorded, and what it was made of."""
    recorded, digests = set(), set()
    for content in finished.results("records/**/*.json").values():
        record = json.loads(content)
        recorded |= set(record["outputs"])
        digests.add(record["code"]["digest"])
    for content in finished.results("runs/**/run.json").values():
        digests.add(json.loads(content)["code"]["digest"])
    apart = ("logs/", "benchmarks/", "records/", "code/", "runs/")
    made = {name for name in finished.results("**/*") if not name.startswith(apart)}
    assert made == recorded
    noted = {
        name.removeprefix("code/").removesuffix(".json") for name in finished.results("code/*")
    }
    assert noted == digests


def test_a_dataset_of_other_code_is_refused(project):
    outcome = project.run("results/datasets/spiral/seed0-00000000.npz")
    assert outcome.code != 0
    assert "spiral is now drawn by other code, or from another file; ask for" in outcome.output
    assert re.search(r"ask for results/datasets/spiral/seed0-[0-9a-f]{8}\.npz", outcome.output)


def test_one_more_depth_trains_the_new_runs_only(project):
    before = project.results("runs/**/*")
    config = experiment(depth=[1, 2, 3])
    assert project.run("--dry-run", config=config).jobs == {"train": 2, **ALL_AFTER_TRAINING}
    outcome = project.run("results/metrics/depth.csv", config=config)
    assert outcome.code == 0
    assert outcome.jobs == {"train": 2, "metrics": 1}
    assert before.items() <= project.results("runs/**/*").items()


def test_one_more_seed_trains_the_new_runs_only(project):
    outcome = project.run("--config", "seeds=3", "--dry-run")
    wanted = {"dataset": 1, "train": 2, "metrics": 1, **AFTER_METRICS}
    assert outcome.jobs == wanted


def test_one_more_seed_and_one_that_is_missing_share_a_job(project):
    cell = "spiral/RK4Net/width4_depth2_tanh_random_epochs2"
    shutil.rmtree(project.folder / "results/runs" / cell / "seed0")
    outcome = project.run("--config", "seeds=3", "--dry-run")
    first = "spiral/RK4Net/width4_depth1_tanh_random_epochs2/seed2"
    assert outcome.batches == {first: 3}


def test_another_experiment_shares_runs(project):
    other = {**EXPERIMENT, "name": "other", "depth": [2, 3]}
    outcome = project.run("--dry-run", config={"experiments": [EXPERIMENT, other]})
    # What shows the first experiment stays; the comparison is drawn again.
    of_all = {"comparison": 1, "claims": 1, "summary": 1, "draw": 1, **WRITTEN_DOWN}
    assert outcome.jobs == {"train": 2, "metrics": 1, **SHOWN, **of_all}


def test_what_features_rest_on_is_written_down(project):
    contraction = {**EXPERIMENT, "name": "contraction"}
    config = {"experiments": [EXPERIMENT, contraction]}
    outcome = project.run("results/provenance.json", config=config)
    assert outcome.code == 0, outcome.output
    assert "train" not in outcome.jobs
    (written,) = project.results("provenance.json").values()
    assert json.loads(written)["files"]["features/contraction.csv"]["rule"] == "features"


def test_an_experiment_is_a_target(project):
    outcome = project.run("depth", "--dry-run", config=experiment(depth=[1, 5]))
    assert outcome.jobs == {"train": 2, "metrics": 1, "tabulate": 1, "draw": 1}


def test_a_diverged_run_is_counted_and_the_rest_goes_on(tmp_path):
    project = Project.copied(tmp_path / "project")
    outcome = project.run(
        *("results/summary.txt", "results/tables/table1.md"),
        config=experiment(learning_rate=1.0e30, activation="relu", depth=2, epochs=9),
    )
    assert outcome.code == 0, outcome.output
    assert "2 runs: 0 completed, 0 stopped early, 2 diverged." in outcome.output
    (record,) = project.results("runs/**/seed0/run.json").values()
    assert json.loads(record)["status"] == "diverged"
    assert "–†" in project.results("tables/table1.md")["tables/table1.md"].decode()
    for content in project.results("tables/*").values():
        assert b"nan" not in content.lower()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seedz": 3}, ["config: unknown key 'seedz'", "did you mean 'seeds'?"]),
        (experiment(dataset="x; rm -rf /"), ["dataset: found 'x; rm -rf /'", "expected a name"]),
    ],
)
def test_bad_input_is_refused_before_any_job(project, change, words):
    shutil.rmtree(project.folder / "results")
    outcome = project.run(config={**TINY, **change})
    assert outcome.code != 0
    for word in words:
        assert word in outcome.output
    assert "Traceback" not in outcome.output
    assert not (project.folder / "results").exists()


def test_a_run_that_no_experiment_has_is_refused(project):
    path = "results/runs/spiral/RK4Net/width4_depth9_tanh_random/seed0/run.json"
    outcome = project.run(path)
    assert outcome.code != 0
    assert "no experiment in the config has the run spiral/" in outcome.output


def test_a_file_of_an_experiment_that_the_config_lacks_is_refused(project):
    """`test_targets.py` asks for all such files."""
    config = {**TINY, "optional_experiments": []}
    outcome = project.run("-n", "results/metrics/images.csv", config=config)
    assert outcome.code != 0
    assert "the config has no experiment" in outcome.output
    assert "KeyError" not in outcome.output


def test_own_network_and_engine(tmp_path):
    project = Project.copied(tmp_path / "project")
    config = {
        "networks": {"Mine": {"tableau": {"A": [[0, 0], ["2/3", 0]], "beta": ["1/4", "3/4"]}}},
        **experiment(network="Mine", depth=1, engine=["compiled", "torch"], name="mine", seeds=1),
    }
    made = {"metrics": 1, "comparison": 1, "claims": 1, "summary": 1, "check_scheme": 1}
    shown = {"draw": 2, **SHOWN, **WRITTEN_DOWN}
    planned = project.run("--dry-run", config=config).jobs
    assert planned == {"dataset": 10, "train": 2, **made, **shown}
    outcome = project.run("results/metrics/mine.csv", config=config)
    assert outcome.code == 0, outcome.output
    metrics = project.results("metrics/mine.csv")["metrics/mine.csv"].decode()
    rows = list(csv.DictReader(metrics.splitlines()))
    costs = {row["engine"]: float(row["value"]) for row in rows
             if (row["split"], row["metric"]) == ("training", "cost")}  # fmt: skip
    assert costs["compiled"] == pytest.approx(costs["torch"], rel=1e-3)
    # Another scheme under the same name is another network.
    config["networks"]["Mine"]["tableau"] = "heun"
    assert project.run("--dry-run", config=config).jobs["train"] == 2
