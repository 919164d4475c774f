"""The rows of runs: begun, saved at changes of state, and put right after a restart. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from projects import live
from projects.models import Backend, Run, RunState, Task, TaskStatus
from projects.suggestions import asking
from projects.suggestions.backends import KINDS
from projects.suggestions.events import RunRequest
from projects.write_turn import write_turn

ACTIVE = (RunState.QUEUED, RunState.CONNECTING, RunState.RUNNING)
RESTARTED = "The server was restarted during this run; what had been suggested until then is kept."
RETRY_AFTER = timedelta(seconds=30)  # a backend that failed is not called again at every opening
COLUMNS = ("state", "stopped_by_id", "version", "suggestions", "refused", "problems", "error", "first_ms", "ended")


class RunUnderWay(Exception):
    """This backend is already at work on this task. Holds its run, with backend and people loaded."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"“{run.backend.name}” is already at work on this task.")
        self.run = run


class CannotRun(Exception):
    """The backend cannot be called for this task. Holds the sentence to show."""


@dataclass(frozen=True)
class Begun:
    """A run whose row is written, and the question to put."""

    run: Run
    document_id: int
    project_id: int
    request: RunRequest


def begin(task_id: int, backend_id: int, user_id: int | None) -> Begun:
    """Write a run's row. Raises RunUnderWay, CannotRun."""
    task = Task.objects.select_related("project").get(pk=task_id)
    backend = Backend.objects.filter(pk=backend_id, project_id=task.project_id).first()
    if backend is None:
        raise CannotRun("The backend does not belong to the task's project.")
    if not backend.enabled:
        raise CannotRun(f"“{backend.name}” is switched off.")
    if backend.kind not in KINDS:
        raise CannotRun(f"“{backend.name}” is of the unknown kind “{backend.kind}”.")
    run = _create(task_id, backend_id, user_id)
    return Begun(run, live.document_of(task_id).pk, task.project_id, asking.request_for(backend, task, run.pk))


def _create(task_id: int, backend_id: int, user_id: int | None) -> Run:
    try:
        with write_turn(), transaction.atomic():
            if user_id is None:
                _without_result(task_id, backend_id).delete()
            run = Run.objects.create(task_id=task_id, backend_id=backend_id, started_by_id=user_id)
    except IntegrityError:
        active = _loaded().filter(task_id=task_id, backend_id=backend_id, state__in=ACTIVE).first()
        if active is None:  # it ended between the two queries, or the task or backend is gone
            raise CannotRun("The run could not be started; try again.") from None
        raise RunUnderWay(active) from None
    return load(run.pk)


def _without_result(task_id: int, backend_id: int) -> Any:
    """Runs of earlier openings that left nothing: a task that is opened every day needs no row for each day."""
    over = Run.objects.filter(task_id=task_id, backend_id=backend_id, started_by=None, state=RunState.DONE)
    return over.filter(suggestions=0, refused=0)


def _loaded() -> Any:
    return Run.objects.select_related("task", "backend", "started_by", "stopped_by")


def load(run_id: int) -> Run:
    found: Run = _loaded().get(pk=run_id)
    return found


def lately(task_ids: Iterable[int], since: datetime) -> list[Run]:
    """Runs of tasks that are under way, or have ended since."""
    return list(_loaded().filter(Q(ended=None) | Q(ended__gte=since), task_id__in=list(task_ids)).order_by("pk"))


def save(run: Run) -> None:
    """Write what changes during a run. A row that was deleted meanwhile stays deleted."""
    with write_turn():
        Run.objects.filter(pk=run.pk).update(**{column: getattr(run, column) for column in COLUMNS})


def person(user_id: int) -> Any:
    return get_user_model().objects.get(pk=user_id)


def end(run_ids: Iterable[int], state: RunState, error: str = "", stopped_by_id: int | None = None) -> int:
    """End runs that nobody carries any more."""
    with write_turn():
        return Run.objects.filter(pk__in=run_ids, state__in=ACTIVE).update(
            state=state, error=error, stopped_by_id=stopped_by_id, ended=timezone.now()
        )


def beat(run_ids: Iterable[int]) -> list[Run]:
    """Say that runs are carried by a process that lives. Returns those that somebody else has ended."""
    ids = list(run_ids)
    if not ids:
        return []
    Run.objects.filter(pk__in=ids).update(seen=timezone.now())
    return list(_loaded().filter(pk__in=ids, ended__isnull=False))


def is_active(run_id: int) -> bool:
    return Run.objects.filter(pk=run_id, state__in=ACTIVE).exists()


def recover(before: datetime, except_for: Iterable[int] = ()) -> int:
    """Runs that a process left behind when it ended: they are over, and say so. `before`: when one that lives was seen."""
    left = Run.objects.filter(state__in=ACTIVE, seen__lt=before).exclude(pk__in=list(except_for))
    return end(list(left.values_list("pk", flat=True)), RunState.FAILED, RESTARTED)


def due(task_id: int, project_id: int) -> list[int]:
    """The backends to call when the first person opens a task."""
    if Task.objects.filter(pk=task_id, status=TaskStatus.SUBMITTED).exists():
        return []
    backends = Backend.objects.filter(project_id=project_id, enabled=True, run_on_open=True, kind__in=KINDS)
    return [backend.pk for backend in backends.order_by("pk") if _is_due(task_id, backend)]


def _is_due(task_id: int, backend: Backend) -> bool:
    """Not called yet since its settings changed; or it learns, and may know more by now; or it failed a while ago."""
    last = Run.objects.filter(task_id=task_id, backend=backend, started__gte=backend.changed).first()
    if last is None:
        return True
    if last.state == RunState.FAILED:
        return last.ended is not None and last.ended < timezone.now() - RETRY_AFTER
    return last.state == RunState.DONE and KINDS[backend.kind].learns
