"""When open rooms are projected: soon after a change, and only what changed. Knows rooms and rows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from annotator.collaboration.room import Room, RoomBroken
from projects import projection
from projects.discussion import reading
from projects.discussion import rows as discussion
from projects.projection import Place
from projects.resolution import Resolution, Summary
from projects.row_writer import Overtaken, RowWriter, Work

log = logging.getLogger(__name__)

SOON_SECONDS = 0.7
SHARE = 100  # reading may take one part in so many of a core
AT_ONCE = 50  # entries read in one turn of the loop: a millisecond

RunInThread = Callable[..., Awaitable[Any]]


class View:
    """What an open document says, kept up to date, and which of its rows do not say so yet.

    Of one room: what came between a room that ended itself and the next one, no touch tells of.
    """

    def __init__(self, room: Room, resolution: Resolution) -> None:
        self.room = room
        self.resolution = resolution
        self.due: set[str] = set()
        self.again: set[str] = set()  # written while more was on its way: another process may have known less
        self.comments_due = False  # comments, or who resolved them, may not be as their rows say
        self.comments_again = False  # as `again`

    async def follow(self) -> None:
        """Read what was touched in the room since the last time."""
        touched, self.room.touched = list(self.room.touched), set()
        self.comments_due |= any(root in reading.ROOTS for root, _ in touched)
        for start in range(0, len(touched), AT_ONCE):
            self.due |= self.resolution.follow(self.room, touched[start : start + AT_ONCE])
            await asyncio.sleep(0)


class Projector:
    """Keeps the rows of open documents up to date. `done(place, summary)` hears of each time they are; `commented` of comments."""

    def __init__(
        self,
        in_thread: RunInThread,
        done: Callable[[Place, Summary], None],
        alone: bool = True,
        commented: Callable[[Place, discussion.News], None] = lambda place, news: None,
    ) -> None:
        self._in_thread = in_thread
        self._writer = RowWriter(in_thread)
        self._done = done
        self._commented = commented
        self._alone = alone  # no other process projects the same document
        self._places: dict[int, Place] = {}
        self._views: dict[int, View] = {}
        self._delay: dict[int, float] = {}
        self._due: dict[int, tuple[Room, asyncio.TimerHandle]] = {}
        self._turns: dict[int, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._behind: set[int] = set()  # documents whose room ended itself before their rows followed

    def opened(self, place: Place) -> None:
        self._places[place.document_id] = place

    def place(self, document_id: int) -> Place | None:
        return self._places.get(document_id)

    def forget(self, document_id: int) -> None:
        for kept in (self._places, self._views, self._delay, self._turns):
            kept.pop(document_id, None)
        self._cancel(document_id)

    def _cancel(self, document_id: int) -> bool:
        """Whether a document was due."""
        due = self._due.pop(document_id, None)
        if due is not None:
            due[1].cancel()
        return due is not None

    def changed(self, room: Room) -> None:
        """Something was committed: the rows are due soon."""
        due = self._due.get(room.document_id)
        if due is not None and due[0] is room:
            return
        self._cancel(room.document_id)  # of a room that ended itself
        delay = self._delay.get(room.document_id, SOON_SECONDS)
        self._due[room.document_id] = room, asyncio.get_running_loop().call_later(delay, self._start, room)

    def _start(self, room: Room) -> None:
        self._due.pop(room.document_id, None)
        task = asyncio.ensure_future(self._attempt(room))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(self, room: Room) -> None:
        try:
            await self.project(room)
        except RoomBroken:
            self._behind.add(room.document_id)
        except Exception:
            log.exception("Document %s was not projected; it will be with its next change", room.document_id)

    def take_behind(self) -> set[int]:
        """Documents whose rows wait for somebody to see to them, now that their room is gone."""
        behind, self._behind = self._behind, set()
        return behind

    async def project(self, room: Room) -> None:
        """Make the rows say what the room's document says now. Raises RoomBroken."""
        async with self._turn(room):
            place = self._places.get(room.document_id)
            if place is None:
                return
            # What is on its way may be in the reading, never in the promise: `projected` claims what is committed now.
            head = room.head
            try:
                view = await self._look(room, place)
                comments = reading.comments_of(room.doc) if view.comments_due or view.comments_again else None
                await room.settled()
                if comments is not None:
                    await self._write_comments(place, view, comments, head)
                await self._write(place, view, head)
            except BaseException:
                self._views.pop(room.document_id, None)  # it may have missed something: the next look is a first one
                raise
        self._done(place, view.resolution.summary())
        if room.head > head:
            self.changed(room)

    async def read(self, room: Room) -> Resolution | None:
        """What a room's document says now, with what is on its way; to be used before anybody else has his turn."""
        async with self._turn(room):
            place = self._places.get(room.document_id)
            return (await self._look(room, place)).resolution if place is not None else None

    def _turn(self, room: Room) -> asyncio.Lock:
        return self._turns.setdefault(room.document_id, asyncio.Lock())

    async def _look(self, room: Room, place: Place) -> View:
        view = self._views.get(place.document_id)
        if view is None or view.room is not room or view.resolution.schema != place.schema:
            view = self._views[place.document_id] = await self._first_look(room, place)
        began = time.perf_counter()
        await view.follow()
        self._delay[place.document_id] = max(SOON_SECONDS, SHARE * (time.perf_counter() - began))
        return view

    async def _first_look(self, room: Room, place: Place) -> View:
        """Read the whole document, beside the loop, and compare it with all of its rows."""
        room.touched = set()
        frozen = projection.Frozen(room.doc, place.schema)
        resolution, due, comments_due = await self._in_thread(first_look, frozen, place)
        view = View(room, resolution)
        view.due, view.comments_due = due, comments_due
        return view

    async def _write_comments(self, place: Place, view: View, comments: dict[str, reading.Said], head: int) -> None:
        """Before the other rows: with those goes the promise that all are complete up to `head`."""
        view.comments_due, view.comments_again = False, view.comments_due and not self._alone
        news = await self._in_thread(discussion.sync, place.where, comments, head)
        if news is not None:
            self._commented(place, news)

    async def _write(self, place: Place, view: View, head: int) -> None:
        due, view.due = view.due, set()
        ids = due | view.again
        found = {id: view.resolution.get(id) for id in ids}
        changed = [projection.row_of(said) for said in found.values() if said is not None]
        gone = [id for id, said in found.items() if said is None]
        try:
            await self._writer.write(Work(place, changed, gone, view.resolution.summary(), head))
        except Overtaken:
            view.comments_due = True
            view.due |= due  # what is newer than that process knew is written when it is committed
        else:
            view.again = set() if self._alone else due

    async def finish(self, room: Room) -> None:
        """Project a room that is about to be put away."""
        if not self._cancel(room.document_id) and room.document_id not in self._turns:
            return
        with contextlib.suppress(RoomBroken):
            await self.project(room)


def first_look(frozen: projection.Frozen, place: Place) -> tuple[Resolution, set[str], bool]:
    """What a document says, the ids of those of its annotations whose rows say something else, and whether comments' do."""
    resolution = Resolution(place.schema, place.text).read(frozen)
    known = projection.known_rows(place.document_id)
    rows = {said.id: projection.row_of(said) for said in resolution}
    due = {id for id in known.keys() | rows.keys() if known.get(id) != rows.get(id)}
    return resolution, due, discussion.known_comments(place.document_id) != reading.comments_of(frozen)
