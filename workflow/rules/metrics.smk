# Metrics: for each experiment, one tidy table of the last epochs, one of all epochs, and what runs cost.
rule metrics:
    input:
        records=lambda wildcards: run_files(wildcards.experiment, "run.json"),
    output:
        metrics=f"{RESULTS}/metrics/{{experiment}}.csv",
        costs=f"{RESULTS}/costs/{{experiment}}.csv",
    log:
        f"{RESULTS}/logs/metrics/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/metrics/{{experiment}}.tsv"
    localrule: True
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_of_experiment(
            "collect_metrics", wildcards.experiment
        ),
    message:
        "collect the metrics of {wildcards.experiment}"
    script:
        "../scripts/collect_metrics.py"


rule curves:
    input:
        # They depend on all records already. Listing these here too would slow planning down.
        metrics=f"{RESULTS}/metrics/{{experiment}}.csv",
        histories=lambda wildcards: run_files(wildcards.experiment, "history.csv"),
    output:
        f"{RESULTS}/curves/{{experiment}}.csv",
    log:
        f"{RESULTS}/logs/curves/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/curves/{{experiment}}.tsv"
    localrule: True
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_of_experiment(
            "collect_curves", wildcards.experiment
        ),
    message:
        "collect the curves of {wildcards.experiment}"
    script:
        "../scripts/collect_curves.py"
