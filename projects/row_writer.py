"""Rows of many documents in few transactions: what is due of all of them meanwhile is written together.

Two hundred tasks with two people each are two hundred documents a second to write of; a transaction for each took most of
a core, and the turn to write from the journal.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from annotator.gathering import Gathering
from projects import projection
from projects.projection import Overtaken, Work

GATHER_SECONDS = 0.05  # after a write, before the next


class RowWriter:
    """Writes what it is given, soon; one write at a time."""

    def __init__(self, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self._in_thread = in_thread
        self._gathering: Gathering[Work, None] = Gathering(self._write_together, GATHER_SECONDS)

    async def write(self, work: Work) -> None:
        """Returns when it is written. Raises Overtaken, or what the database says."""
        await self._gathering(work)

    async def _write_together(self, works: list[Work]) -> Sequence[Exception | None]:
        results: list[Exception | None] = await self._in_thread(projection.write_together, works)
        return results


__all__ = ["Overtaken", "RowWriter", "Work"]
