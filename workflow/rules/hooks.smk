# When the workflow starts and ends, these hooks tell the user what to expect and what was made.
import csv
import os
import sys

from snakemake.settings.types import Quietness, RerunTrigger

from rknet.files import forget_future, free_mebibytes, remove_leftovers
from rknet.study.estimates import estimate, in_minutes
from rknet.surroundings import put_last
from rknet.terminal import say
from rknet.user_cache import NOT_KEPT, kernel_cache_trouble


def tell(text, stream=None):
    """Say what is no error, unless the user wants to hear of errors only."""
    if Quietness.ALL not in (workflow.output_settings.quiet or ()):
        say(text, stream)


def refuse_read_only():
    """At the start, refuse results that cannot be written; Snakemake would end in a traceback."""
    if Path(RESULTS).exists() and not os.access(RESULTS, os.W_OK):
        raise WorkflowError(
            f"{RESULTS} cannot be written: make the folder writable, or set another folder as "
            "results in the config, and run the same command again"
        )


def refuse_no_cores():
    """At the start, refuse to wait for a core that there will never be, as Snakemake would."""
    if workflow.nodes is None and workflow.cores == 0:
        raise WorkflowError(
            "--cores 0: no job can run without a core; give 1 or more, or all"
        )


def print_profile_missing():
    """At the start, say so if Snakemake's own triggers are in use, which retrain for no reason."""
    if RerunTrigger.CODE in workflow.rerun_triggers:
        tell(
            f"Snakemake does not use {CHECKOUT}/profiles/default, and may make results again though "
            "nothing that decides them has changed. If you did not choose that, add: "
            f"--workflow-profile {CHECKOUT}/profiles/default, or complete the checkout if it has none",
            sys.stderr,
        )


def print_cache_trouble():
    """At the start, say once what every job would say of a kernel cache that cannot be used."""
    if trouble := kernel_cache_trouble():
        tell(trouble, sys.stderr)
        put_last("PYTHONWARNINGS", f"ignore:{NOT_KEPT}", ",")


def print_left_out():
    """At the start, say which optional experiments are shown in part, and how to train the rest."""
    if SETUP.optional_runs != "finished":
        return
    for name in sorted(EXPERIMENTS.keys() & SETUP.optional.keys()):
        shown, wanted = len(EXPERIMENTS[name].runs), len(SETUP.optional[name].runs)
        there = f"{name}: {shown} of {wanted} runs are in the archive or were trained here, and are shown"
        if name in ASKED_FOR and shown < wanted:
            tell(f"{there}; to train the others: {how_to_train(name)}", sys.stderr)
        elif name not in SUMMED_UP and not not_trained(EXPERIMENTS[name]):
            tell(f"{there} once their data are here: make images-data", sys.stderr)


def print_estimates():
    """At the start, say what the optional experiments that the user asked for will cost here."""
    for name in sorted(ASKED_FOR & SETUP.optional.keys()):
        missing = not_trained(EXPERIMENTS[name])
        if not missing:
            continue
        words = f"{name}: {len(missing)} of {len(EXPERIMENTS[name].runs)} runs are to be trained."
        # If other machines train them, the speed of this one says nothing.
        if workflow.nodes is None:
            cost = estimate(missing, SETUP).in_words(workflow.cores)
            asked = " --config optional=all" * (SETUP.optional_runs == "all")
            words += (
                f" {cost} A cluster trains them with a GPU each: "
                f"snakemake --profile workflow/profiles/slurm {name}{asked}"
            )
        tell(words, sys.stderr)


def print_summary():
    """At the end, say what was made and where."""
    summary = Path(RESULTS) / "summary.txt"
    if summary.is_file():
        tell(f"\n{summary.read_text(encoding='utf-8')}")


def print_undecided():
    """At the end, say how many claims are undecided, and what it would cost to go on."""
    if not SETUP.until_decided and Path(RESULTS, "claims.csv").is_file():
        # A claim's parts have a dot in their ids. Pandas would take a second here.
        with open(f"{RESULTS}/claims.csv", encoding="utf-8", newline="") as rows:
            undecided = [
                {part.partition(":")[0] for part in row["runs"].split("; ")}
                for row in csv.DictReader(rows)
                if row["verdict"] == "undecided" and "." not in row["id"]
            ]
        # Looks repeat no run of an optional experiment.
        repeated = sum(names.isdisjoint(SETUP.optional) for names in undecided)
        if repeated:
            which = "they" if repeated == len(undecided) else f"{repeated} of them"
            runs, seconds = cost_of_deciding()
            tell(
                f"{len(undecided)} verdicts on claims are undecided. {how_to_decide()} repeats what {which} "
                "rest on until each is decided, or more repetitions would hardly decide it: at most "
                f"{runs} runs, {in_minutes(seconds, workflow.cores)} here."
            )


def is_plain():
    """Whether the configuration is one file, with nothing of the command line's or of a module's."""
    files, options = workflow.configfiles, workflow.config_settings.config
    return not MODULE and len(files) == 1 and not options


def how_to_train(name):
    """What trains all runs of an optional experiment in the present configuration."""
    if is_plain():
        return f"snakemake --cores all {name} --config optional=all"
    return f"the same command with the target {name} and --config optional=all"


def how_to_decide():
    """What goes on from the present configuration."""
    # Without files of the user's, it is the one that `make decide` goes on from.
    if is_plain():
        return "`make decide`"
    return "The same command with --config 'repetitions={until: decided}'"


def begun_runs():
    """The runs that were begun and have no results: they failed, or were not reached."""
    return [
        path
        for path, run in RUNS.items()
        if Path(RESULTS, "logs", "train", f"{path}.log").is_file()
        and not Path(record(run)).is_file()
    ]


def print_failure(log):
    """At the end of a run with errors, say what failed and what to do."""
    for run in begun_runs():
        say(f"Not trained: {run}; its log is {RESULTS}/logs/train/{run}.log")
    free = free_mebibytes(RESULTS)
    full = (
        f" Only {free:.1f} MiB are free for {RESULTS}: make room." if free < 1 else ""
    )
    say(
        f"\nNot everything was made: see the errors above, or {', '.join(log)}.{full} Finished "
        "results are kept; run the same command again to go on."
    )


onstart:
    refuse_read_only()
    refuse_no_cores()
    print_profile_missing()
    print_cache_trouble()
    forget_future("config", RESULTS)
    remove_leftovers(RESULTS)
    print_left_out()
    print_estimates()
    keep_finished_runs(True)


onsuccess:
    print_summary()
    print_undecided()


onerror:
    print_failure(log)
    # Snakemake would warn of incomplete files, and there are none.
    keep_finished_runs(False)
