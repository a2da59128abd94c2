# The entry point: configuration, rules, targets. `snakemake --cores all` makes everything that rule
# `all` lists. With an experiment's name, as in `snakemake --cores all depth`, it makes only the
# results of that experiment.
from pathlib import Path

from snakemake.utils import min_version

min_version("9.0")

# The checkout, whichever Snakefile includes this one or takes it as a module.
CHECKOUT = Path(workflow.current_basedir)
# From another working folder too, unless that has a configuration of its own.
CONFIGFILE = Path("config/config.yaml")


configfile: str(CONFIGFILE if CONFIGFILE.is_file() else CHECKOUT / CONFIGFILE)


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/metrics.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/looks.smk"
include: "workflow/rules/decisions.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/experiments.smk"
include: "workflow/rules/paper.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/hooks.smk"
include: "workflow/rules/targets.smk"


rule all:
    default_target: True
    input:
        tables(SUMMED_UP),
        every_figure(),
        own_tables(SUMMED_UP),
        own_curves(SUMMED_UP),
        own_pages(SUMMED_UP),
        f"{RESULTS}/comparison.csv",
        f"{RESULTS}/summary.txt",
        multiext(f"{RESULTS}/claims", ".csv", ".md", ".tex"),
        shown_pages(),
        decision_files(),
        f"{RESULTS}/pages/verdict.rst",
        f"{RESULTS}/provenance.json",


# Every experiment that goes beyond the paper. `make beyond` also says what they show.
rule beyond:
    input:
        beyond_the_paper,


# An experiment's name is a target. It makes its metrics, tables and figures, and for an experiment
# that no table of the paper shows also its own table, curves and page.
for experiment in EXPERIMENTS:
    refuse_name_in_use(experiment)

    rule:
        name:
            experiment
        input:
            results_of(experiment),


plan_what_reads_what_is_made_again()
if not MODULE:
    plan_plainly()
