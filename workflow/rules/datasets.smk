# Datasets: one file a dataset and seed. The file's name ends in the digest of the code that draws it,
# so other code makes other files, and a file's time of modification need not count.
rule dataset:
    output:
        f"{RESULTS}/datasets/{{dataset}}/seed{{seed}}-{{drawn}}.npz",
    log:
        f"{RESULTS}/logs/dataset/{{dataset}}/seed{{seed}}-{{drawn}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/dataset/{{dataset}}/seed{{seed}}-{{drawn}}.tsv"
    wildcard_constraints:
        dataset=rf"(?!(?:{'|'.join(IMAGES)})/)[a-z0-9_]+",
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: dataset_code("draw_dataset", wildcards),
    message:
        "draw {wildcards.dataset}, seed {wildcards.seed}"
    script:
        "../scripts/draw_dataset.py"


# Image files are looked for, and downloaded, once for all seeds. They lie outside the results; this
# notes where. What is in them is checked and does not depend on the place, so neither the code that
# finds them nor the places in the config are parameters, and what is drawn stays.
rule fetch:
    output:
        f"{RESULTS}/datasets/{{dataset}}/source.json",
    log:
        f"{RESULTS}/logs/fetch/{{dataset}}.log",
    wildcard_constraints:
        dataset="mnist|fashion_mnist",
    localrule: True
    conda:
        "../envs/rknet.yaml"
    message:
        "get the files of {wildcards.dataset}"
    script:
        "../scripts/fetch_images.py"


rule image_dataset:
    input:
        # scikit-learn has the digits in its package.
        lambda wildcards: (
            []
            if wildcards.dataset == "digits"
            else ancient(f"{RESULTS}/datasets/{wildcards.dataset}/source.json")
        ),
    output:
        f"{RESULTS}/datasets/{{dataset}}/seed{{seed}}-{{drawn}}.npz",
    log:
        f"{RESULTS}/logs/dataset/{{dataset}}/seed{{seed}}-{{drawn}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/dataset/{{dataset}}/seed{{seed}}-{{drawn}}.tsv"
    wildcard_constraints:
        dataset="|".join(IMAGES),
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: dataset_code("draw_images", wildcards),
    message:
        "draw {wildcards.dataset}, seed {wildcards.seed}"
    script:
        "../scripts/draw_images.py"
