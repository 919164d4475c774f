"""The live side of this process: its rooms, its project sockets and what keeps them true. The way in for everybody else.

There is one engine for an event loop, made when it is first asked for. What changes a project in the database says so with
`project_changed`; open sessions hear of it at once in this process and within seconds in every other.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import F

from annotator.collaboration.changes import Rules
from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.journal import Journal, NoSuchDocument
from annotator.collaboration.open_rooms import OpenRooms
from annotator.collaboration.relay import Alone, LayerRelay, Relay
from annotator.collaboration.room import Room, RoomBroken
from annotator.collaboration.session import Session
from annotator.gathering import Gathering
from projects import projection
from projects.discussion import rows as discussion
from projects.guard import DocumentRules
from projects.hub import Hub
from projects.hub import topic as project_topic
from projects.models import Document, Project
from projects.projection import Place
from projects.projector import Projector
from projects.resolution import Summary
from projects.schema import Schema
from projects.store import DatabaseStore

log = logging.getLogger(__name__)

TaskOpened = Callable[[int, int, int], Awaitable[None]]
TaskEntered = Callable[[Session, int], Awaitable[None]]

# Called when the first person opens a task: document id, task id, project id.
on_task_opened: list[TaskOpened] = []
# Called when anybody comes into a task, for the first time or after a loss of the connection: session, task id.
on_task_entered: list[TaskEntered] = []
# Called when an engine starts, in its loop; and when it ends, before its rooms do.
on_start: list[Callable[[], Awaitable[None]]] = []
on_stop: list[Callable[[], Awaitable[None]]] = []
# Called every few seconds.
on_look: list[Callable[[], Awaitable[None]]] = []
# Called for what another process tells to all (`Engine.tell_all`).
on_told: list[Callable[[dict[str, Any]], Awaitable[None]]] = []

LOOK_SECONDS = 2.0  # how soon an edit of another process is seen whose bell was lost
ALL = "all"  # the topic to which every process listens


class Engine:
    """Everything that lives in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="live")
        self.relay: Relay = LayerRelay(get_channel_layer(), self._heard) if settings.SEVERAL_PROCESSES else Alone()
        self.hub = Hub(loop, self.relay)
        self.projector = Projector(self.in_thread, self._projected, self.relay.is_alone, self._commented)
        self.rooms = OpenRooms(
            Journal(DatabaseStore()),
            self._make_rules,
            changed=self.projector.changed,
            closing=self._closing,
            relay=self.relay,
        )
        self._find_place: Gathering[int, Place | None] = Gathering(self._places)
        self._tasks: set[asyncio.Task[None]] = set()
        self.closed = False

    async def in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        """Run blocking code, for instance a query, beside the loop."""
        return await self.loop.run_in_executor(self._threads, with_fresh_connection, function, *args)

    def spawn(self, work: Awaitable[None]) -> None:
        """Let something run beside, and keep hold of it."""
        task = self.loop.create_task(self._logged(work), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _logged(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:
            log.exception("Work in the background failed")

    async def _make_rules(self, document_id: int) -> Rules:
        place = await self._find_place(document_id)
        if place is None:
            raise NoSuchDocument(f"There is no document {document_id}.")
        self.projector.opened(place)
        return DocumentRules(place.schema, len(place.text))

    async def _places(self, document_ids: list[int]) -> list[Place | None]:
        found: list[Place | None] = await self.in_thread(projection.places_of, document_ids)
        return found

    async def _closing(self, room: Room) -> None:
        await self.projector.finish(room)
        self.projector.forget(room.document_id)

    def _projected(self, place: Place, summary: Summary) -> None:
        self.hub.task_changed(
            place.project_id,
            {
                "id": place.task_id,
                "status": projection.task_status(summary),
                "annotations": summary.annotations,
                "suggestions": summary.suggestions,
            },
        )

    def _commented(self, place: Place, news: discussion.News) -> None:
        self.hub.send(place.project_id, comments_event(place, news))

    # -- other processes -------------------------------------------------------------------------------------------

    def _heard(self, topic: str, sender: str, message: dict[str, Any]) -> None:
        kind, _, number = topic.partition(".")
        if kind == "document":
            self.rooms.hear(int(number), sender, message)
        elif topic == ALL:
            for callback in on_told:
                self.spawn(callback(message))
        elif message["t"] == "changed":
            self.spawn(self.reload_project(int(number), message["revision"]))
        else:
            self.hub.hear(int(number), sender, message)

    def tell_all(self, message: dict[str, Any]) -> None:
        """Tell every other process something: they hear it in `on_told`."""
        self.relay.tell(ALL, message)

    async def look_on(self) -> None:
        """Look at what no bell may have told of, as long as the engine lives."""
        await self.relay.listen(ALL)
        while not self.closed:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except Exception:
                # The database may be away for a moment: looking must never end.
                log.exception("Documents could not be looked at; trying again")

    async def _look(self) -> None:
        open_now = [room.document_id for room in self.rooms.now()]
        heads = await self.in_thread(heads_of, open_now) if open_now else []
        self.rooms.look(heads)
        self._end_gone(set(open_now) - {document_id for document_id, *_ in heads})
        self.hub.refresh()
        for document_id in self.projector.take_behind():
            self.spawn(self._see_to_rows(document_id))
        for callback in on_look:
            await callback()

    def _end_gone(self, document_ids: set[int]) -> None:
        """Documents whose task was deleted elsewhere, by a worker or another server: whoever is in them is sent away."""
        for document_id in document_ids:
            if room := self.rooms.peek(document_id):
                room.end("its task was deleted", CloseCode.NO_SUCH_DOCUMENT)
                self.projector.forget(document_id)

    async def _see_to_rows(self, document_id: int) -> None:
        room = self.rooms.peek(document_id)
        if room is not None:
            self.projector.changed(room)
        else:
            await self.in_thread(projection.project_from_journal, document_id)

    # -- projects --------------------------------------------------------------------------------------------------

    def project_ids(self) -> set[int]:
        """Projects that somebody watches or has a task open of."""
        return self.hub.project_ids() | {place.project_id for place in self._open_places()}

    def _open_places(self) -> list[Place]:
        places = (self.projector.place(room.document_id) for room in self.rooms.now())
        return [place for place in places if place is not None]

    async def reload_project(self, project_id: int, revision: int) -> None:
        """A project was changed: its open rooms check by the new rules, and everybody in it hears of the revision."""
        schema: Schema = await self.in_thread(Schema.load, project_id)
        event = {"type": "project", "revision": revision}
        for room in self.rooms.now():
            place = self.projector.place(room.document_id)
            if place is not None and place.project_id == project_id:
                self.projector.opened(dataclasses.replace(place, schema=schema))
                room.rules.schema = schema  # type: ignore[attr-defined]
                room.announce(event)
                self.projector.changed(room)
        self.hub.send_here(project_id, event)

    # -- tasks -----------------------------------------------------------------------------------------------------

    def rooms_of_tasks(self) -> dict[int, Room]:
        """The open rooms, by task."""
        places = ((self.projector.place(room.document_id), room) for room in self.rooms.now())
        return {place.task_id: room for place, room in places if place is not None}

    def task_opened(self, document_id: int) -> None:
        """The first person is in a room: tell who wants to know. Opening waits for none of them."""
        place = self.projector.place(document_id)
        if place is not None:
            for callback in on_task_opened:
                self.spawn(callback(document_id, place.task_id, place.project_id))

    def task_entered(self, session: Session, task_id: int) -> None:
        """Somebody came in: let those who have news for him tell them. Entering waits for none of them."""
        for callback in on_task_entered:
            self.spawn(callback(session, task_id))

    async def catch_up(self) -> None:
        """Project what was committed and not projected when the last process ended."""
        for document_id in await self.in_thread(projection.unprojected):
            if self.rooms.peek(document_id) is None:
                await self.in_thread(projection.project_from_journal, document_id)

    async def close(self) -> None:
        """Stop within seconds, with nothing lost: browsers hold what is not acknowledged."""
        if self.closed:
            return
        self.closed = True
        for callback in on_stop:
            await callback()
        self.hub.close()
        await self.rooms.close()
        await self.relay.close()
        for task in list(self._tasks):
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)


def comments_event(place: Place, news: discussion.News) -> dict[str, Any]:
    """What who watches the project hears of comments: whose they are and whom they mention, not what they say."""
    new = [{"id": said.key, "author": said.author_id, "mentions": said.mentions} for said in news.new]
    return {"type": "comments", "task": place.task_id, "comments": news.total, "new": new}


def heads_of(document_ids: list[int]) -> list[tuple[int, int, int]]:
    """(document, epoch, head) as the database says now."""
    return list(Document.objects.filter(pk__in=document_ids).values_list("pk", "epoch", "head"))


def with_fresh_connection(function: Callable[..., Any], *args: Any) -> Any:
    close_old_connections()
    return function(*args)


_engines: dict[asyncio.AbstractEventLoop, Engine] = {}
_making = threading.Lock()


def engine() -> Engine:
    """The engine of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _engines.get(loop)
    if found is None or found.closed:
        with _making:
            for ended in [known for known in _engines if known.is_closed()]:
                del _engines[ended]
            found = _engines[loop] = Engine(loop)
        found.spawn(found.catch_up())
        found.spawn(found.look_on())
        for callback in on_start:
            found.spawn(callback())
    return found


def running() -> list[Engine]:
    """The engines of this process that are not closed."""
    return [found for loop, found in list(_engines.items()) if not found.closed and not loop.is_closed()]


@contextlib.asynccontextmanager
async def open_room(document_id: int) -> AsyncIterator[Room]:
    """Hold the room of a document open. Raises RoomBroken, NoSuchDocument."""
    async with engine().rooms.open(document_id) as room:
        yield room


async def project_now(document_id: int) -> None:
    """Bring the rows of a document up to date at once."""
    async with open_room(document_id) as room:
        await engine().projector.project(room)


def document_of(task_id: int) -> Document:
    """The shared document of a task. Tasks are made with theirs; the rest is for a task that came another way."""
    document, _ = Document.objects.get_or_create(task_id=task_id, annotator=None)
    return document


def project_event(project_id: int, event: dict[str, Any]) -> None:
    """Send an event to everybody who watches a project in this process. May be called from any thread."""
    for found in list(_engines.values()):
        if not found.closed and not found.loop.is_closed():
            found.loop.call_soon_threadsafe(found.hub.send, project_id, event)


def project_changed(project_id: int) -> None:
    """Fields, labels, members or the project itself changed: raise its revision and tell open sessions after the commit."""
    Project.objects.filter(pk=project_id).update(revision=F("revision") + 1)
    transaction.on_commit(lambda: _announce_project(project_id))


def _announce_project(project_id: int) -> None:
    revision = Project.objects.filter(pk=project_id).values_list("revision", flat=True).first()
    if revision is None:
        return
    for found in list(_engines.values()):
        if not found.closed and not found.loop.is_closed():
            found.loop.call_soon_threadsafe(_reload, found, project_id, revision)
            found.loop.call_soon_threadsafe(
                found.relay.tell, project_topic(project_id), {"t": "changed", "revision": revision}
            )


def _reload(found: Engine, project_id: int, revision: int) -> None:
    found.spawn(found.reload_project(project_id, revision))


__all__ = ["Engine", "NoSuchDocument", "RoomBroken", "engine", "open_room", "project_changed", "project_event"]
