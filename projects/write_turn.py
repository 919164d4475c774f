"""Turns at writing into an SQLite file, among threads and processes. Knows a lock file; nothing of what is written.

SQLite lets one writer in at a time, and who waits polls with growing pauses: an editor's commit could starve beside an
import that writes one small transaction after another. A file lock wakes its waiters at once. PostgreSQL needs none of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator

from django.conf import settings
from django.db import connection

_thread = threading.local()


def _lock_file() -> int:
    """This thread's own descriptor: flock excludes descriptors, not threads."""
    descriptor: int | None = getattr(_thread, "descriptor", None)
    if descriptor is None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        path = settings.DATA_DIR / "write.lock"
        descriptor = _thread.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return descriptor


@contextlib.contextmanager
def write_turn() -> Iterator[None]:
    """Hold the turn to write. Keep it for 20 ms at most; a turn within a turn is the same one."""
    if connection.vendor != "sqlite" or getattr(_thread, "held", False):
        yield
        return
    descriptor = _lock_file()
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    _thread.held = True
    try:
        yield
    finally:
        _thread.held = False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
