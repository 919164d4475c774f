"""One open document: what is stored, what is on its way, and who is in it. Knows bytes and sessions; no sockets, no database.

The working copy holds what is on its way to the journal, because an editor's second edit builds on the first. Nobody is
shown any of that before it is committed, and everybody is shown all of it in the order of the working copy, with what other
processes wrote in between: what a joiner gets is encoded when he asks and sent when everything in it is durable.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pycrdt import Doc, Map

from annotator.collaboration import messages
from annotator.collaboration.changes import Author, Broken, Change, Json, Put, Refused, Remove, Rules
from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.fanout import Committed, Fanout
from annotator.collaboration.gate import Gap, Passed
from annotator.collaboration.heads import Heads
from annotator.collaboration.journal import Journal, Row, StaleEpoch, Stored
from annotator.collaboration.log_context import told
from annotator.collaboration.measures import measured
from annotator.collaboration.neighbours import Neighbours
from annotator.collaboration.on_its_way import OnItsWay, Underway
from annotator.collaboration.pace import Clock
from annotator.collaboration.port import MAX_BUFFERED_BYTES, Message
from annotator.collaboration.presence import Presence
from annotator.collaboration.receipts import Missed, Receipts, TooMuchMissed
from annotator.collaboration.relay import Relay
from annotator.collaboration.removals import removal
from annotator.collaboration.session import Session
from annotator.collaboration.updates import Malformed, decode_state_vector, encode_state_vector
from annotator.collaboration.working_copy import WorkingCopy

log = logging.getLogger(__name__)

MAX_UPDATE_BYTES = 64 * 1024  # one edit
MAX_SYNC_BYTES = 1024 * 1024  # what a stock client says after having been offline, in one piece
CHECKPOINT_ROWS = 500  # rows behind the last checkpoint that make a new one worth while


class RoomBroken(Exception):
    """The room can no longer be trusted and was closed; try again. Holds the sentence to show."""


class Room:
    """See the module. `changed` is called after each commit; `broke` once, when the room ends itself."""

    def __init__(
        self,
        stored: Stored,
        rules: Rules,
        journal: Journal,
        relay: Relay,
        clock: Clock,
        server_client: int,
        changed: Callable[[Room], None] = lambda room: None,
        broke: Callable[[Room, str], None] = lambda room, why: None,
    ) -> None:
        self.document_id = stored.document_id
        self.epoch = stored.epoch
        self.rules = rules
        self.copy = WorkingCopy(rules, server_client)
        self.sessions: dict[str, Session] = {}
        self.touched: set[tuple[str, str]] = set()  # (root, key) changed since the projection last looked
        self.rows_since_checkpoint = len(stored.rows)
        self.closed = False
        self.is_harmed = True  # should it end itself: whether that is the document's fault
        self._clock = clock
        self._changed = changed
        self._broke = broke
        self._heads = Heads(stored.head)
        self._neighbours = Neighbours(
            stored.document_id, stored.epoch, self._heads, journal, relay, self._take_in, self.not_stored
        )
        self._on_its_way = OnItsWay(journal, self, clock, self.sessions, self._show)
        self._receipts = Receipts(self.copy.gate)
        self.fanout = Fanout(self.sessions, clock)
        self.presence = Presence(
            self.sessions,
            clock,
            lambda client, session: self.copy.may_use(client, session.person.id),
            lambda entries: self._neighbours.tell({"t": "presence", "states": entries}),
        )

    async def load(self, stored: Stored, beside: Callable[[Callable[[], Any]], Awaitable[Any]]) -> Room:
        """Take in what is stored. Raises Broken."""
        await self.copy.load(stored, beside)
        self._neighbours.tell({"t": "who"})
        return self

    # -- what it says ----------------------------------------------------------------------------------------------

    @property
    def head(self) -> int:
        """The last row of the journal up to which the working copy holds everything."""
        return self._heads.head

    @property
    def doc(self) -> Doc[Any]:
        return self.copy.doc

    def map(self, root: str) -> Map[Any]:
        return self.copy.map(root)

    def value(self, root: str, key: str) -> Json | None:
        """What the working copy holds under a key of a Map root."""
        return self.copy.value(root, key)

    def words(self, root: str) -> str:
        """What the working copy holds in a Text root."""
        return str(self.copy.text(root))

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
        """Send a JSON event to every session, in every process, that asked for events."""
        self._neighbours.tell({"t": "event", "event": event})
        self.announce_here(event)

    def announce_here(self, event: dict[str, Any], but: Session | None = None) -> None:
        """As `announce`, in this process only."""
        for session in list(self.sessions.values()):
            if session is not but:
                session.event(event)

    def close(self, code: CloseCode) -> None:
        """Send everybody away."""
        self.closed = True
        self.copy.close()
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
            session.refuse(Refused("malformed", f"The message cannot be read: {error}.", None))
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
        measured.came()
        session.received += 1
        if session.refused:
            return
        try:
            passed = self.copy.check(update, session.author)
        except Gap:
            self._resync(session, update)
        except Malformed as error:
            session.refuse(Refused("malformed", f"The change cannot be read: {error}.", None))
        except Refused as refused:
            session.refuse(refused)
        except Exception:
            # Nothing was changed yet: only the session that brought the surprise goes.
            log.exception("A check failed in document %s", self.document_id)
            session.close(CloseCode.LATER)
        else:
            self._take(session, update, passed)

    def _take(self, session: Session, update: bytes, passed: Passed) -> None:
        """Apply a checked update to the working copy and put it on its way."""
        number = session.received
        if passed.empty or not self._enter(session, update, passed):
            # What it says again may be on its way by another hand: it is saved when that is.
            self._on_its_way.then(lambda: self._receipts.saved(session, number, self.head))
        missed = session.missed
        if missed is not None and self._receipts.has_come(missed):
            self._on_its_way.then(lambda: self._forgive(session, missed, number))

    def _enter(self, session: Session, update: bytes, passed: Passed) -> bool:
        """Says whether the document changed."""
        try:
            data = self.copy.take(update, passed, session.author)
        except Exception as error:
            session.close(CloseCode.REFUSED)
            self.end(f"An update broke the document: {told(error)}")
            return True
        if data is None:
            return False
        self._send_off(data, session.author, passed.changes, session, session.received)
        return True

    def _forgive(self, session: Session, missed: Missed, number: int) -> None:
        """What was missed has come and is durable."""
        if session.missed is missed:
            session.missed = None
        self._receipts.saved(session, number, self.head)

    # -- what was missed --------------------------------------------------------------------------------------------

    def _resync(self, session: Session, update: bytes) -> None:
        """Something before this update never came: ask for everything we lack."""
        measured.resyncs += 1
        try:
            self._receipts.miss(session, update)
        except TooMuchMissed:
            session.close(CloseCode.LATER)
            return
        session.event({"type": "resync"})
        self._ask(session)

    def _ask(self, session: Session) -> None:
        """Ask a session for what we lack; beside other processes only when we lack nothing that they have stored.

        The session may have seen it there, and would send it as if it were its own.
        """
        self._neighbours.when_level(lambda: self._ask_now(session))

    def _ask_now(self, session: Session) -> None:
        if not self.closed:
            session.send(Message(messages.encode_sync1(self.copy.doc.get_state())), self._clock.time())

    # -- reading ---------------------------------------------------------------------------------------------------

    def _answer(self, session: Session, state_vector: bytes) -> None:
        """SyncStep2: what the session lacks, as of now, sent when all of it is committed."""
        try:
            have = decode_state_vector(state_vector)
        except Malformed:
            session.close(CloseCode.REFUSED)
            return
        data = self.copy.doc.get_update(encode_state_vector(have)) if have else self.copy.encoded()
        message = Message(messages.encode_sync2(data))
        session.allowance = MAX_BUFFERED_BYTES + 2 * len(data)
        session.seen = self._on_its_way.ordinal
        self._on_its_way.then(lambda: session.send(message, self._clock.time()))

    @property
    def is_idle(self) -> bool:
        """Nothing is on its way, and nobody waits to be asked."""
        return not self._on_its_way and not self._neighbours.are_awaited

    async def settled(self) -> None:
        """Wait until everything that is on its way now is committed. Raises RoomBroken if it will not be, or was not."""
        if self.closed:
            raise RoomBroken(CloseCode.LATER.sentence)
        await self._on_its_way.last()

    # -- writing ---------------------------------------------------------------------------------------------------

    async def write(self, changes: Sequence[Change], author: Author) -> int:
        """Make changes on somebody's behalf, through the same checks; returns the head when they are durable and shown.

        Raises Refused (nothing was changed) or RoomBroken (nothing was stored).
        """
        if self.closed:
            raise RoomBroken(CloseCode.LATER.sentence)
        measured.came()
        try:
            data = self.copy.change(changes, author)
        except Refused:
            raise
        except Exception as error:
            self.end(f"A change broke the document: {told(error)}")
            raise RoomBroken(CloseCode.LATER.sentence) from error
        if data is None:
            await self.settled()
            return self.head
        change = self._send_off(data, author, changes)
        change.waiter = asyncio.get_running_loop().create_future()
        return await asyncio.shield(change.waiter)

    def _send_off(
        self, data: bytes, author: Author, changes: Sequence[Change], session: Session | None = None, number: int = 0
    ) -> Underway:
        self._touch(changes)
        gone = removal(author.user_id, changes)
        return self._on_its_way.put(self.document_id, self.epoch, author, data, session, number, gone)

    def _touch(self, changes: Sequence[Change]) -> None:
        self.touched.update((change.root, change.key if isinstance(change, Put | Remove) else "") for change in changes)

    # -- what became of it (journal.Sink) --------------------------------------------------------------------------

    def stored(self, count: int, rows: int, head: int) -> None:
        """The oldest `count` changes of our own are durable."""
        self.rows_since_checkpoint += rows
        self._heads.took(head - rows + 1, head)
        written = self._on_its_way.stored(count)
        measured.committed(written)
        self._on_its_way.release(self.head)
        self._neighbours.tell_rows(head - rows, head, written)
        self._neighbours.catch_up()
        self._changed(self)

    def _show(self, done: Sequence[Underway]) -> None:
        """Acknowledge, then show: in that order, and nothing of it before it is durable."""
        self._acknowledge(done)
        for change in done:
            if change.removal is not None:
                self.announce_here(change.removal, change.session)
        self.fanout.show(Committed(o.ordinal, o.data, o.session, o.began) for o in done)

    def _acknowledge(self, done: Sequence[Underway]) -> None:
        upto = {o.session: o.number for o in done if o.session is not None}
        measured.acks += len(upto)
        for session, number in upto.items():
            self._receipts.saved(session, number, self.head)

    def not_stored(self, error: Exception) -> None:
        """Nothing was shown and nothing acknowledged: browsers hold their edits and bring them again."""
        code = CloseCode.RELOAD if isinstance(error, StaleEpoch) else CloseCode.LATER
        self.is_harmed = isinstance(error, Broken)  # a disk that was full says nothing against the document
        self.end(f"A commit failed: {told(error)}", code)

    def end(self, why: str, code: CloseCode = CloseCode.LATER) -> None:
        """The room can no longer be trusted: close it; whoever comes next opens it anew from the journal."""
        if self.closed:
            return
        log.error("Room of document %s ended: %s", self.document_id, why)
        measured.rooms_broken += 1
        self.close(code)
        self._on_its_way.give_up(RoomBroken(code.sentence))
        self._broke(self, why)

    # -- other processes -------------------------------------------------------------------------------------------

    def hear(self, sender: str, message: dict[str, Any]) -> None:
        """Another process says something of this document."""
        if self.closed:
            return
        match message["t"]:
            case "rows":
                self._neighbours.hear_rows(message)
            case "presence":
                self.presence.hear(sender, message["states"])
            case "who":
                self._neighbours.tell({"t": "presence", "states": self.presence.own_states()})
            case "event":
                self.announce_here(message["event"])

    def hear_head(self, epoch: int, head: int) -> None:
        """How far the journal goes, as a look at the database says."""
        if not self.closed:
            self._neighbours.hear_head(epoch, head)

    def _take_in(self, rows: Sequence[Row]) -> bool:
        """Take committed rows of other processes into the working copy, and show them in their turn. False at the end."""
        if self.closed:
            return False
        try:
            for row in rows:
                changes = self.copy.load_row(row)
                self._touch(changes)
                measured.healed += 1
                self._on_its_way.put_durable(row.data, row.author_id, removal(row.author_id, changes))
        except (Broken, Malformed, Refused) as error:
            self.not_stored(error)
            return False
        self.rows_since_checkpoint += 1
        self._on_its_way.release(self.head)
        self._changed(self)
        return True
