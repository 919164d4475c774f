"""SIGTERM under load: the server ends within seconds, with nothing lost."""

from __future__ import annotations

import asyncio
import time

from benchmarks.faults import truth
from benchmarks.faults.stage import Crew, Stage
from benchmarks.faults.typists import at_work

RUNS = 20
MUST = "exit <= 10 s, 0 lost"
MOST_SECONDS = 10.0
EDITORS = 8


async def play(stage: Stage) -> None:
    task, document = await asyncio.to_thread(stage.cluster.new_document)
    async with Crew(stage, document, EDITORS) as crew:
        await truth.until(lambda: truth.all_synced(crew.editors))
        async with at_work(crew.editors, stage.rng("work")):
            for number in range(stage.runs):
                await stop_once(stage, crew, number)
        stage.tell(stage.runs, await truth.agree(stage.cluster, task, document, crew.editors), what="all agree")


async def stop_once(stage: Stage, crew: Crew, number: int) -> None:
    cluster, editors = stage.cluster, crew.editors
    await asyncio.sleep(stage.rng("stop", number).uniform(0.1, 1.5))
    closes = [len(editor.closes) for editor in editors]
    began = time.monotonic()
    codes = await asyncio.to_thread(cluster.stop)
    seconds = time.monotonic() - began
    problems = [f"it ended with {code}" for code in codes if code]
    problems += stage.late("the end took", seconds, MOST_SECONDS)
    await truth.until(lambda: not any(editor.synced for editor in editors), 10)
    counts = truth.acknowledged(editors)
    shown = await asyncio.to_thread(cluster.stored, crew.document)
    problems += truth.kept(shown, editors, counts, "the database after the stop")
    told = sum(editor.closes[before : before + 1] == [1012] for editor, before in zip(editors, closes, strict=True))
    await asyncio.to_thread(cluster.start)
    if not await truth.until(lambda: truth.all_synced(editors)):
        problems.append("not everybody could come back")
    stage.tell(number, problems, acknowledged=sum(counts), exit_s=round(seconds, 2), told_1012=told)
