# The report: pages with tables to sort and to search, and what opens it. `make report` puts them
# into one file with the figures.
from rknet.pages.specification import pages
from rknet.paper.sections import resolved


report: "../report/workflow.rst"


# The pages of the report.
PAGES = pages(EXPERIMENTS)


def page_files(wildcards):
    """What a page of the report is made from, by name."""
    name = wildcards.page
    if name in TABLES:
        metrics = f"{RESULTS}/metrics/{TABLES[name].experiment}.csv"
        return {"metrics": metrics, "published": "config/published.csv"}
    records = [f"{RESULTS}/runs/{run}/run.json" for run in SHOWN_RUNS]
    return {
        "comparison": {
            "comparison": f"{RESULTS}/comparison.csv",
            "findings": f"{RESULTS}/findings.csv",
        },
        "claims": {"claims": f"{RESULTS}/claims.csv"},
        "findings": {"findings": f"{RESULTS}/findings.csv"},
        "runs": {"records": records},
        # After the summary, so that most of what took time has been measured.
        "provenance": {"records": records, "summary": f"{RESULTS}/summary.txt"},
    }[name]


def page_options(name):
    """What a page of the report shows beside files."""
    if name != "provenance":
        return {}
    experiments = [
        {
            "experiment": experiment.name,
            "settings": len(experiment.cells),
            "seeds": ", ".join(map(str, experiment.seeds)),
            "runs": len(experiment.runs),
        }
        for experiment in EXPERIMENTS.values()
    ]
    return {
        "configuration": resolved(config, ROOT),
        "experiments": experiments,
        "benchmarks": f"{RESULTS}/benchmarks",
    }


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
    conda:
        "../envs/rknet.yaml"
    params:
        code=CODE_HASH["page"],
        caption=lambda wildcards: PAGES[wildcards.page].caption,
        experiments=list(EXPERIMENTS),
        options=lambda wildcards: page_options(wildcards.page),
    message:
        "write the page {wildcards.page}"
    script:
        "../scripts/write_page.py"


rule verdict:
    input:
        published="config/published.csv",
        comparison=f"{RESULTS}/comparison.csv",
        claims=f"{RESULTS}/claims.csv",
    output:
        f"{RESULTS}/pages/verdict.rst",
    log:
        f"{RESULTS}/logs/pages/verdict.log",
    conda:
        "../envs/rknet.yaml"
    params:
        code=CODE_HASH["verdict"],
    message:
        "sum the verdict up"
    script:
        "../scripts/write_verdict.py"
