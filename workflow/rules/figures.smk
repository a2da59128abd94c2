# Figures: the paper's, and those that sum up. One job draws all that show an experiment: its start takes
# longer than a figure.
for subject, names in figures_by_subject().items():

    rule:
        name:
            f"draw_{subject}"
        input:
            lambda wildcards, names=names: [
                file
                for name in names
                for files in figure_inputs(name).values()
                for file in files
            ],
        output:
            figure_paths(names, ["pdf"]),
            [
                report(
                    path,
                    caption="../report/figure.rst",
                    category=FIGURE,
                    labels={"figure": figure_title(FIGURES[Path(path).stem])},
                )
                for path in figure_paths(names, ["png"])
            ],
        log:
            f"{RESULTS}/logs/figures/{subject}.log",
        benchmark:
            f"{RESULTS}/benchmarks/figures/{subject}.tsv"
        conda:
            "../envs/rknet.yaml"
        params:
            parts=lambda wildcards, names=names: [figure_part(name) for name in names],
            captions=lambda wildcards, names=names: figure_captions(names),
        message:
            f"draw {', '.join(names)}"
        script:
            "../scripts/draw_figures.py"


# Whoever asks for a figure that would show nothing is told so.
rule unmade_figure:
    input:
        lambda wildcards: refuse_figure(wildcards.figure),
    output:
        f"{RESULTS}/figures/{{figure}}.{{suffix}}",
    wildcard_constraints:
        figure=alternatives(unmade(FIGURES, drawable)),
        suffix="pdf|png",


rule figures:
    input:
        every_figure(),
        own_curves(SUMMED_UP),


# The figures' networks in motion, from layer to layer: of each cell, the first run.
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
