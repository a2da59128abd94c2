# Training: one job and one folder for each run.
rule train:
    input:
        dataset=lambda wildcards: dataset_of(run_named(wildcards)),
    output:
        history=f"{RESULTS}/runs/{{run}}/history.csv",
        parameters=f"{RESULTS}/runs/{{run}}/parameters.safetensors",
        record=f"{RESULTS}/runs/{{run}}/run.json",
    log:
        f"{RESULTS}/logs/train/{{run}}.log",
    wildcard_constraints:
        run=rf"(?!(?:{IMAGES})/)[^/]+/[^/]+/[^/]+/seed\d+",
    conda:
        "../envs/rknet.yaml"
    threads: 1
    # For schedulers. If one of them ends the run, the retry gets more.
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: attempt * minutes(run_named(wildcards)),
    params:
        setting=lambda wildcards: SETUP.setting(run_named(wildcards)),
        code=lambda wildcards: run_code(run_named(wildcards)),
    message:
        "train {wildcards.run}"
    script:
        "../scripts/train.py"


# Networks on images have up to 81 million parameters, 324 MB. So only what tables and figures need is
# kept of them: predictions and the features in the output layer.
use rule train as train_images with:
    output:
        history=f"{RESULTS}/runs/{{run}}/history.csv",
        outputs=f"{RESULTS}/runs/{{run}}/outputs.npz",
        record=f"{RESULTS}/runs/{{run}}/run.json",
    wildcard_constraints:
        run=rf"(?:{IMAGES})/[^/]+/[^/]+/seed\d+",
    threads: lambda wildcards: run_threads(run_named(wildcards).cell)
    # Unless `--resources gpu=…` says how many GPUs there are, no job waits for one. The memory of a
    # cluster job must also hold Snakemake itself, twice 210 MB, and whatever CUDA takes.
    resources:
        mem_mb=lambda wildcards, attempt: (
            attempt * (1000 + run_memory(run_named(wildcards).cell))
        ),
        runtime=lambda wildcards, attempt: attempt * minutes(run_named(wildcards)),
        gpu=lambda wildcards: run_gpus(run_named(wildcards).cell, config["device"]),
    params:
        setting=lambda wildcards: SETUP.setting(run_named(wildcards)),
        code=lambda wildcards: run_code(run_named(wildcards)),
