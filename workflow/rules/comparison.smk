# Published against reproduced, over all experiments, and the summary that ends a reproduction.
rule comparison:
    input:
        published="config/published.csv",
        metrics=[
            f"{RESULTS}/metrics/{experiment}.csv" for experiment in SETUP.experiments
        ],
    output:
        comparison=f"{RESULTS}/comparison.csv",
        summary=f"{RESULTS}/summary.txt",
    log:
        f"{RESULTS}/logs/comparison.log",
    conda:
        "../envs/rknet.yaml"
    params:
        code=CODE_HASH["comparison"],
        results=lambda wildcards, output: str(Path(output.comparison).parent),
        tables=[path for path in tables() if path.endswith(".md")],
    message:
        "compare with the published numbers"
    script:
        "../scripts/compare.py"
