"""Imports and exports in the test's own process, and the data that they are tried on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model

from projects import jobs, project_templates
from projects.exporting import Filters, export_chunks
from projects.importing.carrying import carry
from projects.models import Job, Project

DATA = Path(__file__).resolve().parent.parent / "data"
# Developers' whole data; a user's machine need not have it.
SHARED = Path(os.environ.get("SHARED_DATA", DATA.parent.parent.parent / "shared" / "data"))


def make_project(
    template: str = "both", labels: Mapping[str, list[str]] | None = None, name: str = "p", owner: str = "ann"
) -> Project:
    user, _ = get_user_model().objects.get_or_create(username=owner)
    return project_templates.create_project(name, template, labels, user)


def import_file(project: Project, path: Path | str, format: str | None = None, **options: Any) -> Job:
    """Import a file to its end, by the steps of the worker."""
    user = get_user_model().objects.get(memberships__project=project, memberships__role="manager")
    job = jobs.create_import(project, path, "", format, options, user, keep=True, enqueue=False)
    carry(job.pk)
    job.refresh_from_db()
    return job


def import_text(project: Project, folder: Path, name: str, content: str | bytes, **options: Any) -> Job:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_file(project, path, **options)


def import_rows(project: Project, folder: Path, rows: Iterable[Mapping[str, Any]], **options: Any) -> Job:
    return import_text(project, folder, "rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows), **options)


def export(project: Project, format: str = "jsonl", **filters: Any) -> bytes:
    return b"".join(export_chunks(project, format, Filters(**filters)))


def export_lines(project: Project, **filters: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export(project, **filters).splitlines()]


def reasons(job: Job) -> list[tuple[int, str, str]]:
    return [(problem["line"], problem["field"], problem["reason"]) for problem in job.problems]
