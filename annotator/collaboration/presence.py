"""Who is in a room, as the awareness protocol shows it: one state a session, bounded, stamped with who it really is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from annotator.collaboration.measures import measured
from annotator.collaboration.messages import encode_awareness
from annotator.collaboration.pace import Clock
from annotator.collaboration.port import Message
from annotator.collaboration.session import Session

MAX_STATE_BYTES = 4096
MIN_GAP_SECONDS = 0.003  # between two frames of cursors
HEARTBEAT_SECONDS = (
    10.0  # a stock provider reconnects after 30 s without a byte: its own state comes back as a sign of life
)

RETELL_SECONDS = 8.0  # between two lists of who is here, for other processes
SILENT_SECONDS = 25.0  # after which sessions of a process that says nothing are gone

Entry = tuple[int, int, str | None]  # awareness client, clock, state as JSON or None for gone


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The state of a session of another process."""

    process: str
    clock: int
    state: str
    heard: float


_decode = msgspec.json.Decoder(dict[str, object]).decode
_encode = msgspec.json.Encoder().encode


class Presence:
    """The awareness states of the sessions of one room."""

    def __init__(
        self,
        sessions: Mapping[str, Session],
        clock: Clock,
        may_use: Callable[[int, Session], bool],
        tell: Callable[[list[Entry]], None] = lambda entries: None,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._may_use = may_use
        self._tell = tell  # other processes, of what sessions here said
        self._elsewhere: dict[int, Elsewhere] = {}
        self._states: dict[int, tuple[int, str]] = {}
        self._holders: dict[int, Session] = {}
        self._dirty: dict[int, Session | None] = {}
        self._gone: dict[int, int] = {}
        self._last_flush = -1.0
        self._last_told = 0.0
        self._scheduled = False

    def receive(self, session: Session, entries: Sequence[Entry]) -> None:
        """Take the session's own state out of an awareness message; what it says of others (stock providers repeat it) is left."""
        measured.presence_received += 1
        for client, clock, state in entries:
            if session.awareness_client is None and state is not None and self._may_claim(client, session):
                self._claim(client, session)
            if client == session.awareness_client:
                self._take(session, client, clock, state)

    def _may_claim(self, client: int, session: Session) -> bool:
        """Nobody else's id; one's own may be taken over from a connection whose end was not noticed yet."""
        holder = self._holders.get(client)
        return (holder is None or holder.person.id == session.person.id) and self._may_use(client, session)

    def _claim(self, client: int, session: Session) -> None:
        holder = self._holders.get(client)
        if holder is not None:
            holder.awareness_client = None
            self._states.pop(client, None)  # the new connection may begin its clock anew
        self._holders[client] = session
        self._elsewhere.pop(client, None)  # he was connected to another process before
        session.awareness_client = client

    def _take(self, session: Session, client: int, clock: int, state: str | None) -> None:
        known = self._states.get(client)
        if state is None:
            if known is not None:
                self._forget(client, clock)
            return
        if (known is not None and clock < known[0]) or len(state) > MAX_STATE_BYTES:
            return
        stamped = self._stamped(session, state)
        if stamped is None:
            return
        self._states[client] = (clock, stamped)
        self._dirty[client] = session
        self._schedule()

    @staticmethod
    def _stamped(session: Session, state: str) -> str | None:
        """The state with the server's word on who this is; None for what is not an object of plain JSON."""
        try:
            fields = _decode(state)
        except (msgspec.DecodeError, RecursionError):
            return None
        fields.pop("__proto__", None)
        fields["user"] = session.person.shown()
        return _encode(fields).decode()

    def leave(self, session: Session) -> None:
        client = session.awareness_client
        if client is None:
            return
        self._holders.pop(client, None)
        if client in self._states:
            self._forget(client, self._states[client][0] + 1)

    def _forget(self, client: int, clock: int) -> None:
        del self._states[client]
        self._dirty.pop(client, None)
        self._gone[client] = clock
        self._schedule()

    def own_states(self) -> list[Entry]:
        """The states of the sessions here."""
        return [(client, clock, state) for client, (clock, state) in self._states.items()]

    def all_states(self) -> Message | None:
        """Everybody's state, for who joins or asks."""
        entries = self.own_states()
        entries += [(client, other.clock, other.state) for client, other in self._elsewhere.items()]
        return Message(encode_awareness(entries)) if entries else None

    # -- other processes

    def hear(self, process: str, entries: Sequence[Entry]) -> None:
        """What another process says of its sessions; it stamped them as this one stamps its own."""
        news: list[Entry] = []
        for client, clock, state in entries:
            known = self._elsewhere.get(client)
            if client in self._holders or (known is not None and known.process == process and clock < known.clock):
                continue
            if state is None:
                if known is None or known.process != process:
                    continue
                del self._elsewhere[client]
            else:
                self._elsewhere[client] = Elsewhere(process, clock, state, self._clock.time())
                if known is not None and (known.clock, known.state) == (clock, state):
                    continue
            news.append((client, clock, state))
        self._show(news)

    def refresh(self) -> None:
        """Say again who is here, now and then; and forget those of processes that have not been heard of for long."""
        now = self._clock.time()
        if self._states and now - self._last_told > RETELL_SECONDS:
            self._last_told = now
            self._tell(self.own_states())
        silent = [c for c, other in self._elsewhere.items() if now - other.heard > SILENT_SECONDS]
        self._show([(client, self._elsewhere.pop(client).clock + 1, None) for client in silent])

    def _show(self, entries: list[Entry]) -> None:
        if not entries:
            return
        message, now = Message(encode_awareness(entries)), self._clock.time()
        for session in list(self._sessions.values()):
            session.send(message, now)

    # -- to the sessions here

    def _schedule(self) -> None:
        if self._scheduled:
            return
        wait = self._last_flush + MIN_GAP_SECONDS - self._clock.time()
        self._scheduled = True
        self._clock.call_later(max(wait, 0.0), self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        dirty, self._dirty = self._dirty, {}
        gone, self._gone = self._gone, {}
        entries: list[Entry] = [(c, *self._states[c]) for c in dirty if c in self._states]
        entries += [(client, clock, None) for client, clock in gone.items() if client not in self._states]
        if not entries:
            return
        self._tell(entries)
        measured.presence_shown += 1
        now = self._last_flush = self._clock.time()
        message = Message(encode_awareness(entries))
        authors = set(dirty.values())
        only_author = authors.pop() if len(authors) == 1 and not gone else None
        for session in list(self._sessions.values()):
            if session is not only_author or now - session.quiet_since > HEARTBEAT_SECONDS:
                session.send(message, now)
