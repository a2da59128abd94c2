# The figures and pages that are made, and the files that each is made from.
import shutil
from dataclasses import asdict

from rknet.show.document.sections import resolved
from rknet.show.experiment.panels import caption
from rknet.show.experiment.words import setting, title
from rknet.show.figures.figure import KINDS, captions, drawable, runs
from rknet.show.pages.listing import FIGURE, TABLE, figure_title
from rknet.show.tables.table import same_tables
from rknet.study.archive.taken import with_count


def figures(experiments, suffixes=("pdf", "png")):
    """The files of the figures that show runs of these experiments."""
    names = drawable(FIGURES, experiments)
    names = [name for name in names if FIGURES[name].experiment in experiments]
    return figure_paths(names, suffixes)


def every_figure(suffixes=("pdf", "png")):
    """The files of all figures: those of no single experiment, and those of experiments summed up."""
    without_runs = [name for name, figure in FIGURES.items() if not figure.experiment]
    return [*figure_paths(without_runs, suffixes), *figures(SUMMED_UP, suffixes)]


def figure_paths(names, suffixes):
    """The files of the figures of these names."""
    return [
        f"{RESULTS}/figures/{name}.{suffix}" for name in names for suffix in suffixes
    ]


def figure_captions(names):
    """The captions of figures in the report, by file."""
    return {f"{name}.png": text for name, text in captions_of(names).items()}


def captions_of(names):
    """The captions of figures by name, which say how many of the runs are from the archive."""
    return {
        name: with_count(caption, map(from_archive, behind(name)))
        for name, caption in captions(names, FIGURES, EXPERIMENTS).items()
    }


def behind(name):
    """The runs that a figure is drawn from: of a summary, all that are summed up."""
    figure = FIGURES[name]
    if figure.source == "comparison":
        return SHOWN_RUNS
    if figure.source == "metrics":
        return experiment_named(figure.experiment).runs
    return figure_runs(name)


@functools.cache
def from_archive(run):
    """Whether a run is from the archive, or will be once it is there."""
    return is_archived(run) or (comes_from_archive(record(run)) and is_finished(run))


def figures_by_subject():
    """The names of the figures that can be drawn, by what the job that draws them is called after.

    Those of an experiment share a job, and so do those of no run. Of an optional experiment, each has
    its own, so that whoever asks for one has only the runs trained that it shows.
    """
    found = {}
    for name in drawable(FIGURES, EXPERIMENTS):
        figure = FIGURES[name]
        subject = figure.experiment or "without_runs"
        if figure.experiment in SETUP.optional or figure.source == "comparison":
            subject = name
        found.setdefault(subject, []).append(name)
    return found


def figure_part(name):
    """What the job that draws a figure is told of it."""
    figure = FIGURES[name]
    kind = KINDS.module(figure.kind)
    params = {
        "code": code_for("draw_figures", kind, runs=figure_runs(name)),
        "figure": asdict(figure),
        **(
            {"publication": PUBLICATION}
            if figure.source in ("metrics", "comparison")
            else {}
        ),
    }
    inputs = {
        what: [str(file) for file in files]
        for what, files in figure_inputs(name).items()
    }
    outputs = figure_paths([name], ("pdf", "png"))
    return {"inputs": inputs, "outputs": outputs, "params": params}


def figure_runs(figure):
    """The runs that a figure of the paper shows, or chooses from when it is drawn."""
    return runs(FIGURES[figure], EXPERIMENTS)


def figure_inputs(name):
    """The files that a figure is drawn from, by what they are."""
    figure, shown = FIGURES[name], figure_runs(name)
    found = {
        "metrics": {
            "metrics": [f"{RESULTS}/metrics/{figure.experiment}.csv"],
            "published": [PAPER.published],
        },
        "comparison": {"comparison": [f"{RESULTS}/comparison.csv"]},
        "datasets": {"datasets": [dataset_file(name, 0) for name in figure.datasets]},
    }.get(figure.source, {})
    if figure.needs:
        found["records"] = [record(run) for run in shown]
        for file in figure.needs:
            # Sources that need a file of each run are called after these files.
            found[figure.source] = [
                f"{RESULTS}/runs/{run.path}/{file}" for run in shown
            ]
    if figure.source in ("parameters", "outputs"):
        found["datasets"] = [dataset_of(run) for run in shown]
    return found


# GIFs need no other program; MP4 films need ffmpeg.
ANIMATION_SUFFIXES = (".gif", ".mp4") if shutil.which("ffmpeg") else (".gif",)


def animations():
    """The files of all animations: two motions of every cell in the animated figures.

    They are of its first run: which one the figure shows is known only when all are trained.
    """
    first = {}
    for figure in PAPER.animated:
        for run in figure_runs(figure):
            first.setdefault(run.cell, run.path)
    return [
        f"{RESULTS}/animations/{run}/{motion}{suffix}"
        for run in first.values()
        for motion in MOTIONS
        for suffix in ANIMATION_SUFFIXES
    ]


def dataset_animated(wildcards):
    """The dataset file of a run that is animated."""
    run = run_named(wildcards)
    if on_images(run):
        raise WorkflowError(
            f"{run.path} cannot be animated: of runs on images, the parameters are not kept"
        )
    return dataset_of(run)


def measured(folder):
    """The files of what is measured of the features of the experiments that are summed up."""
    return [
        f"{RESULTS}/{folder}/{experiment}.csv"
        for experiment in PAPER.features
        if experiment in SUMMED_UP
    ]


