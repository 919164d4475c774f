"""A room opened, edited in and closed over and over: memory stays flat, tasks and file descriptors come back.

First in the engine itself, in a process of its own (open_close_inside.py), then over sockets of a running server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.faults import truth
from benchmarks.faults.editors import PycrdtEditor
from benchmarks.faults.hands import Hand
from benchmarks.faults.slow_reader import memory
from benchmarks.faults.stage import Stage
from tests.support.servers import ROOT

RUNS = 20_000
MUST = "<= 1 MB of memory for 10,000; tasks and file descriptors back to the start"
MOST_MEGABYTES = 1.0  # for 10,000
LEAST_MEGABYTES = 0.5  # less cannot be told from what an allocator does: it is the bound of runs shorter than 10,000
MOST_OBJECTS = 10.0  # that Python keeps of a visit; a room left behind is hundreds
DOCUMENTS = 20
DATABASE = "db.sqlite3"
SHARE_OVER_SOCKETS = 20  # one in so many


async def play(stage: Stage, documents: int = DOCUMENTS) -> None:
    cluster = stage.cluster
    made = [(await asyncio.to_thread(cluster.new_document))[1] for _ in range(documents)]
    await over_sockets(stage, made, max(40, stage.runs // SHARE_OVER_SOCKETS))
    await asyncio.to_thread(cluster.kill)
    await inside(stage, made)
    await asyncio.to_thread(cluster.start)


async def inside(stage: Stage, documents: list[int]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.faults.open_close_inside",
        json.dumps([stage.runs, documents, stage.cluster.project.users["p0"]]),
        cwd=ROOT,
        env={**stage.cluster.servers[0].environment, "DJANGO_SETTINGS_MODULE": "annotator.settings"},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    if process.returncode:
        stage.tell(1, [f"the engine's process ended with {process.returncode}"], where="engine")
        return
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    problems = judge(found["memory_mb"], stage.runs)
    for what in ("tasks", "descriptors", "rooms", "places"):
        if found[what][1] > found[what][0]:
            problems.append(f"{what}: {found[what][0]} at the start, {found[what][1]} in the end")
    objects = (found["objects"][1] - found["objects"][0]) / stage.runs
    if objects > MOST_OBJECTS:
        problems.append(f"{objects:.2f} objects stay of each visit: {found['objects']}")
    figures = {
        "objects_each": round(objects, 3),
        "mb_for_10000": growth(found["memory_mb"], stage.runs),
        "most_mb_for_10000": bound(stage.runs),
        "open_ms": found["open_ms"],
    }
    stage.tell(1, problems, where="engine", opens=stage.runs, **figures)


async def over_sockets(stage: Stage, documents: list[int], count: int) -> None:
    """Rooms stay open a while after the last has left: here it is the sockets that come and go."""
    problems = await connect(stage, documents, len(documents) * 3)
    before, samples = descriptors(stage), [memory(stage.cluster)]
    for _ in range(10):
        problems += await connect(stage, documents, count // 10)
        samples.append(memory(stage.cluster))
    if not await truth.until(lambda: not descriptors(stage) - before, 15):
        problems.append(f"file descriptors that were not there at the start: {dict(descriptors(stage) - before)}")
    stage.tell(0, problems, where="sockets", opens=count, mb_for_10000=growth(samples, count))


async def connect(stage: Stage, documents: list[int], count: int) -> list[str]:
    """Come in and leave, one after the other; says who could not come in."""
    made, problems = stage.cluster.project, []
    for number in range(count):
        person = f"p{number % 7}"
        hand = Hand(f"s{number % 7}", made.users[person], stage.rng("socket", number))
        address = stage.cluster.address_of(documents[number % len(documents)])
        editor = PycrdtEditor(address, made.tokens[person], hand)
        if not await truth.until(lambda editor=editor: editor.synced, truth.SETTLE_SECONDS, 0.001):
            problems.append(f"{person} did not come in: {editor.closes[-5:]}")
        await editor.close()
    return problems


def descriptors(stage: Stage) -> Counter[str]:
    """How many of each kind the server holds open; of the database only what is more than its threads can need.

    A thread keeps its connection (two files, and one for all), and pools begin another thread when all are at work.
    """
    found: Counter[str] = Counter()
    process = Path(f"/proc/{stage.cluster.servers[0].pid}")
    for each in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            name = each.readlink().name
            found["database" if name.startswith(DATABASE) else name.split(":")[0]] += 1
    found["database"] = max(0, found["database"] - 2 * len(list((process / "task").iterdir())) - 1)
    return found


def growth(samples: list[float], runs: int) -> float:
    """Megabytes for 10,000, from the least of each half: what is only lent comes back."""
    half = len(samples) // 2
    return round((min(samples[half:]) - min(samples[:half])) / (runs / 2) * 10_000, 2)


def bound(runs: int) -> float:
    """The most megabytes for 10,000: of a run of 10,000 or more what must hold, of a shorter one what it can tell."""
    return round(max(MOST_MEGABYTES, LEAST_MEGABYTES / (runs / 2) * 10_000), 2)


def judge(samples: list[float], runs: int) -> list[str]:
    found, most = growth(samples, runs), bound(runs)
    return [f"memory grows by {found} MB for 10,000, not {most}: {samples}"] if found > most else []
