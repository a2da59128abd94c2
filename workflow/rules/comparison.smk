# Published against reproduced, over all experiments, and the summary that ends a reproduction.
rule comparison:
    input:
        published=ROOT / "config/published.csv",
        metrics=[f"{RESULTS}/metrics/{experiment}.csv" for experiment in SETUP.experiments],
    output:
        comparison=f"{RESULTS}/comparison.csv",
        summary=f"{RESULTS}/summary.txt",
    params:
        code=CODE_HASH["comparison"],
        results=RESULTS,
        tables=[path for path in tables() if path.endswith(".md")],
    log:
        f"{RESULTS}/logs/comparison.log",
    message:
        "compare with the published numbers"
    script:
        "../scripts/compare.py"
