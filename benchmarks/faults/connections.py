"""Lines that are cut, half-open, refused, slow and late under 6 editors; and somebody who was away with 10,000 edits.

Four of the editors come through a proxy of our own that does these things; two come directly and must not notice.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from functools import partial

from benchmarks.faults import truth
from benchmarks.faults.proxy import Proxy
from benchmarks.faults.rounds import together
from benchmarks.faults.stage import Crew, Stage
from benchmarks.faults.typists import at_work

RUNS = 60
MUST = "0 lost, 0 doubled; synced <= 10 s after the line is back, also with 10,000 edits"
MOST_SECONDS = 10.0
EDITORS, THROUGH_PROXY = 6, 4
FAULTS = ("cut", "half_open", "refused", "late", "slow", "drip")
RUNS_A_DOCUMENT = 12


async def play(stage: Stage, longest: float = 4.0, offline_edits: int = 10_000) -> None:
    port = stage.cluster.servers[0].port
    for first in range(0, stage.runs, RUNS_A_DOCUMENT):
        async with Proxy(port) as proxy:
            address = partial(way, stage, proxy)
            async with (
                together(stage, EDITORS, first, RUNS_A_DOCUMENT, address) as (crew, numbers),
                at_work(crew.editors, stage.rng("work", first)),
            ):
                for number in numbers:
                    await disturb(stage, crew, proxy, number, longest)
    for at, yjs in enumerate((0, 1)):
        await away(stage, stage.runs + at, yjs, offline_edits)


def way(stage: Stage, proxy: Proxy, document: int, number: int) -> Callable[[], str]:
    """How an editor of a document comes to the server."""
    return partial(proxy.address, document) if number < THROUGH_PROXY else stage.cluster.address_of(document)


async def disturb(stage: Stage, crew: Crew, proxy: Proxy, number: int, longest: float) -> None:
    rng = stage.rng("line", number)
    kind = FAULTS[number % len(FAULTS)]
    direct = crew.editors[THROUGH_PROXY:]
    falls = [len(editor.closes) for editor in direct]
    await asyncio.sleep(rng.uniform(0.0, 0.5))
    await break_line(proxy, kind, rng, longest)
    proxy.heal()
    if kind == "half_open":
        proxy.cut()  # a browser's watchdog gives a silent line up; then comes the next attempt
    began = time.monotonic()
    problems = []
    if not await truth.caught_up(crew.editors):
        problems.append("not all was saved after the line was back")
    seconds = time.monotonic() - began
    problems += stage.late("synced after", seconds, MOST_SECONDS)
    if any(len(editor.closes) > n for editor, n in zip(direct, falls, strict=True)):
        problems.append("who came directly lost the connection, too")
    stage.tell(number, problems, kind=kind, synced_s=round(seconds, 2))


async def break_line(proxy: Proxy, kind: str, rng: random.Random, longest: float) -> None:
    seconds = rng.uniform(0.2, longest)
    match kind:
        case "cut":
            for _ in range(rng.randrange(1, 5)):
                proxy.cut()
                await asyncio.sleep(rng.uniform(0.0, seconds / 2))
        case "half_open":
            proxy.stall()
            await asyncio.sleep(seconds)
        case "refused":
            proxy.is_refusing = True
            proxy.cut()
            await asyncio.sleep(seconds)
        case "late":
            proxy.delay_seconds = rng.uniform(0.05, 0.4)
            await asyncio.sleep(seconds)
        case "slow":
            proxy.bytes_a_second = rng.uniform(5_000, 50_000)
            await asyncio.sleep(seconds)
        case "drip":  # late, and cut in the middle of what is under way
            proxy.delay_seconds = rng.uniform(0.02, 0.2)
            await asyncio.sleep(seconds / 2)
            proxy.cut()
            await asyncio.sleep(seconds / 2)


async def away(stage: Stage, number: int, yjs: int, edits: int) -> None:
    """One editor is away and works; a colleague works, too; then he comes back."""
    task, document = await asyncio.to_thread(stage.cluster.new_document)
    async with Crew(stage, document, 2, f"away{yjs}", yjs=yjs) as crew:
        gone, there = crew.editors
        await truth.until(lambda: gone.synced and there.synced)
        gone.go_offline()
        for at in range(edits):
            gone.edit()
            if at % 50 == 0:
                there.edit()
                await asyncio.sleep(0)
        await truth.until(lambda: there.acknowledged == len(there.hand.made))
        began = time.monotonic()
        gone.come_back()
        problems = []
        if not await truth.until(lambda: gone.synced and gone.acknowledged == edits, truth.SETTLE_SECONDS):
            problems.append(f"{gone.acknowledged} of {edits} saved; closes {gone.closes[-5:]}")
        seconds = time.monotonic() - began
        problems += stage.late("synced after", seconds, MOST_SECONDS)
        if not problems:
            problems = await truth.agree(stage.cluster, task, document, crew.editors)
    stage.tell(number, problems, kind="away", editor="Yjs" if yjs else "pycrdt", edits=edits, back_s=round(seconds, 2))
