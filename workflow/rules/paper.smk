# One document that shows all results.
rule paper_source:
    input:
        metrics=rules.comparison.input.metrics,
        comparison=f"{RESULTS}/comparison.csv",
        claims=f"{RESULTS}/claims.csv",
        published=PAPER.published,
        records=shown_records(),
    output:
        source=f"{RESULTS}/paper/paper.tex",
        configuration=f"{RESULTS}/paper/configuration.yaml",
    log:
        f"{RESULTS}/logs/paper_source.log",
    benchmark:
        f"{RESULTS}/benchmarks/paper_source.tsv"
    localrule: True
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("write_paper"),
        configuration=resolved(config, ROOT),
        paper=paper_shown(),
        captions=lambda wildcards: captions_of(figures_made()),
    message:
        "write the document of all results"
    script:
        "../scripts/write_paper.py"


# It is local because compute nodes rarely have LaTeX.
rule paper_pdf:
    input:
        source=f"{RESULTS}/paper/paper.tex",
        configuration=f"{RESULTS}/paper/configuration.yaml",
        tables=tables(SUMMED_UP, suffixes=("tex",)),
        figures=every_figure(suffixes=("pdf",)),
        comparison=f"{RESULTS}/comparison.tex",
        claims=f"{RESULTS}/claims.tex",
    output:
        f"{RESULTS}/paper.pdf",
    log:
        f"{RESULTS}/logs/paper_pdf.log",
    benchmark:
        f"{RESULTS}/benchmarks/paper_pdf.tsv"
    localrule: True
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("build_paper"),
    message:
        "typeset the document of all results"
    script:
        "../scripts/build_paper.py"
