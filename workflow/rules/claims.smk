# The paper's claims: a verdict for each, and the measurements they need besides the metrics.
if PAPER.features:

    rule features:
        input:
            records=lambda wildcards: run_files(PAPER.features, "run.json"),
            parameters=lambda wildcards: run_files(
                PAPER.features, "parameters.safetensors"
            ),
            datasets=lambda wildcards: [
                dataset_of(run) for run in experiment_named(PAPER.features).runs
            ],
        output:
            f"{RESULTS}/features/norms.csv",
        log:
            f"{RESULTS}/logs/features.log",
        benchmark:
            f"{RESULTS}/benchmarks/features.tsv"
        conda:
            "../envs/rknet.yaml"
        params:
            code=lambda wildcards: code_of_experiment(
                "measure_features", PAPER.features
            ),
        message:
            "measure how features contract"
        script:
            "../scripts/measure_features.py"


if PAPER.has("checks"):

    rule check_scheme:
        output:
            f"{RESULTS}/checks/scheme.csv",
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
        features=f"{RESULTS}/features/norms.csv" if PAPER.features in SUMMED_UP else [],
        checks=f"{RESULTS}/checks/scheme.csv" if PAPER.has("checks") else [],
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
