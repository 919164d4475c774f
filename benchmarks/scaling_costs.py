"""What the scaling model reckons with: measured by benchmarks/costs.py and benchmarks/processes.py (docs/scaling.md: when, how)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """Measured: see docs/scaling.md for when and how. CPU in milliseconds, memory in kB, sizes in bytes."""

    edit_ms: (
        float  # a process: gate, rules, working copy, its share of a commit, rows, the bell, `saved`, one colleague
    )
    delivery_ms: float  # every further session that sees it
    hear_ms: float  # the same edit in another process, taken from a bell
    join_ms: float  # a socket's login and its first answer
    open_ms: float  # a document that was not open: reading and building it
    look_ms: float  # a process: one open document's head, compared every 2 s
    idle_ms: float  # a socket that says nothing, a second
    process_mb: float
    socket_kb: float
    room_kb: float
    commit_ms: float  # how long a transaction takes on the journal's thread
    commit_row_ms: float  # and each row in it
    postgres_commit_ms: float  # CPU of PostgreSQL for a transaction
    postgres_row_ms: float
    postgres_look_ms: float  # CPU of PostgreSQL for one head that is looked up
    row_bytes: float  # of the journal's table with its indexes
    wal_bytes: float  # a row, written ahead and sent to replicas
    redis_bell_ms: float  # CPU of Redis for a bell that nobody hears
    redis_hear_ms: float  # and for each process that hears it
    bell_bytes: float
    export_task_ms: float


MEASURED = Costs(
    edit_ms=1.38,
    delivery_ms=0.005,
    hear_ms=0.1,
    join_ms=3.5,
    open_ms=13.3,
    look_ms=0.011,
    idle_ms=0.01,
    process_mb=125.0,
    socket_kb=36.0,
    room_kb=33.0,
    commit_ms=1.3,
    commit_row_ms=0.365,
    postgres_commit_ms=0.45,
    postgres_row_ms=0.22,
    postgres_look_ms=0.005,
    row_bytes=296.0,
    wal_bytes=1000.0,
    redis_bell_ms=0.006,
    redis_hear_ms=0.009,
    bell_bytes=290.0,
    export_task_ms=0.03,
)
