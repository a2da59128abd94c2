# All rules share this: the checked configuration, and the code that a result depends on.
import functools
import gc
import os
import sys

# Here and in scripts the code beside the Snakefile runs, whatever is installed or on the user's path.
if sys.path[0] != workflow.basedir:
    sys.path.insert(0, workflow.basedir)
if os.environ.get("PYTHONPATH", "").split(os.pathsep)[0] != workflow.basedir:
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [workflow.basedir, os.environ.get("PYTHONPATH")])
    )
# What the user has set for other programs could stop a script that draws, while Matplotlib is imported.
os.environ["MPLBACKEND"] = "agg"
os.environ["MATPLOTLIBRC"] = f"{workflow.basedir}/rknet/show/figures/rknet.mplstyle"

from snakemake.exceptions import WorkflowError

from rknet.study.config import ConfigurationError, load
from rknet.study.estimates import run_gpus, run_memory, run_minutes, run_threads
from rknet.study.recording import code_of
from rknet.study.roots import (
    dataset_digest,
    dataset_roots,
    kinds_of,
    rule_roots,
    run_roots,
)
from rknet.show.paper import PaperError, load_paper
from rknet.show.tables.table import fillable
from rknet.terminal import show_anything

show_anything()


if workflow.is_main_process and not os.access(".", os.W_OK):
    raise WorkflowError(
        f"the working folder {Path.cwd()} cannot be written, and Snakemake keeps its records there: "
        f"make it writable, or name another one: snakemake --snakefile {workflow.main_snakefile} "
        "--directory FOLDER"
    )

# Snakemake keeps everything that it plans, so there is little garbage among millions of objects.
# Looking for it less often makes planning thousands of runs a tenth faster.
gc.set_threshold(100_000)

ROOT = Path(workflow.basedir)
try:
    SETUP = load(config, ROOT)
    PAPER = load_paper(SETUP.paper)
except (ConfigurationError, PaperError) as error:
    raise WorkflowError(str(error)) from None

RESULTS = SETUP.results
# Rules pass on parts of the paper as plain values, so that each result depends only on its own part.
TABLES, FIGURES = PAPER.tables, PAPER.figures
PUBLICATION = PAPER.publication.to_mapping()
# All runs that one can ask for.
RUNS = SETUP.runs
# A pattern for the names of their image datasets.
IMAGES = (
    "|".join(
        name
        for name in sorted({run.cell.dataset for run in RUNS.values()})
        if SETUP.dataset(name).about.image_shape
    )
    or "-"
)


include: "internals.smk"


def record(run):
    """The file that says how a run came about. It exists once the run is finished."""
    return f"{RESULTS}/runs/{run.path}/run.json"


def not_trained(experiment):
    """The runs of an experiment that have no results yet."""
    return [run for run in experiment.runs if not Path(record(run)).is_file()]


def with_runs(experiments):
    """The experiments that have at least one run."""
    return {name: found for name, found in experiments.items() if found.runs}


# The experiments; each is a target. An optional one has all its runs, or, if the config says
# `so_far`, only those that are already trained.
EXPERIMENTS = with_runs(
    SETUP.all_experiments
    if SETUP.optional_runs != "so_far"
    else SETUP.experiments
    | {name: e.without(not_trained(e)) for name, e in SETUP.optional.items()}
)
DATASETS_BEGUN = datasets_begun()
# The experiments that go into verdicts, report and everything else that is made by default. An
# optional experiment joins them once it is finished.
SUMMED_UP = {
    name: experiment
    for name, experiment in EXPERIMENTS.items()
    if name in SETUP.experiments
    or SETUP.optional_runs != "finished"
    or not not_trained(experiment)
}
SHOWN_RUNS = tuple(
    dict.fromkeys(run for experiment in SUMMED_UP.values() for run in experiment.runs)
)


def alternatives(names):
    """A pattern that fits these names and nothing else, even if there are none."""
    return "|".join(names) or "(?!)"


# On a cluster these run where Snakemake runs: each takes about a second and reads a few files, less than
# submitting a job costs. The document is typeset here too, as compute nodes rarely have LaTeX.
localrules:
    metrics,
    curves,
    table,
    comparison,
    summary,
    experiment_table,
    experiment_curves,
    experiment_page,
    page,
    verdict,
    provenance,
    paper_source,
    paper_pdf,


