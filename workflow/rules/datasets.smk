# Point datasets: one file a dataset and seed. The file's name ends in the hash of the code that
# draws it, so other code makes other files, and a file's time of modification need not count.
rule dataset:
    output:
        dataset_file("{dataset}", "{seed}"),
    log:
        f"{RESULTS}/logs/dataset/{{dataset}}/seed{{seed}}.log",
    conda:
        "../envs/rknet.yaml"
    message:
        "draw {wildcards.dataset}, seed {wildcards.seed}"
    script:
        "../scripts/draw_dataset.py"
