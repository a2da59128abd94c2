# Figures: those of the paper, and two that sum up.
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
        code=lambda wildcards: code_of(
            rule_roots("draw_figure", *figure_kind(wildcards.figure))
        ),
        caption=lambda wildcards: figure_caption(wildcards.figure),
    message:
        "draw {wildcards.figure}"
    script:
        "../scripts/draw_figure.py"


rule depth_figure:
    input:
        published="rknet/paper/published.csv",
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
        code=code("draw_depth"),
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
        code=code("draw_comparison"),
        caption=figure_caption("comparison"),
    message:
        "draw the comparison"
    script:
        "../scripts/draw_comparison.py"


rule figures:
    input:
        every_figure(),


# The figures' runs in motion, from layer to layer.
rule animation:
    input:
        record=f"{RESULTS}/runs/{{run}}/run.json",
        parameters=f"{RESULTS}/runs/{{run}}/parameters.safetensors",
        dataset=lambda wildcards: dataset_of(run_named(wildcards)),
    output:
        multiext(f"{RESULTS}/animations/{{run}}/{{motion}}", *ANIMATION_SUFFIXES),
    log:
        f"{RESULTS}/logs/animations/{{run}}/{{motion}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/animations/{{run}}/{{motion}}.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("animate"),
    message:
        "animate the {wildcards.motion} of {wildcards.run}"
    script:
        "../scripts/animate.py"


rule animations:
    input:
        animations(),