wildcard_constraints:
    dataset=r"[a-z0-9_]+",
    experiment=r"[a-z0-9_]+",
    table=alternatives(TABLES),
    seed=r"\d+",
    run=r"[^/]+/[^/]+/[^/]+/seed\d+",
    figure=alternatives(FIGURES),
    motion=r"[a-z]+",


def shown_records():
    """The record of every run that is summed up, whether it exists or not."""
    return [record(run) for run in SHOWN_RUNS]


# The experiments whose runs are needed for the targets of this command.
ASKED_FOR = set()


def experiment_named(name):
    """The experiment that a file's name asks for."""
    if name not in EXPERIMENTS:
        raise WorkflowError(
            f"the config has no experiment {name!r}, or none of its runs is to be shown; there are "
            f"{', '.join(EXPERIMENTS)}"
        )
    return EXPERIMENTS[name]


def run_files(experiment, name):
    """The file of this name of every run of an experiment."""
    ASKED_FOR.add(experiment)
    return [
        f"{RESULTS}/runs/{run.path}/{name}" for run in experiment_named(experiment).runs
    ]


@functools.cache
def kinds_in(runs):
    """The kinds that the cells of these runs name."""
    return {
        kind
        for cell in {run.cell for run in runs}
        for kind in kinds_of(
            cell, SETUP.networks[cell.network], SETUP.dataset(cell.dataset)
        )
    }


def code_for(script, *modules, runs=()):
    """The code that the results of a script are made of.

    `modules` are the paper's modules that the script loads. A script that only looks at `runs` uses
    just the kinds that these runs name. Any other script may use every kind.
    """
    return code_of(rule_roots(script, *modules), kinds_in(runs))


def code_of_experiment(script, experiment):
    """What the results of a script that looks at the runs of one experiment alone are made of."""
    return code_for(script, runs=experiment_named(experiment).runs)


def code(script, *purposes):
    """The same as a parameter of a rule, with the paper's modules for these purposes.

    It is computed when a job is planned, not at once, because the process of each job reads all rules.
    """
    modules = [root for purpose in purposes for root in PAPER.root(purpose)]
    return lambda wildcards: code_for(script, *modules)


def run_code(run):
    """The code that a run is made of: the training script, and the kinds that its cell names."""
    return code_of(run_roots(run.cell, SETUP.networks[run.cell.network]))


@functools.cache
def drawn_by(dataset):
    """A digest of what decides a dataset's content: code, and the user's definition and files."""
    return dataset_digest(SETUP.dataset(dataset))


def dataset_file(dataset, seed):
    """The file of a dataset and seed, as the present code and config draw it."""
    return f"{RESULTS}/datasets/{dataset}/seed{seed}-{drawn_by(dataset)}.npz"


def dataset_of(run):
    """The dataset file that a run trains on.

    Its name contains a digest of everything that decides its content, so its time does not matter.
    With `ancient`, results that were copied in any order stay valid.
    """
    path = dataset_file(run.cell.dataset, run.seed)
    return path if path in DATASETS_BEGUN else ancient(path)


def minutes(run):
    """An upper bound on the minutes that a run takes to train."""
    return run_minutes(run.cell, SETUP.dataset(run.cell.dataset).about)


def run_named(wildcards):
    """The run that a path asks for."""
    if wildcards.run not in RUNS:
        raise WorkflowError(
            f"no experiment in the config has the run {wildcards.run}; add its cell to one"
        )
    go_on_after_a_failure()
    return RUNS[wildcards.run]


def refuse_name_in_use(experiment):
    """Refuse an experiment whose name already belongs to another target."""
    # An experiment's table, figure and page are named after it.
    results = {
        *(f"{table}{layout}" for table in TABLES for layout in LAYOUTS),
        *(*FIGURES, "accuracy_over_depth", "findings", "runs"),
    }
    for what, names in {
        "rule": {each.name for each in workflow.rules},
        "table, figure or page": results,
    }.items():
        if experiment in names:
            raise WorkflowError(
                f"config: the experiment {experiment!r}: {experiment!r} is the name of a {what}; "
                "choose another"
            )


# The endings of a table's file names: as the paper prints it, and with intervals.
LAYOUTS = ("", "_intervals")


def tables(experiments, layouts=LAYOUTS, suffixes=("tex", "md", "csv")):
    """The files of the tables that these experiments can fill."""
    return [
        f"{RESULTS}/tables/{name}{layout}.{suffix}"
        for name in fillable(TABLES, experiments)
        for layout in layouts
        for suffix in suffixes
    ]
