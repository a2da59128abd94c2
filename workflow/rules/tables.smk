# Tables of the paper: each laid out as in the paper, and with intervals, and a page of the report. One
# job writes all that show an experiment: its start takes longer than a table.
for experiment, names in tables_by_experiment().items():

    rule:
        name:
            f"tabulate_{experiment}"
        input:
            metrics=f"{RESULTS}/metrics/{experiment}.csv",
            published=PAPER.published,
        output:
            tables=table_files(names),
            pages=[page_in_report(name) for name in names if name in PAGES],
        log:
            f"{RESULTS}/logs/tables/{experiment}.log",
        benchmark:
            f"{RESULTS}/benchmarks/tables/{experiment}.tsv"
        localrule: True
        conda:
            "../envs/rknet.yaml"
        params:
            code=lambda wildcards, experiment=experiment: code_of_experiment(
                "write_tables", experiment
            ),
            tables={name: asdict(TABLES[name]) for name in names},
            pages={name: asdict(PAGES[name]) for name in names if name in PAGES},
            editions={
                name: [other.edition for other in same_tables(TABLES[name], TABLES)]
                for name in names
                if name in PAGES
            },
            publication=PUBLICATION,
            captions={
                f"{name}.html": PAGES[name].caption for name in names if name in PAGES
            },
        message:
            f"write the tables of {experiment}"
        script:
            "../scripts/write_tables.py"


# Whoever asks for a table that no experiment can fill is told so.
rule unmade_table:
    input:
        lambda wildcards: refuse_table(wildcards.table),
    output:
        f"{RESULTS}/{{folder}}/{{table}}{{layout}}.{{suffix}}",
    wildcard_constraints:
        folder="tables|pages",
        table=alternatives(unmade(TABLES, fillable)),
        layout=alternatives(LAYOUTS),
        suffix="tex|md|csv|html",
