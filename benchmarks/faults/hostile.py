"""Mutated and hostile updates and frames against a live server, while the people of an honest room are measured.

The attackers are a process of their own (hostile_attack.py) with a login that may write. Afterwards the server must be the
same process, without a panic in its log, and what it took of the mutants must look in Yjs as it does in pycrdt.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import sys
import time
from typing import Any

from benchmarks.faults import truth
from benchmarks.faults.cluster import Cluster
from benchmarks.faults.hands import MAPS, NOTE, Editor
from benchmarks.faults.stage import Crew, Stage
from benchmarks.report import percentile
from tests.collaboration.real_yjs import RealYjs, YjsError
from tests.support.servers import ROOT

RUNS = 20_000  # mutants and frames
MUST = "0 exits, 0 escaped panics, none accepted that Yjs shows differently, the honest room's p95 +<= 10 %"
DOCUMENTS = 20
HONEST = 4
MOST_TIMES = 1.1  # the honest room's p95 under attack, to that before
PAUSE_SECONDS = 0.1  # of each honest editor


async def play(stage: Stage, quiet_seconds: float = 5.0) -> None:
    cluster = stage.cluster
    pids = cluster.pids()
    task, document = await asyncio.to_thread(cluster.new_document)
    victims = [(await asyncio.to_thread(cluster.new_document))[1] for _ in range(DOCUMENTS)]
    async with Crew(stage, document, HONEST, yjs=0) as crew:
        await truth.until(lambda: truth.all_synced(crew.editors))
        quiet = await measured(crew.editors, asyncio.sleep(quiet_seconds))
        attack = asyncio.ensure_future(attacked(stage, victims))
        busy = await measured(crew.editors, attack)
        counts = await attack
        problems = await truth.agree(cluster, task, document, crew.editors)
        problems += [f"{e.hand.name} lost the connection: {e.closes}" for e in crew.editors if e.closes]
    if cluster.pids() != pids or not all(is_alive(pid) for pid in pids):
        problems.append("a server ended")
    log = "".join(server.log() for server in cluster.servers)
    problems += ["a panic is in the log"] if "PanicException" in log else []
    accepted, differing = await asyncio.to_thread(compare, cluster, victims)
    problems += differing
    if stage.is_timed and busy["p95"] > quiet["p95"] * MOST_TIMES:
        problems.append(f"the honest room's p95 rose from {quiet['p95']} to {busy['p95']} ms")
    figures = {f"quiet_{name}_ms": value for name, value in quiet.items()}
    figures |= {f"attacked_{name}_ms": value for name, value in busy.items()}
    stage.tell(0, problems, **counts, rows_taken=accepted, **figures)


def is_alive(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


async def measured(editors: list[Editor], while_: Any) -> dict[str, float]:
    """Edit to `saved` in the honest room, in milliseconds, until `while_` is done."""
    milliseconds: list[float] = []
    tasks = [asyncio.ensure_future(edit_and_wait(editor, milliseconds)) for editor in editors]
    await while_
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {f"p{p}": round(percentile(milliseconds, p), 1) for p in (50, 95)}


async def edit_and_wait(editor: Editor, milliseconds: list[float]) -> None:
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        began = time.monotonic()
        editor.edit()
        count, known = len(editor.hand.made), len(editor.acknowledgements)
        await truth.until(lambda count=count: editor.acknowledged >= count, 30, 0.002)
        at = next((at for at, upto in editor.acknowledgements[known:] if upto >= count), time.monotonic())
        milliseconds.append((at - began) * 1000)


async def attacked(stage: Stage, victims: list[int]) -> dict[str, int]:
    """Let the attackers loose; what they counted."""
    made = stage.cluster.project
    order = {
        "url": stage.cluster.servers[0].ws_url,
        "documents": victims,
        "token": made.tokens["p6"],
        "user": made.users["p6"],
        "runs": stage.runs,
        "seed": stage.seed,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.faults.hostile_attack",
        json.dumps(order),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the attackers ended with {process.returncode}")
    found: dict[str, int] = json.loads(said.splitlines()[-1])
    return found


def compare(cluster: Cluster, documents: list[int]) -> tuple[int, list[str]]:
    """Every row that was taken, applied by Yjs one by one, must show what pycrdt shows."""
    yjs, problems, count = RealYjs(), [], 0
    try:
        for document in documents:
            with contextlib.closing(sqlite3.connect(cluster.folder / "db.sqlite3", timeout=20)) as database:
                rows = database.execute(
                    "SELECT data FROM projects_update WHERE document_id = ? ORDER BY seq", (document,)
                ).fetchall()
            count += len(rows)
            ours = cluster.stored(document, alive=True)
            try:
                found = yjs.show([data for (data,) in rows], maps=MAPS, texts=[NOTE])
            except YjsError as error:
                problems.append(f"document {document}: Yjs throws {error}")
                continue
            theirs = {**found["maps"], "note": found["texts"][NOTE], "pending": found["pending"]}
            problems += truth.differences(f"Yjs, document {document},", theirs, ours)
    finally:
        yjs.close()
    return count, problems
