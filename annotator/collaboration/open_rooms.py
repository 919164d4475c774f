"""The rooms of this process: opened once however many come at once, closed a while after the last has left."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

from annotator.collaboration.changes import SERVER_CLIENTS, Broken, Refused, Rules
from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.journal import Journal, NoSuchDocument, Stored
from annotator.collaboration.neighbours import topic
from annotator.collaboration.relay import Alone, Relay
from annotator.collaboration.room import CHECKPOINT_ROWS, Room, RoomBroken
from annotator.collaboration.updates import Malformed

log = logging.getLogger(__name__)

IDLE_SECONDS = 20.0  # how long a room stays open with nobody in it
BREAKS_TO_QUARANTINE = 2  # a room that ends itself again within QUARANTINE_SECONDS stays closed until they have passed
QUARANTINE_SECONDS = 60.0

MakeRules = Callable[[int], Awaitable[Rules]]


class OpenRooms:
    """See the module. `make_rules(document_id)` gives the guard of a document; `closing(room)` is awaited before it goes."""

    def __init__(
        self,
        journal: Journal,
        make_rules: MakeRules,
        changed: Callable[[Room], None] = lambda room: None,
        closing: Callable[[Room], Awaitable[None]] | None = None,
        idle_seconds: float = IDLE_SECONDS,
        relay: Relay | None = None,
    ) -> None:
        self.journal = journal
        self.relay = relay or Alone()
        self._make_rules = make_rules
        self._changed = changed
        self._closing = closing
        self._idle_seconds = idle_seconds
        self._rooms: dict[int, asyncio.Future[Room]] = {}
        self._holders: dict[int, int] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._breaks: dict[int, list[float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def now(self) -> list[Room]:
        """The rooms that are open at this moment."""
        return [f.result() for f in self._rooms.values() if f.done() and not f.cancelled() and f.exception() is None]

    def peek(self, document_id: int) -> Room | None:
        """The room of a document if it is open."""
        future = self._rooms.get(document_id)
        if future is None or not future.done() or future.cancelled() or future.exception() is not None:
            return None
        return future.result()

    @contextlib.asynccontextmanager
    async def open(self, document_id: int) -> AsyncIterator[Room]:
        """Hold a room open. Raises NoSuchDocument, or RoomBroken for one that cannot be opened now."""
        self._holders[document_id] = self._holders.get(document_id, 0) + 1
        timer = self._timers.pop(document_id, None)
        if timer is not None:
            timer.cancel()
        try:
            yield await self._get(document_id)
        finally:
            self._release(document_id)

    async def _get(self, document_id: int) -> Room:
        future = self._rooms.get(document_id)
        if future is None:
            self._refuse_quarantined(document_id)
            future = self._rooms[document_id] = asyncio.ensure_future(self._load(document_id))
        try:
            # Shielded: one opener who goes away must not take the opening from the others.
            return await asyncio.shield(future)
        except (NoSuchDocument, RoomBroken):
            raise
        except Exception as error:
            log.exception("Document %s cannot be opened", document_id)
            raise RoomBroken("This document cannot be opened right now.") from error
        finally:
            if future.done() and not future.cancelled() and future.exception() is not None:
                self._rooms.pop(document_id, None)

    async def _load(self, document_id: int) -> Room:
        await self.relay.listen(topic(document_id))  # before it is read, so that nothing is missed in between
        try:
            stored, rules = await asyncio.gather(self.journal.load(document_id), self._make_rules(document_id))
            return await self._made(stored, rules)
        except BaseException:
            self.relay.leave(topic(document_id))
            raise

    async def _made(self, stored: Stored, rules: Rules) -> Room:
        loop = asyncio.get_running_loop()
        client = SERVER_CLIENTS + secrets.randbelow(2**32)
        room = Room(stored, rules, self.journal, self.relay, loop, client, self._changed, self._room_broke)
        try:
            return await room.load(stored, self.journal.beside)
        except (Broken, Malformed, Refused) as error:
            self._note_break(stored.document_id)
            raise RoomBroken("This document cannot be read; it was left as it is.") from error

    # -- other processes -------------------------------------------------------------------------------------------

    def hear(self, document_id: int, sender: str, message: dict[str, Any]) -> None:
        """Another process says something of a document."""
        room = self.peek(document_id)
        if room is not None:
            room.hear(sender, message)

    def look(self, heads: Iterable[tuple[int, int, int]]) -> None:
        """What the database says now of open documents: (document, epoch, head). For bells that were not heard."""
        for document_id, epoch, head in heads:
            room = self.peek(document_id)
            if room is not None:
                room.hear_head(epoch, head)
        for room in self.now():
            room.presence.refresh()

    # -- ends ------------------------------------------------------------------------------------------------------

    def _room_broke(self, room: Room, why: str) -> None:
        if self._rooms.pop(room.document_id, None) is not None:
            self.relay.leave(topic(room.document_id))
        if room.is_harmed:
            self._note_break(room.document_id)

    def _note_break(self, document_id: int) -> None:
        now = asyncio.get_running_loop().time()
        recent = [at for at in self._breaks.get(document_id, []) if now - at < QUARANTINE_SECONDS]
        self._breaks[document_id] = [*recent, now]

    def _refuse_quarantined(self, document_id: int) -> None:
        now = asyncio.get_running_loop().time()
        recent = [at for at in self._breaks.get(document_id, []) if now - at < QUARANTINE_SECONDS]
        if len(recent) > BREAKS_TO_QUARANTINE:
            raise RoomBroken("This document failed several times in a row and rests for a minute.")
        if not recent:
            self._breaks.pop(document_id, None)

    def _release(self, document_id: int) -> None:
        self._holders[document_id] -= 1
        if self._holders[document_id] > 0:
            return
        del self._holders[document_id]
        if document_id in self._rooms:
            loop = asyncio.get_running_loop()
            self._timers[document_id] = loop.call_later(self._idle_seconds, self._start_closing, document_id)

    def _start_closing(self, document_id: int) -> None:
        self._timers.pop(document_id, None)
        task = asyncio.ensure_future(self._close_idle(document_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _close_idle(self, document_id: int) -> None:
        """Close a room in which nobody is: never with a store pending, and not if somebody came meanwhile."""
        future = self._rooms.get(document_id)
        if document_id in self._holders or future is None or not future.done():
            return
        room = future.result()
        with contextlib.suppress(RoomBroken):
            await self._put_away(room)
        if document_id not in self._holders and self._rooms.get(document_id) is future:
            del self._rooms[document_id]
            self.relay.leave(topic(document_id))
            room.close(CloseCode.RESTART)

    async def _put_away(self, room: Room) -> None:
        await room.settled()
        if self._closing is not None:
            await self._closing(room)
        await self.checkpoint(room)

    async def checkpoint(self, room: Room, rows: int = CHECKPOINT_ROWS // 10) -> None:
        """Keep a room's whole state, if at least `rows` rows lie behind the last one kept."""
        if room.rows_since_checkpoint < rows or room.closed:
            return
        await room.settled()
        state, memory, head = room.copy.encoded(), room.copy.memory(), room.head
        room.rows_since_checkpoint = 0
        await self.journal.checkpoint(room.document_id, room.epoch, head, state, memory)

    async def close(self) -> None:
        """Send everybody away to come back later, and put every room away."""
        rooms = self.now()
        for room in rooms:
            for session in list(room.sessions.values()):
                session.close(CloseCode.RESTART)
        for timer in self._timers.values():
            timer.cancel()
        for room in rooms:
            with contextlib.suppress(RoomBroken):
                await self._put_away(room)
            room.closed = True
        self._rooms.clear()
        await self.journal.close()
