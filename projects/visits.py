"""Who was last in which task: noted as people come into rooms, and read by the page they start from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotator.collaboration.session import Session
from annotator.gathering import Gathering
from projects import live
from projects.models import Task, Visit
from projects.projection import without_waiting_for_the_disk
from projects.write_turn import write_turn

log = logging.getLogger(__name__)

KEPT = 50  # of each person
PAUSE_SECONDS = 0.5  # a class that opens its tasks together is one write
Came = tuple[int, int]  # user, task

_noting: dict[asyncio.AbstractEventLoop, Gathering[Came, None]] = {}


def join() -> None:
    """Hear of everybody who comes into a task. Called once, by asgi."""
    live.on_task_entered.append(entered)


async def entered(session: Session, task_id: int) -> None:
    loop = asyncio.get_running_loop()
    noting = _noting.get(loop)
    if noting is None:
        for ended in [known for known in _noting if known.is_closed()]:
            del _noting[ended]
        noting = _noting[loop] = Gathering(_note, PAUSE_SECONDS)
    await noting((session.person.id, task_id))


async def _note(came: list[Came]) -> list[None]:
    await live.engine().in_thread(note, came)
    return [None] * len(came)


def note(came: Sequence[Came]) -> None:
    """Keep that these people were in these tasks now, and forget what they were in long ago."""
    people, tasks = {user_id for user_id, _ in came}, {task_id for _, task_id in came}
    users = set(get_user_model().objects.filter(pk__in=people).values_list("pk", flat=True))
    there = set(Task.objects.filter(pk__in=tasks).values_list("pk", flat=True))
    now = timezone.now()
    visits = [
        Visit(user_id=user_id, task_id=task_id, at=now)
        for user_id, task_id in dict.fromkeys(came)
        if user_id in users and task_id in there
    ]
    try:
        with without_waiting_for_the_disk(), write_turn(), transaction.atomic():
            Visit.objects.bulk_create(
                visits, update_conflicts=True, unique_fields=["user", "task"], update_fields=["at"]
            )
            for user_id in {visit.user_id for visit in visits}:
                old = Visit.objects.filter(user=user_id).order_by("-at", "-pk").values_list("pk", flat=True)[KEPT:]
                Visit.objects.filter(pk__in=list(old)).delete()
    except IntegrityError:
        log.debug("A task or an account went away while visits were noted: %s", came)
