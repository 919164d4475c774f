"""A disk that fails under 6 editors and heals: nothing is called saved that is not, and all of it is there soon after.

Every second time the server is killed while the disk fails, and the database read as it lies there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from benchmarks.faults import truth
from benchmarks.faults.cluster import Unreadable
from benchmarks.faults.shim import Shim
from benchmarks.faults.stage import Crew, Stage
from benchmarks.faults.typists import at_work

MUST = "0 false `saved`, a sentence, recovery <= 10 s after it heals, nothing lost"
MOST_SECONDS = 10.0
EDITORS = 6
FAILING_SECONDS = (0.5, 8.0)
RUNS_A_DOCUMENT = 10


async def play(stage: Stage, fail: Callable[[Shim, int], None], longest: float = FAILING_SECONDS[1]) -> None:
    for first in range(0, stage.runs, RUNS_A_DOCUMENT):
        numbers = range(first, min(stage.runs, first + RUNS_A_DOCUMENT))
        task, document = await asyncio.to_thread(stage.cluster.new_document)
        async with Crew(stage, document, EDITORS, first) as crew:
            await truth.until(lambda: all(editor.synced for editor in crew.editors))
            async with at_work(crew.editors, stage.rng("work", first), (0.02, 0.3)):
                for number in numbers:
                    await fail_once(stage, crew, number, fail, longest)
            problems = await truth.agree(stage.cluster, task, document, crew.editors)
        stage.tell(numbers[-1], problems, what="all agree")


async def fail_once(stage: Stage, crew: Crew, number: int, fail: Callable[[Shim, int], None], longest: float) -> None:
    cluster, editors, shim = stage.cluster, crew.editors, Shim(stage.cluster.folder)
    rng = stage.rng("disk", number)
    await asyncio.sleep(rng.uniform(0.1, 1.0))
    closes = [len(editor.closes) for editor in editors]
    fail(shim, number)
    try:
        # Until somebody is told; then on, so that those who come back meet it, too.
        told = await truth.until(lambda: any(len(e.closes) > n for e, n in zip(editors, closes, strict=True)), 20)
        await asyncio.sleep(rng.uniform(FAILING_SECONDS[0], longest))
        problems = [] if told else ["nobody was told"]
        sentence = await asyncio.to_thread(sentence_of_the_api, stage)
        if number % 2:
            problems += await killed_meanwhile(stage, crew)
        codes = {code for e, n in zip(editors, closes, strict=True) for code in e.closes[n:]}
    finally:
        shim.heal()
    began = time.monotonic()
    if number % 2:
        await asyncio.to_thread(cluster.start)
    done = [len(editor.hand.made) for editor in editors]
    if not await truth.until(lambda: all(e.acknowledged >= n for e, n in zip(editors, done, strict=True)), 100):
        problems.append("not all was saved after it had healed")
    seconds = time.monotonic() - began
    if seconds > MOST_SECONDS:
        problems.append(f"recovery took {seconds:.1f} s")
    if number % 2 == 0 and told and 1013 not in codes:
        problems.append(f"closed with {sorted(codes)}, not with 1013")
    stage.tell(
        number, problems, recovery_s=round(seconds, 2), closes=sorted(codes), killed=bool(number % 2), rest=sentence
    )


async def killed_meanwhile(stage: Stage, crew: Crew) -> list[str]:
    await asyncio.to_thread(stage.cluster.kill)
    await truth.until(lambda: not any(editor.synced for editor in crew.editors), 10)
    try:
        shown = await asyncio.to_thread(stage.cluster.stored, crew.document)
    except Unreadable as error:
        return [str(error)]
    return truth.kept(shown, crew.editors, truth.acknowledged(crew.editors), "the database on a failing disk")


def sentence_of_the_api(stage: Stage) -> str:
    """What REST says to an edit while the disk fails; the edit must not be called made."""
    with stage.cluster.api() as api:
        task = stage.cluster.project.tasks[0]
        said = {"field": "entities", "label": "person", "value": {"start": 0, "end": 3}}
        answer = api.post(f"/tasks/{task}/annotations", json=said)
    return f"{answer.status_code} {answer.text[:200]}"
