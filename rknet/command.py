"""The command ``rknet``: everything except running the workflow."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import metadata

from rknet.terminal import forget, in_utf8, show_anything


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments; by default those of the command line.
    """
    show_anything()
    chosen = _parser().parse_args(arguments)
    try:
        status: int = chosen.action(chosen)
        print(end="", flush=True)
    except BrokenPipeError:  # of `rknet verify | head`, say
        forget(sys.stdout)
        return 1
    except ModuleNotFoundError as error:
        if not (lacking := _lacking()):
            raise
        print(f"{error.name} is not installed. {lacking}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rknet", description="Check, explain and show results.", epilog=_lacking()
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, action: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(action=action)
        return command

    why = add("why", _why, "Say what has changed since files were made, or that nothing has.")
    why.add_argument("files", nargs="+", metavar="FILE", help="a result")
    why.add_argument("--config", metavar="CONFIGFILE", help="overrides config/config.yaml")
    for name, action, text in (
        (
            "verify",
            _verify,
            "Say which results are damaged, or not of this code and the config that made them.",
        ),
        ("report", _report, "Make the report from the results that exist."),
        ("check", _check, "Say what is wrong with a configuration file, if anything is."),
        ("images", _images, "Get the files of the image sets, and say what gave them."),
    ):
        command = add(name, action, text)
        also = "; or the folder of results" if name == "verify" else ""
        command.add_argument(
            "config", nargs="?", metavar="CONFIGFILE", help=f"over config/config.yaml{also}"
        )
        if name == "images":
            command.add_argument("--sets", nargs="+", default=(), metavar="SET", help="only these")
    _add_archive(add)
    return parser


def _lacking() -> str | None:
    """What commands need beyond the library and is not installed, in words; None if it is all."""
    try:
        needed = metadata.requires("rknet") or []
    except metadata.PackageNotFoundError:  # a checkout that is not installed
        return None
    of_workflow = [text for text in needed if re.search("extra == .workflow", text)]
    names = [re.split(r"[^\w.-]", text)[0] for text in of_workflow]
    if not (missing := [name for name in names if not _is_installed(name)]):
        return None
    return (
        f"The workflow's packages, which the commands need, are not all installed; missing: "
        f"{', '.join(missing)}. To install them: pip install 'rknet[workflow]'"
    )


def _is_installed(package: str) -> bool:
    try:
        metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def _add_archive(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands about archived runs."""
    audit = add("audit", _audit, "Train archived runs again, drawn at random, and compare.")
    audit.add_argument("config", nargs="?", metavar="CONFIGFILE", help="over config/config.yaml")
    audit.add_argument("--minutes", type=float, default=10, help="how long it may take (10)")
    audit.add_argument("--runs", type=_positive, metavar="K", help="how many, however long")
    audit.add_argument("--seed", type=int, help="draws the runs; by default, another each time")
    audit.add_argument("--cores", default="all", help="for Snakemake (all)")
    archive = add("archive", _archive, "Keep runs that took long with the project.")
    what = archive.add_subparsers(required=True, metavar="WHAT", dest="what")
    for name, argument, text in (
        ("add", "FOLDER", "Archive finished runs: all in a folder such as results/runs/mnist."),
        ("list", "CONFIGFILE", "List the archived runs, and which are of the present code."),
        ("verify", "ARCHIVE", "Check that archived runs are undamaged."),
        ("export", "CRATE", "Write the archive as a Workflow Run RO-Crate: a .zip, or a folder."),
        ("import", "CRATE", "Take over the runs of a crate, or of another archive."),
    ):
        command = what.add_parser(name, help=text, description=text)
        number = {"add": "+", "list": "?", "verify": "?"}.get(name)
        command.add_argument("named", nargs=number, metavar=argument)


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def _archive(chosen: argparse.Namespace) -> int:
    from rknet.study.archive import command

    named = [chosen.named] if isinstance(chosen.named, str) else chosen.named or []
    return {
        "add": lambda: command.add_all(named),
        "list": lambda: command.list_all(named),
        "verify": lambda: command.verify_all(*named or [None]),
        "export": lambda: command.export_all(*named),
        "import": lambda: command.import_all(*named),
    }[chosen.what]()


def _audit(chosen: argparse.Namespace) -> int:
    from rknet.study.archive import audit
    from rknet.study.archive.command import ARCHIVE

    return audit.main(
        _names(chosen), ARCHIVE, chosen.minutes, chosen.runs, chosen.seed, chosen.cores
    )


def _why(chosen: argparse.Namespace) -> int:
    from pathlib import Path

    from rknet.study.changes import History
    from rknet.study.config import ConfigurationError, load
    from rknet.study.config_files import configuration

    try:
        history = History(load(configuration(_names(chosen)), Path()))
    except ConfigurationError as error:
        print(error)
        return 1
    said = []
    for file in chosen.files:
        # Records do not know the settings and inputs that a rule has now; Snakemake does.
        planned = _planned(file, _names(chosen)) if history.is_unchanged(file) else []
        said.append(" ".join([history.explain(file), *planned]))
    print("\n\n".join(said))
    return 0


def _planned(file: str, names: Sequence[str]) -> list[str]:
    """Why the workflow would make a file again, in a sentence; none if it would not."""
    override = ["--configfile", *names] if names else []
    command = [sys.executable, "-m", "snakemake", "--dry-run", *override, "--", file]
    # No shell, and nothing is made: it is a dry run.
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, env=in_utf8(), encoding="utf-8", check=False
    )
    reasons = re.findall(r"^    (\w.*):\n        (\w.*)$", done.stdout + done.stderr, re.M)
    first = [pair for pair in reasons if pair[0] != "input files updated by another job"]
    if done.returncode or not first:
        return []
    why = "; ".join(f"{reason} (rule {rules})" for reason, rules in first)
    return [f"But the workflow would make it again, because of its settings: {why}."]


def _verify(chosen: argparse.Namespace) -> int:
    from rknet.study import verify

    return verify.main(_names(chosen))


def _report(chosen: argparse.Namespace) -> int:
    from rknet.show import report

    return report.main(_names(chosen))


def _check(chosen: argparse.Namespace) -> int:
    from rknet.study import config

    return config.main(_names(chosen))


def _images(chosen: argparse.Namespace) -> int:
    from rknet.study import image_sets

    return image_sets.main(_names(chosen), chosen.sets)


def _names(chosen: argparse.Namespace) -> list[str]:
    """The configuration file, if one is named; without one, make passes an empty name."""
    return [chosen.config] if chosen.config else []


if __name__ == "__main__":
    sys.exit(main())
