"""Rows of many documents in few transactions: what is due of all of them meanwhile is written together.

Two hundred tasks with two people each are two hundred documents a second to write of; a transaction for each took most of
a core, and the turn to write from the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from projects import projection
from projects.projection import Overtaken, Work

GATHER_SECONDS = 0.05  # after a write, before the next


class RowWriter:
    """Writes what it is given, soon; one write at a time."""

    def __init__(self, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self._in_thread = in_thread
        self._pending: list[tuple[Work, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Work) -> None:
        """Returns when it is written. Raises Overtaken, or what the database says."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((work, done))
        if self._writing is None:
            self._writing = asyncio.ensure_future(self._write())
        await done

    async def _write(self) -> None:
        try:
            while self._pending:
                taken, self._pending = self._pending, []
                await self._write_together(taken)
                await asyncio.sleep(GATHER_SECONDS)
        finally:
            self._writing = None
            for _, done in self._pending:  # only where this was cancelled
                done.cancel()

    async def _write_together(self, taken: list[tuple[Work, asyncio.Future[None]]]) -> None:
        try:
            results = await self._in_thread(projection.write_together, [work for work, _ in taken])
        except BaseException as error:
            for _, done in taken:
                if not done.done():
                    done.set_exception(error) if isinstance(error, Exception) else done.cancel()
            if not isinstance(error, Exception):
                raise
            return
        for (_, done), wrong in zip(taken, results, strict=True):
            if done.done():
                continue
            if wrong is None:
                done.set_result(None)
            else:
                done.set_exception(wrong)


__all__ = ["Overtaken", "RowWriter", "Work"]
