# All rules share this: the checked configuration, and the code that a result depends on.
import functools
import gc
import json
import os
import re
import sys

# Here and in scripts the code beside the Snakefile runs, whatever is installed or on the user's path.
if sys.path[0] != str(CHECKOUT):
    sys.path.insert(0, str(CHECKOUT))

from snakemake.exceptions import WorkflowError

from rknet.study.archive.taken import comes_from_archive, is_taken, is_usable
from rknet.study.batches import batches, in_words
from rknet.study.config import ConfigurationError, in_types, load, read
from rknet.study.estimates import (
    job_minutes,
    most_seconds,
    run_gpus,
    run_memory,
    run_threads,
)
from rknet.study.recording import code_of
from rknet.study.records import is_made_of
from rknet.study.roots import (
    dataset_digest,
    dataset_roots,
    kinds_of,
    rule_roots,
    run_roots,
)
from rknet.datasets.image_files import places
from rknet.engines.base import ENGINES
from rknet.files import file_hash
from rknet.registry import suggestion
from rknet.show.pages.listing import pages
from rknet.show.paper import PaperError, load_paper
from rknet.show.figures.figure import MOTIONS, drawable
from rknet.show.tables.table import fillable, shown_cells, two_in_a_place
from rknet.surroundings import prevail
from rknet.terminal import show_anything

prevail(CHECKOUT)
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


include: "internals.smk"


MODULE = is_module()
# Where experiments are looked up: beside a configuration of the working folder's own, if they are there.
OWN_CONFIG = MODULE or CONFIGFILE.is_file()
ROOT = Path.cwd() if OWN_CONFIG and Path("config/experiments").is_dir() else CHECKOUT
try:
    if MODULE:
        # A workflow that takes this one by `module` gives what differs from the default.
        config.update(read(CHECKOUT, str(CONFIGFILE)) | config)
    else:
        for file in configuration_files():
            read(Path(), file)
    SETUP = load(config, ROOT)
    PAPER = load_paper(SETUP.paper)
except (ConfigurationError, PaperError) as error:
    raise WorkflowError(str(error)) from None
# Records hold the configuration as it was understood.
config.update(in_types(config))

RESULTS = SETUP.results
# Rules pass on parts of the paper as plain values, so that each result depends only on its own part.
TABLES, FIGURES = PAPER.tables, PAPER.figures
PUBLICATION = PAPER.publication.to_mapping()
# What is checked without any run, if the paper says how.
CHECKS = f"{RESULTS}/checks/scheme.csv" if "checks" in PAPER.modules else []
# All runs that one can ask for.
RUNS = SETUP.runs


def on_images(run):
    """Whether a run is on images, not on points."""
    return SETUP.dataset(run.cell.dataset).about.image_shape is not None


def record(run):
    """The file that says how a run came about. It exists once the run is finished."""
    return f"{RESULTS}/runs/{run.path}/run.json"


def run_code(run):
    """The code that a run is made of: the training script, and the kinds that its cell names."""
    return code_of(run_roots(run.cell, SETUP.networks[run.cell.network]))


@functools.cache
def drawables(dataset):
    """A dataset in every size, by a digest of what decides its content.

    That is code, the numbers of samples, and the user's definition and files.
    """
    return {dataset_digest(drawable): drawable for drawable in SETUP.drawables(dataset)}


def definition_of(dataset, digest):
    """A dataset's definition, as the digest takes it: the order of the user's keys changes nothing."""
    definition = drawables(dataset)[digest].definition
    return json.loads(json.dumps(definition, sort_keys=True))


@functools.cache
def drawn_by(dataset, training, validation):
    """The digest of a dataset with given numbers of samples."""
    return dataset_digest(SETUP.dataset(dataset).sized(training, validation))


def dataset_file(dataset, seed, training=0, validation=0):
    """The file of a dataset and seed, as the present code and config draw it."""
    digest = drawn_by(dataset, training, validation)
    return f"{RESULTS}/datasets/{dataset}/seed{seed}-{digest}.npz"


