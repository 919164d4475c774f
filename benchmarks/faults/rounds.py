"""A handful of faults after each other on editors of one document, who must agree in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from benchmarks.faults import truth
from benchmarks.faults.stage import Crew, Stage


@asynccontextmanager
async def together(
    stage: Stage, count: int, first: int, most: int, address: Callable[[int, int], Callable[[], str]] | None = None
) -> AsyncIterator[tuple[Crew, range]]:
    """A new document with so many editors in it, all of them there, and the numbers of its runs: `first` and up to `most`.

    `address(document, number)` leads an editor to the document. When the runs are over everybody must agree.
    """
    numbers = range(first, min(stage.runs, first + most))
    task, document = await asyncio.to_thread(stage.cluster.new_document)
    addresses = partial(address, document) if address else None
    async with Crew(stage, document, count, first, address=addresses) as crew:
        await truth.until(lambda: truth.all_synced(crew.editors))
        yield crew, numbers
        problems = await truth.agree(stage.cluster, task, document, crew.editors)
        edits = sum(len(editor.hand.made) for editor in crew.editors)
    stage.tell(numbers[-1], problems, edits=edits, what="all agree")
