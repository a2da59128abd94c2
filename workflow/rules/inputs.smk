# Which figures and pages there are, and which files each is made from.
import shutil

from rknet.show.figures import specification as figure_specification
from rknet.show.figures.specification import ANIMATED, MOTIONS, ScatterFigure
from rknet.show.pages.specification import FIGURE, TABLE, figure_title, pages
from rknet.show.document.sections import captions, resolved
from rknet.show.experiment.panels import caption
from rknet.show.experiment.words import setting, title


def figures(experiment=None, suffixes=("pdf", "png")):
    """The files of all figures that the configured experiments, or one of them, can fill."""
    names = figure_specification.drawable(EXPERIMENTS)
    if experiment:
        names = [name for name in names if FIGURES[name].experiment == experiment]
    else:
        names.append("comparison")
    if experiment in (None, "depth") and "depth" in EXPERIMENTS:
        names.append("accuracy_over_depth")
    return [
        f"{RESULTS}/figures/{name}.{suffix}" for name in names for suffix in suffixes
    ]


def figure_caption(figure):
    """What the report says of a figure."""
    return captions([figure], EXPERIMENTS)[figure]


def figure_runs(figure):
    """The runs that a figure of the paper shows."""
    return figure_specification.runs(FIGURES[figure], EXPERIMENTS)


def figure_files(figure, name):
    """The files called so of the runs that a figure shows, if it needs them."""
    if name not in ("run.json", *FIGURES[figure].needs):
        return []
    return [f"{RESULTS}/runs/{run.path}/{name}" for run in figure_runs(figure)]


def figure_datasets(figure):
    """The dataset files that a figure shows, or those of the runs whose features it shows."""
    shown = FIGURES[figure]
    if isinstance(shown, ScatterFigure):
        return [dataset_file(name, 0) for row in shown.datasets for name in row]
    if "history.csv" in shown.needs:
        return []
    return [ancient(dataset_of(run)) for run in figure_runs(figure)]


# GIFs need nothing; films need ffmpeg.
ANIMATION_SUFFIXES = (".gif", ".mp4") if shutil.which("ffmpeg") else (".gif",)


def animations():
    """The files of all animations: of every run of the animated figures, its two motions."""
    runs = dict.fromkeys(run.path for figure in ANIMATED for run in figure_runs(figure))
    return [
        f"{RESULTS}/animations/{run}/{motion}{suffix}"
        for run in runs
        for motion in MOTIONS
        for suffix in ANIMATION_SUFFIXES
    ]


# The experiments that no table of the paper shows, and a pattern of their names.
OWN = [
    name
    for name in EXPERIMENTS
    if name not in {TABLES[table].experiment for table in fillable(EXPERIMENTS)}
]
OF_OWN = "|".join(OWN) or "(?!)"


def own_files(*patterns, experiment=None):
    """The files of those experiments, or of one of them, named after them as patterns say."""
    names = OWN if experiment is None else [name for name in OWN if name == experiment]
    return [
        f"{RESULTS}/{pattern.format(name)}" for pattern in patterns for name in names
    ]


def own_tables(experiment=None):
    """The files of their tables."""
    suffixes = ("tex", "md", "csv")
    patterns = [f"tables/{{}}.{suffix}" for suffix in suffixes]
    return own_files(*patterns, experiment=experiment)


def own_curves(experiment=None):
    """The files of their curves."""
    return own_files("figures/{}.pdf", "figures/{}.png", experiment=experiment)


def experiment_caption(name):
    """What the report says of an experiment's curves."""
    return caption(EXPERIMENTS[name].cells, len(EXPERIMENTS[name].seeds))


def experiment_summary(name):
    """What the report says of an experiment's page."""
    cells = EXPERIMENTS[name].cells
    return f"The last epoch of each of {len(cells)} cells, and their curves: {setting(cells)}."


# The pages of the report.
PAGES = pages(fillable(EXPERIMENTS))


def page_files(wildcards):
    """What a page of the report is made from, by name."""
    name = wildcards.page
    if name in TABLES:
        metrics = f"{RESULTS}/metrics/{TABLES[name].experiment}.csv"
        return {"metrics": metrics, "published": "rknet/paper/published.csv"}
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
    """What a page of the report shows beside files."""
    # The metrics rest on all records: as inputs, these would slow planning down.
    if name == "runs":
        return {"records": [str(record) for record in shown_records()]}
    if name != "provenance":
        return {}
    experiments = [
        {
            "experiment": experiment.name,
            "settings": len(experiment.cells),
            "seeds": ", ".join(map(str, experiment.seeds)),
            "runs": len(experiment.runs),
        }
        for experiment in EXPERIMENTS.values()
    ]
    return {"experiments": experiments}


def provenance_files(wildcards):
    """The files that the provenance of the results takes in, by their rule."""
    summed_up = {
        "accuracy_over_depth": "depth_figure",
        "comparison": "comparison_figure",
    }
    drawn = {"figure": [], "depth_figure": [], "comparison_figure": []}
    for path in figures():
        drawn[summed_up.get(Path(path).stem, "figure")].append(path)
    return {
        "metrics": rules.comparison.input.metrics,
        "curves": sorted({*rules.claims.input.curves, *own_files("curves/{}.csv")}),
        "features": rules.claims.input.features,
        "check_scheme": rules.check_scheme.output,
        "table": tables(),
        "experiment_table": own_tables(),
        "experiment_curves": own_curves(),
        **drawn,
        "comparison": rules.comparison.output,
        "claims": rules.claims.output,
        "summary": rules.summary.output,
    }
