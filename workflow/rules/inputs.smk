# Which figures and pages there are, and which files each is made from.
import shutil

from rknet.show.figures import specification as figure_specification
from rknet.show.figures.specification import (
    ANIMATED,
    DRAWERS,
    FIGURES,
    MOTIONS,
    ScatterFigure,
)
from rknet.show.pages.specification import FIGURE, figure_title, pages
from rknet.show.document.sections import captions, resolved


def figures(experiments, suffixes=("pdf", "png")):
    """The files of the figures that show runs of these experiments."""
    names = figure_specification.drawable(experiments)
    names = [name for name in names if FIGURES[name].experiment in experiments]
    if "depth" in experiments:
        names.append("accuracy_over_depth")
    return figure_paths(names, suffixes)


def every_figure(suffixes=("pdf", "png")):
    """The files of all figures: those that show no runs, of what is summed up, and of verdicts."""
    without_runs = [name for name, figure in FIGURES.items() if not figure.experiment]
    return [
        *figure_paths(without_runs, suffixes),
        *figures(SUMMED_UP, suffixes),
        *figure_paths(["comparison"], suffixes),
    ]


def figure_paths(names, suffixes):
    """The files of figures called so."""
    return [
        f"{RESULTS}/figures/{name}.{suffix}" for name in names for suffix in suffixes
    ]


def figure_caption(figure):
    """What the report says of a figure."""
    return captions([figure], EXPERIMENTS)[figure]


def figure_kind(figure):
    """The code that draws figures of this kind."""
    return (f"rknet.show.figures.{DRAWERS[type(FIGURES[figure])]}",)


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
    return [dataset_of(run) for run in figure_runs(figure)]


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


# The pages of the report.
PAGES = pages(fillable(SUMMED_UP))


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
        return {"records": shown_records()}
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


def provenance_files(wildcards):
    """The files that the provenance of the results takes in, by their rule."""
    summed_up = {
        "accuracy_over_depth": "depth_figure",
        "comparison": "comparison_figure",
    }
    drawn = {"figure": [], "depth_figure": [], "comparison_figure": []}
    for path in every_figure():
        drawn[summed_up.get(Path(path).stem, "figure")].append(path)
    return {
        "metrics": rules.comparison.input.metrics,
        "curves": rules.claims.input.curves,
        "features": rules.claims.input.features,
        "check_scheme": rules.check_scheme.output,
        "table": tables(SUMMED_UP),
        **drawn,
        "comparison": rules.comparison.output,
        "claims": rules.claims.output,
        "summary": rules.summary.output,
    }
