"""Snakemake's progress, as ``make`` shows it: a line for each kind of job, and the time left.

It is the plugin ``rich``, in which every rule has a line of its own. Here jobs that do the same
share one, whatever their rules are called. Where nobody watches, as in the log of a CI service, a
line is written at every tenth of the way.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from rich.progress import TimeRemainingColumn
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_rich import LogHandler as RichHandler
from snakemake_logger_plugin_rich import events
from snakemake_logger_plugin_rich.event_handler import EventHandler

#: The rules of a kind are called after what they make: ``train_depth_3``, ``draw_width``.
_OF_A_KIND = re.compile(r"(?:(train)_\w+_\d+|(draw|restore|tabulate)_\w+)\Z")


def kind(rule: str) -> str:
    """The kind of a rule's jobs, which share a line."""
    found = _OF_A_KIND.match(rule)
    return found[1] or found[2] if found else rule


class Events(EventHandler):
    """Snakemake's events, in which the jobs of a kind are those of one rule."""

    _began, _said = time.monotonic(), (0, 0)

    def handle_run_info(self, event_data: events.RunInfo, **kwargs: object) -> None:
        """Note how many jobs of each kind there will be."""
        counts: Counter[str] = Counter()
        for rule, count in event_data.per_rule_job_counts.items():
            counts[kind(rule)] += count
        self._began = time.monotonic()
        super().handle_run_info(replace(event_data, per_rule_job_counts=dict(counts)), **kwargs)

    def handle_job_info(self, event_data: events.JobInfo, **kwargs: object) -> None:
        """Note that a job begins."""
        super().handle_job_info(replace(event_data, rule_name=kind(event_data.rule_name)), **kwargs)

    def handle_job_error(self, event_data: events.JobError, **kwargs: object) -> None:
        """Show the logs of a job that failed; one that was killed early may have none yet."""
        if job := self.jobs_info.get(event_data.jobid):
            job["log"] = [file for file in job["log"] if Path(file).is_file()]
        super().handle_job_error(event_data, **kwargs)

    def handle_progress(self, event_data: events.Progress, **kwargs: object) -> None:
        """Say now and then how far the work is, if there is no terminal.

        Jobs may be added on the way: a look at the claims plans the next one.
        """
        super().handle_progress(event_data, **kwargs)
        done, self.total_jobs = event_data.done, event_data.total
        self.progress_display.set_total("Total Progress", self.total_jobs)
        tenth = 10 * done // max(1, self.total_jobs)
        if (self.total_jobs, tenth) != self._said and not self.console.is_terminal:
            self._said = self.total_jobs, tenth
            minutes, seconds = divmod(round(time.monotonic() - self._began), 60)
            self.console.print(
                f"{done} of {self.total_jobs} jobs done after {minutes}:{seconds:02d}"
            )


class LogHandler(RichHandler):
    """The plugin ``rich`` with these events."""

    def __post_init__(self) -> None:
        """Replace its events, and show the time that is left."""
        super().__post_init__()
        self.progress.columns += (TimeRemainingColumn(elapsed_when_finished=False),)
        settings = self.common_settings
        self.event_handler = Events(
            console=self.console,
            progress=self.progress,
            live_display=self.live_display,
            dryrun=settings.dryrun,
            printshellcmds=settings.printshellcmds,
            show_failed_logs=settings.show_failed_logs,
            verbose=settings.verbose,
        )
        # What a dry run says is all that it is for.
        self._quiet = Quietness.ALL in (settings.quiet or ()) and not settings.dryrun

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record; with ``--quiet all``, only errors."""
        # What failed is called by what is known of its job.
        heard = record.levelno >= logging.ERROR or (
            getattr(record, "event", None) == LogEvent.JOB_INFO
        )
        if heard or not self._quiet:
            super().emit(record)

    def close(self) -> None:
        """Clean up; Rich would end the progress with an empty line, though none was shown."""
        self.console.quiet = self._quiet
        super().close()
