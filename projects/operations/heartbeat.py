"""Signs of life of the processes that nobody can ask: the worker writes down, every few seconds, that it is there."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from projects.models import Heartbeat
from projects.write_turn import write_turn

log = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
FORGET_AFTER = timedelta(days=7)  # a machine that is gone


def beat(kind: str) -> None:
    """Note that a process of this kind is alive on this machine."""
    with write_turn():
        Heartbeat.objects.update_or_create(name=f"{kind}@{socket.gethostname()}"[:100], defaults={"at": timezone.now()})


def last_seen(kind: str) -> datetime | None:
    """When any process of this kind was seen last."""
    found: datetime | None = Heartbeat.objects.filter(name__startswith=f"{kind}@").aggregate(at=Max("at"))["at"]
    return found


@contextlib.contextmanager
def beating(kind: str) -> Iterator[None]:
    """Beat beside what is done here, which may take long."""
    done = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(kind, done), name=f"heartbeat-{kind}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(BEAT_SECONDS)


def _beat_until(kind: str, done: threading.Event) -> None:
    try:
        forget_old()
        while True:
            beat_if_possible(kind)
            if done.wait(BEAT_SECONDS):
                return
    finally:
        connection.close()


def beat_if_possible(kind: str) -> None:
    try:
        beat(kind)
    except Exception as error:
        # The database may be away for a moment: what is done beside this hears of it in its own way.
        log.warning("A sign of life could not be written: %s", error)
        connection.close()


def forget_old() -> None:
    with contextlib.suppress(Exception), write_turn():
        Heartbeat.objects.filter(at__lt=timezone.now() - FORGET_AFTER).delete()
