# The report: its opening text, and pages with tables to sort and to search. `make report` puts them
# into one file with the figures.
report: "../report/workflow.rst"


rule page:
    input:
        unpack(page_files),
    output:
        report(
            f"{RESULTS}/pages/{{page}}.html",
            caption="../report/page.rst",
            category=lambda wildcards: PAGES[wildcards.page].category,
            labels=lambda wildcards: {"page": PAGES[wildcards.page].title},
        ),
    log:
        f"{RESULTS}/logs/pages/{{page}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/pages/{{page}}.tsv"
    wildcard_constraints:
        page=alternatives(PAGES),
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_for("write_page", *page_modules(wildcards.page)),
        caption=lambda wildcards: PAGES[wildcards.page].caption,
        about=lambda wildcards: asdict(PAGES[wildcards.page]),
        options=lambda wildcards: page_options(wildcards.page),
    message:
        "write the page {wildcards.page}"
    script:
        "../scripts/write_page.py"


# This comes after everything else, when the time of every job has been measured. The runs' records need
# not be inputs, because the metrics depend on all of them; with thousands of runs that saves planning
# time.
rule provenance:
    input:
        unpack(provenance_files),
    output:
        f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/provenance.log",
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("write_provenance"),
        configuration=resolved(config, ROOT),
        records=lambda wildcards: shown_records(),
        results=lambda wildcards, output: str(Path(output[0]).parent),
    message:
        "write down how the results were made"
    script:
        "../scripts/write_provenance.py"


rule verdict:
    input:
        published=PAPER.published,
        comparison=f"{RESULTS}/comparison.csv",
        claims=f"{RESULTS}/claims.csv",
    output:
        f"{RESULTS}/pages/verdict.rst",
    log:
        f"{RESULTS}/logs/pages/verdict.log",
    benchmark:
        f"{RESULTS}/benchmarks/pages/verdict.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("write_verdict"),
        about=PAPER.about,
        publication=PUBLICATION,
    message:
        "sum up the verdict"
    script:
        "../scripts/write_verdict.py"
