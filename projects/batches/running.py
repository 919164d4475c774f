"""Batches that servers carry: a backend is run on many tasks, a few at once. Rooms are here, so the work is here, too.

A server takes a batch by saying in its row that it lives, and goes on saying so. One that has fallen silent has lost it:
whoever sees that goes on from the cursor. A task that it had begun is asked for twice then, which harms nothing.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from projects import live
from projects.batches.selection import selection_of
from projects.batches.steps import advance
from projects.importing.carrying import end
from projects.importing.steps import Cancelled, Superseded, lock
from projects.models import Job, JobKind, JobState, RunState
from projects.suggestions import runner
from projects.suggestions.runs import CannotRun, RunUnderWay
from projects.write_turn import write_turn

log = logging.getLogger(__name__)

AT_ONCE = 4  # of the runs that one process may have under way: people who open tasks have the others
BEAT_SECONDS = 5.0
SILENT = timedelta(seconds=20)
MOST_PROBLEMS = 50
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)

_carried: dict[asyncio.AbstractEventLoop, set[int]] = {}


def join() -> None:
    """Let every engine look for batches. Called once, by asgi."""
    live.on_look.append(look)


async def look() -> None:
    """Take up batches that nobody carries."""
    engine = live.engine()
    ours = _carried.setdefault(engine.loop, set())
    for job_id in await engine.in_thread(take, frozenset(ours)):
        ours.add(job_id)
        engine.spawn(_carry(job_id, ours))


def take(ours: frozenset[int]) -> list[int]:
    """The batches that are ours from now on."""
    silent = datetime.now(UTC) - SILENT
    free = Job.objects.filter(kind=JobKind.RUN, state__in=UNFINISHED).filter(Q(seen=None) | Q(seen__lt=silent))
    taken = []
    for job_id, seen in list(free.exclude(pk__in=ours).values_list("pk", "seen")):
        now = datetime.now(UTC)
        with write_turn():
            # Of several servers that see it free at once, one gets it.
            got = Job.objects.filter(pk=job_id, seen=seen, state__in=UNFINISHED)
            if got.update(seen=now, state=JobState.RUNNING):
                Job.objects.filter(pk=job_id, started=None).update(started=now)
                taken.append(job_id)
    return taken


async def _carry(job_id: int, ours: set[int]) -> None:
    in_thread = live.engine().in_thread
    try:
        job = await in_thread(_load, job_id)
        beating = asyncio.ensure_future(_beat(job_id))
        try:
            await _run_all(job)
        except Cancelled:
            await in_thread(end, job, JobState.CANCELLED)
        except CannotRun as refused:
            await in_thread(end, job, JobState.FAILED, str(refused))
        except Superseded:
            log.info("Batch %s is carried by another server, or has ended", job_id)
        else:
            await in_thread(end, job, JobState.DONE)
        finally:
            beating.cancel()
    finally:
        ours.discard(job_id)


def _load(job_id: int) -> Job:
    return Job.objects.get(pk=job_id)


async def _beat(job_id: int) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        try:
            await live.engine().in_thread(_note_alive, job_id)
        except Exception:
            log.exception("Batch %s could not say that it is carried; trying again", job_id)


def _note_alive(job_id: int) -> None:
    with write_turn():
        Job.objects.filter(pk=job_id).update(seen=datetime.now(UTC))


async def _run_all(job: Job) -> None:
    in_thread = live.engine().in_thread
    user = await in_thread(_person, job.created_by_id)
    while ids := await in_thread(_next_ids, job):
        problems = await asyncio.gather(*(_run(task_id, job.options["backend"], user) for task_id in ids))
        await in_thread(_store, job, ids, [problem for problem in problems if problem])


def _person(user_id: int | None) -> Any | None:
    return get_user_model().objects.filter(pk=user_id).first() if user_id is not None else None


def _next_ids(job: Job) -> list[int]:
    selection = selection_of(job.options["selection"])
    return selection.next_ids(job.project_id, job.cursor.get("after", 0), AT_ONCE)


async def _run(task_id: int, backend_id: int, user: Any | None) -> dict[str, Any] | None:
    """Run the backend on a task and wait for its end. Returns what went wrong."""
    try:
        run = await runner.start(task_id, backend_id, user)
    except RunUnderWay:
        return None  # it suggests there already
    except CannotRun as refused:
        return {"task": task_id, "reason": str(refused)}
    await runner.runner().ended(run.pk)
    if run.state == RunState.DONE:
        return None
    return {"task": task_id, "reason": run.error or "The run was stopped."}


def _store(job: Job, ids: list[int], problems: list[dict[str, Any]]) -> None:
    with write_turn(), transaction.atomic():
        lock(job)
        job.refused += len(problems)
        job.problems = [*job.problems, *problems][:MOST_PROBLEMS]
        advance(job, ids[-1], len(ids))
