"""Editors at work beside a fault: each edits now and then until told to stop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from benchmarks.faults.hands import Editor

PAUSE_SECONDS = (0.01, 0.12)


@asynccontextmanager
async def at_work(
    editors: Sequence[Editor], rng: random.Random, pause: tuple[float, float] = PAUSE_SECONDS
) -> AsyncIterator[None]:
    """While inside, all of them edit, connected or not."""
    tasks = [asyncio.ensure_future(edit_on(editor, random.Random(rng.random()), pause)) for editor in editors]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def edit_on(editor: Editor, rng: random.Random, pause: tuple[float, float]) -> None:
    while True:
        await asyncio.sleep(rng.uniform(*pause))
        editor.edit()
