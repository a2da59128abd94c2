from rknet.datasets.image_files import places


# Datasets: one file for each dataset and seed. The file's name ends in a digest of everything that
# decides its content. So other code or another definition gives another file, and the file's time of
# modification does not matter, and a file that exists is never out of date: its code is that in the digest.
#
# Local rules, like this one, run where Snakemake runs, on a cluster too: each takes a second or a few and
# reads a few files, less than submitting a job costs.
rule dataset:
    input:
        drawn_from,
    output:
        f"{RESULTS}/datasets/{{dataset}}/seed{{seed}}-{{drawn_by}}.npz",
    log:
        f"{RESULTS}/logs/dataset/{{dataset}}/seed{{seed}}-{{drawn_by}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/dataset/{{dataset}}/seed{{seed}}-{{drawn_by}}.tsv"
    wildcard_constraints:
        drawn_by="[0-9a-f]{8}",
    localrule: True
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_of(dataset_roots(SETUP.dataset(wildcards.dataset))),
        definition=lambda wildcards: definition_of(
            wildcards.dataset, wildcards.drawn_by
        ),
    message:
        "draw {wildcards.dataset}, seed {wildcards.seed}"
    script:
        "../scripts/draw_dataset.py"


# Published files are found, or downloaded, once for all seeds. They are kept outside the results; this
# rule notes where. Their content is checked and does not depend on the place. So neither the code that
# finds them nor the places in the config are parameters: changing them draws no dataset again.
rule fetch:
    output:
        f"{RESULTS}/datasets/{{dataset}}/source.json",
    log:
        f"{RESULTS}/logs/fetch/{{dataset}}.log",
    wildcard_constraints:
        dataset=alternatives(name for name in places(config) if name != "cache"),
    localrule: True
    conda:
        "../envs/rknet.yaml"
    message:
        "get the files of {wildcards.dataset}"
    script:
        "../scripts/fetch_images.py"
