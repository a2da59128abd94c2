# What all rules share: the checked configuration, and which code a result depends on.
import gc
import os
import sys
from base64 import urlsafe_b64decode

from snakemake.exceptions import WorkflowError

from rknet.study.code import CODE_HASH
from rknet.study.config import ConfigurationError, load
from rknet.datasets import IMAGES
from rknet.study.estimates import (
    estimate,
    run_gpus,
    run_memory,
    run_minutes,
    run_threads,
)
from rknet.files import forget_future, free_mebibytes
from rknet.study.rescue import discard, put_back
from rknet.show.figures.specification import FIGURES
from rknet.show.tables.specification import TABLES, fillable

# Snakemake keeps all that it plans, so there is little garbage among millions of objects. To look for
# it less often saves a tenth of the time that thousands of runs take to plan.
gc.set_threshold(100_000)

ROOT = Path(workflow.basedir)
RULES = (
    "all",
    "everything",
    "dataset",
    "fetch",
    "image_dataset",
    "train",
    "metrics",
    "curves",
    "table",
    "comparison",
    "summary",
    "features",
    "check_scheme",
    "claims",
    "figure",
    "depth_figure",
    "comparison_figure",
    "figures",
    "animation",
    "animations",
    "provenance",
    "experiment_table",
    "experiment_curves",
    "experiment_page",
    "page",
    "verdict",
    "paper_source",
    "paper_pdf",
)

# An experiment's own table, figure and page are named after it.
TAKEN = (*RULES, *TABLES, *FIGURES, "accuracy_over_depth", "findings", "runs")

try:
    SETUP = load(config, ROOT, reserved=TAKEN)
except ConfigurationError as error:
    raise WorkflowError(str(error)) from None

RESULTS = SETUP.results
# All runs that may be asked for.
RUNS = SETUP.runs


def asked_for(experiment):
    """Whether the command names an optional experiment.

    Snakemake tells a workflow everything about a job, but not which targets were asked for.
    """
    return bool({experiment, "everything"} & set(sys.argv))


def not_trained(experiment):
    """The runs of an experiment that have no results yet."""
    records = {
        run: Path(RESULTS, "runs", run.path, "run.json") for run in experiment.runs
    }
    return [run for run, record in records.items() if not record.is_file()]


def discard_begun_datasets():
    """Remove the datasets whose job was killed before Snakemake had noted its end.

    Snakemake 9.27 would draw them again and, as they are there and `ancient` inputs, plan nothing
    of what needs them: it would end well, with its targets missing.
    """
    records = Path(".snakemake")
    # With a lock somebody is at work, or the present command will be refused.
    if any(records.glob("locks/*")):
        return
    for marker in records.glob("incomplete/[!@]*"):
        path = urlsafe_b64decode(marker.name).decode()
        if path.startswith(f"{RESULTS}/datasets/"):
            Path(path).unlink(missing_ok=True)


discard_begun_datasets()


# The experiments that are shown. Of an optional one that is not asked for, the runs that are there
# already; the results then say how many they rest on.
EXPERIMENTS = SETUP.experiments | {
    name: experiment if asked_for(name) else experiment.without(not_trained(experiment))
    for name, experiment in SETUP.optional.items()
}
EXPERIMENTS = {
    name: experiment for name, experiment in EXPERIMENTS.items() if experiment.runs
}
SHOWN_RUNS = list(
    dict.fromkeys(
        run.path for experiment in EXPERIMENTS.values() for run in experiment.runs
    )
)


# On a cluster these run where Snakemake does: each takes a second or so and reads a few files, less
# than it takes to submit a job. The document is typeset there since compute nodes rarely have LaTeX.
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
    table="|".join(TABLES),
    seed=r"\d+",
    run=r"[^/]+/[^/]+/[^/]+/seed\d+",
    figure=r"(digits_)?figure\d+",
    motion=r"[a-z]+",


def shown_records():
    """The record of every run that is shown, whether it is there or not."""
    return [Path(RESULTS, "runs", run, "run.json") for run in SHOWN_RUNS]


