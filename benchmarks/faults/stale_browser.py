"""Browsers that know an old state when the server restarts, the room is put away, the task was imported, or is restored.

Half of the editors are away with edits of their own meanwhile, and the others work on. After a restore everybody must be
told to reload (4409), and nothing of the old epoch may come into the new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sqlite3

from pycrdt import Doc

from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.open_rooms import IDLE_SECONDS
from benchmarks.faults import truth
from benchmarks.faults.cluster import TEXT, Cluster, joined
from benchmarks.faults.editors import shown_of
from benchmarks.faults.stage import Crew, Stage

RUNS = 60
MUST = "0 doubled, 0 lost"
KINDS = ("restart", "evict", "import", "restore")
EDITORS = 4
STALE = 2  # so many of them are away
SIDE_BY_SIDE = 12  # evictions wait, and can wait together


async def play(stage: Stage, kinds: tuple[str, ...] = KINDS) -> None:
    for first in range(0, stage.runs, SIDE_BY_SIDE):
        numbers = range(first, min(stage.runs, first + SIDE_BY_SIDE))
        for kind in kinds:
            ours = [number for number in numbers if kinds[number % len(kinds)] == kind]
            if kind == "evict":
                await asyncio.gather(*(evict(stage, number) for number in ours))
            else:
                for number in ours:
                    await SCENES[kind](stage, number)


async def work(crew: Crew, rng: random.Random, count: int) -> None:
    for _ in range(count):
        rng.choice(crew.editors).edit()
        await asyncio.sleep(rng.uniform(0.0, 0.01))


async def go_stale(crew: Crew, rng: random.Random) -> None:
    """All have worked together; then some go, and everybody works on."""
    await truth.until(lambda: truth.all_synced(crew.editors))
    await work(crew, rng, 20)
    await truth.saved(crew.editors)
    for editor in crew.editors[:STALE]:
        editor.go_offline()
    await work(crew, rng, 20)


async def restart(stage: Stage, number: int) -> None:
    rng = stage.rng("stale", number)
    task, document = await asyncio.to_thread(stage.cluster.new_document)
    async with Crew(stage, document, EDITORS, number) as crew:
        await go_stale(crew, rng)
        await asyncio.to_thread(stage.cluster.kill if rng.random() < 0.5 else stage.cluster.stop)
        await work(crew, rng, 10)
        await asyncio.to_thread(stage.cluster.start)
        await finish(stage, crew, number, task, "restart")


async def finish(stage: Stage, crew: Crew, number: int, task: int, kind: str) -> None:
    for editor in crew.editors[:STALE]:
        editor.come_back()
    stage.tell(number, await truth.agree(stage.cluster, task, crew.document, crew.editors), kind=kind)


async def evict(stage: Stage, number: int) -> None:
    """Everybody leaves, the room is put away, and all come back with what they did meanwhile."""
    rng = stage.rng("stale", number)
    task, document = await asyncio.to_thread(stage.cluster.new_document)
    async with Crew(stage, document, EDITORS, number) as crew:
        await go_stale(crew, rng)
        await truth.until(lambda: all(e.acknowledged == len(e.hand.made) for e in crew.editors[STALE:]))
        for editor in crew.editors[STALE:]:
            editor.go_offline()
        await work(crew, rng, 10)
        await asyncio.sleep(IDLE_SECONDS + 3)
        for editor in crew.editors[STALE:]:
            editor.come_back()
        await finish(stage, crew, number, task, "evict")


async def imported(stage: Stage, number: int) -> None:
    """A task that came by an import, its rows never opened before; the same file is imported again meanwhile."""
    rng = stage.rng("stale", number)
    path = stage.cluster.folder / f"import-{number}.jsonl"
    labels = [[start, start + 2, "person"] for start in range(0, 20, 3)]
    path.write_text(json.dumps({"text": TEXT, "entities": labels, "meta": {"run": number}}) + "\n")
    server, project = stage.cluster.servers[0], stage.cluster.project.project
    await asyncio.to_thread(server.manage, "import_tasks", str(project), str(path))
    task, document = await asyncio.to_thread(newest, stage.cluster)
    async with Crew(stage, document, EDITORS, number) as crew:
        await go_stale(crew, rng)
        again = asyncio.ensure_future(asyncio.to_thread(server.manage, "import_tasks", str(project), str(path)))
        await work(crew, rng, 30)
        await again
        await asyncio.to_thread(stage.cluster.kill)
        await work(crew, rng, 5)
        await asyncio.to_thread(stage.cluster.start)
        for editor in crew.editors[:STALE]:
            editor.come_back()
        problems = await truth.agree(stage.cluster, task, document, crew.editors)
        shown = await crew.editors[0].show()
        found = [said for said in shown["annotations"].values() if said["origin"] == "import"]
        if len(found) != len(labels):
            problems.append(f"{len(found)} annotations of the import, not {len(labels)}")
    stage.tell(number, problems, kind="import")


def newest(cluster: Cluster) -> tuple[int, int]:
    with contextlib.closing(sqlite3.connect(cluster.folder / "db.sqlite3", timeout=20)) as database:
        found: tuple[int, int] = database.execute(
            "SELECT task_id, id FROM projects_document ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return found


async def restore(stage: Stage, number: int) -> None:
    rng = stage.rng("stale", number)
    _, document = await asyncio.to_thread(stage.cluster.new_document)
    async with Crew(stage, document, EDITORS, number) as crew:
        await go_stale(crew, rng)
        there = crew.editors[STALE:]
        await truth.until(lambda: all(e.acknowledged == len(e.hand.made) for e in there))
        wanted = await asyncio.to_thread(restore_half, stage.cluster, document)
        for editor in crew.editors[:STALE]:
            editor.come_back()
        for editor in there:  # in the room that knows the old epoch
            editor.edit()
        problems = []
        if not await truth.until(lambda: all(e.closes[-1:] == [CloseCode.RELOAD] for e in crew.editors), 15):
            problems.append(f"not all were told to reload: {[editor.closes[-3:] for editor in crew.editors]}")
        shown = await joined(stage.cluster, document)
        if shown != wanted:
            problems += truth.differences("who comes in after the restore", shown, wanted)
        stored = await asyncio.to_thread(stage.cluster.stored, document, alive=True)
        problems += truth.differences("the database after the restore", stored, wanted)
    stage.tell(number, problems, kind="restore")


def restore_half(cluster: Cluster, document: int) -> truth.Shown:
    """What a restore does in the database: the state as of half of the history becomes the beginning of a new epoch."""
    with contextlib.closing(
        sqlite3.connect(cluster.folder / "db.sqlite3", timeout=20, isolation_level=None)
    ) as database:
        database.execute("BEGIN IMMEDIATE")
        epoch, head = database.execute("SELECT epoch, head FROM projects_document WHERE id = ?", (document,)).fetchone()
        rows = database.execute(
            "SELECT data FROM projects_update WHERE document_id = ? AND epoch = ? AND seq <= ? ORDER BY seq",
            (document, epoch, head // 2),
        ).fetchall()
        doc: Doc[object] = Doc()
        for (data,) in rows:
            doc.apply_update(data)
        database.execute("UPDATE projects_document SET epoch = epoch + 1 WHERE id = ?", (document,))
        database.execute(
            "INSERT INTO projects_checkpoint (document_id, epoch, seq, state, memory, at) VALUES (?, ?, ?, ?, x'', ?)",
            (document, epoch + 1, head, doc.get_update(), "2026-11-21 12:00:00"),
        )
        database.execute("COMMIT")
    return shown_of(doc)


SCENES = {"restart": restart, "evict": evict, "import": imported, "restore": restore}
