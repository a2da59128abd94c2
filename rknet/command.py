"""The command ``rknet``: everything except running the workflow."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments; by default those of the command line.
    """
    chosen = _parser().parse_args(arguments)
    return chosen.action(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rknet", description="Check, explain and show results.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, action: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(action=action)
        return command

    why = add("why", _why, "Say what has changed since files were made, or that nothing has.")
    why.add_argument("files", nargs="+", metavar="FILE", help="a result")
    why.add_argument("--config", metavar="CONFIGFILE", help="overrides config/config.yaml")
    for name, action, text in (
        ("verify", _verify, "Say which results are damaged, or do not match the code and config."),
        ("report", _report, "Make the report from the results that exist."),
        ("check", _check, "Say what is wrong with a configuration file, if anything is."),
    ):
        command = add(name, action, text)
        command.add_argument(
            "config", nargs="?", metavar="CONFIGFILE", help="over config/config.yaml"
        )
    return parser


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
    print("\n\n".join(history.explain(file) for file in chosen.files))
    return 0


def _verify(chosen: argparse.Namespace) -> int:
    from rknet.study import verify

    return verify.main(_names(chosen))


def _report(chosen: argparse.Namespace) -> int:
    from rknet.show import report

    return report.main(_names(chosen))


def _check(chosen: argparse.Namespace) -> int:
    from rknet.study import config

    return config.main(_names(chosen))


def _names(chosen: argparse.Namespace) -> list[str]:
    """The configuration file, if one is named; without one, make passes an empty name."""
    return [chosen.config] if chosen.config else []


if __name__ == "__main__":
    sys.exit(main())
