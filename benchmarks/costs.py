"""What one socket, room, edit, commit, bell and export cost: the figures that benchmarks/scaling_model.py reckons with.

`python -m benchmarks.costs [--only sockets,edits,commits,bells,exports]`. CPU is that of the processes measured (from /proc),
not of the load beside them, so that it holds on a busy machine, too, if not to the percent.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgpack
import redis as redis_client
import websockets
from channels_redis.pubsub import RedisPubSubChannelLayer

from annotator.collaboration.relay import LayerRelay
from benchmarks.cpu import cpu_seconds, resident_kb
from benchmarks.import_export import export_over_http, write_tasks
from benchmarks.latency import editors
from benchmarks.report import finish, table
from tests.support.node import install_packages
from tests.support.postgres import Postgres, fresh_database
from tests.support.projects import Made, make_project
from tests.support.redis import Redis
from tests.support.servers import Server

TEXT = "Colabel lets people and models label the same text together. " * 40
SOCKETS = 800
EDITORS = ((2, 10.0), (50, 5.0), (100, 5.0))  # how many in one document, edits/s of each
SECONDS = 8
IDLE_SECONDS = 10
COMMITS = 400
ROW_BYTES = 130  # an annotation as one update (the driver's bytes a delivery)
BELLS = 4000
TASKS = 10_000

# In a process of the application: rows into the journal, `documents` documents a transaction, one row each.
COMMIT = """
import json, os, time
from datetime import UTC, datetime
from django.db import connection
from annotator.collaboration.journal import Entry
from projects.store import DatabaseStore
store, documents, found = DatabaseStore(), {documents!r}, []
data = bytes(range(1, {size} + 1))
def wal():
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
        return cursor.fetchone()[0]
def backend():
    if connection.vendor != "postgresql":
        return 0
    fields = open("/proc/%d/stat" % connection.connection.info.backend_pid).read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
store.load(documents[0])  # the connection is open from here on
for width in (1, 10, 100):
    times = {commits} if width < 100 else {commits} // 4
    before, theirs, began, cpu = wal(), backend(), time.perf_counter(), time.process_time()
    for number in range(times):
        some = [documents[(number * width + each) % len(documents)] for each in range(width)]
        groups = [[Entry(d, 1, 1, "human", datetime.now(UTC), data)] for d in sorted(set(some))]
        assert all(isinstance(head, int) for head in store.append(groups))
    found.append(dict(rows=width, ms=(time.perf_counter() - began) / times * 1000,
        cpu_ms=(time.process_time() - cpu) / times * 1000,
        postgres_cpu_ms=(backend() - theirs) / times * 1000, wal=(wal() - before) / times / width))
from projects.live import heads_of
theirs, cpu, began = backend(), time.process_time(), time.perf_counter()
for _ in range(200):
    assert len(heads_of(documents)) == len(documents)
looks = len(documents) * 200
look = dict(us=(time.perf_counter() - began) / looks * 1e6, cpu_us=(time.process_time() - cpu) / looks * 1e6,
    postgres_cpu_us=(backend() - theirs) / looks * 1e6)
row = 0
if connection.vendor == "postgresql":
    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL projects_update")
        cursor.execute("SELECT pg_total_relation_size('projects_update')::float / count(*) FROM projects_update")
        row = cursor.fetchone()[0]
print("FOUND", json.dumps([found, row, look]))
"""


@contextlib.contextmanager
def serving(**environment: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder), worker=False, **environment).start()
        try:
            yield server
        finally:
            server.kill()


def sockets() -> dict[str, Any]:
    """Memory of a socket (all in one document), of a document that is open, and the CPU of their being there."""
    with serving() as server:
        made = make_project(server, "sockets", [TEXT] * SOCKETS, {"owner": "manager"}, memory=False)
        together = asyncio.run(held(server, made, [made.documents[0]] * SOCKETS))
    with serving() as server:
        made = make_project(server, "rooms", [TEXT] * SOCKETS, {"owner": "manager"}, memory=False)
        apart = asyncio.run(held(server, made, made.documents))
    return {
        "socket_kb": round(together["kb"], 1),
        "room_kb": round(apart["kb"] - together["kb"], 1),
        "join_cpu_ms": round(together["join_ms"], 2),
        "open_cpu_ms": round(apart["join_ms"] - together["join_ms"], 2),
        "idle_cpu_us_per_socket_s": round(together["idle_us"], 2),
        "idle_cpu_us_per_room_s": round(apart["idle_us"] - together["idle_us"], 2),
    }


async def held(server: Server, made: Made, documents: list[int]) -> dict[str, float]:
    """Sockets that joined and say nothing: what the server's process grew by, and what it does meanwhile."""
    headers = {"Authorization": f"Bearer {made.tokens['owner']}"}
    step1 = b"\x00\x00\x01\x00"
    memory, cpu = resident_kb(server.pid), cpu_seconds(server.pid)
    gate = asyncio.Semaphore(20)

    async def join(document: int) -> websockets.ClientConnection:
        async with gate:
            address = f"{server.ws_url}/ws/documents/{document}/"
            socket = await websockets.connect(
                address, additional_headers=headers, compression=None, ping_interval=None, proxy=None
            )
            await socket.send(step1)
            while True:
                message = await socket.recv()
                if isinstance(message, bytes) and message[:2] == b"\x00\x01":
                    return socket

    opened = await asyncio.gather(*(join(document) for document in documents))
    await asyncio.sleep(2)
    joined = cpu_seconds(server.pid)
    grown = resident_kb(server.pid) - memory
    await asyncio.sleep(IDLE_SECONDS)
    idle = cpu_seconds(server.pid) - joined
    await asyncio.gather(*(socket.close() for socket in opened))
    count = len(documents)
    return {
        "kb": grown / count,
        "join_ms": (joined - cpu) / count * 1000,
        "idle_us": idle / IDLE_SECONDS / count * 1e6,
    }


