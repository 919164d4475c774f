"""PostgreSQL restarted, or killed and started again, under 8 editors over two processes: no false `saved`, soon there again."""

from __future__ import annotations

import asyncio
import time

from benchmarks.faults import truth
from benchmarks.faults.cluster import Unreadable
from benchmarks.faults.many import Many
from benchmarks.faults.rounds import together
from benchmarks.faults.stage import Crew, Stage
from benchmarks.faults.typists import at_work

RUNS = 20
MUST = "0 false `saved`; a sentence; recovery <= 10 s"
MANY = True
EDITORS = 8
MOST_SECONDS = 10.0
RUNS_A_DOCUMENT = 5


async def play(stage: Stage, longest: float = 5.0) -> None:
    for first in range(0, stage.runs, RUNS_A_DOCUMENT):
        async with (
            together(stage, EDITORS, first, RUNS_A_DOCUMENT) as (crew, numbers),
            at_work(crew.editors, stage.rng("work", first)),
        ):
            for number in numbers:
                await restart_once(stage, crew, number, longest)


async def restart_once(stage: Stage, crew: Crew, number: int, longest: float) -> None:
    cluster, editors, rng = stage.cluster, crew.editors, stage.rng("postgres", number)
    assert isinstance(cluster, Many)
    await asyncio.sleep(rng.uniform(0.1, 1.0))
    closes = [len(editor.closes) for editor in editors]
    kill = number % 2 == 1
    await asyncio.to_thread(cluster.postgres.kill if kill else cluster.postgres.stop)
    await asyncio.sleep(rng.uniform(0.0, longest))
    counts = truth.acknowledged(editors)  # nothing can be acknowledged before it is there again
    await asyncio.to_thread(cluster.postgres.start)
    began = time.monotonic()
    try:
        shown = await asyncio.to_thread(cluster.stored, crew.document)
        problems = truth.kept(shown, editors, counts, "PostgreSQL after its restart")
    except Unreadable as error:
        problems = [str(error)]
    if not await truth.caught_up(editors, 100):
        problems.append("not all was saved after it was back")
    seconds = time.monotonic() - began
    problems += stage.late("recovery took", seconds, MOST_SECONDS)
    codes = sorted({code for e, n in zip(editors, closes, strict=True) for code in e.closes[n:]})
    if set(codes) - {1013}:
        problems.append(f"closed with {codes}, not with 1013")
    stage.tell(number, problems, recovery_s=round(seconds, 2), closes=codes, killed=kill)
