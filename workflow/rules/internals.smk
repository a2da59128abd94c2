# The parts of the workflow for which Snakemake 9.27 has no public interface. Each says why it is
# needed, and has a test that fails if Snakemake changes: tests/workflow/test_internals.py,
# tests/workflow/test_module.py, tests/workflow/test_targets.py and tests/slurm/test_slurm.py.
import re

from snakemake.exceptions import InputFunctionException

from rknet.study import known_code


def is_module():
    """Whether another workflow takes these rules by `module`, and it is that which is run."""
    return not workflow.modifier.is_main_snakefile()


def rules_here():
    """The names of the rules so far, without those of the workflow that takes these by `module`."""
    return {rule.name for rule in workflow.modifier.rules}


def configuration_files():
    """The files that Snakemake has read the configuration from.

    It says nothing of a key that is in a file twice, and takes the last. So they are read again.
    """
    paths = [Path(file) for file in workflow.configfiles]
    here = Path.cwd()
    return [str(p.relative_to(here) if p.is_relative_to(here) else p) for p in paths]


def plan_what_reads_what_is_made_again():
    """Let Snakemake plan every job that reads a file which another job makes again.

    If all that a job reads of the other one are `ancient` files which exist, Snakemake leaves it out,
    and all that follows, even if its own results are missing or out of date: the command would end
    without an error and without its targets. So a file that is made again is not `ancient`.
    """
    build = workflow._build_dag

    def build_whole():
        update = workflow.dag.update_needrun

        async def update_whole(*arguments, **options):
            await update(*arguments, **options)
            made = {path for job in workflow.dag.needrun_jobs() for path in job.output}
            read = [file for job in workflow.dag.jobs for file in job.input]
            again = [file for file in read if file.is_ancient and file in made]
            for file in again:
                file._file.flags.pop("ancient")
            if again:
                await update(*arguments, **options)

        workflow.dag.update_needrun = update_whole
        build()

    workflow._build_dag = build_whole


def keep_finished_runs(kept):
    """Let the finished runs of a job stay if another of its runs fails; Snakemake removes them all.

    There is an option, `--keep-incomplete`, but whoever forgets it would lose runs. Nothing else is
    kept by this: the other jobs remove their results themselves if they fail.
    """
    workflow.execution_settings.keep_incomplete = kept


def plan_plainly():
    """Take targets as they are meant, and end in the sentence of the rules if one cannot be made.

    Snakemake offers no place to look at targets before it plans, and puts the words of a function that
    refuses a file inside a traceback. So its two steps are wrapped: the one that reads the targets, and
    the one that plans them.
    """
    read_targets, plan = workflow._prepare_dag, workflow._build_dag

    def read_as_meant(*arguments, **options):
        settings = workflow.dag_settings
        for option in ("targets", "forcerun", "until", "omit_from"):
            asked = getattr(settings, option)
            # The jobs that Snakemake starts give them as Snakemake wants them.
            if asked and not settings.target_files_omit_workdir_adjustment:
                setattr(settings, option, {target_meant(name) for name in asked})
        return read_targets(*arguments, **options)

    def plan_or_say_why_not():
        try:
            plan()
            known_code.keep()  # now all code that jobs are made of has been looked at
        except InputFunctionException as error:
            # It wraps the words in the place and the trace of the function that refused.
            said = re.search(r"WorkflowError:\n {4}(.*)\nWildcards:", str(error))
            if said:
                raise WorkflowError(said[1]) from None
            raise

    workflow._prepare_dag, workflow._build_dag = read_as_meant, plan_or_say_why_not
