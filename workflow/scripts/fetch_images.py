"""Get the files of an image set, and note where they are."""

from rknet.datasets.image_files import sources
from rknet.files import write_json

name = snakemake.wildcards.dataset  # noqa: F821
files = sources.fetch(name, snakemake.config["images"])  # noqa: F821
write_json(
    snakemake.output[0],  # noqa: F821
    {
        role: {"path": str(file.path), "sha256_uncompressed": sources.CHECKSUMS[name][role]}
        for role, file in files.items()
    },
)
