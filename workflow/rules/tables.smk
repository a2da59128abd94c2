# Tables: each laid out as in the paper, and with intervals.
rule table:
    input:
        lambda wildcards: table_metrics(wildcards.table),
    output:
        multiext(
            f"{RESULTS}/tables/{{table}}",
            *(
                f"{layout}.{suffix}"
                for layout in LAYOUTS
                for suffix in ("tex", "md", "csv")
            ),
        ),
    log:
        f"{RESULTS}/logs/table/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/table/{{table}}.tsv"
    conda:
        "../envs/rknet.yaml"
    params:
        code=lambda wildcards: code_of_experiment(
            "write_table", TABLES[wildcards.table].experiment
        ),
        table=lambda wildcards: asdict(TABLES[wildcards.table]),
        lifts=PUBLICATION["lifts"],
    message:
        "write {wildcards.table}"
    script:
        "../scripts/write_table.py"
