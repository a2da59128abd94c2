# Entry point: configuration, rules, targets. `snakemake --cores all` makes everything below `all`;
# an experiment's name, as in `snakemake --cores all depth`, makes what rests on it; `everything`
# makes the optional experiments too.
from pathlib import Path

from snakemake.utils import min_version

min_version("9.0")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/metrics.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/experiments.smk"
include: "workflow/rules/paper.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        tables(),
        figures(),
        own_tables(),
        own_curves(),
        own_files("pages/{}.html"),
        f"{RESULTS}/comparison.csv",
        f"{RESULTS}/summary.txt",
        multiext(f"{RESULTS}/claims", ".csv", ".md", ".tex"),
        [f"{RESULTS}/pages/{page}.html" for page in PAGES],
        f"{RESULTS}/pages/verdict.rst",
        f"{RESULTS}/provenance.json",


# Once it is asked for, all that is made of results takes the optional experiments in.
rule everything:
    input:
        rules.all.input,


# An experiment's name is a target: its metrics, tables, figures and, of one's own, its page.
for experiment in EXPERIMENTS:

    rule:
        name:
            experiment
        input:
            f"{RESULTS}/metrics/{experiment}.csv",
            tables(experiment),
            figures(experiment),
            own_tables(experiment),
            own_curves(experiment),
            own_files("pages/{}.html", experiment=experiment),


onstart:
    refuse_read_only()
    forget_future("config", RESULTS)
    discard_kept()
    print_estimates()


onsuccess:
    discard_kept()
    print_summary()


onerror:
    put_back_kept()
    discard_kept()
    print_failure(log)
