"""`manage.py export`: a project's tasks with what is said of them, to a file or to stdout."""

from __future__ import annotations

import contextlib
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from projects.bulk import calm_collector, read_without_map
from projects.exporting import FORMATS, CannotExport, Export, Filters, export_chunks
from projects.management.projects import find_project


class Command(BaseCommand):
    help = "Export a project, exactly as it is saved at this moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="its id or its name")
        parser.add_argument("--format", choices=list(FORMATS), default="jsonl")
        parser.add_argument("--output", help="a file; by default stdout")
        parser.add_argument("--status", help="only tasks of this status")
        parser.add_argument("--since", help="only tasks changed since then (ISO 8601; UTC unless it says otherwise)")
        parser.add_argument("--annotator", help="only annotations that this user made or decided on")
        parser.add_argument("--origin", help="only annotations made by: human, model, import, api")
        parser.add_argument("--field", help="CoNLL: the field whose spans are meant")

    def handle(self, *args: Any, **options: Any) -> None:
        project = find_project(options["project"])
        need_user(options["annotator"])
        try:
            export = export_chunks(project, options["format"], filters_of(options))
        except CannotExport as refusal:
            raise CommandError(str(refusal)) from None
        calm_collector()
        read_without_map()
        with opened(options["output"]) as out:
            for chunk in export:
                out.write(chunk)
        self._say_left_out(export)

    def _say_left_out(self, export: Export) -> None:
        if export.left_out:
            self.stderr.write(f"{export.left_out:,} annotations overlap others and cannot be expressed: left out")


def need_user(name: str | None) -> None:
    """Who types a command has the database, and is told of a typo; over HTTP nobody is told who has an account."""
    users = get_user_model()
    if name and not users.objects.filter(**{users.USERNAME_FIELD: name}).exists():
        raise CommandError(f"There is no user “{name}”.")


def filters_of(options: dict[str, Any]) -> Filters:
    names = ("status", "annotator", "origin", "field")
    return Filters(since=moment(options["since"]), **{name: options[name] for name in names})


def moment(said: str | None) -> datetime | None:
    if not said:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise CannotExport(f"“{said}” is not a time like 2026-01-31T12:00:00Z.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@contextlib.contextmanager
def opened(path: str | None) -> Iterator[BinaryIO]:
    """Stdout, or a file that is only there under its name once it is whole."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = Path(f"{path}.part")
    try:
        with partial.open("wb") as out:
            yield out
        os.replace(partial, path)
    except OSError as error:
        raise CommandError(str(error)) from None
    finally:
        partial.unlink(missing_ok=True)
