"""Batches as they are asked for: checked, counted, queued."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from projects import jobs
from projects.batches.selection import Selection
from projects.models import Backend, Job, JobKind, Project
from projects.suggestions.backends import KINDS
from projects.write_turn import write_turn


class CannotDo(ValueError):
    """The batch cannot be done. Holds the sentence to show."""


def delete(project: Project, selection: Selection, user: Any) -> Job:
    return _create(project, JobKind.DELETE, selection, user, {})


def assign(project: Project, selection: Selection, user: Any, assignee: Any | None) -> Job:
    """Make tasks the work of a member, or of nobody. Raises CannotDo."""
    if assignee is not None and not project.memberships.filter(user=assignee).exists():
        raise CannotDo(f"{assignee.get_username()} is not a member of this project any more. Choose somebody else.")
    return _create(project, JobKind.ASSIGN, selection, user, _whose(assignee))


def _whose(assignee: Any | None) -> dict[str, Any]:
    return (
        {"assignee": None, "who": ""} if assignee is None else {"assignee": assignee.pk, "who": assignee.get_username()}
    )


def run(project: Project, selection: Selection, user: Any, backend: Backend) -> Job:
    """Have a backend suggest in tasks. Raises CannotDo."""
    if backend.project_id != project.pk or not backend.enabled or backend.kind not in KINDS:
        raise CannotDo(f"“{backend.name}” is switched off, or is no backend of this project. Choose another one.")
    return _create(project, JobKind.RUN, selection, user, {"backend": backend.pk, "name": backend.name})


def _create(project: Project, kind: JobKind, selection: Selection, user: Any, more: dict[str, Any]) -> Job:
    count = selection.count(project.pk)
    if not count:
        raise CannotDo("None of these tasks is there any more, or none matches now. Nothing was done.")
    options = {"selection": selection.as_json(), "count": count, **more}
    with write_turn():
        job = Job.objects.create(project=project, kind=kind, created_by=user, options=options)
    if kind not in JobKind.of_servers():
        transaction.on_commit(lambda: jobs.queue(job.pk))
    return job