def dataset_path(run):
    """The name of the dataset file that a run trains on."""
    samples = run.cell.training_samples, run.cell.validation_samples
    return dataset_file(run.cell.dataset, run.seed, *samples)


def dataset_of(run):
    """The dataset file that a run trains on.

    Its name contains a digest of everything that decides its content, so its time does not matter.
    With `ancient`, results that were copied in any order stay valid.
    """
    return ancient(dataset_path(run))


@functools.cache
def is_finished(run):
    """Whether a run has all its files, made of its present settings, dataset and code."""
    return is_made_of(
        Path(record(run)),
        SETUP.setting(run),
        run_code(run)["digest"],
        Path(dataset_path(run)),
    ) and not (SETUP.archive == "ignore" and comes_from_archive(record(run)))


# Runs that took long are kept with the project.
ARCHIVE = CHECKOUT / "archive"


@functools.cache
def archive_has(run):
    """Whether the archive has a run that may be taken instead of training it."""
    entry = ARCHIVE / run.path
    return (
        SETUP.archive != "ignore"
        and (entry / "run.json").is_file()
        and is_usable(
            entry,
            SETUP.setting(run),
            run_code(run)["digest"],
            Path(dataset_path(run)),
            older=SETUP.archive == "accept older code",
        )
    )


@functools.cache
def is_archived(run):
    """Whether a run is taken from the archive: one that was trained here stays."""
    return archive_has(run) and (
        comes_from_archive(record(run)) or not is_finished(run)
    )


def not_trained(experiment):
    """The runs of an experiment that have no results of the present code, here or in the archive."""
    return [
        run for run in experiment.runs if not is_archived(run) and not is_finished(run)
    ]


def with_runs(experiments):
    """The experiments that have at least one run."""
    return {name: found for name, found in experiments.items() if found.runs}


def so_far(experiment):
    """An optional experiment with the runs that the config shows of it.

    Those are all that it asks for, unless it is to be shown as far as it is trained. That is so, too, of
    one that the archive has begun: a reader sees what there is, and nobody begins days of training unasked.
    """
    begun = SETUP.optional_runs == "finished" and any(map(archive_has, experiment.runs))
    if begun or SETUP.optional_runs == "so_far":
        return experiment.without(not_trained(experiment))
    return experiment


# The experiments; each is a target.
EXPERIMENTS = with_runs(
    SETUP.experiments | {name: so_far(e) for name, e in SETUP.optional.items()}
)


def data_are_here(experiment):
    """Whether nothing must be fetched for an experiment: what is made by default needs no network."""
    from rknet.datasets.image_files.sources import at_hand

    published = places(config)
    return all(
        Path(f"{RESULTS}/datasets/{name}/source.json").is_file()
        or at_hand(name, published)
        for name in published.keys() & {cell.dataset for cell in experiment.cells}
    )


# The experiments that go into verdicts, report and everything else that is made by default. An
# optional experiment joins them once it is finished, if its data are here.
SUMMED_UP = {
    name: experiment
    for name, experiment in EXPERIMENTS.items()
    if name in SETUP.experiments
    or SETUP.optional_runs != "finished"
    or (not not_trained(experiment) and data_are_here(experiment))
}
SHOWN_RUNS = tuple(
    dict.fromkeys(run for experiment in SUMMED_UP.values() for run in experiment.runs)
)


def alternatives(names):
    """A pattern that fits these names and nothing else, even if there are none."""
    return "|".join(names) or "(?!)"


wildcard_constraints:
    dataset=r"[a-z0-9_]+",
    experiment=r"[a-z0-9_]+",
    seed=r"\d+",
    run=r"[^/]+/[^/]+/[^/]+/seed\d+",
    motion=alternatives(MOTIONS),


def shown_records():
    """The record of every run that is summed up, whether it exists or not."""
    return [record(run) for run in SHOWN_RUNS]


# The experiments whose runs are needed for the targets of this command.
ASKED_FOR = set()


