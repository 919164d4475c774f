"""Events on their way from a backend's reader to its run: bounded, and taken all that are ready at once."""

from __future__ import annotations

import asyncio

from projects.suggestions.events import Event

MAX_WAITING = 256  # a backend that is faster than we can commit waits


class Inbox:
    """One puts, one takes."""

    def __init__(self) -> None:
        self._waiting: list[Event] = []
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False

    async def put(self, event: Event) -> None:
        await self._room.wait()
        self._waiting.append(event)
        self._something.set()
        if len(self._waiting) >= MAX_WAITING:
            self._room.clear()

    def close(self) -> None:
        """Nothing more will come; what waits is still taken."""
        self._closed = True
        self._something.set()

    async def take(self) -> list[Event]:
        """Everything that is ready; waits for something. Empty when nothing will come any more."""
        await self._something.wait()
        taken, self._waiting = self._waiting, []
        if not self._closed:
            self._something.clear()
        self._room.set()
        return taken
