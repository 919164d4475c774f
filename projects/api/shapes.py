"""Records as the JSON that the API and the workspace speak. Reads the database; knows nothing of requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Q

from projects import access, live
from projects.discussion.rows import Counts, counts_of
from projects.exporting.names import Names
from projects.guidelines import guidelines_html
from projects.models import Annotation, Backend, Document, Field, Job, Label, Membership, Project, Run, Task, TaskStatus
from projects.people import colour_of
from projects.projection import Row
from projects.task_table import TaskRow

Json = dict[str, Any]


def time_json(at: datetime) -> str:
    """UTC, ISO 8601, milliseconds: as times stand everywhere outside the database."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def label_json(label: Label) -> Json:
    return {
        "id": label.pk,
        "key": label.key,
        "name": label.name,
        "description": label.description,
        "colour": label.colour,
        "hotkey": label.hotkey,
        "removed": label.removed,
    }


def field_json(field: Field) -> Json:
    return {
        "id": field.pk,
        "key": field.key,
        "name": field.name,
        "kind": field.kind,
        "multiple": field.multiple,
        "required": field.required,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "removed": field.removed,
        "labels": [label_json(label) for label in field.labels.all()],
    }


def member_json(member: Membership) -> Json:
    return {
        "id": member.pk,
        "user": member.user_id,
        "username": member.user.get_username(),
        "colour": colour_of(member.user_id),
        "role": member.role,
    }


def backend_json(backend: Backend) -> Json:
    """A backend as its manager sees it; its settings may hold secrets and are for managers only."""
    return {
        "id": backend.pk,
        "project": backend.project_id,
        "name": backend.name,
        "kind": backend.kind,
        "url": backend.url,
        "enabled": backend.enabled,
        "run_on_open": backend.run_on_open,
        "timeout_seconds": backend.timeout_seconds,
        "settings": backend.settings,
    }


def counts_json(project: Project) -> Json:
    rows = project.tasks.order_by().values_list("status").annotate(Count("pk"))
    by_status = dict(rows)
    return {"tasks": sum(by_status.values())} | {status: by_status.get(status, 0) for status in TaskStatus.values}


def project_line_json(project: Project, role: str | None) -> Json:
    """A project in a list."""
    return {
        "id": project.pk,
        "name": project.name,
        "description": project.description,
        "revision": project.revision,
        "role": role,
        "created": time_json(project.created),
    }


def project_json(project: Project, user: Any) -> Json:
    """Everything that somebody who works in `project` needs to know of it."""
    fields = project.fields.prefetch_related("labels")
    members = project.memberships.select_related("user").order_by("pk")
    return {
        **project_line_json(project, access.role_in(user, project.pk)),
        "guidelines": project.guidelines,
        "guidelines_html": guidelines_html(project.guidelines),
        "fields": [field_json(field) for field in fields],
        "members": [member_json(member) for member in members],
        "backends": [
            {"id": backend.pk, "name": backend.name, "kind": backend.kind, "enabled": backend.enabled}
            for backend in project.backends.order_by("pk")
        ],
        "counts": counts_json(project),
    }


def document_json(document: Document) -> Json:
    return {"id": document.pk, "epoch": document.epoch, "socket": f"/ws/documents/{document.pk}/"}


def run_json(run: Run, progress: float | None = None, message: str | None = None) -> Json:
    """A run; `progress` (0 to 1) and the backend's last `message` are known while it is under way only."""
    return {
        "id": run.pk,
        "task": run.task_id,
        "backend": {"id": run.backend_id, "name": run.backend.name},
        "state": run.state,
        "progress": progress,
        "message": message,
        "suggestions": run.suggestions,
        "refused": run.refused,
        "problems": run.problems,
        "first_ms": run.first_ms,
        "version": run.version,
        "error": run.error,
        "started_by": run.started_by.get_username() if run.started_by else None,
        "stopped_by": run.stopped_by.get_username() if run.stopped_by else None,
        "started": time_json(run.started),
        "ended": run.ended and time_json(run.ended),
    }


def latest_runs(task_id: int) -> list[Run]:
    """The newest run of each backend, which is the active one where there is one."""
    return latest_runs_of([task_id])[0]


def latest_runs_of(task_ids: Sequence[int]) -> list[list[Run]]:
    """`latest_runs` of many tasks at once."""
    runs = Run.objects.filter(task__in=task_ids).select_related("backend", "started_by", "stopped_by").order_by("pk")
    newest = {(run.task_id, run.backend_id): run for run in runs}
    found: dict[int, list[Run]] = {task_id: [] for task_id in task_ids}
    for run in newest.values():
        found[run.task_id].append(run)
    return [found[task_id] for task_id in task_ids]


def task_json(task: Task, user: Any) -> Json:
    """One task with the addresses of its documents."""
    documents = list(task.documents.filter(Q(annotator=None) | Q(annotator=user)).order_by("pk"))
    others = Task.objects.filter(project_id=task.project_id)
    return {
        "id": task.pk,
        "project": task.project_id,
        "text": task.text,
        "data": {"text": task.text, **task.data},
        "meta": task.meta,
        "status": task.status,
        "annotations": task.annotation_count,
        "suggestions": task.suggestion_count,
        "assignee": task.assignee.get_username() if task.assignee else None,
        "documents": [document_json(document) for document in documents or [live.document_of(task.pk)]],
        "runs": [run_json(run) for run in latest_runs(task.pk)],
        "position": others.filter(pk__lte=task.pk).count(),
        "total": others.count(),
        "created": time_json(task.created),
        "changed": time_json(task.changed),
    }


def job_json(job: Job) -> Json:
    return {
        "id": job.pk,
        "project": job.project_id,
        "kind": job.kind,
        "state": job.state,
        "progress": round(job.progress, 4),
        "taken": job.taken,
        "refused": job.refused,
        "problems": job.problems,
        "error": job.error,
        "cancel_requested": job.cancel_requested,
        "created": time_json(job.created),
        "started": job.started and time_json(job.started),
        "ended": job.ended and time_json(job.ended),
    }


def task_lines_json(rows: Sequence[TaskRow], user: Any) -> list[Json]:
    """Tasks in a list, as this person sees them."""
    discussed = counts_of([row.id for row in rows], user)
    return [task_line_json(row, discussed.get(row.id, Counts())) for row in rows]


def task_line_json(row: TaskRow, discussed: Counts) -> Json:
    return {
        "id": row.id,
        "excerpt": row.excerpt,
        "status": row.status,
        "annotations": row.annotations,
        "suggestions": row.suggestions,
        "comments": discussed.comments,
        "unread": discussed.unread,
        "changed": time_json(row.changed),
        "assignee": row.assignee,
    }


def annotation_json(row: Row | Annotation, task_id: int, names: Names) -> Json:
    """One annotation or suggestion as it holds now, with the names that fields, labels and people have now."""
    return {
        "id": row.key,
        "task": task_id,
        "field": names.field(row.field),
        "kind": row.kind,
        "label": names.label(row.field, row.label),
        "value": row.value,
        "text": row.text,
        "author": names.person(row.author_id),
        "origin": row.origin,
        "status": row.status,
        "decided_by": names.person(row.decided_by_id),
        "corrected": row.corrected,
        "backend": row.backend,
        "version": row.version,
        "score": row.score,
        "run": row.run,
        "created": row.created or None,
    }


def annotations_json(rows: Iterable[Row | Annotation], task: Task) -> list[Json]:
    rows = list(rows)
    names = Names(task.project_id)
    names.meet(user_id for row in rows for user_id in (row.author_id, row.decided_by_id))
    return [annotation_json(row, task.pk, names) for row in rows]
