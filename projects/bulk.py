"""What processes and connections do before they pass a whole project through. Knows nothing of what that is."""

from __future__ import annotations

import gc

from django.db import connection

YOUNG_OBJECTS = 20_000  # between two looks of the collector; rows leave few cycles behind


def calm_collector() -> None:
    """What was imported until now is never looked at again, and young objects seldom: a tenth less time.

    For processes that do bulk work and nothing else.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


def read_without_map() -> None:
    """Read SQLite's file instead of mapping it: of a project read once, every page would stay in this process' memory."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA mmap_size = 0")