def own(experiments):
    """The names of these experiments, except those that a table of the paper shows."""
    shown = {TABLES[table].experiment for table in fillable(TABLES, experiments)}
    return [name for name in experiments if name not in shown]


def own_files(experiments, *patterns):
    """The files of such experiments, from patterns in which the name is left open."""
    names = own(experiments)
    return [
        f"{RESULTS}/{pattern.format(name)}" for pattern in patterns for name in names
    ]


def own_tables(experiments, suffixes=("tex", "md", "csv")):
    """The files of their tables."""
    return own_files(experiments, *(f"tables/{{}}.{suffix}" for suffix in suffixes))


def own_curves(experiments):
    """The files of the pictures of their curves."""
    return own_files(experiments, "figures/{}.pdf", "figures/{}.png")


def own_pages(experiments):
    """The files of their pages."""
    return own_files(experiments, "pages/{}.html")


def results_of(name):
    """The files of an experiment's metrics, tables and figures, and of its own table, curves and page."""
    experiment = {name: experiment_named(name)}
    return [
        f"{RESULTS}/metrics/{name}.csv",
        *tables(experiment),
        *figures(experiment),
        *own_tables(experiment),
        *own_curves(experiment),
        *own_pages(experiment),
    ]


def beyond_the_paper(wildcards):
    """The results of every experiment with statements of our own, beside those of the paper."""
    return [
        file
        for section in load_paper("rknet.beyond").sections
        for name in section.experiments
        for file in results_of(name)
    ]


def experiment_captions(name):
    """The captions of an experiment's curves and page in the report, by file."""
    experiment = experiment_named(name)
    cells = experiment.cells
    return {
        f"{name}.png": with_count(
            caption(cells, [len(experiment.runs_of(cell)) for cell in cells]),
            map(from_archive, experiment.runs),
        ),
        f"{name}.html": (
            f"The last epoch of {len(cells)} {'cell' if len(cells) == 1 else 'cells'}, and their "
            f"curves: {setting(cells)}."
        ),
    }


# The pages that sum up; one job writes them.
SUMMARY = ("comparison", "claims", "findings", "runs")


def page_in_report(name):
    """The file of a page, for the report."""
    return report(
        f"{RESULTS}/pages/{name}.html",
        caption="../report/page.rst",
        category=PAGES[name].category,
        labels={"page": PAGES[name].title},
    )


def shown_pages():
    """The files of the report's pages, except those of experiments."""
    made = set(pages(TABLES, fillable(TABLES, SUMMED_UP))) - {"decisions"}
    return [f"{RESULTS}/pages/{page}.html" for page in sorted(made)]


def tables_by_experiment():
    """The names of the tables that can be filled, by the experiment that they show."""
    found = {}
    for name in fillable(TABLES, EXPERIMENTS):
        found.setdefault(TABLES[name].experiment, []).append(name)
    return found


def grid_sizes():
    """The size of each experiment that is summed up, in words and numbers."""
    return [
        {
            "experiment": experiment.name,
            "settings": len(experiment.cells),
            "seeds": ", ".join(map(str, experiment.seeds)),
            "runs": len(experiment.runs),
        }
        for experiment in SUMMED_UP.values()
    ]


def provenance_files(wildcards):
    """The files that results/provenance.json lists, by what they are."""
    return {
        "metrics": rules.comparison.input.metrics,
        "curves": sorted(
            {*rules.claims.input.curves, *own_files(SUMMED_UP, "curves/{}.csv")}
        ),
        "features": [*rules.claims.input.features, *rules.claims.input.pairs],
        "check_scheme": rules.claims.input.checks,
        "tables": tables(SUMMED_UP),
        "figures": every_figure(),
        "own_tables": own_tables(SUMMED_UP),
        "own_curves": own_curves(SUMMED_UP),
        "comparison": rules.comparison.output,
        "claims": rules.claims.output,
        "decisions": [file for file in decision_files() if "/pages/" not in file],
        "summary": rules.summary.output.summary,
        "at_a_glance": [rules.summary.output.pdf, rules.summary.output.png],
    }


def drawn_from(wildcards):
    """The files that a dataset is drawn from: the user's, or a note of where published ones are."""
    name = wildcards.dataset
    try:
        dataset = drawables(name).get(wildcards.drawn_by)
    except ValueError as error:
        raise WorkflowError(str(error)) from None
    if dataset is None:
        raise WorkflowError(
            f"{name} is now drawn by other code, or from another file; ask for "
            f"{dataset_file(name, wildcards.seed)}"
        )
    if dataset.fetched:
        return ancient(f"{RESULTS}/datasets/{name}/source.json")
    # The digest covers their content, so their time does not matter.
    definition = dataset.definition or {}
    return [ancient(definition[key]) for key in ("file", "module") if key in definition]


def figures_made():
    """The names of all figures that are made."""
    return [Path(file).stem for file in every_figure(suffixes=("pdf",))]


def paper_shown():
    """The parts of the paper that the document shows, as plain values."""
    return {
        "about": PAPER.about,
        "publication": PUBLICATION,
        "sections": [asdict(section) for section in PAPER.sections],
        "tables": {name: asdict(TABLES[name]) for name in fillable(TABLES, SUMMED_UP)},
        "figures": {name: asdict(FIGURES[name]) for name in figures_made()},
    }
