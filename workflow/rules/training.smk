# Training: one job and one folder a run.
rule train:
    input:
        # A dataset is fixed by its name, its seed and the code that draws it. All three are
        # parameters, so its time of modification need not count: copied results stay valid.
        dataset=lambda wildcards: ancient(
            f"{RESULTS}/datasets/{run_named(wildcards).cell.dataset}"
            f"/seed{run_named(wildcards).seed}.npz"
        ),
    output:
        history=f"{RESULTS}/runs/{{run}}/history.csv",
        parameters=f"{RESULTS}/runs/{{run}}/parameters.safetensors",
        record=f"{RESULTS}/runs/{{run}}/run.json",
    params:
        setting=lambda wildcards: SETUP.setting(run_named(wildcards)),
        code=lambda wildcards: CODE_HASH[run_named(wildcards).cell.engine],
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    log:
        f"{RESULTS}/logs/train/{{run}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train/{{run}}.tsv"
    message:
        "train {wildcards.run}"
    script:
        "../scripts/train.py"
