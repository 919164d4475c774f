"""What the queue carries. Messages say only which job: where a job stands is in its row."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from huey import crontab
from huey.contrib.djhuey import HUEY, periodic_task, task

from projects.history import daily
from projects.importing.carrying import carry

stopping = threading.Event()  # set when the worker is asked to end: a job then stops after its step


@task()  # type: ignore[untyped-decorator]
def carry_job(job_id: int) -> None:
    carry(job_id, stopping.is_set)


@periodic_task(crontab(minute="17"))  # type: ignore[untyped-decorator]
def compact_history() -> None:
    """Asked every hour, done once a day by whoever asks first."""
    if daily.claimed():
        compact_more()


@task()  # type: ignore[untyped-decorator]
def compact_more() -> None:
    if not daily.compact_for_a_while(stopping.is_set) and not stopping.is_set():
        compact_more()


class Periodic:
    """Puts periodic tasks into the queue: huey's own consumer, which would do it, is not what carries our jobs."""

    def __init__(self) -> None:
        self._minute: datetime | None = None

    def look(self, now: datetime | None = None) -> None:
        """Enqueue what is due in this minute, if this minute was not looked at."""
        minute = (now or datetime.now(UTC)).replace(second=0, microsecond=0, tzinfo=None)
        if minute != self._minute:
            self._minute = minute
            for due in HUEY.read_periodic(minute):
                HUEY.enqueue(due)
