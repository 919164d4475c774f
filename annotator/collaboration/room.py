"""One open document: what is stored, what is on its way, and who is in it. Knows bytes and sessions; no sockets, no database.

The document here is the working copy: it holds what is on its way to the journal, because an editor's second edit builds on
the first. Nobody is shown any of that before it is committed: changes go out from `stored`, and what a joiner gets is
encoded when he asks and sent when everything in it is durable.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from pycrdt import Doc, Map, Text, TransactionEvent

from annotator.collaboration import messages
from annotator.collaboration.changes import (
    SERVER_CLIENTS,
    Author,
    Broken,
    Change,
    Json,
    Put,
    Refused,
    Remove,
    Rules,
    apply_changes,
)
from annotator.collaboration.changes import apply_update as apply_update_to
from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.fanout import Committed, Fanout
from annotator.collaboration.gate import Gap, Gate, Passed
from annotator.collaboration.journal import Entry, Journal, Row, StaleEpoch, Stored
from annotator.collaboration.pace import Clock, Pace
from annotator.collaboration.port import MAX_BUFFERED_BYTES, Message
from annotator.collaboration.presence import Presence
from annotator.collaboration.receipts import Missed, Receipts, TooMuchMissed
from annotator.collaboration.session import Session
from annotator.collaboration.updates import Malformed, decode_state_vector, decode_update, encode_state_vector

log = logging.getLogger(__name__)

MAX_UPDATE_BYTES = 64 * 1024  # one edit
MAX_SYNC_BYTES = 1024 * 1024  # what a stock client says after having been offline, in one piece
CHECKPOINT_ROWS = 500  # rows behind the last checkpoint that make a new one worth while
NOTHING = b"\x00\x00"  # the update without structs and without deletes


class RoomBroken(Exception):
    """The room can no longer be trusted and was closed; try again. Holds the sentence to show."""


@dataclass(slots=True)
class OnItsWay:
    """A change between the working copy and the journal."""

    ordinal: int
    data: bytes
    session: Session | None
    number: int
    waiter: asyncio.Future[int] | None


class Memory(msgspec.Struct):
    """What a checkpoint keeps besides the document: whose each client id is, and what the rules remember."""

    owners: dict[int, int] = {}
    rules: bytes = b""


class Room:
    """See the module. `changed` is called after each commit; `broke` once, when the room ends itself."""

    def __init__(
        self,
        stored: Stored,
        rules: Rules,
        journal: Journal,
        clock: Clock,
        server_client: int,
        changed: Callable[[Room], None] = lambda room: None,
        broke: Callable[[Room, str], None] = lambda room, why: None,
    ) -> None:
        self.document_id = stored.document_id
        self.epoch = stored.epoch
        self.head = stored.head
        self.rules = rules
        self.sessions: dict[str, Session] = {}
        self.touched: set[tuple[str, str]] = set()  # (root, key) changed since the projection last looked
        self.rows_since_checkpoint = len(stored.rows)
        self.closed = False
        self._journal = journal
        self._clock = clock
        self._changed = changed
        self._broke = broke
        self._owners: dict[int, int] = {}
        self._on_its_way: deque[OnItsWay] = deque()
        self._appended = 0  # ordinal of the last change that was put on its way
        self._gathered: list[Entry] = []  # the last of what is on its way, not yet with the journal
        self._pace = Pace(clock, self.sessions, self._hand_over)
        self._barriers: deque[tuple[int, Callable[[], None]]] = deque()
        self._encoded: tuple[int, bytes] | None = None
        self._maps: dict[str, Map[Any]] = {}
        self._texts: dict[str, Text] = {}
        self._update = b""
        self._healing: asyncio.Task[None] | None = None
        self.gate = Gate(rules.root_kind)
        self._receipts = Receipts(self.gate)
        self.doc: Doc[Any] = Doc(client_id=server_client)
        self._load(stored)
        self._subscription = self.doc.observe(self._observed)
        self.fanout = Fanout(self.sessions, clock)
        self.presence = Presence(self.sessions, clock, lambda client, session: self._may_use(client, session.person.id))

    # -- opening ---------------------------------------------------------------------------------------------------

    def _load(self, stored: Stored) -> None:
        if stored.memory:
            memory = msgspec.msgpack.decode(stored.memory, type=Memory)
            self._owners.update(memory.owners)
            self.rules.remember(memory.rules)
        if stored.state:
            self.gate.load(stored.state)
            apply_update_to(self.doc, stored.state)
        for row in stored.rows:
            self._load_row(row)

    def _load_row(self, row: Row, tell: Callable[[Sequence[Change]], None] | None = None) -> None:
        """Take in a committed row: bind its client ids to its author, and let the rules remember what it took away.

        `tell` hears what it changes.
        """
        decoded = decode_update(row.data, values=False)
        if row.author_id is not None:
            for client in {struct.client for struct in decoded.structs}:
                if client < SERVER_CLIENTS:  # the server's own ids are nobody's
                    self._owners.setdefault(client, row.author_id)
        changes = self.gate.load(row.data, changes=tell is not None or bool(decoded.deletes))
        if tell is not None:
            tell(changes)
        if changes:
            self.rules.committed(changes, Author(row.author_id, "server", "human"), lambda r, k: self.map(r).get(k))
        apply_update_to(self.doc, row.data)

    def memory(self) -> bytes:
        return msgspec.msgpack.encode(Memory(self._owners, self.rules.memory()))

    def map(self, root: str) -> Map[Any]:
        found = self._maps.get(root)
        if found is None:
            found = self._maps[root] = self.doc.get(root, type=Map)
        return found

    def text(self, root: str) -> Text:
        found = self._texts.get(root)
        if found is None:
            found = self._texts[root] = self.doc.get(root, type=Text)
        return found

    def value(self, root: str, key: str) -> Json | None:
        """What the working copy holds under a key of a Map root."""
        if not self.gate.holds(root, key):
            return None
        value: Json | None = self.map(root).get(key)
        return value

    def words(self, root: str) -> str:
        """What the working copy holds in a Text root."""
        return str(self.text(root))

    # -- people ----------------------------------------------------------------------------------------------------

    def join(self, session: Session) -> None:
        """Let a session in: it is told what we have, so that it can send what we lack."""
        self.sessions[session.key] = session
        self._ask(session)
        states = self.presence.all_states()
        if states is not None:
            session.send(states, self._clock.time())

    def leave(self, session: Session) -> None:
        if self.sessions.pop(session.key, None) is not None:
            self.presence.leave(session)

    def announce(self, event: dict[str, Any]) -> None:
        """Send a JSON event to every session that asked for events."""
        for session in list(self.sessions.values()):
            session.event(event)

    def close(self, code: CloseCode) -> None:
        """Send everybody away."""
        self.closed = True
        for session in list(self.sessions.values()):
            session.close(code)

    # -- messages --------------------------------------------------------------------------------------------------

    def receive(self, session: Session, data: bytes) -> None:
        """One binary message of a session. Everything that can be wrong with it ends here, with this session only."""
        if self.closed or session.closed is not None:
            return
        if len(data) > MAX_SYNC_BYTES:
            session.close(CloseCode.TOO_LARGE)
            return
        try:
            message = messages.parse(data)
        except Malformed as error:
            self._refuse(session, Refused("malformed", f"The message cannot be read: {error}.", None), session.received)
            return
        match message:
            case messages.SyncUpdate(update) | messages.Sync2(update):
                limit = MAX_UPDATE_BYTES if isinstance(message, messages.SyncUpdate) else MAX_SYNC_BYTES
                if len(update) > limit:
                    session.close(CloseCode.TOO_LARGE)
                else:
                    self._receive_update(session, update)
            case messages.Sync1(state_vector):
                self._answer(session, state_vector)
            case messages.Awareness(entries):
                self.presence.receive(session, entries)
            case messages.QueryAwareness():
                states = self.presence.all_states()
                if states is not None:
                    session.send(states, self._clock.time())

    def _receive_update(self, session: Session, update: bytes) -> None:
        session.received += 1
        if session.refused:
            return
        user = session.person.id
        try:
            passed = self.gate.check(update, lambda client: self._may_use(client, user))
            if not passed.empty:
                self._may_change(session.author, passed.changes)
        except Gap:
            self._resync(session, update)
        except Malformed as error:
            self._refuse(session, Refused("malformed", f"The change cannot be read: {error}.", None), session.received)
        except Refused as refused:
            self._refuse(session, refused, session.received)
        except Exception:
            # Nothing was changed yet: only the session that brought the surprise goes.
            log.exception("A check failed in document %s", self.document_id)
            session.close(CloseCode.LATER)
        else:
            self._take(session, update, passed)

    def _may_use(self, client: int, user_id: int) -> bool:
        return client < SERVER_CLIENTS and self._owners.get(client, user_id) == user_id

    def _may_change(self, author: Author, changes: Sequence[Change]) -> None:
        self.rules.check(changes, author, self.value)

    def _take(self, session: Session, update: bytes, passed: Passed) -> None:
        """Apply a checked update to the working copy and put it on its way."""
        number = session.received
        if passed.empty or not self._enter(session, update, passed):
            # What it says again may be on its way by another hand: it is saved when that is.
            self.when_stored(lambda: self._receipts.saved(session, number, self.head))
        missed = session.missed
        if missed is not None and self._receipts.has_come(missed):
            self.when_stored(lambda: self._forgive(session, missed, number))

    def _enter(self, session: Session, update: bytes, passed: Passed) -> bool:
        """Says whether the document changed."""
        try:
            self.rules.committed(passed.changes, session.author, self.value)
            data = self._apply(lambda: apply_update_to(self.doc, update))
            self.gate.commit(passed)
        except Exception as error:
            session.close(CloseCode.REFUSED)
            self.end(f"An update broke the document: {error}")
            return True
        for client in passed.clients:
            self._owners.setdefault(client, session.person.id)
        if data is None:
            return False
        self._send_off(data, session.author, passed.changes, session, session.received)
        return True

    def _forgive(self, session: Session, missed: Missed, number: int) -> None:
        """What was missed has come and is durable."""
        if session.missed is missed:
            session.missed = None
        self._receipts.saved(session, number, self.head)

    def _apply(self, change: Callable[[], None]) -> bytes | None:
        """Run a change of the document; returns the server's own encoding of it, or None where nothing changed."""
        self._update = b""
        change()
        return None if self._update in (b"", NOTHING) else self._update

    def _observed(self, event: TransactionEvent) -> None:
        self._update = event.update

    # -- refusals --------------------------------------------------------------------------------------------------

    def _refuse(self, session: Session, refused: Refused, number: int) -> None:
        """Tell the author what was wrong. Later edits of this socket build on the refused one: they are not looked at."""
        session.refused = True
        if session.speaks_events:
            session.event(
                {
                    "type": "refused",
                    "number": number,
                    "code": refused.code,
                    "sentence": refused.sentence,
                    "annotation": refused.key,
                }
            )
        else:
            session.close(CloseCode.REFUSED)

    def _resync(self, session: Session, update: bytes) -> None:
        """Something before this update never came: ask for everything we lack."""
        try:
            self._receipts.miss(session, update)
        except TooMuchMissed:
            session.close(CloseCode.LATER)
            return
        session.event({"type": "resync"})
        self._ask(session)

    def _ask(self, session: Session) -> None:
        session.send(Message(messages.encode_sync1(self.doc.get_state())), self._clock.time())

    # -- reading ---------------------------------------------------------------------------------------------------

    def _answer(self, session: Session, state_vector: bytes) -> None:
        """SyncStep2: what the session lacks, as of now, sent when all of it is committed."""
        try:
            have = decode_state_vector(state_vector)
        except Malformed:
            session.close(CloseCode.REFUSED)
            return
        data = self.doc.get_update(encode_state_vector(have)) if have else self.encoded()
        message = Message(messages.encode_sync2(data))
        session.allowance = MAX_BUFFERED_BYTES + 2 * len(data)
        session.seen = self._appended
        self.when_stored(lambda: session.send(message, self._clock.time()))

    def encoded(self) -> bytes:
        """The working copy as one update; kept until the next change, so that many can open at once."""
        if self._encoded is None or self._encoded[0] != self._appended:
            self._encoded = (self._appended, self.doc.get_update())
        return self._encoded[1]

    def when_stored(self, then: Callable[[], None]) -> None:
        """Call `then` when everything that is on its way now is committed: at once where nothing is."""
        if self._on_its_way:
            self._barriers.append((self._appended, then))
        else:
            then()

    async def settled(self) -> None:
        """Wait until everything that is on its way now is committed. Raises RoomBroken if it will not be."""
        if self.closed and self._on_its_way:
            raise RoomBroken(CloseCode.LATER.sentence)
        if self._on_its_way:
            last = self._on_its_way[-1]
            if last.waiter is None:
                last.waiter = asyncio.get_running_loop().create_future()
            await asyncio.shield(last.waiter)

    # -- writing ---------------------------------------------------------------------------------------------------

    async def write(self, changes: Sequence[Change], author: Author) -> int:
        """Make changes on somebody's behalf, through the same checks; returns the head when they are durable and shown.

        Raises Refused (nothing was changed) or RoomBroken (nothing was stored).
        """
        if self.closed:
            raise RoomBroken(CloseCode.LATER.sentence)
        self._may_change(author, changes)
        try:
            self.rules.committed(changes, author, self.value)
            data = self._apply(lambda: self._change(changes))
            if data is not None:
                self.gate.load(data)
        except Exception as error:
            self.end(f"A change broke the document: {error}")
            raise RoomBroken(CloseCode.LATER.sentence) from error
        if data is None:
            await self.settled()
            return self.head
        self._send_off(data, author, changes, None, 0)
        waiter = self._on_its_way[-1].waiter = asyncio.get_running_loop().create_future()
        return await asyncio.shield(waiter)

    def _change(self, changes: Sequence[Change]) -> None:
        with self.doc.transaction():
            apply_changes(self.doc, changes)

    def _send_off(
        self, data: bytes, author: Author, changes: Sequence[Change], session: Session | None, number: int
    ) -> None:
        self._appended += 1
        self._on_its_way.append(OnItsWay(self._appended, data, session, number, None))
        self._touch(changes)
        now = datetime.now(UTC)
        self._gathered.append(Entry(self.document_id, self.epoch, author.user_id, author.origin, now, data))
        self._pace.soon()

    def _hand_over(self) -> None:
        """Give what was gathered to the journal: where many edit, some of it together, which is one commit and one frame."""
        gathered, self._gathered = self._gathered, []
        for entry in gathered:
            self._journal.append(self, entry)

    def _touch(self, changes: Sequence[Change]) -> None:
        self.touched.update((change.root, change.key if isinstance(change, Put | Remove) else "") for change in changes)

    # -- what became of it (journal.Sink) --------------------------------------------------------------------------

    def stored(self, count: int, rows: int, head: int) -> None:
        """Acknowledge, then show: in that order, and nothing of it before it is durable."""
        if head - rows != self.head:
            self._heal(self.head, head - rows)
        self.head = head
        self.rows_since_checkpoint += rows
        done = [self._on_its_way.popleft() for _ in range(count)]
        self._acknowledge(done)
        self.fanout.show(Committed(o.ordinal, o.data, o.session) for o in done)
        while self._barriers and self._barriers[0][0] <= done[-1].ordinal:
            self._barriers.popleft()[1]()
        for entry in done:
            if entry.waiter is not None and not entry.waiter.done():
                entry.waiter.set_result(head)
        self._changed(self)

    def _acknowledge(self, done: Sequence[OnItsWay]) -> None:
        upto = {o.session: o.number for o in done if o.session is not None}
        for session, number in upto.items():
            self._receipts.saved(session, number, self.head)

    def not_stored(self, error: Exception) -> None:
        """Nothing was shown and nothing acknowledged: browsers hold their edits and bring them again."""
        code = CloseCode.RELOAD if isinstance(error, StaleEpoch) else CloseCode.LATER
        self.end(f"A commit failed: {error}", code)

    def end(self, why: str, code: CloseCode = CloseCode.LATER) -> None:
        """The room can no longer be trusted: close it; whoever comes next opens it anew from the journal."""
        if self.closed:
            return
        log.error("Room of document %s ended: %s", self.document_id, why)
        self.close(code)
        for entry in self._on_its_way:
            if entry.waiter is not None and not entry.waiter.done():
                entry.waiter.set_exception(RoomBroken(code.sentence))
                entry.waiter.exception()  # heard here, should nobody wait any more
        self._on_its_way.clear()
        self._gathered.clear()
        self._barriers.clear()
        self._broke(self, why)

    # -- other processes -------------------------------------------------------------------------------------------

    def _heal(self, after: int, upto: int) -> None:
        """Another process wrote in between: read what it wrote from the journal."""
        self._healing = asyncio.ensure_future(self._read_gap(after, upto))

    async def _read_gap(self, after: int, upto: int) -> None:
        try:
            rows = await self._journal.since(self.document_id, self.epoch, after)
            for row in (row for row in rows if row.seq <= upto):
                self._load_row(row, self._touch)
                self._appended += 1
                self.fanout.show([Committed(self._appended, row.data, None)])
        except (StaleEpoch, Broken) as error:
            self.not_stored(error)
