# Figures: those of the paper, and two that sum up.
import shutil

from rknet.figures import specification as figure_specification
from rknet.figures.specification import ANIMATED, FIGURES, MOTIONS, ScatterFigure
from rknet.pages.specification import FIGURE, figure_title
from rknet.paper.sections import captions


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


rule figure:
    input:
        records=lambda wildcards: figure_files(wildcards.figure, "run.json"),
        parameters=lambda wildcards: figure_files(
            wildcards.figure, "parameters.safetensors"
        ),
        histories=lambda wildcards: figure_files(wildcards.figure, "history.csv"),
        outputs=lambda wildcards: figure_files(wildcards.figure, "outputs.npz"),
        datasets=lambda wildcards: figure_datasets(wildcards.figure),
    output:
        f"{RESULTS}/figures/{{figure}}.pdf",
        report(
            f"{RESULTS}/figures/{{figure}}.png",
            caption="../report/figure.rst",
            category=FIGURE,
            labels=lambda wildcards: {"figure": figure_title(wildcards.figure)},
        ),
    log:
        f"{RESULTS}/logs/figures/{{figure}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figures/{{figure}}.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=CODE_HASH["figure"],
        caption=lambda wildcards: figure_caption(wildcards.figure),
    message:
        "draw {wildcards.figure}"
    script:
        "../scripts/draw_figure.py"


rule depth_figure:
    input:
        published="config/published.csv",
        metrics=f"{RESULTS}/metrics/depth.csv",
    output:
        f"{RESULTS}/figures/accuracy_over_depth.pdf",
        report(
            f"{RESULTS}/figures/accuracy_over_depth.png",
            caption="../report/figure.rst",
            category=FIGURE,
            labels={"figure": figure_title("accuracy_over_depth")},
        ),
    log:
        f"{RESULTS}/logs/figures/accuracy_over_depth.log",
    benchmark:
        f"{RESULTS}/benchmarks/figures/accuracy_over_depth.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=CODE_HASH["depth_figure"],
        caption=figure_caption("accuracy_over_depth"),
    message:
        "draw accuracy over depth"
    script:
        "../scripts/draw_depth.py"


rule comparison_figure:
    input:
        f"{RESULTS}/comparison.csv",
    output:
        f"{RESULTS}/figures/comparison.pdf",
        report(
            f"{RESULTS}/figures/comparison.png",
            caption="../report/figure.rst",
            category=FIGURE,
            labels={"figure": figure_title("comparison")},
        ),
    log:
        f"{RESULTS}/logs/figures/comparison.log",
    benchmark:
        f"{RESULTS}/benchmarks/figures/comparison.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=CODE_HASH["comparison_figure"],
        caption=figure_caption("comparison"),
    message:
        "draw the comparison"
    script:
        "../scripts/draw_comparison.py"


rule figures:
    input:
        figures(),


# The figures' runs in motion, from layer to layer.
rule animation:
    input:
        record=f"{RESULTS}/runs/{{run}}/run.json",
        parameters=f"{RESULTS}/runs/{{run}}/parameters.safetensors",
        dataset=lambda wildcards: ancient(dataset_of(run_named(wildcards))),
    output:
        multiext(f"{RESULTS}/animations/{{run}}/{{motion}}", *ANIMATION_SUFFIXES),
    log:
        f"{RESULTS}/logs/animations/{{run}}/{{motion}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/animations/{{run}}/{{motion}}.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=CODE_HASH["animation"],
    message:
        "animate the {wildcards.motion} of {wildcards.run}"
    script:
        "../scripts/animate.py"


rule animations:
    input:
        animations(),
