# Training: one job and one folder a run.
rule train:
    input:
        # The name says all that decides a dataset. With `ancient`, results that were copied in any
        # order stay valid.
        dataset=lambda wildcards: ancient(dataset_of(run_named(wildcards))),
    output:
        history=f"{RESULTS}/runs/{{run}}/history.csv",
        parameters=f"{RESULTS}/runs/{{run}}/parameters.safetensors",
        record=f"{RESULTS}/runs/{{run}}/run.json",
    log:
        f"{RESULTS}/logs/train/{{run}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train/{{run}}.tsv"
    conda:
        "../envs/rknet.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards: max(1000, run_memory(run_named(wildcards).cell)),
        runtime=lambda wildcards: run_minutes(run_named(wildcards).cell),
    params:
        setting=lambda wildcards: SETUP.setting(run_named(wildcards)),
        code=lambda wildcards: CODE_HASH[run_named(wildcards).cell.engine],
    message:
        "train {wildcards.run}"
    script:
        "../scripts/train.py"