def experiment_named(name, asks=""):
    """The experiment that a file's name asks for; `asks` begins the message if there is none."""
    if name in EXPERIMENTS:
        return EXPERIMENTS[name]
    if name in SETUP.optional:
        raise WorkflowError(
            f"{asks}none of the runs of the experiment {name!r} is trained; {AS_FAR}"
        )
    file = f"config/experiments/{name}.yaml"
    how = (
        f"add {name} to experiments or optional_experiments in the config"
        if (ROOT / file).is_file()
        else f"write {file}, or write it out under experiments in the config"
        + suggestion(name, (*EXPERIMENTS, *TAKEN))
    )
    raise WorkflowError(
        f"{asks}the config has no experiment {name!r}; to get it, {how}"
    )


# What `optional` in the config means for a file whose runs are not trained.
AS_FAR = (
    f"with optional: {SETUP.optional_runs}, the config shows only those that are there; to train the "
    "others, use --config optional=all"
)


def refuse_unmade(name, shown, can_be_made):
    """Refuse a table or figure that would show nothing, and say how to get it.

    `can_be_made` gives the names of those that experiments can fill.
    """
    experiment_named(shown.experiment, f"{name}: ")
    if name in can_be_made(SETUP.all_experiments):
        raise WorkflowError(
            f"{name}: none of the runs of the experiment {shown.experiment!r} that it shows is "
            f"trained; {AS_FAR}"
        )
    wanted = [
        *(f"{axis} {either(value)}" for axis, value in shown.only.items()),
        *(f"depth {depth} if {net}" for net, depth in shown.depths.items()),
    ]
    raise WorkflowError(
        f"{name}: the experiment {shown.experiment!r} in the config has none of the cells that it "
        f"shows; to get it, add one there: {', '.join(wanted)}"
    )


def either(value):
    """A value, or several of which any will do, in words."""
    return " or ".join(map(str, value)) if isinstance(value, tuple) else value


def refuse_table(name):
    """Say why no experiment can fill a table."""
    if twice := two_in_a_place(TABLES[name], shown_cells(TABLES[name], EXPERIMENTS)):
        raise WorkflowError(twice)
    refuse_unmade(name, TABLES[name], functools.partial(fillable, TABLES))


def refuse_figure(name):
    """Say why a figure would show nothing."""
    refuse_unmade(name, FIGURES[name], functools.partial(drawable, FIGURES))


def unmade(shown, can_be_made):
    """The names of the paper's tables or figures that would show nothing."""
    made = can_be_made(shown, EXPERIMENTS)
    return [name for name in shown if name not in made]


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


def seconds(run):
    """An upper bound on the seconds that a run takes to train."""
    return most_seconds(run.cell, SETUP.dataset_of(run.cell).about)


def minutes(runs):
    """An upper bound on the minutes of the job that trains these runs."""
    return job_minutes(sum(map(seconds, runs)))


def memory(runs):
    """The MiB that the job that trains these runs needs, with Snakemake and, of images, PyTorch."""
    return 1000 + max(run_memory(run.cell) if on_images(run) else 0 for run in runs)


def what_is_kept(run):
    """What is kept of a run's network: of images, what it makes of them."""
    return "outputs" if on_images(run) else "parameters"


def kept_of(run):
    """The file of what is kept of a run's network."""
    suffix = {"outputs": "npz", "parameters": "safetensors"}[what_is_kept(run)]
    return f"{RESULTS}/runs/{run.path}/{what_is_kept(run)}.{suffix}"


def run_named(wildcards):
    """The run that a path asks for."""
    if wildcards.run not in RUNS:
        raise WorkflowError(
            f"no experiment in the config has the run {wildcards.run}; add its cell to one"
        )
    return RUNS[wildcards.run]


def trains_alone(run):
    """Whether a run has a job of its own: on images, if a GPU can train it."""
    return on_images(run) and ENGINES[run.cell.engine].on_gpu


