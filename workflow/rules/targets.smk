# What one may ask for, however it is written, and what is said if it cannot be made.
import os
import re

from rknet.study.records import inside


def target_meant(name):
    """A target as Snakemake knows it: however its path is written, and with a slash at its end, too."""
    bare = name.rstrip("/") or name
    if workflow.is_rule(bare):
        return bare
    result = inside(bare, RESULTS)
    file = os.path.normpath(bare if result is None else f"{RESULTS}/{result}")
    if Path(file).is_dir():
        raise WorkflowError(
            f"{file} is a folder, and only files are made; ask for a file in it"
        )
    if not Path(file).exists() and not is_made(file):
        raise WorkflowError(unknown_target(bare, file))
    return file


def is_made(file):
    """Whether a rule makes a file of this name, if the config has what it shows."""
    return any(output.match(file) for rule in workflow.rules for output in rule.output)


def unknown_target(name, file):
    """What is said of a target that is neither a rule nor a file that rules make."""
    if re.fullmatch("[a-z0-9_]+", name):
        rules = tuple(rule.name for rule in workflow.rules if not rule.has_wildcards())
        close = suggestion(name, rules)
        try:
            experiment_named(name)
        except WorkflowError as error:
            # An experiment that has no run to show is spelt right.
            spelt = name in SETUP.optional or "?" in str(error)
            return f"{error}{'' if spelt else close}"
    if file.startswith(f"{RESULTS}/animations/") and file.endswith(".mp4"):
        return f"{file}: films need ffmpeg, which is not installed; ask for a .gif"
    known = tuple(map(str, workflow.get_rule("all").input))
    return f"nothing makes {file}{suggestion(file, known)}"
