"""The workflow used from elsewhere: by `module`, as snakedeploy does and the catalog asks for."""

import re
import shutil
import subprocess

import pandas as pd
import pytest
import yaml
from project import EXPERIMENT, ROOT, Outcome, Project

PAGE = (ROOT / "docs/own/workflow.md").read_text()
#: The page's Snakefile and configuration.
SNAKEFILE = re.search(r"```python\n(.*?)```", PAGE, re.S)[1]
CONFIG = yaml.safe_load(re.search(r"```yaml\n(.*?)```", PAGE, re.S)[1])
#: The experiment of `finished`, under another name.
MINE = {"experiments": [{**EXPERIMENT, "name": "mine"}], "optional_experiments": []}
MADE = {"dataset": 2, "train": 4, "metrics": 1, **dict.fromkeys(("curves", "show_experiment"), 1)}

#: What snakedeploy 0.17.1 writes, with a repository on this machine in place of one on GitHub.
DEPLOYED = """
from snakemake.utils import min_version


min_version("6.10.0")


configfile: "config/config.yaml"


# declare https://github.com/someone/rknet as a module
module rknet:
    snakefile:
        gitfile("CHECKOUT", path="workflow/Snakefile", tag="v0")
    config:
        config


# use all rules from https://github.com/someone/rknet
use rule * from rknet
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The folder of a checkout, with a tag."""
    folder = Project.copied(tmp_path_factory.mktemp("module") / "checkout").folder
    who = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "all"], ["tag", "v0"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def taking(checkout, folder, snakefile=SNAKEFILE, config=MINE):
    """A folder whose Snakefile takes the checkout's rules."""
    (folder / "config").mkdir(parents=True)
    (folder / "Snakefile").write_text(snakefile.replace("CHECKOUT", str(checkout)))
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))
    shutil.copytree(ROOT / "profiles", folder / "profiles")
    return Project(folder)


def snakemake(project, *arguments):
    """How Snakemake ended there, with the rules' names as they are without the prefix."""
    outcome = project.command("snakemake", "--cores", "2", *arguments)
    return Outcome(outcome.code, outcome.output.replace("rknet_", ""))


def changed(old, new):
    """The page's Snakefile with a change."""
    assert old in SNAKEFILE
    return SNAKEFILE.replace(old, new)


def named(snakefile, prefix):
    """The Snakefile with another prefix of the rules' names, or none."""
    return snakefile.replace("rknet_", prefix).replace(" as *", "")


@pytest.fixture(scope="module")
def used(checkout, tmp_path_factory):
    """A folder as the page has it, after all is made; and how that went."""
    # Below a key of its own, beside which there is room for the user's.
    snakefile = changed("config:\n        config", 'config:\n        config["rknet"]')
    folder = tmp_path_factory.mktemp("used") / "folder"
    project = taking(checkout, folder, snakefile, {"rknet": MINE, "mine": 1})
    outcomes = snakemake(project), snakemake(project, "rknet_all")
    for outcome in outcomes:
        assert outcome.code == 0, outcome.output
    return project, *outcomes


def test_the_rules_run_in_the_folder_that_takes_them(used, finished):
    project, first, _ = used
    assert first.jobs == {**MADE, "accuracy": 1}
    assert "Nothing to be done" in snakemake(project).output
    # The results are those of the checkout's own workflow, where the experiment has another name.
    ours, theirs = project.final_results(), finished.final_results()
    runs = [name for name in ours if name.startswith("runs/")]
    assert len(runs) == 4 * 3
    assert [name for name in runs if ours[name] != theirs[name]] == []
    assert ours["metrics/mine.csv"] == theirs["metrics/depth.csv"]
    assert {"tables/mine.tex", "figures/mine.pdf"} < ours.keys()
    assert (project.folder / "results/pages/mine.html").is_file()


def test_a_rule_of_the_users_own_reads_the_results(used):
    project, *_ = used
    metrics = pd.read_csv(project.folder / "results/metrics/mine.csv")
    wanted = metrics[(metrics["split"] == "validation") & (metrics["metric"] == "accuracy_percent")]
    found = pd.read_csv(project.folder / "accuracy.csv", index_col="depth")["value"]
    assert found.to_dict() == pytest.approx(wanted.groupby("depth")["value"].mean().to_dict())


def test_everything_else_is_made_and_checked_there(used, checkout):
    project, _, everything = used
    # The hook at the end says so.
    assert "4 runs: 4 completed" in everything.output
    checking = Project(project.folder)
    checking.env = {"PYTHONPATH": str(checkout)}
    outcome = checking.rknet("verify", "results")
    assert "4 runs and" in outcome.output
    assert "All are unchanged, and match the present code" in outcome.output
    outcome = snakemake(project, "--report", "report.html", "rknet_all")
    assert outcome.code == 0, outcome.output
    assert "mine.html" in (project.folder / "report.html").read_text()


def test_the_page_s_configuration_is_one(checkout, tmp_path):
    project = taking(checkout, tmp_path / "folder", config=CONFIG)
    outcome = snakemake(project, "--dry-run")
    assert (outcome.code, outcome.jobs) == (0, {**MADE, "accuracy": 1}), outcome.output


def test_rules_run_where_snakemake_runs_whatever_they_are_called(checkout, tmp_path):
    show = 'print("here:", *sorted(workflow._localrules))'
    plain = named(SNAKEFILE, "")
    found = []
    for name, snakefile in (("prefixed", SNAKEFILE), ("plain", plain)):
        project = taking(checkout, tmp_path / name, snakefile + show)
        outcome = snakemake(project, "--dry-run")
        assert outcome.code == 0, outcome.output
        # Snakemake would warn of names that no rule has.
        assert "localrules" not in outcome.output
        found.append(re.search("here: (.*)", outcome.output)[1].split())
    assert found[0] == found[1]
    assert {"dataset", "metrics", "paper_pdf", "fetch"} < set(found[0])