def one_by_one():
    """The unfinished runs that have a job of their own; for a node, which plans for itself, all."""
    return [
        run
        for run in RUNS.values()
        if trains_alone(run)
        and not is_archived(run)
        and (workflow.remote_exec or not is_finished(run))
    ]


def unfinished():
    """The other runs that are to be trained, by the name of the job that trains them.

    A node of a cluster plans for itself, after some of its job's runs may have been trained. So the
    names do not depend on that. A job that has none left keeps them all there: a node may look for it.
    """
    by_run, by_cell = {}, {}
    for name, experiment in SETUP.all_experiments.items():
        for run in experiment.runs:
            by_run.setdefault(run, []).append(name)
    for name, experiment in SETUP.experiments.items():
        for cell in experiment.cells:
            by_cell.setdefault(cell, []).append(name)

    def askers(run):
        # Looks add repetitions to the cells of experiments that run by default.
        return tuple(by_run.get(run) or by_cell[run.cell])

    trained = [
        run for run in RUNS.values() if not is_archived(run) and not trains_alone(run)
    ]
    numbers, found = {}, {}
    for batch in batches(trained, lambda run: alike(run, askers(run)), seconds):
        first, *_ = askers(batch[0])
        numbers[first] = numbers.get(first, 0) + 1
        missing = [run for run in batch if not is_finished(run)]
        if missing or workflow.remote_exec:
            found[f"train_{first}_{numbers[first]}"] = missing or batch
    return found


def archived():
    """The runs to take from the archive, by the name of the job that takes a cell's.

    What was taken is a file like any other, until the archive has another run instead.
    """
    cells = {}
    for run in filter(is_archived, RUNS.values()):
        if not is_taken(ARCHIVE / run.path, record(run), run_code(run)["digest"]):
            cells.setdefault(run.cell, []).append(run)
    return {f"restore_{number}": runs for number, runs in enumerate(cells.values(), 1)}


def alike(run, experiments):
    """What the runs that a job trains have in common.

    Its code and kernel; the experiments that ask for it; and the look that adds it. A look after the
    first needs the cells that are still open, so each has jobs of its own.
    """
    cell = run.cell
    kernel = cell.activation, cell.width, cell.batch_size
    look = sum(run.seed >= repetitions for repetitions in SETUP.looks)
    of_look = (look, cell if look else None) if SETUP.until_decided else None
    return (
        experiments,
        run_code(run)["digest"],
        cell.engine,
        kernel,
        on_images(run),
        of_look,
    )


def refuse_name_in_use(experiment):
    """Refuse an experiment whose name already belongs to another target."""
    for what, names in {
        "rule": rules_here(),
        "table, figure or page": TAKEN,
    }.items():
        if experiment in names:
            raise WorkflowError(
                f"config: the experiment {experiment!r}: {experiment!r} is the name of a {what}; "
                "choose another"
            )


# The endings of a table's file names: as the paper prints it, and with intervals.
LAYOUTS = ("", "_intervals")
# All pages of the report that the paper's tables can have, made or not.
PAGES = pages(TABLES, TABLES)
# The names of tables, figures and pages that no experiment is called after; its own are named after it.
TAKEN = {
    *(f"{table}{layout}" for table in TABLES for layout in LAYOUTS),
    *(*FIGURES, "accuracy_over_depth", *PAGES),
}
# A pattern for the names of experiments, whether the config has them or not.
OWN = rf"(?!(?:{alternatives(TAKEN)})\.)[a-z0-9_]+"


def tables(experiments, layouts=LAYOUTS, suffixes=("tex", "md", "csv")):
    """The files of the tables that these experiments can fill."""
    return table_files(fillable(TABLES, experiments), layouts, suffixes)


def table_files(names, layouts=LAYOUTS, suffixes=("tex", "md", "csv")):
    """The files of the tables of these names."""
    return [
        f"{RESULTS}/tables/{name}{layout}.{suffix}"
        for name in names
        for layout in layouts
        for suffix in suffixes
    ]
