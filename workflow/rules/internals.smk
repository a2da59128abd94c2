# The parts of the workflow for which Snakemake 9.27 has no public interface. Each says why it is
# needed, and has a test that fails if Snakemake changes: tests/workflow/test_internals.py and
# tests/slurm/test_slurm.py.
from base64 import urlsafe_b64decode


def configuration_files():
    """The files that Snakemake has read the configuration from.

    It says nothing of a key that is in a file twice, and takes the last. So they are read again.
    """
    paths = [Path(file) for file in workflow.configfiles]
    here = Path.cwd()
    return [str(p.relative_to(here) if p.is_relative_to(here) else p) for p in paths]


def datasets_begun():
    """The datasets whose job was killed before Snakemake noted its end.

    Snakemake draws them again. But they exist and are `ancient` inputs, so it would not plan the jobs
    that need them: it would end without an error and without its targets. So these are not `ancient`.
    Snakemake notes each file that it has begun by its name in base64.
    """
    markers = Path(".snakemake").glob("incomplete/[!@]*")
    begun = {urlsafe_b64decode(marker.name).decode() for marker in markers}
    return {path for path in begun if path.startswith(f"{RESULTS}/datasets/")}


def keep_finished_runs(kept):
    """Let the finished runs of a job stay if another of its runs fails; Snakemake removes them all.

    There is an option, `--keep-incomplete`, but whoever forgets it would lose runs. Nothing else is
    kept by this: the other jobs remove their results themselves if they fail.
    """
    workflow.execution_settings.keep_incomplete = kept
