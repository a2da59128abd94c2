# Experiments that no table of the paper shows: a table, curves and a page for each.
rule show_experiment:
    input:
        metrics=f"{RESULTS}/metrics/{{experiment}}.csv",
        curves=f"{RESULTS}/curves/{{experiment}}.csv",
        costs=f"{RESULTS}/costs/{{experiment}}.csv",
    output:
        table=multiext(f"{RESULTS}/tables/{{experiment}}", ".tex", ".md", ".csv"),
        pdf=f"{RESULTS}/figures/{{experiment}}.pdf",
        picture=report(
            f"{RESULTS}/figures/{{experiment}}.png",
            caption="../report/figure.rst",
            category=FIGURE,
            labels=lambda wildcards: {"figure": title(wildcards.experiment)},
        ),
        page=report(
            f"{RESULTS}/pages/{{experiment}}.html",
            caption="../report/page.rst",
            category=TABLE,
            labels=lambda wildcards: {"page": title(wildcards.experiment)},
        ),
    log:
        f"{RESULTS}/logs/experiments/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/experiments/{{experiment}}.tsv"
    wildcard_constraints:
        experiment=OWN,
    localrule: True
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_of_experiment(
            "show_experiment", wildcards.experiment
        ),
        captions=lambda wildcards: experiment_captions(wildcards.experiment),
    message:
        "show {wildcards.experiment}"
    script:
        "../scripts/show_experiment.py"
