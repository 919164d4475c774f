"""The engine in this process, its rooms opened and closed: what it leaves behind. Started by open_close.py."""

from __future__ import annotations

import django

django.setup()

import asyncio
import gc
import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from benchmarks.cpu import own_megabytes
from projects import live
from projects.write_turn import write_turn
from tests.support.tabs import Tab

SAMPLES = 20
WARM = 10
BEGINS_SECONDS = 30.0


def own_memory() -> float:
    gc.collect()
    return own_megabytes(os.getpid())


def tasks() -> int:
    return len(asyncio.all_tasks())


async def visit(document: int, user: int, number: int) -> None:
    """Come in with a new tab, say something, see it saved, leave."""
    rooms = live.engine().rooms
    tab = Tab(f"t{document}", user)
    async with rooms.open(document) as room:
        tab.enter(room)
        tab.read()
        body = {"on": None, "author": tab.person.id, "body": f"said {number}", "created": "2026-11-21T12:00:00.000Z"}
        tab.map("comments")[f"comment-{tab.person.name}"] = body
        tab.deliver()
        while tab.saved() < tab.session.received:
            await asyncio.sleep(0)
        tab.leave()
        tab.close()


async def until_closed() -> None:
    while live.engine().rooms.now():
        await asyncio.sleep(0.01)


def begin_all(threads: ThreadPoolExecutor) -> None:
    """Let every thread of a pool that grows as needed begin, with a connection of its own and the lock for writing."""
    count = threads._max_workers
    together = threading.Barrier(count)

    def begin() -> None:
        with write_turn():
            connection.ensure_connection()
        together.wait(BEGINS_SECONDS)

    for begun in [threads.submit(begin) for _ in range(count)]:
        begun.result()


async def main(count: int, documents: list[int], user: int) -> None:
    engine = live.engine()
    engine.rooms._idle_seconds = 0.0

    async def visits(first: int, upto: int) -> None:
        for number in range(first, upto):
            await visit(documents[number % len(documents)], user, number)
        await until_closed()

    def counted() -> tuple[int, ...]:
        gc.collect()
        descriptors, places = len(os.listdir("/proc/self/fd")), len(engine.projector._places)
        return tasks(), descriptors, len(engine.rooms._rooms), places, len(gc.get_objects())

    # Threads, and their connections to the database, are made when they are first needed: here all of them are, before.
    for threads in (engine._threads, engine.rooms.journal._readers):
        begin_all(threads)
    await visits(0, max(WARM * len(documents), count // 4))
    begun, samples, began = counted(), [own_memory()], time.perf_counter()
    for at in range(SAMPLES):
        await visits(count * at // SAMPLES, count * (at + 1) // SAMPLES)
        samples.append(round(own_memory(), 2))
    seconds = time.perf_counter() - began
    ended = counted()
    names = ("tasks", "descriptors", "rooms", "places", "objects")
    found = dict(zip(names, zip(begun, ended, strict=True), strict=True))
    await engine.close()
    print(json.dumps({**found, "memory_mb": samples, "open_ms": round(seconds / count * 1000, 2)}))


if __name__ == "__main__":
    asyncio.run(main(*json.loads(sys.argv[1])))
