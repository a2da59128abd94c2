# Figures: the paper's, and those that sum up.
rule figure:
    input:
        records=lambda wildcards: figure_files(wildcards.figure, "run.json"),
        parameters=lambda wildcards: figure_files(
            wildcards.figure, "parameters.safetensors"
        ),
        histories=lambda wildcards: figure_files(wildcards.figure, "history.csv"),
        outputs=lambda wildcards: figure_files(wildcards.figure, "outputs.npz"),
        datasets=lambda wildcards: figure_datasets(wildcards.figure),
        metrics=lambda wildcards: figure_frames(
            wildcards.figure, "metrics", f"{RESULTS}/metrics/{{experiment}}.csv"
        ),
        published=lambda wildcards: figure_frames(
            wildcards.figure, "metrics", PAPER.published
        ),
        comparison=lambda wildcards: figure_frames(
            wildcards.figure, "comparison", f"{RESULTS}/comparison.csv"
        ),
    output:
        f"{RESULTS}/figures/{{figure}}.pdf",
        report(
            f"{RESULTS}/figures/{{figure}}.png",
            caption="../report/figure.rst",
            category=FIGURE,
            labels=lambda wildcards: {
                "figure": figure_title(FIGURES[wildcards.figure])
            },
        ),
    log:
        f"{RESULTS}/logs/figures/{{figure}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figures/{{figure}}.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_for(
            "draw_figure",
            KINDS.module(FIGURES[wildcards.figure].kind),
            runs=figure_runs(wildcards.figure),
        ),
        figure=lambda wildcards: asdict(FIGURES[wildcards.figure]),
        publication=lambda wildcards: (
            PUBLICATION if FIGURES[wildcards.figure].source == "comparison" else None
        ),
        caption=lambda wildcards: figure_caption(wildcards.figure),
    message:
        "draw {wildcards.figure}"
    script:
        "../scripts/draw_figure.py"


rule figures:
    input:
        every_figure(),
        own_curves(SUMMED_UP),


# The figures' runs in motion, from layer to layer.
rule animation:
    input:
        record=f"{RESULTS}/runs/{{run}}/run.json",
        parameters=f"{RESULTS}/runs/{{run}}/parameters.safetensors",
        dataset=dataset_animated,
    output:
        multiext(f"{RESULTS}/animations/{{run}}/{{motion}}", *ANIMATION_SUFFIXES),
    log:
        f"{RESULTS}/logs/animations/{{run}}/{{motion}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/animations/{{run}}/{{motion}}.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_for("animate", runs=(run_named(wildcards),)),
    message:
        "animate the {wildcards.motion} of {wildcards.run}"
    script:
        "../scripts/animate.py"


rule animations:
    input:
        animations(),
