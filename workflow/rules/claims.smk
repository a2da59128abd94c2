# The paper's statements: what they rest on beside the metrics, and a verdict for each.
rule features:
    input:
        records=lambda wildcards: run_files("contraction", "run.json"),
        parameters=lambda wildcards: run_files("contraction", "parameters.safetensors"),
        datasets=lambda wildcards: [
            dataset_of(run) for run in EXPERIMENTS["contraction"].runs
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
        code=code("measure_features"),
    message:
        "measure how features contract"
    script:
        "../scripts/measure_features.py"


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
        code=code("check_scheme"),
    message:
        "check the adjoint schemes of Section 3"
    script:
        "../scripts/check_scheme.py"


rule claims:
    input:
        metrics=[f"{RESULTS}/metrics/{experiment}.csv" for experiment in SUMMED_UP],
        curves=[
            f"{RESULTS}/curves/{experiment}.csv"
            for experiment in ("activation", "architecture", "digits", "images")
            if experiment in SUMMED_UP
        ],
        features=(f"{RESULTS}/features/norms.csv" if "contraction" in SUMMED_UP else []),
        schemes=f"{RESULTS}/checks/scheme.csv",
    output:
        multiext(f"{RESULTS}/claims", ".csv", ".md", ".tex"),
    log:
        f"{RESULTS}/logs/claims.log",
    benchmark:
        f"{RESULTS}/benchmarks/claims.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("evaluate_claims"),
    message:
        "test the paper's statements"
    script:
        "../scripts/evaluate_claims.py"