def edits() -> dict[str, Any]:
    """CPU of the server for an edit, by how many people see it."""
    install_packages()
    found = []
    with serving() as server:
        made = make_project(server, "edits", [TEXT] * len(EDITORS), {"owner": "manager"}, memory=False)
        for document, (count, rate) in zip(made.documents, EDITORS, strict=True):
            before = cpu_seconds(server.pid)
            run = editors(server, made, document, count, rate, SECONDS, len(TEXT))
            spent = cpu_seconds(server.pid) - before
            each = spent / run["edits"] * 1000
            found.append({"editors": count, "edits": run["edits"], "cpu_ms_per_edit": round(each, 3)})
    return {"by_editors": found}


def commits() -> dict[str, Any]:
    """A transaction of the journal, with 1, 10 and 100 documents in it, on SQLite and on PostgreSQL; PostgreSQL's own CPU."""
    found: dict[str, Any] = {}
    with serving() as server:
        found["sqlite"], *_ = commit(server)
    postgres = Postgres().start()
    try:
        with serving(DATABASE_URL=fresh_database(postgres.url("postgres"))) as server:
            found["postgresql"], found["row_bytes"], found["look_at_a_head"] = commit(server)
    finally:
        postgres.remove()
    return found


def commit(server: Server) -> tuple[list[dict[str, float]], float, dict[str, float]]:
    made = make_project(server, "commits", [TEXT] * 100, {"owner": "manager"}, memory=False)
    code = COMMIT.format(documents=made.documents, size=ROW_BYTES, commits=COMMITS)
    found, row, look = json.loads(server.shell(code).split("FOUND")[-1])
    return [rounded(each) for each in found], round(row), rounded(look)


def rounded(found: dict[str, float]) -> dict[str, float]:
    return {key: round(value, 3) for key, value in found.items()}


def bells() -> dict[str, Any]:
    """A bell from one process to 1 and to 4 others: CPU of all ends together, of Redis, and bytes."""
    server = Redis().start()
    try:
        return {f"to_{listeners}": asyncio.run(ring(server, listeners)) for listeners in (1, 4)}
    finally:
        server.remove()


async def ring(server: Redis, listeners: int) -> dict[str, Any]:
    heard = 0
    all_heard = asyncio.Event()

    def hear(topic: str, sender: str, message: dict[str, Any]) -> None:
        nonlocal heard
        heard += 1
        if heard >= BELLS * listeners:
            all_heard.set()

    def layer() -> RedisPubSubChannelLayer:
        return RedisPubSubChannelLayer(hosts=[server.url], prefix="costs")

    one, *others = (LayerRelay(layer(), hear) for _ in range(1 + listeners))
    for other in others:
        await other.listen("document.1")
    message = {"t": "rows", "epoch": 1, "after": 1, "head": 2, "rows": [[1, bytes(ROW_BYTES)]]}
    with redis_client.Redis.from_url(server.url) as client:
        before: Any = client.info("stats")
        cpu, own = cpu_seconds(server.pid), time.process_time()
        for number in range(BELLS):
            one.tell("document.1", message)
            if number % 50 == 49:  # as many as one turn of a busy loop brings
                await asyncio.sleep(0.005)
        async with asyncio.timeout(30):
            await all_heard.wait()
        own, cpu = time.process_time() - own, cpu_seconds(server.pid) - cpu
        after: Any = client.info("stats")
    for relay in (one, *others):
        await relay.close()
    moved = sum(after[key] - before[key] for key in ("total_net_input_bytes", "total_net_output_bytes"))
    return {
        "all_ends_cpu_us": round(own / BELLS * 1e6, 1),
        "redis_cpu_us": round(cpu / BELLS * 1e6, 1),
        "redis_bytes": round(moved / BELLS),
        "message_bytes": len(msgpack.packb(message)),
    }


def exports() -> dict[str, Any]:
    """CPU of the server for one task in an export, and bytes."""
    with serving() as server:
        made = make_project(server, "exports", [], {"owner": "manager"}, template="entities", memory=False)
        source = server.data_dir / "tasks.jsonl"
        write_tasks(source, TASKS)
        before = time.perf_counter()
        server.manage("import_tasks", str(made.project), str(source), "--create-labels")
        imported = time.perf_counter() - before
        with httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {made.tokens['owner']}"}, timeout=60
        ) as client:
            export_over_http(client, made.project, "jsonl")
            cpu = cpu_seconds(server.pid)
            size, _ = export_over_http(client, made.project, "jsonl")
            cpu = cpu_seconds(server.pid) - cpu
    return {
        "tasks": TASKS,
        "cpu_us_per_task": round(cpu / TASKS * 1e6, 1),
        "bytes_per_task": round(size / TASKS),
        "import_s_of_all": round(imported, 2),
    }


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "sockets": sockets,
    "edits": edits,
    "commits": commits,
    "bells": bells,
    "exports": exports,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    found = {}
    for name in options.only.split(","):
        found[name] = PARTS[name]()
        table(name, ["figure", "value"], [[key, json.dumps(value)] for key, value in found[name].items()])
    finish("costs", **found)


if __name__ == "__main__":
    main()
