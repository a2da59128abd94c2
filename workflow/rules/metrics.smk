# Metrics: one tidy table an experiment.
rule metrics:
    input:
        records=lambda wildcards: [
            f"{run_folder(run)}/run.json"
            for run in SETUP.experiments[wildcards.experiment].runs
        ],
    output:
        f"{RESULTS}/metrics/{{experiment}}.csv",
    log:
        f"{RESULTS}/logs/metrics/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/metrics/{{experiment}}.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=CODE_HASH["metrics"],
    message:
        "collect the metrics of {wildcards.experiment}"
    script:
        "../scripts/collect_metrics.py"


# An experiment's name is a target: its metrics and its tables.
for experiment in SETUP.experiments:

    rule:
        name:
            experiment
        input:
            f"{RESULTS}/metrics/{experiment}.csv",
            tables(experiment),
