"""Everybody reconnects at once after a crash, each with an edit that was not acknowledged."""

from __future__ import annotations

import asyncio
import time

from benchmarks.cpu import cpu_seconds
from benchmarks.faults import truth
from benchmarks.faults.cluster import PEOPLE, Cluster
from benchmarks.faults.editors import Yjs
from benchmarks.faults.hands import Hand
from benchmarks.faults.stage import Stage

RUNS = 1000  # clients
MUST = "all synced <= 30 s on 2 cores"
MOST_SECONDS = 30.0
IN_A_DOCUMENT = 20


async def play(stage: Stage) -> None:
    cluster, made = stage.cluster, stage.cluster.project
    places = [await asyncio.to_thread(cluster.new_document) for _ in range(max(1, stage.runs // IN_A_DOCUMENT))]
    async with Yjs() as yjs:
        editors = []
        for number in range(stage.runs):
            person = PEOPLE[number % len(PEOPLE)]
            document = places[number % len(places)][1]
            hand = Hand(f"e{number}", made.users[person], stage.rng(number))
            editors.append(yjs.editor(cluster.address_of(document, number), made.tokens[person], hand))
        began = time.monotonic()
        problems = [] if await truth.until(lambda: truth.all_synced(editors), 120) else ["not all came in at first"]
        first = time.monotonic() - began
        for editor in editors:
            editor.edit()
        problems += (await truth.saved(editors, 60))[:3]
        for editor in editors:
            editor.go_offline()
        await asyncio.to_thread(cluster.kill)
        for editor in editors:
            editor.edit()
        await asyncio.to_thread(cluster.start)
        began, cpu = time.monotonic(), worked(cluster)
        for editor in editors:
            editor.come_back()
        problems += [] if await truth.until(lambda: truth.all_synced(editors), 120) else ["not all came back"]
        synced, cpu = time.monotonic() - began, worked(cluster) - cpu
        problems += (await truth.saved(editors, 60))[:3]
        saved = time.monotonic() - began
        problems += stage.late("all synced after", synced, MOST_SECONDS)
        for at in range(0, len(places), max(1, len(places) // 5)):
            problems += await truth.agree(cluster, *places[at], editors[at :: len(places)])
    stage.tell(
        0,
        problems,
        clients=stage.runs,
        first_s=round(first, 2),
        all_synced_s=round(synced, 2),
        all_saved_s=round(saved, 2),
        server_cpu_s=round(cpu, 2),
    )


def worked(cluster: Cluster) -> float:
    """CPU seconds of the servers: on a machine that others use, too, they say more than the clock."""
    return sum(cpu_seconds(pid) for pid in cluster.pids())
