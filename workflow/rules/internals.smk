# What Snakemake 9.27 offers no public way for. Each part says why it is needed, and each has a test
# that fails if Snakemake changes: tests/workflow/test_internals.py and tests/slurm/test_slurm.py.
from base64 import urlsafe_b64decode


def datasets_begun():
    """The datasets whose job was killed before Snakemake had noted its end.

    Snakemake draws them again. As they are there, and `ancient` inputs, it would then plan nothing
    of what needs them: it would end well, with its targets missing. So these are not `ancient`.
    It notes a begun file by its name in base64.
    """
    markers = Path(".snakemake").glob("incomplete/[!@]*")
    begun = {urlsafe_b64decode(marker.name).decode() for marker in markers}
    return {path for path in begun if path.startswith(f"{RESULTS}/datasets/")}


def go_on_after_a_failure():
    """Let a cluster's job of many runs try those after one that fails.

    Snakemake does not hand `keep-going` on to such a job, and no option of the job's own does.
    """
    if workflow.remote_exec:
        workflow.execution_settings.keep_going = True
