"""Redis killed and started again under 8 editors of one document, spread over two processes.

While it is away everybody's edits must go on being saved; soon after it is back everybody must show the same.
"""

from __future__ import annotations

import asyncio
import time

from benchmarks.faults import truth
from benchmarks.faults.many import Many
from benchmarks.faults.rounds import together
from benchmarks.faults.stage import Crew, Stage
from benchmarks.faults.typists import at_work

RUNS = 20
MUST = "0 lost, equal <= 5 s after it is back; same-process editing never stops"
MANY = True
EDITORS = 8
MOST_SECONDS = 5.0
RUNS_A_DOCUMENT = 5
LONG_AWAY_SECONDS = 60.0  # the last time of each document


async def play(stage: Stage, longest: float = 10.0) -> None:
    for first in range(0, stage.runs, RUNS_A_DOCUMENT):
        async with together(stage, EDITORS, first, RUNS_A_DOCUMENT) as (crew, numbers):
            for number in numbers:
                await ring_no_more(stage, crew, number, longest)


async def ring_no_more(stage: Stage, crew: Crew, number: int, longest: float) -> None:
    cluster, editors, rng = stage.cluster, crew.editors, stage.rng("redis", number)
    assert isinstance(cluster, Many)
    closes = sum(len(editor.closes) for editor in editors)
    problems = []
    async with at_work(editors, rng):
        await asyncio.sleep(rng.uniform(0.1, 1.0))
        await asyncio.to_thread(cluster.redis.kill)
        before = truth.acknowledged(editors)
        is_last = number % RUNS_A_DOCUMENT == RUNS_A_DOCUMENT - 1
        await asyncio.sleep(LONG_AWAY_SECONDS if is_last else rng.uniform(1.0, longest))
        if any(now <= then for now, then in zip(truth.acknowledged(editors), before, strict=True)):
            problems.append("somebody's edits were not saved while Redis was away")
        await asyncio.to_thread(cluster.redis.start)
    began = time.monotonic()
    problems += await truth.saved(editors)
    shown = await truth.equal(editors)
    seconds = time.monotonic() - began
    problems += ["the editors do not come to show the same"] if shown is None else []
    problems += stage.late("equal after", seconds, MOST_SECONDS)
    if sum(len(editor.closes) for editor in editors) > closes:
        problems.append(f"somebody lost the connection: {[editor.closes for editor in editors]}")
    stage.tell(number, problems, equal_s=round(seconds, 2))
