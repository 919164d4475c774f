"""The edge of a document's socket: Channels events become room calls, nothing more. Knows login, origin and close codes.

The receive loop is our own: Channels' dispatch hops to a thread for every message (docs/live-documents.md has the figures).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

import msgspec
from channels.consumer import AsyncConsumer

from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.journal import NoSuchDocument, StaleEpoch
from annotator.collaboration.log_context import bind
from annotator.collaboration.measures import measured
from annotator.collaboration.open_rooms import OpenRooms
from annotator.collaboration.port import Send, port_for
from annotator.collaboration.room import Room, RoomBroken
from annotator.collaboration.session import Person, Session

log = logging.getLogger(__name__)

SUBPROTOCOL = "colabel.v1"
MESSAGES_BEFORE_YIELD = 16  # a client that floods must let others have their turn
LAST_WORDS_SECONDS = 5.0  # how long a closed socket may take to answer the close

Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a login may do in a document; `hello` goes to clients that asked for events."""

    person: Person
    role: str
    may_write: bool
    epoch: int  # the document's, as the database said; it may have been restored since
    hello: dict[str, Any]


class Door(Protocol):
    """Who may enter which document, and who hears of it. Handed in where the parts are joined."""

    @property
    def rooms(self) -> OpenRooms: ...

    async def wait(self, scope: dict[str, Any]) -> None:
        """Until whose login this is may knock again; before the handshake ends, so that nothing can be sent meanwhile."""

    async def authorize(self, scope: dict[str, Any], document_id: int, epoch: int | None) -> Grant | CloseCode:
        """What the login of a handshake may do in a document, or why it may not come in."""
        ...

    async def entered(self, room: Room, session: Session, scope: dict[str, Any]) -> None:
        """A session joined a room."""

    def left(self, room: Room, session: Session) -> None:
        """A session left a room."""


class DocumentConsumer(AsyncConsumer):  # type: ignore[misc]  # channels is not typed
    """One socket of /ws/documents/<id>/."""

    door: Door

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        began = perf_counter()
        document_id = int(scope["url_route"]["kwargs"]["document_id"])
        events = SUBPROTOCOL in scope["subprotocols"]
        await self.door.wait(scope)
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if events else None})
        bind(document=document_id)
        grant = await self.door.authorize(scope, document_id, epoch_of(scope))
        port = port_for(send)
        try:
            if isinstance(grant, CloseCode):
                measured.closed(grant)
                port.close(grant)
                log.info("Turned away", extra={"code": int(grant)})
                await wait_for_end(receive)
            else:
                session = Session(secrets.token_hex(8), grant.person, grant.role, grant.may_write, port, events)
                bind(session=session.key, user=session.person.id)
                session.event(grant.hello)
                await self._serve(scope, document_id, session, grant.epoch, receive)
                log_end(session, perf_counter() - began)
        finally:
            await port.aclose()

    async def _serve(
        self, scope: dict[str, Any], document_id: int, session: Session, epoch: int, receive: Receive
    ) -> None:
        try:
            async with self.door.rooms.open(document_id) as room:
                if room.epoch == epoch:
                    await self._converse(scope, room, session, receive)
                else:
                    restored_meanwhile(room, session, epoch, epoch_of(scope))
                    await wait_for_end(receive)
        except NoSuchDocument:
            session.close(CloseCode.NO_SUCH_DOCUMENT)
            await wait_for_end(receive)
        except RoomBroken:
            session.close(CloseCode.LATER)
            await wait_for_end(receive)

    async def _converse(self, scope: dict[str, Any], room: Room, session: Session, receive: Receive) -> None:
        room.join(session)
        try:
            await self.door.entered(room, session, scope)
            count = 0
            while (event := await receive())["type"] == "websocket.receive":
                count += 1
                if count % MESSAGES_BEFORE_YIELD == 0:
                    await asyncio.sleep(0)
                data = event.get("bytes")
                if data is not None:
                    room.receive(session, data)
                else:
                    receive_text(session, event.get("text") or "")
            session.left_with = event.get("code")
        finally:
            room.leave(session)
            self.door.left(room, session)


def log_end(session: Session, seconds: float) -> None:
    """The one line of a socket: how it ended, how long it was there, how much it brought."""
    code = session.left_with if session.closed is None else int(session.closed)
    log.info("Left", extra={"code": code, "seconds": round(seconds, 3), "edits": session.received})


class Hears(Protocol):
    """Who takes JSON events."""

    def event(self, event: dict[str, Any]) -> None: ...


def receive_text(session: Hears, text: str) -> None:
    """The one JSON message that clients send: a ping, answered with what it carried."""
    if len(text) > 200:
        return
    with contextlib.suppress(msgspec.DecodeError):
        message = msgspec.json.decode(text)
        if isinstance(message, dict) and message.get("type") == "ping":
            session.event({"type": "pong", "t": message.get("t")})


def epoch_of(scope: dict[str, Any]) -> int | None:
    """The epoch that a client says it knows (`?epoch=3`); 0 for one that makes no sense, which matches nothing."""
    for part in scope["query_string"].split(b"&"):
        name, _, value = part.partition(b"=")
        if name == b"epoch":
            return int(value) if value.isdigit() and len(value) < 10 else 0
    return None


def restored_meanwhile(room: Room, session: Session, epoch: int, known: int | None) -> None:
    """Room and login are of two epochs: what one of them knows is old, and must not come into the new one."""
    if room.epoch < epoch:
        room.not_stored(StaleEpoch(f"document {room.document_id} is in epoch {epoch}, its room in {room.epoch}"))
    newest = max(room.epoch, epoch)
    session.close(CloseCode.LATER if known in (None, newest) else CloseCode.RELOAD)


async def wait_for_end(receive: Receive) -> None:
    """Let the close frame reach the client before the application ends and the server cuts the line."""
    with contextlib.suppress(asyncio.TimeoutError):
        async with asyncio.timeout(LAST_WORDS_SECONDS):
            while (await receive())["type"] != "websocket.disconnect":
                pass