def test_targets_of_the_users_own_are_left_as_they_are(checkout, tmp_path):
    """The checkout's own workflow makes no folders, and refuses them."""
    rule = "\n\nrule draw:\n    output: directory('pictures')\n    shell: 'mkdir {output}'\n"
    project = taking(checkout, tmp_path / "folder", SNAKEFILE + rule)
    (project.folder / "pictures").mkdir()
    outcome = snakemake(project, "--dry-run", "--force", "pictures")
    assert outcome.code == 0, outcome.output
    assert "rule draw:" in outcome.output


@pytest.mark.parametrize("prefix", ["rknet_", ""])
def test_a_rule_is_changed_and_looks_are_planned(checkout, tmp_path, prefix):
    """For `use rule … with`, Snakemake reads all rules again; looks are checkpoints."""
    override = "use rule metrics from rknet as rknet_metrics with:\n    message: 'mine'"
    snakefile = changed("rule accuracy:", f"{override}\n\n\nrule accuracy:")
    steps = {**EXPERIMENT, "name": "steps", "training_samples": 20}
    config = {
        **MINE,
        "experiments": [steps, *MINE["experiments"]],
        "paper": str(ROOT / "tests/paper/toy"),
        "repetitions": {"first": 2, "most": 4, "until": "decided"},
    }
    project = taking(checkout, tmp_path / "folder", named(snakefile, prefix), config)
    outcome = snakemake(project, "--dry-run", f"{prefix}all")
    assert outcome.code == 0, outcome.output
    assert outcome.jobs["look"] == 1
    assert "will result in alteration of the DAG" in outcome.output
    assert re.search(r"^Job \d+: mine$", outcome.output, re.M)


def test_experiments_of_the_folder_count(checkout, tmp_path):
    project = taking(checkout, tmp_path / "folder", config={**MINE, "experiments": ["mine"]})
    assert "there is no config/experiments/mine.yaml" in snakemake(project, "--dry-run").output
    (project.folder / "config/experiments").mkdir()
    experiment = yaml.safe_dump({k: v for k, v in EXPERIMENT.items() if k != "name"})
    (project.folder / "config/experiments/mine.yaml").write_text(experiment)
    assert snakemake(project, "--dry-run").jobs == {**MADE, "accuracy": 1}


def test_keys_of_the_users_own_are_refused_unless_they_are_elsewhere(checkout, tmp_path):
    project = taking(checkout, tmp_path / "flat", config={**MINE, "mine": 1})
    outcome = snakemake(project, "--dry-run")
    assert outcome.code == 1
    assert "config: unknown key 'mine'" in outcome.output
    snakefile = changed("config:\n        config\n", 'config:\n        config["rknet"]\n')
    project = taking(checkout, tmp_path / "nested", snakefile, {"rknet": MINE, "mine": 1})
    assert snakemake(project, "--dry-run").code == 0


def test_the_hooks_are_the_users_to_call(checkout, tmp_path):
    project = taking(checkout, tmp_path / "folder")
    shutil.rmtree(project.folder / "profiles")
    words = f"add: --workflow-profile {checkout}/profiles/default"
    planned = snakemake(project, "--dry-run").output
    dataset = re.search(r"results/datasets/spiral/seed0-\w+\.npz", planned)[0]
    assert words in snakemake(project, dataset).output
    (project.folder / dataset).unlink()
    project.edit("Snakefile", "rknet.onstart()", "pass")
    outcome = snakemake(project, dataset)
    assert (outcome.code, outcome.jobs) == (0, {"dataset": 1})
    assert words not in outcome.output


def test_as_snakedeploy_deploys_it(checkout, tmp_path):
    """Snakemake takes one file from git; everything else is the checkout's."""
    project = taking(checkout, tmp_path / "folder", DEPLOYED)
    (project.folder / "workflow").mkdir()
    (project.folder / "Snakefile").rename(project.folder / "workflow/Snakefile")
    project.env = {"PYTHONPATH": str(checkout)}
    outcome = snakemake(project, "mine", "--dry-run")
    assert (outcome.code, outcome.jobs) == (0, {**MADE, "mine": 1}), outcome.output
    # A library without its checkout.
    (tmp_path / "library").mkdir()
    (tmp_path / "library/rknet").symlink_to(checkout / "rknet")
    project.env = {"PYTHONPATH": str(tmp_path / "library")}
    outcome = snakemake(project, "mine", "--dry-run")
    assert outcome.code == 1
    assert "rknet is not installed from one: clone the repository" in outcome.output


def test_the_checkout_has_one_workflow_by_two_names(finished, tmp_path):
    """Neither makes again what the other has made; both have the same default target."""
    project = finished.duplicate(tmp_path / "project")
    (project.folder / "results/summary.txt").unlink()
    for snakefile in ("Snakefile", "workflow/Snakefile"):
        outcome = project.run("--dry-run", "--snakefile", snakefile)
        assert (outcome.code, outcome.jobs) == (0, {"summary": 1, "provenance": 1}), outcome.output


def test_it_has_what_the_catalog_of_workflows_asks_for():
    """https://snakemake.github.io/snakemake-workflow-catalog/docs/about/adding_workflows.html"""
    for name in ("workflow/Snakefile", "config/README.md", "config/config.yaml", "LICENSE"):
        assert (ROOT / name).is_file()
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme
    assert "workflow" in readme
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage.keys() == {"mandatory-flags", "software-stack-deployment", "report"}
    assert usage["mandatory-flags"].keys() == {"desc", "flags"}
    assert usage["software-stack-deployment"]["report"] == usage["report"]
