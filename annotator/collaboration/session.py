"""One browser tab in a room: who it is, its rights, its way out and its limit. Knows nothing of other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from annotator.collaboration.changes import Author, Refused
from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.measures import measured
from annotator.collaboration.port import MAX_BUFFERED_BYTES, Message, Port

if TYPE_CHECKING:
    from annotator.collaboration.receipts import Missed

encode_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Person:
    """Who a session belongs to, as colleagues see it."""

    id: int
    name: str
    colour: str

    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "colour": self.colour}


class Session:
    """A tab. `speaks_events`: it asked for our JSON events besides the Yjs messages (subprotocol colabel.v1)."""

    def __init__(self, key: str, person: Person, role: str, may_write: bool, port: Port, speaks_events: bool) -> None:
        self.key = key
        self.person = person
        self.role = role
        self.may_write = may_write
        self.port = port
        self.speaks_events = speaks_events
        self.received = 0  # sync messages that carried an update, counted from 1: what `saved` and `refused` refer to
        self.acknowledged = 0  # up to which of them the session was told that they are saved
        self.missed: Missed | None = None  # what could not be taken and must come again
        self.refused = False  # a wrong edit makes all later ones of this socket unreadable: they build on it
        self.seen: int | None = None  # the room's entries that this session has, or will have with its SyncStep2
        self.awareness_client: int | None = None
        self.allowance = MAX_BUFFERED_BYTES
        self.quiet_since = 0.0  # loop time of the last bytes sent
        self.closed: CloseCode | None = None
        self.left_with: int | None = None  # the code that the browser said

    @property
    def author(self) -> Author:
        return Author(self.person.id, self.role, "human")

    def send(self, message: Message, now: float = 0.0) -> None:
        """Send, or cut off who reads too slowly: he resyncs when he is back."""
        if self.closed is not None:
            return
        self.port.send(message)
        self.quiet_since = now
        if self.port.buffered() > self.allowance:
            self.close(CloseCode.LATER)

    def event(self, event: dict[str, Any]) -> None:
        """Send a JSON event to who asked for events."""
        if self.speaks_events and self.closed is None:
            self.port.send_text(encode_json(event).decode())

    def refuse(self, refused: Refused) -> None:
        """Tell what was wrong with the message just received. Later ones of this socket build on it: they are not looked at."""
        self.refused = True
        measured.refused(refused.code)
        if self.speaks_events:
            said = {"code": refused.code, "sentence": refused.sentence, "annotation": refused.key}
            self.event({"type": "refused", "number": self.received, **said})
        else:
            self.close(CloseCode.REFUSED)

    def close(self, code: CloseCode) -> None:
        if self.closed is None:
            self.closed = code
            measured.closed(code)
            self.port.close(code)
