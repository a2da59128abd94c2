"""Find or download the files of a set of images or recordings, and note where they are."""

from rknet.datasets.image_files import places, sources
from rknet.files import write_json
from rknet.terminal import say

name = snakemake.wildcards.dataset
files = sources.fetch(name, places(snakemake.config))
write_json(
    snakemake.output[0],
    {
        role: {
            "path": str(file.path),
            "source": file.source,
            "sha256_uncompressed": sources.CHECKSUMS[name][role],
        }
        for role, file in files.items()
    },
)
say(f"{name}: {sources.in_words(files)}")
