"""How tasks and whole projects go for good: in small commits, so that nobody who labels elsewhere waits."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Model

from projects.models import Annotation, Checkpoint, Comment, CommentRead, Document, Project, Run, Task, Update
from projects.write_turn import write_turn

TASKS_AT_ONCE = 100
ROWS_AT_ONCE = 1000  # a task's own rows can be many: a history of thousands of updates, thousands of annotations
PAUSE_SECONDS = 0.001  # lets the journal have its turn

# What hangs on tasks, in the order in which it must go, with the way to the task.
PARTS: tuple[tuple[type[Model], str], ...] = (
    (Annotation, "task_id__in"),
    (Comment, "task_id__in"),
    (CommentRead, "document__task_id__in"),
    (Update, "document__task_id__in"),
    (Checkpoint, "document__task_id__in"),
    (Run, "task_id__in"),
)


def delete_tasks(task_ids: Sequence[int]) -> None:
    """Delete tasks with everything that was said of them."""
    for start in range(0, len(task_ids), TASKS_AT_ONCE):
        some = task_ids[start : start + TASKS_AT_ONCE]
        for model, way in PARTS:
            _delete_rows(model, {way: some})
        with write_turn(), transaction.atomic():
            # Nothing can be appended to a document that is gone: what came in since the rows went, goes here.
            Document.objects.filter(task_id__in=some).delete()
            Task.objects.filter(pk__in=some).delete()
        time.sleep(PAUSE_SECONDS)


def _delete_rows(model: type[Model], condition: dict[str, Sequence[int]]) -> None:
    rows = model._default_manager.filter(**condition).order_by().values_list("pk", flat=True)
    while ids := list(rows[:ROWS_AT_ONCE]):
        with write_turn(), transaction.atomic():
            model._default_manager.filter(pk__in=ids).delete()
        time.sleep(PAUSE_SECONDS)


def delete_project(project: Project) -> None:
    """Delete a project. Its members lose it at once; what is in it goes piece by piece."""
    project.memberships.all().delete()
    while ids := list(project.tasks.order_by("pk").values_list("pk", flat=True)[:TASKS_AT_ONCE]):
        delete_tasks(ids)
    with write_turn(), transaction.atomic():
        project.delete()
