# Experiments that no table of the paper shows: a table, curves and a page for each.
rule experiment_table:
    input:
        f"{RESULTS}/metrics/{{experiment}}.csv",
    output:
        multiext(f"{RESULTS}/tables/{{experiment}}", ".tex", ".md", ".csv"),
    log:
        f"{RESULTS}/logs/table/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/table/{{experiment}}.tsv"
    wildcard_constraints:
        experiment=OWN,
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_of_experiment(
            "write_experiment_table", wildcards.experiment
        ),
    message:
        "write the table of {wildcards.experiment}"
    script:
        "../scripts/write_experiment_table.py"


rule experiment_curves:
    input:
        f"{RESULTS}/curves/{{experiment}}.csv",
    output:
        f"{RESULTS}/figures/{{experiment}}.pdf",
        report(
            f"{RESULTS}/figures/{{experiment}}.png",
            caption="../report/figure.rst",
            category=FIGURE,
            labels=lambda wildcards: {"figure": title(wildcards.experiment)},
        ),
    log:
        f"{RESULTS}/logs/figures/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figures/{{experiment}}.tsv"
    wildcard_constraints:
        experiment=OWN,
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_of_experiment(
            "draw_experiment", wildcards.experiment
        ),
        caption=lambda wildcards: experiment_caption(wildcards.experiment),
    message:
        "draw the curves of {wildcards.experiment}"
    script:
        "../scripts/draw_experiment.py"


rule experiment_page:
    input:
        metrics=f"{RESULTS}/metrics/{{experiment}}.csv",
        picture=f"{RESULTS}/figures/{{experiment}}.png",
    output:
        report(
            f"{RESULTS}/pages/{{experiment}}.html",
            caption="../report/page.rst",
            category=TABLE,
            labels=lambda wildcards: {"page": title(wildcards.experiment)},
        ),
    log:
        f"{RESULTS}/logs/pages/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/pages/{{experiment}}.tsv"
    wildcard_constraints:
        experiment=OWN,
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_of_experiment(
            "write_experiment_page", wildcards.experiment
        ),
        caption=lambda wildcards: experiment_summary(wildcards.experiment),
    message:
        "write the page of {wildcards.experiment}"
    script:
        "../scripts/write_experiment_page.py"
