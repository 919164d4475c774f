"""A task as a question to a backend: rows become the language-neutral JSON of the `stream` protocol."""

from __future__ import annotations

from typing import Any

from projects.models import Backend, Field, Project, Task
from projects.suggestions import protocol
from projects.suggestions.events import Limits, RunRequest, idle_seconds


def request_for(backend: Backend, task: Task, run_id: int | None) -> RunRequest:
    """Reads the database. `task.pk` and `run_id` are None where a backend is only tried."""
    project = task.project
    return RunRequest(
        project_id=project.pk,
        task_id=task.pk or 0,
        text=task.text,
        body=body(project, task, run_id, backend.settings.get("parameters")),
        url=backend.url,
        settings=backend.settings,
        limits=Limits(idle_seconds=idle_seconds(backend.settings)),
    )


def body(project: Project, task: Task, run_id: int | None, parameters: Any) -> dict[str, Any]:
    """What is POSTed. Nothing in it is a secret of ours or of a person."""
    fields = project.fields.filter(removed=False).prefetch_related("labels")
    return {
        "protocol": protocol.NAME,
        "run": None if run_id is None else str(run_id),
        "project": {"id": project.pk, "name": project.name, "guidelines": project.guidelines},
        "fields": [field_json(field) for field in fields],
        "task": {"id": task.pk or 0, "text": task.text, "data": task.data},
        "parameters": parameters if isinstance(parameters, dict) else {},
    }


def field_json(field: Field) -> dict[str, Any]:
    labels = [label for label in field.labels.all() if not label.removed]
    return {
        "key": field.key,
        "name": field.name,
        "kind": field.kind,
        "multiple": field.multiple,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "labels": [{"key": label.key, "name": label.name, "description": label.description} for label in labels],
    }
