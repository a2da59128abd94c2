# The paper's claims: a verdict for each, and the measurements they need besides the metrics.
rule features:
    input:
        records=lambda wildcards: run_files(wildcards.experiment, "run.json"),
        networks=lambda wildcards: [
            kept_of(run) for run in experiment_named(wildcards.experiment).runs
        ],
        datasets=lambda wildcards: [
            dataset_of(run) for run in experiment_named(wildcards.experiment).runs
        ],
    output:
        layers=f"{RESULTS}/features/{{experiment}}.csv",
        pairs=f"{RESULTS}/pairs/{{experiment}}.csv",
    log:
        f"{RESULTS}/logs/features/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/features/{{experiment}}.tsv"
    wildcard_constraints:
        experiment=alternatives(PAPER.features),
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_of_experiment(
            "measure_features", wildcards.experiment
        ),
    message:
        "measure the features of {wildcards.experiment}"
    script:
        "../scripts/measure_features.py"


if CHECKS:

    rule check_scheme:
        output:
            CHECKS,
        log:
            f"{RESULTS}/logs/check_scheme.log",
        benchmark:
            f"{RESULTS}/benchmarks/check_scheme.tsv"
        conda:
            "../envs/rknet.yaml"
        params:
            code=code("check_scheme", "checks"),
            paper=PAPER.name,
            modules=PAPER.modules,
        message:
            "check the claims that no run can show"
        script:
            "../scripts/check_scheme.py"


rule claims:
    input:
        metrics=[f"{RESULTS}/metrics/{experiment}.csv" for experiment in SUMMED_UP],
        curves=[
            f"{RESULTS}/curves/{experiment}.csv"
            for experiment in PAPER.curves
            if experiment in SUMMED_UP
        ],
        features=measured("features"),
        pairs=measured("pairs"),
        checks=CHECKS,
        published=PAPER.published,
        readings=PAPER.readings,
    output:
        multiext(f"{RESULTS}/claims", ".csv", ".md", ".tex"),
    log:
        f"{RESULTS}/logs/claims.log",
    benchmark:
        f"{RESULTS}/benchmarks/claims.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_for(
            "evaluate_claims",
            *PAPER.root("claims"),
            *PAPER.root("readings"),
            runs=SHOWN_RUNS,
        ),
        paper=PAPER.name,
        modules=PAPER.modules,
        publication=PUBLICATION,
    message:
        "test the paper's claims"
    script:
        "../scripts/evaluate_claims.py"
