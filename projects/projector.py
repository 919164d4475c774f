"""When open rooms are projected: soon after a change, less often the longer a document takes to read. Knows rooms and rows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from annotator.collaboration.room import Room, RoomBroken
from projects import projection
from projects.projection import Place, Reading

log = logging.getLogger(__name__)

SOON_SECONDS = 0.7
SHARE = 100  # reading may take one part in so many of a core: a large document is projected less often

RunInThread = Callable[..., Awaitable[Any]]


class Projector:
    """Keeps the rows of open documents up to date. `done(place, reading)` hears of each time they are."""

    def __init__(self, in_thread: RunInThread, done: Callable[[Place, Reading], None]) -> None:
        self._in_thread = in_thread
        self._done = done
        self._places: dict[int, Place] = {}
        self._known: dict[int, dict[str, projection.Row]] = {}
        self._delay: dict[int, float] = {}
        self._due: dict[int, asyncio.TimerHandle] = {}
        self._turns: dict[int, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def opened(self, place: Place) -> None:
        self._places[place.document_id] = place

    def place(self, document_id: int) -> Place | None:
        return self._places.get(document_id)

    def forget(self, document_id: int) -> None:
        for kept in (self._places, self._known, self._delay, self._turns):
            kept.pop(document_id, None)
        timer = self._due.pop(document_id, None)
        if timer is not None:
            timer.cancel()

    def changed(self, room: Room) -> None:
        """Something was committed: the rows are due soon."""
        if room.document_id not in self._due:
            delay = self._delay.get(room.document_id, SOON_SECONDS)
            self._due[room.document_id] = asyncio.get_running_loop().call_later(delay, self._start, room)

    def _start(self, room: Room) -> None:
        self._due.pop(room.document_id, None)
        task = asyncio.ensure_future(self._attempt(room))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(self, room: Room) -> None:
        try:
            await self.project(room)
        except RoomBroken:
            pass  # whoever opens the room next projects what is in the journal
        except Exception:
            log.exception("Document %s was not projected; it will be with its next change", room.document_id)

    async def project(self, room: Room) -> None:
        """Make the rows say what the room's document says now. Raises RoomBroken."""
        async with self._turns.setdefault(room.document_id, asyncio.Lock()):
            place = self._places.get(room.document_id)
            if place is None:
                return
            if place.document_id not in self._known:
                self._known[place.document_id] = await self._in_thread(projection.known_rows, place.document_id)
            # What is on its way may be in the reading, never in the promise: `projected` claims what is committed now.
            head, frozen = room.head, projection.Frozen(room.doc, place.schema)
            reading, seconds = await self._in_thread(timed, projection.read, frozen, place)
            self._delay[place.document_id] = max(SOON_SECONDS, SHARE * seconds)
            await room.settled()
            known = self._known.pop(place.document_id)
            await self._in_thread(projection.write, place, reading, known, head)
            self._known[place.document_id] = reading.rows
        self._done(place, reading)
        if room.head > head:
            self.changed(room)

    async def finish(self, room: Room) -> None:
        """Project a room that is about to be put away."""
        timer = self._due.pop(room.document_id, None)
        if timer is None and room.document_id not in self._turns:
            return
        if timer is not None:
            timer.cancel()
        with contextlib.suppress(RoomBroken):
            await self.project(room)


def timed(function: Callable[..., Any], *args: Any) -> tuple[Any, float]:
    """What a function returns, and how many seconds it took."""
    begun = time.perf_counter()
    return function(*args), time.perf_counter() - begun
