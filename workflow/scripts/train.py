"""Train one run."""

from rknet.training.run import carry_out

with open(snakemake.log[0], "w", encoding="utf-8") as log:  # noqa: F821
    carry_out(
        snakemake.params.setting,  # noqa: F821
        snakemake.input.dataset,  # noqa: F821
        **dict(snakemake.output.items()),  # noqa: F821
        log=log,
    )
