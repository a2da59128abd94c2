# Published against reproduced, over all experiments, and the errata that this exposes.
rule comparison:
    input:
        published=PAPER.published,
        metrics=[f"{RESULTS}/metrics/{experiment}.csv" for experiment in SUMMED_UP],
    output:
        comparison=f"{RESULTS}/comparison.csv",
        markdown=f"{RESULTS}/comparison.md",
        latex=f"{RESULTS}/comparison.tex",
        findings=f"{RESULTS}/findings.csv",
        findings_markdown=f"{RESULTS}/findings.md",
    log:
        f"{RESULTS}/logs/comparison.log",
    benchmark:
        f"{RESULTS}/benchmarks/comparison.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("compare", "errata"),
        paper=PAPER.name,
        modules=PAPER.modules,
        publication=PUBLICATION,
    message:
        "compare with the published numbers"
    script:
        "../scripts/compare.py"


rule summary:
    input:
        published=PAPER.published,
        metrics=rules.comparison.input.metrics,
        comparison=f"{RESULTS}/comparison.csv",
        claims=f"{RESULTS}/claims.csv",
    output:
        f"{RESULTS}/summary.txt",
    log:
        f"{RESULTS}/logs/summary.log",
    benchmark:
        f"{RESULTS}/benchmarks/summary.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("sum_up"),
        publication=PUBLICATION,
        results=lambda wildcards, output: str(Path(output[0]).parent),
        tables=tables(SUMMED_UP, layouts=("",), suffixes=("md",))
        + own_tables(SUMMED_UP, suffixes=("md",)),
    message:
        "sum up the reproduction"
    script:
        "../scripts/sum_up.py"
