# The figures and pages that are made, and the files that each is made from.
import shutil
from dataclasses import asdict

from rknet.show.document.sections import resolved
from rknet.show.experiment.panels import caption
from rknet.show.experiment.words import setting, title
from rknet.show.figures.figure import KINDS, captions, drawable, runs
from rknet.show.pages.listing import FIGURE, TABLE, figure_title
from rknet.show.tables.table import same_tables


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


def figure_caption(figure):
    """The caption of a figure in the report."""
    return captions([figure], FIGURES, EXPERIMENTS)[figure]


def figure_runs(figure):
    """The runs that a figure of the paper shows."""
    return runs(FIGURES[figure], EXPERIMENTS)


def figure_files(figure, name):
    """The file of this name of each run that a figure shows, if the figure needs it."""
    needs = FIGURES[figure].needs
    if FIGURES[figure].experiment:
        can_be_drawn = functools.partial(drawable, FIGURES)
        refuse_unmade(figure, FIGURES[figure], can_be_drawn)
    if not needs or name not in ("run.json", *needs):
        return []
    return [f"{RESULTS}/runs/{run.path}/{name}" for run in figure_runs(figure)]


def figure_datasets(figure):
    """The dataset files of a figure: those that it shows, or those of the runs that it shows."""
    shown = FIGURES[figure]
    if shown.source == "datasets":
        return [dataset_file(name, 0) for name in shown.datasets]
    if shown.source in ("parameters", "outputs"):
        return [dataset_of(run) for run in figure_runs(figure)]
    return []


def figure_frames(figure, source, path):
    """A file in a list, if the figure is drawn from it; else an empty list."""
    shown = FIGURES[figure]
    return [path.format(experiment=shown.experiment)] if shown.source == source else []


# GIFs need no other program; MP4 films need ffmpeg.
ANIMATION_SUFFIXES = (".gif", ".mp4") if shutil.which("ffmpeg") else (".gif",)


def animations():
    """The files of all animations: two motions of every run in the animated figures."""
    runs = dict.fromkeys(
        run.path for figure in PAPER.animated for run in figure_runs(figure)
    )
    return [
        f"{RESULTS}/animations/{run}/{motion}{suffix}"
        for run in runs
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


def experiment_caption(name):
    """The caption of an experiment's curves in the report."""
    experiment = experiment_named(name)
    return caption(experiment.cells, len(experiment.seeds))


def experiment_summary(name):
    """The caption of an experiment's page in the report."""
    cells = experiment_named(name).cells
    return (
        f"The last epoch of {len(cells)} {'cell' if len(cells) == 1 else 'cells'}, and their "
        f"curves: {setting(cells)}."
    )


def shown_pages():
    """The files of the report's pages, except those of experiments."""
    made = pages(TABLES, fillable(TABLES, SUMMED_UP))
    return [f"{RESULTS}/pages/{page}.html" for page in made]


def page_files(wildcards):
    """The files that a page of the report is made from, by name."""
    name = wildcards.page
    if name in TABLES:
        return {"metrics": table_metrics(name), "published": PAPER.published}
    return {
        "comparison": {
            "comparison": f"{RESULTS}/comparison.csv",
            "findings": f"{RESULTS}/findings.csv",
        },
        "claims": {"claims": f"{RESULTS}/claims.csv"},
        "findings": {"findings": f"{RESULTS}/findings.csv"},
        "runs": {"metrics": rules.comparison.input.metrics},
        "provenance": {"provenance": f"{RESULTS}/provenance.json"},
    }[name]


def page_options(name):
    """The values that a page of the report shows in addition to files."""
    # The metrics depend on all records already. As inputs here, records would slow planning down.
    if name == "runs":
        return {"records": shown_records()}
    if name == "claims":
        return {"paper": PAPER.name, "modules": PAPER.modules}
    if name == "comparison":
        return {"publication": PUBLICATION}
    if name in TABLES:
        same = [other.edition for other in same_tables(TABLES[name], TABLES)]
        table = asdict(TABLES[name])
        return {"publication": PUBLICATION, "table": table, "editions": same}
    if name != "provenance":
        return {}
    experiments = [
        {
            "experiment": experiment.name,
            "settings": len(experiment.cells),
            "seeds": ", ".join(map(str, experiment.seeds)),
            "runs": len(experiment.runs),
        }
        for experiment in SUMMED_UP.values()
    ]
    return {"experiments": experiments}


def page_modules(name):
    """The paper's modules that a page of the report depends on."""
    return PAPER.root("readings") if name == "claims" else ()


def provenance_files(wildcards):
    """The files that results/provenance.json lists, by their rule."""
    return {
        "metrics": rules.comparison.input.metrics,
        "curves": sorted(
            {*rules.claims.input.curves, *own_files(SUMMED_UP, "curves/{}.csv")}
        ),
        "features": rules.claims.input.features,
        "check_scheme": rules.claims.input.checks,
        "table": tables(SUMMED_UP),
        "figure": every_figure(),
        "experiment_table": own_tables(SUMMED_UP),
        "experiment_curves": own_curves(SUMMED_UP),
        "comparison": rules.comparison.output,
        "claims": rules.claims.output,
        "summary": rules.summary.output,
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
