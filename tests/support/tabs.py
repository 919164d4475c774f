"""A browser tab without a browser: a pycrdt document and a queue of frames that the test flushes by hand."""

from __future__ import annotations

import json
from typing import Any

from pycrdt import Doc, Map, Text, create_sync_message, create_update_message
from pycrdt._sync import create_sync_step2_message

from annotator.collaboration import messages
from annotator.collaboration.port import Message
from annotator.collaboration.room import Room
from annotator.collaboration.session import Person, Session


class QueuedPort:
    """Holds what a session was sent."""

    def __init__(self) -> None:
        self.binary: list[bytes] = []
        self.events: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.unread = 0

    def send(self, message: Message) -> None:
        self.binary.append(message.payload)

    def send_text(self, text: str) -> None:
        self.events.append(json.loads(text))

    def buffered(self) -> int:
        return self.unread

    def close(self, code: int) -> None:
        self.closed = code


class Tab:
    """One person's tab. `edit` changes its document and holds the update until `deliver`."""

    def __init__(
        self, name: str, user_id: int, role: str = "annotator", *, events: bool = True, client: int = 0
    ) -> None:
        self.doc: Doc[Any] = Doc(client_id=client) if client else Doc()
        self.person = Person(user_id, name, "#112233")
        self.role, self.speaks_events = role, events
        self.outbox: list[bytes] = []
        self._mute = False
        self._subscription = self.doc.observe(self._edited)
        self.port = QueuedPort()

    def _edited(self, event: Any) -> None:
        if not self._mute:
            self.outbox.append(event.update)

    def map(self, root: str) -> Map[Any]:
        return self.doc.get(root, type=Map)

    def text(self, root: str) -> Text:
        return self.doc.get(root, type=Text)

    def enter(self, room: Room) -> Session:
        """Join and ask for everything, as a provider does when its socket opens."""
        self.room = room
        self.port = QueuedPort()
        may_write = self.role != "viewer"
        self.session = Session(
            f"{self.person.name}-{id(self.port)}", self.person, self.role, may_write, self.port, self.speaks_events
        )
        room.join(self.session)
        room.receive(self.session, create_sync_message(self.doc))
        return self.session

    def leave(self) -> None:
        self.room.leave(self.session)

    def close(self) -> None:
        """For good: a document holds who observes it, where no collector sees."""
        self.doc.unobserve(self._subscription)
        del self.room, self.session

    def deliver(self) -> None:
        """Send what was edited, each edit as one message."""
        outbox, self.outbox = self.outbox, []
        for update in outbox:
            self.room.receive(self.session, create_update_message(update))

    def read(self) -> None:
        """Take in what came."""
        frames, self.port.binary = self.port.binary, []
        for frame in frames:
            match messages.parse(frame):
                case messages.Sync1(state_vector):
                    self.room.receive(self.session, create_sync_step2_message(self.doc.get_update(state_vector)))
                case messages.Sync2(update) | messages.SyncUpdate(update):
                    self._apply(update)
                case _:
                    pass

    def _apply(self, update: bytes) -> None:
        self._mute = True
        try:
            self.doc.apply_update(update)
        finally:
            self._mute = False

    def saved(self) -> int:
        return max((e["upto"] for e in self.port.events if e["type"] == "saved"), default=0)

    def said(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.port.events if event["type"] == kind]
