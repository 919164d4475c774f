"""Whether this process can serve, and what is missing where it cannot. Says nothing that a stranger may not read."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from projects.operations import heartbeat

MIN_FREE_BYTES = 64 * 1024 * 1024  # where the journal lies: less, and the next commits may fail
WORKER_SEEN_SECONDS = 60.0
REDIS_SECONDS = 2.0


class Missing(Exception):
    """Something that is needed is not there. Holds the sentence to show."""


@dataclass(frozen=True)
class Check:
    """What was found of one need: None is nothing missing."""

    name: str
    missing: str | None


def database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Exception:
        raise Missing("The database cannot be reached.") from None


_migrated = False  # tables are never taken back while a process runs: once is enough


def migrations() -> None:
    global _migrated
    if _migrated:
        return
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        count = "1 migration waits" if len(waiting) == 1 else f"{len(waiting)} migrations wait"
        raise Missing(f"The database is not up to date: {count}; run manage.py migrate.")
    _migrated = True


def journal() -> None:
    """Something is really written and committed: a full disk or a read-only database is found out this way only."""
    if connection.vendor == "sqlite":
        free = shutil.disk_usage(settings.DATA_DIR).free
        if free < MIN_FREE_BYTES:
            wanted = MIN_FREE_BYTES // 1_048_576
            raise Missing(f"{free // 1_048_576} MB are free for the journal; expected at least {wanted}.")
    try:
        heartbeat.beat("server")
    except Exception:
        raise Missing("The journal cannot be written.") from None


def bell() -> None:
    """Redis, where one is configured."""
    if not settings.REDIS_URL:
        return
    redis = importlib.import_module("redis")  # which a process without one does not import
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        ) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError):
        raise Missing("Redis cannot be reached: other processes hear of edits late.") from None


def worker() -> None:
    seen = heartbeat.last_seen("worker")
    if seen is None:
        raise Missing("No worker was ever seen: imports wait.")
    ago = (timezone.now() - seen).total_seconds()
    if ago > WORKER_SEEN_SECONDS:
        raise Missing(f"No worker was seen for {ago:,.0f} seconds: imports wait.")


# In this order: without a database nothing is known of what comes after it.
CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "journal": journal,
    "redis": bell,
    "worker": worker,
}
NEED_DATABASE = {"migrations", "journal", "worker"}


def look() -> list[Check]:
    """Look at everything. Blocks; leaves no connection open."""
    found: list[Check] = []
    try:
        for name, check in CHECKS.items():
            without = name in NEED_DATABASE and found[0].missing is not None
            found.append(Check(name, "Not known without the database." if without else answer(check)))
    finally:
        connection.close()
    return found


def answer(check: Callable[[], None]) -> str | None:
    try:
        check()
    except Missing as missing:
        return str(missing)
    except Exception as error:
        return f"This could not be looked at ({type(error).__name__})."
    return None


def unanswered() -> list[Check]:
    """What is known when the look did not come to an end in time."""
    return [Check("database", "The database did not answer in time.")]


def report(checks: list[Check], needs: set[str]) -> tuple[bool, dict[str, Any]]:
    """Whether all of `needs` is there, and what to say of everything."""
    missing = [check for check in checks if check.missing is not None]
    ready = not any(check.name in needs for check in missing)
    told = [check.missing for check in missing if check.missing and not check.missing.startswith("Not known")]
    sentence = " ".join(told) or "Everything that is needed is there."
    shown = {
        check.name: {"ok": check.missing is None, **({"missing": check.missing} if check.missing else {})}
        for check in checks
    }
    return ready, {"ready": ready, "sentence": sentence, "checks": shown}
