# The report: its opening text, and pages with tables to sort and to search. `make report` puts them
# into one file with the figures. One job writes all that sums up: its start takes longer than a page.
report: "../report/workflow.rst"


rule summary:
    input:
        published=PAPER.published,
        metrics=rules.comparison.input.metrics,
        comparison=f"{RESULTS}/comparison.csv",
        findings=f"{RESULTS}/findings.csv",
        joint=f"{RESULTS}/joint.csv",
        likelihoods=f"{RESULTS}/likelihoods.csv",
        claims=f"{RESULTS}/claims.csv",
        decisions=f"{RESULTS}/decisions.csv" if SETUP.until_decided else [],
    output:
        summary=f"{RESULTS}/summary.txt",
        opening=f"{RESULTS}/pages/verdict.rst",
        pdf=f"{RESULTS}/at_a_glance.pdf",
        png=f"{RESULTS}/at_a_glance.png",
        comparison=page_in_report("comparison"),
        claims=page_in_report("claims"),
        findings=page_in_report("findings"),
        runs=page_in_report("runs"),
    log:
        f"{RESULTS}/logs/summary.log",
    benchmark:
        f"{RESULTS}/benchmarks/summary.tsv"
    localrule: True
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("sum_up", "readings"),
        about=PAPER.about,
        looks=SETUP.looks,
        paper=PAPER.name,
        modules=PAPER.modules,
        publication=PUBLICATION,
        results=lambda wildcards, output: str(Path(output[0]).parent),
        tables=tables(SUMMED_UP, layouts=("",), suffixes=("md",))
        + own_tables(SUMMED_UP, suffixes=("md",)),
        # The metrics depend on all records already. As inputs, records would slow planning down.
        records=lambda wildcards: shown_records(),
        pages={name: asdict(PAGES[name]) for name in SUMMARY},
        captions={f"{name}.html": PAGES[name].caption for name in SUMMARY},
    message:
        "sum up the reproduction"
    script:
        "../scripts/sum_up.py"


# This comes after everything else, when the time of every job has been measured. The runs' records need
# not be inputs, because the metrics depend on all of them; with thousands of runs that saves planning
# time.
rule provenance:
    input:
        unpack(provenance_files),
    output:
        provenance=f"{RESULTS}/provenance.json",
        page=page_in_report("provenance"),
    log:
        f"{RESULTS}/logs/provenance.log",
    localrule: True
    conda:
        "../envs/rknet.yaml"
    params:
        code=code("write_provenance"),
        configuration=resolved(config, ROOT),
        records=lambda wildcards: shown_records(),
        results=lambda wildcards, output: str(Path(output[0]).parent),
        page=asdict(PAGES["provenance"]),
        experiments=grid_sizes(),
        captions={"provenance.html": PAGES["provenance"].caption},
    message:
        "write down how the results were made"
    script:
        "../scripts/write_provenance.py"
