# What a look at the claims needs, and what is said of it.
import csv
import functools
from dataclasses import replace

from rknet.study.estimates import in_minutes
from rknet.study.records import read_record


def decision_files():
    """The files that say what looks decide, if the config has open claims looked at again."""
    if not SETUP.until_decided:
        return []
    names = (
        "decisions.csv",
        "decisions.md",
        "figures/decisions.pdf",
        "figures/decisions.png",
    )
    return [f"{RESULTS}/{name}" for name in (*names, "pages/decisions.html")]


def look_before(repetitions):
    """The look before one; 0 if it is the first."""
    return (0, *SETUP.looks)[SETUP.looks.index(repetitions)]


def outcome(repetitions):
    """The files of a look that is past; Snakemake plans anew once they are there."""
    return checkpoints.look.get(repetitions=repetitions).output


def cells_in(file):
    """By experiment, the folders of the cells that open verdicts rest on."""
    found = {}
    with open(file, encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            found.setdefault(row["experiment"], []).append(row["cell"])
    return found


def every_cell():
    """By experiment, the folders of all cells of the experiments that run by default."""
    return {
        name: list(dict.fromkeys(str(Path(run.path).parent) for run in experiment.runs))
        for name, experiment in SETUP.experiments.items()
    }


def cells_looked_at(repetitions):
    """By experiment, the folders of the cells that a look needs."""
    before = look_before(repetitions)
    return cells_in(outcome(before).cells) if before else every_cell()


def runs_looked_at(repetitions, experiments=None):
    """The runs that a look sees and the one before it did not, each once."""
    seeds = range(look_before(repetitions), repetitions)
    return list(
        dict.fromkeys(
            RUNS[f"{cell}/seed{seed}"]
            for name, cells in cells_looked_at(repetitions).items()
            if experiments is None or name in experiments
            for cell in cells
            for seed in seeds
        )
    )


def look_inputs(wildcards):
    """What a look is made from, beside what the looks before it were made from."""
    repetitions = int(wildcards.repetitions)
    runs, measured = (
        runs_looked_at(repetitions, experiments)
        for experiments in (None, PAPER.features)
    )
    found = {
        "records": [record(run) for run in runs],
        "networks": [kept_of(run) for run in measured],
        "datasets": [dataset_of(run) for run in measured],
        "checks": CHECKS,
    }
    if before := look_before(repetitions):
        say_what_next(before, repetitions)
        found |= {"before": outcome(before).history, "cells": outcome(before).cells}
    return found


@functools.cache
def say_what_next(before, repetitions):
    """Say once how many verdicts are decided, and what the next look will take."""
    if not workflow.is_main_process:
        return
    from rknet.study.decisions import progress

    missing = [
        run for run in runs_looked_at(repetitions) if not Path(record(run)).is_file()
    ]
    if not missing:
        return
    # A run takes about as long as the one of the same cell that was trained last.
    last = [record(replace(run, seed=before - 1)) for run in missing]
    seconds = sum(read_record(file)["wall_time_seconds"] for file in last)
    decided, verdicts = progress(outcome(before).history, SETUP.looks)
    tell(
        f"{decided} of {verdicts} verdicts on claims need no more runs. The next look, at {repetitions} "
        f"repetitions, needs {len(missing)} more runs, about {in_minutes(seconds, workflow.cores)}.",
        sys.stderr,
    )


def cost_of_deciding():
    """The most runs that looks may add, and how long they take one after another, in seconds."""
    first, most = SETUP.looks[0], SETUP.looks[-1]
    missing = [
        run
        for run in SETUP.repeated(most)
        if run.seed >= first and not Path(record(run)).is_file()
    ]
    # As long as the last of the cell that was trained.
    known = {
        run.cell: read_record(record(run))["wall_time_seconds"]
        for run in SETUP.repeated(first)
        if Path(record(run)).is_file()
    }
    return len(missing), sum(known.get(run.cell, 0) for run in missing)


def last_look(wildcards):
    """The history of the look after which nothing is open, or of the last one."""
    for repetitions in SETUP.looks:
        files = outcome(repetitions)
        if not cells_in(files.cells):
            break
    return files.history
