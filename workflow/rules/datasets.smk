# Point datasets: one file a dataset and seed.
rule dataset:
    output:
        f"{RESULTS}/datasets/{{dataset}}/seed{{seed}}.npz",
    log:
        f"{RESULTS}/logs/dataset/{{dataset}}/seed{{seed}}.log",
    conda:
        "../envs/rknet.yaml"
    params:
        code=CODE_HASH["dataset"],
    message:
        "draw {wildcards.dataset}, seed {wildcards.seed}"
    script:
        "../scripts/draw_dataset.py"
