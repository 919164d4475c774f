"""SIGKILL of the server at random instants under 8 editors: nothing acknowledged is lost, nothing doubled, soon there again.

Between kill and restart the database is read as it lies there, so that no editor can heal what was lost.
"""

from __future__ import annotations

import asyncio
import time

from benchmarks.faults import truth
from benchmarks.faults.cluster import Unreadable
from benchmarks.faults.rounds import together
from benchmarks.faults.stage import Crew, Stage
from benchmarks.faults.typists import at_work
from benchmarks.report import percentile

RUNS = 50
MUST = "0 acknowledged lost, 0 doubled, 0 unreadable; serving again p95 <= 5 s"
KILLS_A_DOCUMENT = 10
EDITORS = 8
LONGEST_SECONDS = 2.0
MOST_SECONDS = 5.0


async def play(stage: Stage) -> None:
    for first in range(0, stage.runs, KILLS_A_DOCUMENT):
        async with (
            together(stage, EDITORS, first, KILLS_A_DOCUMENT) as (crew, kills),
            at_work(crew.editors, stage.rng("work", first)),
        ):
            for number in kills:
                await kill_once(stage, crew, number)
    served = percentile([run["served_s"] for run in stage.told if "served_s" in run], 95)
    if problems := stage.late("serving again: p95", served, MOST_SECONDS):
        stage.tell(stage.runs, problems, what="all kills")


async def kill_once(stage: Stage, crew: Crew, number: int) -> None:
    cluster, editors = stage.cluster, crew.editors
    await asyncio.sleep(stage.rng("kill", number).uniform(0.0, LONGEST_SECONDS))
    await asyncio.to_thread(cluster.kill)
    await truth.until(lambda: not any(editor.synced for editor in editors), 10)
    counts = truth.acknowledged(editors)
    try:
        shown = await asyncio.to_thread(cluster.stored, crew.document)
        problems = truth.kept(shown, editors, counts, "the database after the kill")
    except Unreadable as error:
        problems = [str(error)]
    began = time.monotonic()
    starting = asyncio.ensure_future(asyncio.to_thread(cluster.start))
    if not await truth.until(lambda: any(editor.synced for editor in editors)):
        problems.append("nobody could come back")
    served = time.monotonic() - began
    if not await truth.until(lambda: truth.all_synced(editors)):
        problems.append("not everybody could come back")
    synced = time.monotonic() - began
    await starting
    stage.tell(number, problems, acknowledged=sum(counts), served_s=round(served, 2), all_synced_s=round(synced, 2))
