"""`manage.py import_tasks`: import a file here and now, by the steps that the worker takes."""

from __future__ import annotations

import signal
import threading
import time
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from projects import jobs
from projects.bulk import calm_collector, read_without_map
from projects.importing import FORMATS, CannotImport
from projects.importing.carrying import carry
from projects.management.projects import find_project
from projects.models import Job, JobState, Project, Role

SHOWN_PROBLEMS = 20
SAID_EVERY_SECONDS = 0.2
ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Command(BaseCommand):
    help = "Import a file of tasks into a project. Ctrl-C ends it; what was taken until then stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="its id or its name")
        parser.add_argument("file")
        parser.add_argument("--format", choices=list(FORMATS), help="where the file's name does not tell it")
        parser.add_argument("--field", help="the field that the labels answer")
        parser.add_argument("--text-column", help="the column that holds the text")
        parser.add_argument("--label-column", help="the column that holds the labels; all others are data")
        parser.add_argument("--delimiter", help="what stands between the values of a CSV file")
        parser.add_argument(
            "--create-labels",
            action=BooleanOptionalAction,
            default=None,
            help="make labels that the project does not have (by default only for fields without any)",
        )
        parser.add_argument("--user", help="who says the labels; by default the project's first manager")

    def handle(self, *args: Any, **options: Any) -> None:
        project = find_project(options["project"])
        names = ("text_column", "label_column", "field", "delimiter", "create_labels")
        given = {name: options[name] for name in names if options[name] is not None}
        user = self._user(project, options["user"])
        try:
            job = jobs.create_import(
                project, options["file"], "", options["format"], given, user, keep=True, enqueue=False
            )
        except (CannotImport, OSError) as refusal:
            raise CommandError(str(refusal)) from None
        calm_collector()
        read_without_map()
        self._carry(job)
        self._report(job)

    def _user(self, project: Project, name: str | None) -> Any:
        users = get_user_model().objects
        if name is not None:
            found = users.filter(**{get_user_model().USERNAME_FIELD: name}).first()
            if found is None:
                raise CommandError(f"There is no user “{name}”.")
            return found
        managers = users.filter(memberships__project=project, memberships__role=Role.MANAGER)
        return managers.order_by("memberships__id").first() or users.filter(is_superuser=True).order_by("pk").first()

    def _carry(self, job: Job) -> None:
        asked_to_end = threading.Event()
        before = {
            number: signal.signal(number, lambda *_: asked_to_end.set()) for number in (signal.SIGINT, signal.SIGTERM)
        }
        said = Said(self.stderr)
        try:
            carry(job.pk, asked_to_end.is_set, said.advanced)
            if asked_to_end.is_set():
                jobs.cancel(job)
                carry(job.pk)
            self._wait(job)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _wait(self, job: Job) -> None:
        """A worker that was started meanwhile may have taken the job over."""
        job.refresh_from_db()
        while job.state not in ENDED:
            time.sleep(SAID_EVERY_SECONDS)
            job.refresh_from_db()

    def _report(self, job: Job) -> None:
        for problem in job.problems[:SHOWN_PROBLEMS]:
            place = f"line {problem['line']}" + (f", {problem['field']}" if problem["field"] else "")
            self.stderr.write(f"{place}: {problem['reason']}")
        if job.refused > SHOWN_PROBLEMS:
            self.stderr.write(f"… and {job.refused - SHOWN_PROBLEMS:,} more rows refused")
        self.stdout.write(f"{job.taken:,} tasks taken, {job.refused:,} rows refused")
        if job.state == JobState.FAILED:
            raise CommandError(job.error)
        if job.state == JobState.CANCELLED:
            raise CommandError("Cancelled; what was taken stays.")


class Said:
    """Progress on stderr, a few times a second."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._next = time.monotonic() + SAID_EVERY_SECONDS

    def advanced(self, job: Job) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SAID_EVERY_SECONDS
            end = "\r" if self._stream.isatty() else "\n"
            self._stream.write(f"{job.progress:4.0%}  {job.taken:,} tasks, {job.refused:,} refused", ending=end)
