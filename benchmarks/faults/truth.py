"""What must hold in the end: every editor, the server, the database and an export say the same, and nothing saved is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.faults.cluster import Cluster, Unreadable, joined
from benchmarks.faults.hands import Editor, Shown, lost_or_doubled

SETTLE_SECONDS = 40.0


async def until(fact: Callable[[], bool], seconds: float = SETTLE_SECONDS, pause: float = 0.01) -> bool:
    """Wait until a fact holds; says whether it came to."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(pause)
    return True


def all_saved(editors: Sequence[Editor]) -> bool:
    return all(editor.synced and editor.acknowledged >= len(editor.hand.made) for editor in editors)


async def saved(editors: Sequence[Editor], seconds: float = SETTLE_SECONDS) -> list[str]:
    """Wait until everything that was done is acknowledged; says who still waits."""
    if await until(lambda: all_saved(editors), seconds):
        return []
    return [
        f"{e.hand.name}: {e.acknowledged} of {len(e.hand.made)} saved, synced {e.synced}, closes {e.closes[-5:]}"
        for e in editors
        if not e.synced or e.acknowledged < len(e.hand.made)
    ]


async def caught_up(editors: Sequence[Editor], seconds: float = SETTLE_SECONDS) -> bool:
    """Wait until everything is acknowledged that was done so far; what is done meanwhile is not waited for."""
    done = [len(editor.hand.made) for editor in editors]
    return await until(lambda: all(e.acknowledged >= n for e, n in zip(editors, done, strict=True)), seconds)


def all_synced(editors: Sequence[Editor]) -> bool:
    return all(editor.synced for editor in editors)


def kept(shown: Shown, editors: Sequence[Editor], counts: Sequence[int], where: str) -> list[str]:
    """What is missing or doubled of what was acknowledged, so much by each editor."""
    problems = []
    for editor, count in zip(editors, counts, strict=True):
        problems += lost_or_doubled(shown, editor.hand.made, count, f"{where}, {editor.hand.name}")
    return problems


def acknowledged(editors: Sequence[Editor]) -> list[int]:
    return [editor.acknowledged for editor in editors]


async def agree(cluster: Cluster, task: int, document: int, editors: Sequence[Editor]) -> list[str]:
    """Everything is saved, and everybody shows the same: editors, who comes now, the database, an export."""
    problems = [f"{e.hand.name} was refused: {sentence}" for e in editors for sentence in e.refusals]
    problems += await saved(editors)
    if problems:
        return problems
    shown = await equal(editors)
    if shown is None:
        return ["the editors do not come to show the same"]
    problems += kept(shown, editors, [len(e.hand.made) for e in editors], "an editor's screen")
    for process in range(len(cluster.servers)):
        problems += differences(f"process {process}", await joined(cluster, document, process), shown)
    try:
        problems += differences("the database", await asyncio.to_thread(cluster.stored, document, alive=True), shown)
    except Unreadable as error:
        problems.append(str(error))
    return problems + differs_in_export(await asyncio.to_thread(cluster.exported, task), shown)


async def equal(editors: Sequence[Editor]) -> Shown | None:
    """What all of them show, once they do."""
    for _ in range(500):
        shown = [await editor.show() for editor in editors]
        if all(one == shown[0] for one in shown):
            return shown[0]
        await asyncio.sleep(0.02)
    return None


def differences(where: str, found: Shown, wanted: Shown) -> list[str]:
    problems = []
    for root, value in wanted.items():
        if found[root] == value:
            continue
        if isinstance(value, dict):
            keys = [key for key in value.keys() | found[root].keys() if value.get(key) != found[root].get(key)]
            problems.append(f"{where} differs in {root}: {sorted(keys)[:5]}")
        else:
            problems.append(f"{where} differs in {root}: {str(found[root])[:200]!r}, not {str(value)[:200]!r}")
    return problems


def differs_in_export(line: dict[str, Any], shown: Shown) -> list[str]:
    """An export has each annotation once, with its label as corrected, and the text."""
    said = [one for one in line["annotations"] if one["kind"] == "span"]
    ids = [one["id"] for one in said]
    problems = []
    if sorted(ids) != sorted(shown["annotations"]):
        problems.append(f"the export has {len(ids)} annotations, the document {len(shown['annotations'])}")
    for one in said:
        corrected = shown["labels"].get(one["id"]) or shown["annotations"].get(one["id"], {})
        if one["label"] != corrected.get("label"):
            problems.append(
                f"the export labels {one['id']} as {one['label']}, the document as {corrected.get('label')}"
            )
    texts = [one["value"] for one in line["annotations"] if one["kind"] == "text"]
    if texts != ([shown["note"]] if shown["note"] else []):
        problems.append("the export's text is not the document's")
    return problems
