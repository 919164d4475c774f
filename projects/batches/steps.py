"""Batches that a worker carries, step by step: deletion and assignment. Whoever goes on after a stop begins at the cursor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from django.db import transaction

from projects.batches.selection import selection_of
from projects.importing.steps import lock
from projects.models import Job, JobKind, Task
from projects.removal import delete_tasks
from projects.write_turn import write_turn

TASKS_AT_ONCE = 200
REST_SECONDS = 0.001  # between two steps, so that whoever waits gets the turn


def carry_batch(job: Job, stopping: Callable[[], bool], advanced: Callable[[Job], None]) -> bool:
    """Carry a batch on from its cursor. True at its end, False when `stopping` said so. Raises Superseded, Cancelled."""
    selection = selection_of(job.options["selection"])
    advanced(job)
    while ids := selection.next_ids(job.project_id, job.cursor.get("after", 0), TASKS_AT_ONCE):
        if job.kind == JobKind.DELETE:
            _delete(job, ids)
        else:
            _assign(job, ids)
        advanced(job)
        if stopping():
            return False
        time.sleep(REST_SECONDS)
    return True


def _delete(job: Job, ids: Sequence[int]) -> None:
    """In commits of its own: tasks that are gone are not met again, whoever carries the batch then."""
    with transaction.atomic():
        lock(job)
    delete_tasks(ids)
    with write_turn(), transaction.atomic():
        lock(job)
        advance(job, ids[-1], len(ids))


def _assign(job: Job, ids: Sequence[int]) -> None:
    with write_turn(), transaction.atomic():
        lock(job)
        Task.objects.filter(pk__in=ids).update(assignee=job.options["assignee"])
        advance(job, ids[-1], len(ids))


def advance(job: Job, after: int, taken: int) -> None:
    """Note that a batch has come up to task `after`, `taken` more of them done."""
    job.taken += taken
    job.cursor = {**job.cursor, "after": after}
    job.progress = min(1.0, job.taken / max(1, job.options["count"]))
    job.save(update_fields=["taken", "cursor", "progress", "refused", "problems"])
