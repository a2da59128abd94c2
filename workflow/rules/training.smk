# Training. A finished run is a file like any other, and no job makes it again. Of all other runs that
# no GPU can train, one job trains a batch: its start, and compiling what it needs, take as long as a
# short run. Each run has its own folder, and one that fails leaves the others.
#
# Networks on images have up to 81 million parameters, 324 MB. So only what tables and figures need is
# kept of them: predictions and the features in the output layer.
for job, batch in unfinished().items():

    rule:
        name:
            job
        input:
            dataset=[dataset_of(run) for run in batch],
        output:
            **{what_is_kept(batch[0]): [kept_of(run) for run in batch]},
            history=[f"{RESULTS}/runs/{run.path}/history.csv" for run in batch],
            record=[record(run) for run in batch],
        log:
            [f"{RESULTS}/logs/train/{run.path}.log" for run in batch],
        conda:
            "../envs/rknet.yaml"
        threads: 1
        # For schedulers. If one of them ends the job, the retry gets more.
        resources:
            mem_mb=lambda wildcards, attempt, batch=batch: attempt * memory(batch),
            runtime=lambda wildcards, attempt, batch=batch: attempt * minutes(batch),
        params:
            settings=lambda wildcards, batch=batch: [
                SETUP.setting(run) for run in batch
            ],
            code=lambda wildcards, batch=batch: run_code(batch[0]),
        message:
            f"train {in_words(batch)}"
        script:
            "../scripts/train.py"


# Runs that a GPU may train have a job each.
rule train_images:
    input:
        dataset=lambda wildcards: dataset_of(run_named(wildcards)),
    output:
        history=[f"{RESULTS}/runs/{{run}}/history.csv"],
        outputs=[f"{RESULTS}/runs/{{run}}/outputs.npz"],
        record=[f"{RESULTS}/runs/{{run}}/run.json"],
    log:
        f"{RESULTS}/logs/train/{{run}}.log",
    wildcard_constraints:
        run=alternatives(re.escape(run.path) for run in one_by_one()),
    conda:
        "../envs/rknet.yaml"
    threads: lambda wildcards: run_threads(run_named(wildcards).cell)
    # Unless `--resources gpu=N` says how many GPUs there are, no job waits for one. The memory of a
    # cluster job must also hold Snakemake itself, twice 210 MB, and whatever CUDA takes.
    resources:
        mem_mb=lambda wildcards, attempt: attempt * memory([run_named(wildcards)]),
        runtime=lambda wildcards, attempt: attempt * minutes([run_named(wildcards)]),
        gpu=lambda wildcards: run_gpus(run_named(wildcards).cell, config["device"]),
    params:
        settings=lambda wildcards: [SETUP.setting(run_named(wildcards))],
        code=lambda wildcards: run_code(run_named(wildcards)),
    message:
        "train {wildcards.run}"
    script:
        "../scripts/train.py"


# An archived run is taken from there, in one job with the others of its cell: a start takes longer. Of
# images it does not need the dataset, which may have to be fetched: the name of its file says what it is.
for job, taken in archived().items():

    rule:
        name:
            job
        input:
            dataset=[dataset_of(run) for run in taken if not on_images(run)],
        output:
            **{what_is_kept(taken[0]): [kept_of(run) for run in taken]},
            history=[f"{RESULTS}/runs/{run.path}/history.csv" for run in taken],
            record=[record(run) for run in taken],
        log:
            f"{RESULTS}/logs/restore/{Path(taken[0].path).parent}.log",
        localrule: True
        conda:
            "../envs/rknet.yaml"
        params:
            # Another run there is another result; where the archive is does not matter.
            sha256=lambda wildcards, taken=taken: [
                file_hash(ARCHIVE / run.path / "run.json") for run in taken
            ],
            code=lambda wildcards, taken=taken: run_code(taken[0]),
        message:
            f"take {in_words(taken)} from the archive"
        script:
            "../scripts/restore.py"


# Whoever asks for a run that is not in the config is told so.
rule unknown_run:
    input:
        lambda wildcards: record(run_named(wildcards)),
    output:
        f"{RESULTS}/runs/{{run}}/{{file}}",
    wildcard_constraints:
        run=rf"(?!(?:{alternatives(map(re.escape, RUNS))})/)[^/]+/[^/]+/[^/]+/seed\d+",
        file=r"history\.csv|parameters\.safetensors|outputs\.npz|run\.json",
