"""What one process or many stand on: database, channel layer, cache and job queue, from two addresses. Pure.

Without addresses everything lies in the data folder and one process serves it. `DATABASE_URL` moves the rows to PostgreSQL;
`REDIS_URL` lets any number of processes, on any number of machines, hear of each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

APPLICATION_NAME = "colabel"  # how our connections are called in pg_stat_activity
KEEP_SECONDS = 600  # SQLite's connections are kept: opening one costs more than most queries
EXPECTED_DATABASE = (
    "expected postgresql://user:password@host:5432/name; without it the site keeps its rows in SQLite, in DATA_DIR"
)
EXPECTED_REDIS = "expected redis://host:6379/0 (or rediss:// for TLS, or unix:///path)"


def need_database_url(url: str) -> str:
    """`url`, if it is one that we can use. Raises ValueError with a sentence that does not repeat it: it holds a password."""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/")):
        raise ValueError(EXPECTED_DATABASE)
    return url


def need_redis_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("redis", "rediss", "unix") or not (parts.netloc or parts.path)):
        raise ValueError(EXPECTED_REDIS)
    return url


def database(url: str, connections: int, data_dir: Path, test_name: str | None) -> dict[str, Any]:
    """Django's setting for the one database."""
    found = postgresql(url, connections) if url else sqlite(data_dir)
    return {**found, "TEST": {"NAME": test_name}}


def sqlite(data_dir: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data_dir / "db.sqlite3",
        "CONN_MAX_AGE": KEEP_SECONDS,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",  # a transaction that will write says so at its start: no deadlocks
            "timeout": 20,
            # FULL: what was acknowledged has reached the disk (promise P2).
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=268435456;",
        },
    }


def postgresql(url: str, connections: int) -> dict[str, Any]:
    """A pool: each request runs in a thread of its own, and a connection that a thread kept would end with it unclosed.

    Whoever takes a connection looks whether it still lives; a server that is gone is noticed in seconds.
    """
    found: dict[str, Any] = dict(dj_database_url.parse(url))
    given = found.get("OPTIONS", {})
    # On, whatever the server's or the role's default says: `saved` means committed (promise P2).
    flags = "-c synchronous_commit=on -c lock_timeout=20s -c idle_in_transaction_session_timeout=120s"
    options = {
        "application_name": APPLICATION_NAME,
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
        "pool": {"min_size": 1, "max_size": connections, "timeout": 10, "max_idle": 300},
        **given,
        "options": f"{given.get('options', '')} {flags}".strip(),
    }
    return {**found, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def channel_layers(redis_url: str) -> dict[str, Any]:
    """Pub/sub: after a restart of Redis its sockets subscribe again, which those of the core layer do not."""
    if not redis_url:
        return {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    config = {"hosts": [redis_url], "prefix": "colabel"}
    return {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": config}}


def caches(redis_url: str) -> dict[str, Any]:
    """What is counted against attackers (failed logins) must be counted once for all processes."""
    if not redis_url:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    options = {"socket_connect_timeout": 1, "socket_timeout": 1}
    return {
        "default": {
            "BACKEND": "annotator.caching.RedisOrMemoryCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": "colabel",
            "OPTIONS": options,
        }
    }


def queue(redis_url: str, data_dir: Path) -> dict[str, Any]:
    """Huey's setting. A message says only which job: what was lost with a queue is found again in the jobs' rows."""
    common = {"name": "colabel", "immediate": False, "results": False}
    if not redis_url:
        return {**common, "huey_class": "huey.SqliteHuey", "filename": str(data_dir / "queue.sqlite3")}
    return {**common, "huey_class": "huey.RedisHuey", "url": redis_url, "blocking": False}
