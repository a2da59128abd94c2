# Published against reproduced, over all experiments, and the errata that this exposes.
rule comparison:
    input:
        published=PAPER.published,
        metrics=[f"{RESULTS}/metrics/{experiment}.csv" for experiment in SUMMED_UP],
        checks=CHECKS,
    output:
        comparison=f"{RESULTS}/comparison.csv",
        markdown=f"{RESULTS}/comparison.md",
        latex=f"{RESULTS}/comparison.tex",
        joint=f"{RESULTS}/joint.csv",
        likelihoods=f"{RESULTS}/likelihoods.csv",
        findings=f"{RESULTS}/findings.csv",
        findings_markdown=f"{RESULTS}/findings.md",
    log:
        f"{RESULTS}/logs/comparison.log",
    benchmark:
        f"{RESULTS}/benchmarks/comparison.tsv"
    localrule: True
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
