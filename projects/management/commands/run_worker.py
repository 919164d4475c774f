"""`manage.py run_worker`: the process that carries long jobs, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from huey.contrib.djhuey import HUEY

from projects import jobs, tasks
from projects.bulk import calm_collector, read_without_map
from projects.connections import is_lost
from projects.importing.carrying import carry
from projects.operations.heartbeat import beating

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25  # how often the queue is looked at: it cannot wake anybody
AWAY_SECONDS = 2.0
# How often unfinished jobs are looked for. On SQLite once, at the start: there a job may be carried by `import_tasks`,
# from which the only worker must not take it.
LOOK_AGAIN_SECONDS = 5.0 if connection.vendor == "postgresql" else float("inf")


class Command(BaseCommand):
    help = (
        "Carry long jobs (imports, compaction) until SIGTERM; "
        "a job then stops after its step and is taken up by the next worker."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-orphaned", action="store_true", help="end when the process that started this one has ended"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: tasks.stopping.set())
        parent = os.getppid() if options["until_orphaned"] else None
        with only_worker(parent) as alone:
            if alone:
                with beating("worker"):
                    self._work(parent)

    def _work(self, parent: int | None) -> None:
        calm_collector()
        read_without_map()
        look_again = 0.0
        periodic = tasks.Periodic()
        while not stopped(parent):
            if time.monotonic() >= look_again:
                self._carry_unfinished(parent)
                look_again = time.monotonic() + LOOK_AGAIN_SECONDS
            periodic.look()
            message = next_message()
            if message is None:
                tasks.stopping.wait(LOOK_SECONDS)
                continue
            close_old_connections()
            read_without_map()
            HUEY.execute(message)

    def _carry_unfinished(self, parent: int | None) -> None:
        """Jobs that a worker left, or of which a queue that was away never told."""
        try:
            close_old_connections()
            for job_id in jobs.unfinished():
                if not stopped(parent):
                    carry(job_id, lambda: stopped(parent))
        except DatabaseError as error:
            if not is_lost(error):
                raise
            log.warning("The database does not answer (%s); trying again", error)


def next_message() -> Any | None:
    try:
        return HUEY.dequeue()
    except Exception as error:  # Redis is away: what it was told meanwhile is found in the jobs' rows
        log.warning("The queue does not answer (%s); trying again", error)
        tasks.stopping.wait(AWAY_SECONDS)
        return None


def stopped(parent: int | None) -> bool:
    """Whether it was asked to end, or nobody is left to ask."""
    if parent is not None and os.getppid() != parent:
        tasks.stopping.set()
    return tasks.stopping.is_set()


@contextlib.contextmanager
def only_worker(parent: int | None) -> Iterator[bool]:
    """Wait until no other worker serves this data folder; False if it was asked to end meanwhile.

    Two would not harm the jobs, but one would find its steps taken by the other. PostgreSQL may have any number.
    """
    if connection.vendor != "sqlite":
        yield True
        return
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.DATA_DIR / "worker.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield lock(descriptor, parent)
    finally:
        os.close(descriptor)


def lock(descriptor: int, parent: int | None) -> bool:
    while not stopped(parent):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tasks.stopping.wait(LOOK_SECONDS)
        else:
            return True
    return False
