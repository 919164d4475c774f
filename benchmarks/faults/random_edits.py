"""Random concurrent edits of 2 to 6 peers, half of them real Yjs, with kills of the server and lost connections between.

Each seed is a document of its own; a few are played side by side, and the server dies once under each handful.
"""

from __future__ import annotations

import asyncio
import random

from benchmarks.faults import truth
from benchmarks.faults.stage import Crew, Stage

RUNS = 200  # seeds
MUST = "browser, server, reload and export agree; 0 lost, 0 doubled"
OPERATIONS = 100
SIDE_BY_SIDE = 4


async def play(stage: Stage, kills: bool = True) -> None:
    for first in range(0, stage.runs, SIDE_BY_SIDE):
        numbers = range(first, min(stage.runs, first + SIDE_BY_SIDE))
        crews = []
        for number in numbers:
            rng = stage.rng("seed", number)
            task, document = await asyncio.to_thread(stage.cluster.new_document)
            crews.append((number, rng, task, Crew(stage, document, rng.randint(2, 6), number)))
        killing = asyncio.ensure_future(kill(stage, first)) if kills else None
        await asyncio.gather(*(play_seed(stage, *crew, killing) for crew in crews))


async def kill(stage: Stage, first: int) -> None:
    await asyncio.sleep(stage.rng("kill", first).uniform(0.1, 1.2))
    await asyncio.to_thread(stage.cluster.kill)
    await asyncio.to_thread(stage.cluster.start)


async def play_seed(
    stage: Stage, number: int, rng: random.Random, task: int, crew: Crew, killing: asyncio.Task[None] | None
) -> None:
    async with crew:
        for _ in range(OPERATIONS):
            await operate(rng, crew)
            await asyncio.sleep(rng.uniform(0.0, 0.03))
        for editor in crew.away:
            editor.come_back()
        if killing is not None:
            await asyncio.shield(killing)
        problems = await truth.agree(stage.cluster, task, crew.document, crew.editors)
        edits = sum(len(editor.hand.made) for editor in crew.editors)
    stage.tell(number, problems, peers=crew.count, edits=edits)


async def operate(rng: random.Random, crew: Crew) -> None:
    """One thing that happens to somebody."""
    editor, chance = rng.choice(crew.editors), rng.random()
    if chance < 0.8:
        editor.edit()
    elif chance < 0.86:
        editor.cut()
    elif chance < 0.93:
        if editor in crew.away:
            crew.away.remove(editor)
            editor.come_back()
        else:
            crew.away.append(editor)
            editor.go_offline()
    else:
        await asyncio.sleep(rng.uniform(0.0, 0.15))
