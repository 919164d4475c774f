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
    called_made: list[str] = []  # by REST, while the disk failed
    for first in range(0, stage.runs, RUNS_A_DOCUMENT):
        numbers = range(first, min(stage.runs, first + RUNS_A_DOCUMENT))
        task, document = await asyncio.to_thread(stage.cluster.new_document)
        async with Crew(stage, document, EDITORS, first) as crew:
            await truth.until(lambda: truth.all_synced(crew.editors))
            async with at_work(crew.editors, stage.rng("work", first), (0.02, 0.3)):
                for number in numbers:
                    await fail_once(stage, crew, number, fail, longest, called_made)
            problems = await truth.agree(stage.cluster, task, document, crew.editors)
        stored = await asyncio.to_thread(stage.cluster.stored, stage.cluster.project.documents[0], alive=True)
        problems += [
            f"REST said that it made {id}; it did not" for id in called_made if id not in stored["annotations"]
        ]
        stage.tell(numbers[-1], problems, what="all agree", made_by_rest=len(called_made))


async def fail_once(
    stage: Stage, crew: Crew, number: int, fail: Callable[[Shim, int], None], longest: float, called_made: list[str]
) -> None:
    cluster, editors, shim = stage.cluster, crew.editors, Shim(stage.cluster.folder)
    rng = stage.rng("disk", number)
    await asyncio.sleep(rng.uniform(0.1, 1.0))
    closes = [len(editor.closes) for editor in editors]
    fail(shim, number)
    try:
        # Until somebody is told; then on, so that those who come back meet it, too.
        before = sum(truth.acknowledged(editors))
        told = await truth.until(lambda: any(len(e.closes) > n for e, n in zip(editors, closes, strict=True)), 5)
        await asyncio.sleep(rng.uniform(FAILING_SECONDS[0], longest))
        # Where room is left in the log, edits go on being stored: then nobody has to be told anything.
        problems = [] if told or sum(truth.acknowledged(editors)) > before else ["nobody was told"]
        sentence = await asyncio.to_thread(sentence_of_the_api, stage, called_made)
        if not sentence.startswith(("201", "503")):
            problems.append(f"REST said {sentence}")
        if number % 2:
            problems += await killed_meanwhile(stage, crew)
        codes = {code for e, n in zip(editors, closes, strict=True) for code in e.closes[n:]}
    finally:
        shim.heal()
    if number % 2:
        await asyncio.to_thread(cluster.start)
    began = time.monotonic()
    if not await truth.caught_up(editors, 100):
        problems.append("not all was saved after it had healed")
    seconds = time.monotonic() - began
    problems += stage.late("recovery took", seconds, MOST_SECONDS)
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


def sentence_of_the_api(stage: Stage, called_made: list[str]) -> str:
    """What REST says to an edit while the disk fails; the edit must not be called made."""
    with stage.cluster.api() as api:
        task = stage.cluster.project.tasks[0]
        said = {"field": "entities", "label": "person", "value": {"start": 0, "end": 3}}
        answer = api.post(f"/tasks/{task}/annotations", json=said)
    if answer.status_code == 201:
        called_made.append(answer.json()["id"])
    return f"{answer.status_code} {answer.text[:200]}"
