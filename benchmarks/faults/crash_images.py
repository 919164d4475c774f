"""Images of the database that hold only what was made durable (fsync), at random instants under 8 editors.

The server's writes and fsyncs are recorded by a shim; images are built of them and opened. Every second image holds some
of what was not durable, too, in sectors and in any order, as a disk may leave it. As a check of the check, images of what
would be there had nothing been made durable must lack edits.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults import truth
from benchmarks.faults.cluster import Unreadable, read, shown_of
from benchmarks.faults.hands import Editor, lost_or_doubled
from benchmarks.faults.images import NAMES, Disk
from benchmarks.faults.shim import SYNC_END, Operation, Shim, operations
from benchmarks.faults.stage import Crew, Stage
from benchmarks.faults.typists import at_work

RUNS = 200
MUST = "0 acknowledged lost, all readable"
SHIM = True
EDITORS = 8
SECONDS = 20.0  # of edits, for 200 images; fewer for fewer


async def play(stage: Stage, seconds: float | None = None) -> None:
    cluster = stage.cluster
    _, document = await asyncio.to_thread(cluster.new_document)
    await asyncio.to_thread(cluster.stop)  # so that the files are whole when the record begins
    shim = Shim(cluster.folder)
    shim.record_path.write_bytes(b"")
    began_with = {
        kind: (cluster.folder / name).read_bytes() for kind, name in NAMES.items() if (cluster.folder / name).exists()
    }
    shim.record(True)
    await asyncio.to_thread(cluster.start)
    async with Crew(stage, document, EDITORS) as crew:
        await truth.until(lambda: truth.all_synced(crew.editors))
        async with at_work(crew.editors, stage.rng("work")):
            await asyncio.sleep(seconds or max(3.0, SECONDS * stage.runs / 200))
        await truth.saved(crew.editors)
        await asyncio.to_thread(cluster.kill)
        shim.record(False)
        await asyncio.to_thread(
            open_images, stage, list(operations(shim.record_path)), began_with, crew.editors, document
        )
    await asyncio.to_thread(cluster.start)


def open_images(
    stage: Stage, record: Sequence[Operation], began_with: dict[int, bytes], editors: Sequence[Editor], document: int
) -> None:
    disk, played = Disk(began_with), 0
    for number, instant in enumerate(instants(stage, record, editors)):
        upto = next((at for at in range(played, len(record)) if record[at].at > instant), len(record))
        disk.play(record[played:upto])
        played = upto
        rng = stage.rng("image", number) if number % 2 else None
        problems, acknowledged = look_at(disk, editors, document, instant, rng)
        stage.tell(number, problems, acknowledged=acknowledged, kind="some more" if rng else "durable only")
    check_the_check(stage, record, began_with, editors, document)


def instants(stage: Stage, record: Sequence[Operation], editors: Sequence[Editor]) -> list[float]:
    """Random ones, and ones right after an acknowledgement, where a lie would show."""
    rng = stage.rng("instants")
    saved = [at for editor in editors for at, _ in editor.acknowledgements]
    chosen = [
        rng.choice(saved) if rng.random() < 0.5 else rng.uniform(record[0].at, record[-1].at) for _ in range(stage.runs)
    ]
    return sorted(chosen)


def look_at(
    disk: Disk, editors: Sequence[Editor], document: int, instant: float, rng: random.Random | None
) -> tuple[list[str], int]:
    """Open an image: what is wrong with it, and how many edits were acknowledged by then."""
    counts = [max((n for at, n in editor.acknowledgements if at <= instant), default=0) for editor in editors]
    with tempfile.TemporaryDirectory(prefix="image-") as scratch:
        disk.write(Path(scratch), rng)
        path = Path(scratch) / "db.sqlite3"
        try:
            with contextlib.closing(sqlite3.connect(path)) as database:
                found = database.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                return [f"the image is damaged: {found}"], sum(counts)
            shown = shown_of(read(path, document))
        except (Unreadable, sqlite3.DatabaseError, TypeError) as error:
            return [f"the image cannot be read: {type(error).__name__}: {error}"], sum(counts)
    problems = []
    for editor, count in zip(editors, counts, strict=True):
        problems += lost_or_doubled(shown, editor.hand.made, count, f"the image, {editor.hand.name}")
    return problems, sum(counts)


def check_the_check(
    stage: Stage, record: Sequence[Operation], began_with: dict[int, bytes], editors: Sequence[Editor], document: int
) -> None:
    """The last image again, as if no fsync had ever returned: it must lack what was acknowledged."""
    disk = Disk(began_with)
    disk.play(operation for operation in record if operation.kind != SYNC_END)
    problems, _ = look_at(disk, editors, document, record[-1].at, None)
    syncs = sum(operation.kind == SYNC_END for operation in record)
    stage.tell(
        stage.runs, [] if problems else ["images without any fsync lack nothing: the check checks nothing"], syncs=syncs
    )
