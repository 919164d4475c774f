"""Long work as rows: made, queued, cancelled, taken up again. How an import is carried: `importing/carrying.py`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from projects import tasks
from projects.importing import CannotImport, Format, format_of
from projects.importing.carrying import put_away
from projects.importing.columns import Columns
from projects.importing.labelling import growing
from projects.importing.preview import utf8_source
from projects.models import Job, JobKind, JobState, Project
from projects.schema import Schema
from projects.write_turn import write_turn

log = logging.getLogger(__name__)

OPTIONS = ("text_column", "label_column", "field", "delimiter", "create_labels")


def create_import(
    project: Project,
    path: Path | str,
    filename: str = "",
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    user: Any = None,
    *,
    keep: bool = False,
    enqueue: bool = True,
) -> Job:
    """Make an import job and queue it. Raises CannotImport where the file cannot be imported at all.

    The file belongs to the job from now on and is removed at its end, unless `keep`. `format` may be left out where the
    file's name and first lines tell it. `options`: see OPTIONS and docs/import.md.
    """
    path = Path(path).resolve()
    wanted = checked_options(options or {})
    schema = Schema.load(project.pk)
    Columns(schema, wanted)
    found = checked_format(path, filename, format or "")
    held = {
        **wanted,
        "path": str(path),
        "filename": filename or path.name,
        "format": found.name,
        "keep": keep,
        "create_in": growing(schema, wanted.get("create_labels")),
    }
    with write_turn():
        job = Job.objects.create(project=project, kind=JobKind.IMPORT, created_by=user, options=held)
    if enqueue:
        transaction.on_commit(lambda: queue(job.pk))
    return job


def checked_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those that were given, readable. Raises CannotImport."""
    unknown = [name for name in options if name not in OPTIONS]
    if unknown:
        raise CannotImport(f"There is no option “{unknown[0]}”; there is {', '.join(OPTIONS)}.")
    given = {name: value for name, value in options.items() if value not in (None, "")}
    for name, value in given.items():
        if not isinstance(value, bool if name == "create_labels" else str):
            raise CannotImport(f"The option “{name}” cannot be {str(value)[:60]!r}.")
    if len(given.get("delimiter", ",")) != 1:
        raise CannotImport("A delimiter is one character.")
    return given


def checked_format(path: Path, filename: str, name: str) -> Format:
    with utf8_source(path, filename) as source:
        return format_of(source, name)


def queue(job_id: int) -> None:
    """Tell a worker. Should the queue be away, a worker finds the job by its row."""
    try:
        tasks.carry_job(job_id)
    except Exception as error:
        log.warning("Job %s could not be put into the queue (%s); a worker will find it by itself", job_id, error)


def unfinished() -> list[int]:
    """Jobs that no end was noted of, the oldest first: a worker takes them up when it starts."""
    found = Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).order_by("pk")
    return list(found.exclude(kind__in=JobKind.of_servers()).values_list("pk", flat=True))


def cancel(job: Job) -> None:
    """Ask for an end. What was taken until then stays."""
    with write_turn():
        ended = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
            state=JobState.CANCELLED, cancel_requested=True, ended=timezone.now()
        )
        if not ended:
            Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(cancel_requested=True)
    job.refresh_from_db()
    if ended:
        put_away(job)
