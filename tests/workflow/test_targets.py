"""Any file may be asked for: it is planned, or a sentence says what is missing."""

import json
import os
import random
import shutil
import subprocess
import sys

import pytest
import yaml
from project import EXPERIMENT, ROOT, TINY, Project

#: Tries one target after the other, because starting Snakemake takes much longer than planning. Of
#: each file that a rule can make, or that is asked for, it says what is in the way, if anything.
PLAN_EACH = """
import itertools, json, os, re, sys
from pathlib import Path
from snakemake.api import ConfigSettings, OutputSettings, ResourceSettings, SnakemakeApi
from snakemake.settings.types import DAGSettings, Quietness

values, asked = map(json.loads, sys.argv[1:])
with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
    prepared = api.workflow(
        resource_settings=ResourceSettings(cores=1),
        config_settings=ConfigSettings(configfiles=[Path("test.yaml")]),
        snakefile=Path("Snakefile"),
    )
    found = {}
    prepared.dag(DAGSettings())
    workflow = prepared._workflow

    def say(file):
        workflow.dag_settings = DAGSettings(targets={file})
        try:
            workflow._prepare_dag(False, False, True, nolock=True)
            workflow._build_dag()
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    for rule in [] if asked else workflow.rules:
        # One job makes all of them: one of each name is asked for.
        patterns = {Path(output).stem: str(output) for output in rule.output}
        for pattern in patterns.values():
            # A wildcard whose constraint lists names has these; others have what the test offers.
            fields = dict(re.findall(r"{(\\w+)(?:,((?:[^{}]|{\\d+})*))?}", pattern))
            offered = [
                values.get(name) or constraint.split("|") for name, constraint in fields.items()
            ]
            for chosen in itertools.product(*offered):
                file = pattern
                for name, value in zip(fields, chosen):
                    file = re.sub(rf"{{{name}(,(?:[^{{}}]|{{\\d+}})*)?}}", value, file)
                if any(output.match(file) for output in rule.output):
                    found.setdefault(rule.name, {})[file] = say(file)
    found = {file: say(file) for file in asked} or found
    print(json.dumps(found))
"""

CELL = "width4_depth1_tanh_random_epochs2"
#: What stands for wildcards that no constraint lists: a run and an experiment of the config, one on
#: images, some that only the paper has, and some that nobody has.
VALUES = {
    "experiment": [path.stem for path in sorted((ROOT / "config/experiments").glob("*.yaml"))]
    + ["mine"],
    "run": [
        f"spiral/RK4Net/{CELL}/seed0",
        f"digits/RK4Net/{CELL}/seed0",
        "mnist/StandardNet/width900_depth5_tanh_random_tol0.1_engine-torch/seed0",
        f"spiral/RK4Net/{CELL}9/seed0",
    ],
    "cell": [f"spiral/RK4Net/{CELL}", f"spiral/RK4Net/{CELL}9"],
    "file": ["history.csv", "parameters.safetensors", "run.json"],
    "dataset": ["spiral", "digits", "mnist", "moons"],
    "seed": ["0"],
    "drawn_by": ["00000000"],
}