def run_files(experiment, name):
    """The files called so of all runs of an experiment."""
    return [f"{RESULTS}/runs/{run.path}/{name}" for run in EXPERIMENTS[experiment].runs]


def dataset_file(dataset, seed, drawn_by="dataset"):
    """The file of a dataset and seed, as the present code of a rule draws it."""
    return f"{RESULTS}/datasets/{dataset}/seed{seed}-{CODE_HASH[drawn_by][:8]}.npz"


def dataset_of(run):
    """The dataset file that a run trains on."""
    drawn_by = "image_dataset" if run.cell.dataset in IMAGES else "dataset"
    return dataset_file(run.cell.dataset, run.seed, drawn_by)


def run_named(wildcards):
    """The run that a path asks for."""
    if wildcards.run not in RUNS:
        raise WorkflowError(
            f"{wildcards.run} is a run of no experiment in the config; add its cell to one"
        )
    # Snakemake 9.27 does not hand `keep-going` on to the job of a cluster that holds many runs: those
    # after one that fails would not be tried. Its settings are not there yet when rules are read.
    if workflow.remote_exec:
        workflow.execution_settings.keep_going = True
    return RUNS[wildcards.run]


# What a table's files are called beside its name: as the paper prints it, and with intervals.
LAYOUTS = ("", "_intervals")


def tables(experiment=None, layouts=LAYOUTS, suffixes=("tex", "md", "csv")):
    """The files of the tables that the configured experiments, or one of them, can fill."""
    return [
        f"{RESULTS}/tables/{name}{layout}.{suffix}"
        for name in fillable(EXPERIMENTS)
        if experiment in (None, TABLES[name].experiment)
        for layout in layouts
        for suffix in suffixes
    ]


def refuse_read_only():
    """At the start, say so if nothing can be written: Snakemake would end in a traceback."""
    if Path(RESULTS).exists() and not os.access(RESULTS, os.W_OK):
        raise WorkflowError(
            f"{RESULTS} cannot be written: make the folder writable, or set another one as results "
            "in the config, and run the same command again"
        )


def print_estimates():
    """At the start, say what the optional experiments that were asked for will cost here."""
    for name, experiment in SETUP.optional.items():
        missing = not_trained(experiment) if asked_for(name) else []
        if not missing:
            continue
        words = (
            f"{name}: {len(missing)} of {len(experiment.runs)} runs are to be trained."
        )
        # If other machines train them, it says nothing how fast this one is.
        if workflow.nodes is None:
            cost = estimate(missing, SETUP.networks).in_words(workflow.cores)
            words += (
                f" {cost} A cluster trains them with a GPU each: "
                f"snakemake --profile workflow/profiles/slurm {name}"
            )
        print(words, file=sys.stderr, flush=True)


def print_summary():
    """At the end, say what was made and where."""
    summary = Path(RESULTS) / "summary.txt"
    if summary.is_file():
        print(f"\n{summary.read_text(encoding='utf-8')}", flush=True)


def discard_kept():
    """Keep no finished runs aside any longer."""
    for record in shown_records():
        discard(record)


def put_back_kept():
    """Put finished runs back that Snakemake has removed because another one of their job failed."""
    found = sum(put_back(record) for record in shown_records())
    if found:
        print(f"Put back, since only another run of their job failed: {found}")


def unfinished_runs():
    """The runs that were begun and have no results: what failed, or was removed with it."""
    return [
        run
        for run in SHOWN_RUNS
        if Path(RESULTS, "logs", "train", f"{run}.log").is_file()
        and not Path(RESULTS, "runs", run, "run.json").is_file()
    ]


def print_failure(log):
    """At the end of a run with errors, say what failed and what to do."""
    for run in unfinished_runs():
        print(f"Not trained: {run}; its log is {RESULTS}/logs/train/{run}.log")
    free = free_mebibytes(RESULTS)
    full = (
        f" Only {free:.1f} MiB are free for {RESULTS}: make room." if free < 1 else ""
    )
    print(
        f"\nNot all is made: see the errors above, or {', '.join(log)}.{full} What is done is "
        "kept; run the same command again to go on.",
        flush=True,
    )
