# Decisions on the claims: looks at more and more repetitions of the cells on which open verdicts rest.
# Each look is a checkpoint, because only its outcome says which runs the next one needs.
if SETUP.until_decided:

    checkpoint look:
        input:
            unpack(look_inputs),
            readings=PAPER.readings,
        output:
            history=f"{RESULTS}/decisions/look{{repetitions}}.csv",
            cells=f"{RESULTS}/decisions/cells{{repetitions}}.csv",
        log:
            f"{RESULTS}/logs/decisions/look{{repetitions}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/decisions/look{{repetitions}}.tsv"
        wildcard_constraints:
            repetitions=alternatives(map(str, SETUP.looks)),
        conda:
            "../envs/rknet.yaml"
        params:
            code=lambda wildcards: code_for(
                "look_at_claims",
                *PAPER.root("claims"),
                *PAPER.root("readings"),
                runs=SHOWN_RUNS,
            ),
            looks=SETUP.looks,
            cells=lambda wildcards: every_cell(),
            curves=PAPER.curves,
            features=PAPER.features,
            paper=PAPER.name,
            modules=PAPER.modules,
        message:
            "look at the claims, at {wildcards.repetitions} repetitions"
        script:
            "../scripts/look_at_claims.py"

    rule decisions:
        input:
            history=last_look,
        output:
            decisions=f"{RESULTS}/decisions.csv",
            markdown=f"{RESULTS}/decisions.md",
            pdf=f"{RESULTS}/figures/decisions.pdf",
            picture=report(
                f"{RESULTS}/figures/decisions.png",
                caption="../report/figure.rst",
                category=FIGURE,
                labels={"figure": "Decisions"},
            ),
            page=page_in_report("decisions"),
        log:
            f"{RESULTS}/logs/decisions.log",
        benchmark:
            f"{RESULTS}/benchmarks/decisions.tsv"
        conda:
            "../envs/rknet.yaml"
        params:
            code=code("show_decisions", "claims", "readings"),
            looks=SETUP.looks,
            paper=PAPER.name,
            modules=PAPER.modules,
            page=asdict(PAGES["decisions"]),
            captions={
                "decisions.html": PAGES["decisions"].caption,
                "decisions.png": "The p-values of every claim over the looks, and the boundaries that "
                "decide: of a claim, the part that is least supported (left) or most refuted (right).",
            },
        message:
            "say what the looks decide"
        script:
            "../scripts/show_decisions.py"
