"""Compaction as the worker does it: once a day for the projects that ask for it, a little at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from projects.history.compaction import compact_project
from projects.models import Heartbeat, Project
from projects.write_turn import write_turn

log = logging.getLogger(__name__)

EVERY = timedelta(hours=20)  # asked hourly: so it is once a day, at about the same time
TURN_SECONDS = 20.0  # imports that wait have their turn then
CLAIM = "compaction"
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def claimed() -> bool:
    """Whether today's compaction is ours: several workers ask."""
    with write_turn():
        Heartbeat.objects.get_or_create(name=CLAIM, defaults={"at": NEVER})
        return bool(Heartbeat.objects.filter(name=CLAIM, at__lt=timezone.now() - EVERY).update(at=timezone.now()))


def compact_for_a_while(stopping: Callable[[], bool]) -> bool:
    """Compact what is due for some seconds; whether that was all of it."""
    ends = time.monotonic() + TURN_SECONDS
    for project in Project.objects.filter(history_days__isnull=False).order_by("pk"):
        tally = compact_project(
            project,
            project.history_days or 0,
            project.history_then,
            stopped=lambda: stopping() or time.monotonic() > ends,
        )
        if tally.rows_before:
            log.info(
                "History compacted: %d rows became %d", tally.rows_before, tally.rows_after,
                extra={"project": project.pk},
            )  # fmt: skip
        if not tally.finished:
            return False
    return True