#: Every experiment of the paper, by name, but with cells that none of its tables and figures shows.
OTHERS = {
    "experiments": [
        {**EXPERIMENT, "name": name, "dataset": "donut_2d_2c", "network": "EulerNet"}
        for name in VALUES["experiment"]
        if name not in ("depth", "images", "mine")
    ]
    + [{**EXPERIMENT, "name": "depth", "dataset": "digits", "width": 64}],
    "optional_experiments": [{**EXPERIMENT, "name": "images"}],
}
#: Optional experiments of the project's own config.
OPTIONAL = ["images", "protocol_facts"]
#: One experiment, and some that run only when asked for.
FEW = {**TINY, "optional_experiments": OPTIONAL}
CONFIGS = {
    "tiny": FEW,
    "none optional": {**TINY, "optional_experiments": []},
    "so far": {**FEW, "optional": "so_far"},
    "all": {**FEW, "optional": "all"},
    "others": OTHERS,
    "own": {"experiments": [{**EXPERIMENT, "name": "mine"}], "optional_experiments": ["depth"]},
    "another paper": {**FEW, "paper": "tests/paper/toy"},
    "decided": {**FEW, "repetitions": {"most": 8, "until": "decided"}},
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    return Project.copied(tmp_path_factory.mktemp("targets") / "project")


def plan_each(project, config, asked=()):
    """By rule and file, what is said if it cannot be made, or None if it is planned.

    Of the files that are `asked` for, if there are any: by file.
    """
    (project.folder / "test.yaml").write_text(yaml.safe_dump(config))
    done = subprocess.run(
        [sys.executable, "-c", PLAN_EACH, json.dumps(VALUES), json.dumps(asked)],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(project.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def planned(copied, once):
    """What is said of each file, by config: planned once for all tests."""

    def plan(folder):
        folder.mkdir()
        found = {name: plan_each(copied, config) for name, config in CONFIGS.items()}
        (folder / "found.json").write_text(json.dumps(found))

    return json.loads((once("planned", plan) / "found.json").read_text())


def of_all_rules(planned):
    """What is said of each file, whichever rule makes it."""
    return {file: said for files in planned.values() for file, said in files.items()}


def test_every_rule_that_makes_files_is_tried(planned):
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    made = {text.split(":")[0].split()[0] for text in rules.split("rule ")[1:] if "output:" in text}
    assert len(made) > 15
    assert made <= {rule for tried in planned.values() for rule in tried}


#: What a sentence may say besides: how to get a file that the config lacks, or why nobody can.
REMEDIES = ("; to get it, ", "; add its cell to one", "; ask for ", "; to train the others, use ",
            "the parameters are not kept")  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_every_file_is_planned_or_a_sentence_says_what_is_missing(planned, name):
    found = of_all_rules(planned[name])
    assert None in found.values()
    for file, said in found.items():
        if said is None or "/moons/" in file:
            continue
        assert said.startswith("WorkflowError: "), file
        assert "\n" not in said, file
        own_words = said.removeprefix("WorkflowError: ")
        assert "Error" not in own_words, file
        assert any(remedy in said for remedy in REMEDIES) or "give those cells" in said, said


@pytest.mark.parametrize("name", ["tiny", "none optional", "so far", "all", "others", "own"])
def test_files_of_experiments_are_planned_if_the_config_has_them(planned, name):
    config = {"optional_experiments": OPTIONAL, **CONFIGS[name]}
    has = {e if isinstance(e, str) else e["name"] for e in config["experiments"]}
    if name != "so far":  # of which none is trained
        has |= {e if isinstance(e, str) else e["name"] for e in config["optional_experiments"]}
    for rule in ("metrics", "curves", "show_experiment"):
        for file, said in planned[name][rule].items():
            experiment = file.split("/")[-1].split(".")[0]
            assert (said is None) == (experiment in has), (file, said)
            assert said is None or f"experiment {experiment!r}" in said


@pytest.mark.parametrize("name", ["tiny", "none optional", "so far", "all"])
@pytest.mark.parametrize("kind", ["tables", "figures"])
def test_what_the_paper_shows_is_planned_if_the_config_has_its_experiment(planned, name, kind):
    shown = yaml.safe_load((ROOT / f"rknet/paper/{kind}.yaml").read_text())
    has = {None, "depth", *(["images"] if name in ("tiny", "all") else [])}
    found = {}
    for file, said in of_all_rules(planned[name]).items():
        stem = file.split("/")[-1].split(".")[0].removesuffix("_intervals")
        if file.startswith(f"results/{kind}/") and stem in shown:
            found[file] = stem, said
    assert {stem for stem, _ in found.values()} == set(shown)
    for file, (stem, said) in found.items():
        experiment = shown[stem].get("experiment")
        assert (said is None) == (experiment in has), (file, said)
        if said is not None:
            assert f"{stem}: " in said
            assert f"experiment {experiment!r}" in said


def test_cells_that_a_table_or_figure_would_show_are_named(planned):
    said = of_all_rules(planned["others"])
    assert (
        "to get it, add one there: dataset donut_2d, network RK4Net"
        in (said["results/figures/figure3.png"])
    )
    assert "width 100, depth 5 if StandardNet" in said["results/tables/digits_table6.md"]
    # A place of the table would have two numbers.
    assert (
        "table4 shows dataset, network and lift; the experiment architecture also varies depth"
        in (said["results/tables/table4.csv"])
    )


def test_an_experiment_that_fits_no_table_of_the_paper_gets_its_own(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    jobs = project.run(
        "--dry-run", config={"experiments": [{**EXPERIMENT, "name": "architecture"}]}
    )
    assert "tabulate" not in jobs.jobs
    assert jobs.jobs["show_experiment"] == 1


def test_what_is_planned_beyond_the_default_is_made(finished, tmp_path):
    """An experiment of the paper has its own table too, if it is asked for, and its runs a film."""
    project = finished.duplicate(tmp_path / "project")
    files = [
        f"results/{file}" for file in ("tables/depth.md", "figures/depth.png", "pages/depth.html")
    ]
    films = [f"results/animations/spiral/RK4Net/{CELL}/seed0/trajectories.gif"]
    outcome = project.run(*files, *films, "results/paper/paper.tex")
    assert outcome.code == 0, outcome.output
    assert "train" not in outcome.jobs
    for file in (*files, *films):
        assert (project.folder / file).stat().st_size > 0
    assert "Nothing to be done" in project.run("--dry-run").output


@pytest.fixture(scope="module")
def linked(finished, tmp_path_factory):
    """A finished project whose results lie elsewhere, behind a link."""
    folder = tmp_path_factory.mktemp("linked")
    project = finished.duplicate(folder / "project")
    (project.folder / "results").rename(folder / "disk")
    (project.folder / "results").symlink_to(folder / "disk")
    (folder / "disk/metrics/depth.csv").unlink()
    return project


#: Ways to write the folder of the results.
PLACES = ("results", "./results", "results/../results", "results//", "{here}/results", "{disk}",
          "{here}/../disk")  # fmt: skip


def spelt(project):
    """The folder of the results of `linked`, written in every way."""
    here = project.folder
    return [place.format(here=here, disk=here.parent / "disk") for place in PLACES]


def test_a_path_to_a_result_may_be_written_in_any_way(linked):
    files = [f"{place}/metrics/depth.csv{end}" for place in spelt(linked) for end in ("", "/")]
    # All at once: they are one file. A few by themselves, and after an option.
    for asked in (files, files[5:6], ["--forcerun", files[3], "--until", files[9]]):
        outcome = linked.run("--dry-run", *asked)
        assert outcome.code == 0, outcome.output
        assert outcome.jobs == {"metrics": 1}


def test_why_knows_a_result_however_its_path_is_written(linked):
    table = "tables/table1.md"
    said = linked.why(*(f"{place}/{table}" for place in spelt(linked)), f"elsewhere/../{table}")
    assert said.count("was made by the rule tabulate_depth") == len(PLACES)
    assert said.count("missing inputs: metrics/depth.csv") == len(PLACES)
    assert said.count("no record says how it was made") == 1


def test_what_is_no_file_of_the_workflow_is_refused_in_a_sentence(copied):
    refused = {
        "width": "the config has no experiment 'width'; to get it, add width to experiments or opt",
        "dephts": "the config has no experiment 'dephts'; to get it, write config/experi",
        "animatoins": "did you mean 'animations'?",
        "results/tables/": "results/tables is a folder, and only files are made",
        "results/tables/table1.txt": "nothing makes results/tables/table1.txt — did you mean",
        "results/tables/tabel1.md": "the config has no experiment 'tabel1'",
        "results/datasets/spiral/source.json": "nothing makes results/datasets/spiral/source.json",
    }
    (copied.folder / "results/tables").mkdir(parents=True)
    for target, said in plan_each(copied, TINY, asked=list(refused)).items():
        assert refused[target] in said
        assert said.startswith("WorkflowError: ")
        assert "Wildcards" not in said


def test_a_target_may_be_named_twice_and_with_a_slash(finished):
    outcome = finished.run("--dry-run", "depth", "depth/", "depth")
    assert outcome.code == 0
    assert "Nothing to be done" in outcome.output


def test_no_job_waits_for_a_core_that_there_is_not(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    (project.folder / "results/metrics/depth.csv").unlink()
    outcome = project.run("results/metrics/depth.csv", cores=0)
    assert outcome.code == 1
    assert "--cores 0: no job can run without a core" in outcome.output
    assert project.run("--dry-run", "results/metrics/depth.csv", cores=0).code == 0


def test_an_optional_experiment_shares_the_runs_that_are_there(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    other = {**EXPERIMENT, "name": "other", "depth": [2, 3]}
    config = {**TINY, "optional_experiments": [other]}
    assert "train" not in project.run("--dry-run", config=config).jobs
    assert project.run("--dry-run", "results/tables/other.md", config=config).jobs["train"] == 2
    config["optional"] = "so_far"
    outcome = project.run("results/tables/other.csv", config=config)
    assert outcome.code == 0, outcome.output
    assert "train" not in outcome.jobs
    # Below the names, one cell: that of depth 2.
    (table,) = project.results("tables/other.csv").values()
    (row,) = table.decode().splitlines()[1:]
    assert row.startswith("spiral,RK4Net,4,2,")


def test_results_from_another_machine_are_not_trained_again(finished, tmp_path):
    """Copied without Snakemake's notes and in any order: times of modification say nothing."""
    project = finished.duplicate(tmp_path / "project")
    shutil.rmtree(project.folder / ".snakemake")
    files = [path for path in (project.folder / "results").rglob("*") if path.is_file()]
    for place, path in enumerate(random.Random(1).sample(files, len(files))):
        os.utime(path, (1.6e9 + place, 1.6e9 + place))
    outcome = project.run("--dry-run")
    assert outcome.code == 0
    assert not outcome.jobs.keys() & {"train", "dataset"}
    assert project.verify().code == 0
