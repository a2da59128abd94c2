"""Make the report, as ``rknet report [CONFIGFILE]`` does.

Snakemake writes it, from the files that the workflow has made, into the folder of the results.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rknet.files import write_text
from rknet.study.config import ConfigurationError
from rknet.study.config_files import configuration, reproduce
from rknet.terminal import in_utf8

#: What Snakemake's frame around the pages looks like.
_STYLE = Path(__file__).with_suffix(".css")
#: The beginnings of lines that Snakemake prints for every file.
_CHATTER = ("Adding ", "Loading script code", "Missing metadata for file")


def main(arguments: Sequence[str]) -> int:
    """Make the report and say where it is, or what is missing; return the exit status.

    Parameters
    ----------
    arguments : sequence of str
        The configuration file that overrides the default one, if any.
    """
    try:
        folder = Path(str(configuration(arguments)["results"]))
    except ConfigurationError as error:
        print(f"No report: {error}")
        return 1
    remedy = reproduce(arguments)
    opening = folder / "pages/verdict.rst"
    if not opening.is_file():
        # If a file that the opening text includes is missing, Snakemake ends in a traceback; any
        # other missing file it names.
        print(f"No report: {opening} is missing; `{remedy}` makes it, and then the report.")
        return 1
    path = folder / "report.html"
    command = [sys.executable, "-m", "snakemake", "--report", str(path)]
    command += ["--report-stylesheet", str(_STYLE)]
    # The command is fixed but for the configuration file.
    done = subprocess.run(  # noqa: S603
        [*command, *(("--configfile", *arguments) if arguments else ())],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=in_utf8(),
        encoding="utf-8",
        check=False,
    )
    lines = done.stdout.splitlines()
    if done.returncode:
        print(*(line for line in lines if not line.startswith(_CHATTER)), sep="\n")
        print(
            "\nNo report was made: see the error above. If a file is missing, perhaps because a "
            f"job failed, `{remedy}` makes it, and then the report."
        )
        return 1
    write_text(folder / "logs/report.log", done.stdout)
    unknown = sum(line.startswith("Missing metadata for file") for line in lines)
    if unknown:
        print(
            f"Snakemake does not know how {unknown} files were made, because they were made "
            "elsewhere: the report's statistics leave them out."
        )
    print(f"The report is in {path}.")
    return 0
