"""Showing committed changes to the sessions of a room: merged once, encoded once, the same bytes for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pycrdt import merge_updates

from annotator.collaboration.measures import measured
from annotator.collaboration.messages import encode_update
from annotator.collaboration.pace import Clock, Pace
from annotator.collaboration.port import Message
from annotator.collaboration.session import Session

SHARE = 0.5  # of the window that the commits keep already: this one is for what comes from other processes


@dataclass(frozen=True, slots=True)
class Committed:
    """One durable change: its place in the room's order, its bytes as the server encodes them, and who made it here."""

    ordinal: int
    data: bytes
    session: Session | None
    began: float = 0.0  # when it came; 0.0 where it came to another process


class Fanout:
    """What is committed and not yet shown."""

    def __init__(self, sessions: Mapping[str, Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._waiting: list[Committed] = []
        self._pace = Pace(clock, sessions, self.flush, SHARE)

    def show(self, committed: Iterable[Committed]) -> None:
        """Send at once if the last frame is long enough ago, else with the next one."""
        self._waiting.extend(committed)
        if self._waiting:
            self._pace.soon()

    def flush(self) -> None:
        """Merge once, encode once, and give everybody the same bytes; who alone made all of it needs no echo."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        now = self._clock.time()
        data = waiting[0].data if len(waiting) == 1 else merge_updates(*(c.data for c in waiting))
        message = Message(encode_update(data))
        authors = {c.session for c in waiting}
        only_author = authors.pop() if len(authors) == 1 else None
        last = waiting[-1].ordinal
        for session in list(self._sessions.values()):
            if session is not only_author and session.seen is not None and session.seen < last:
                session.seen = last
                session.send(message, now)
        measured.shown(waiting)
        if only_author is not None and only_author.seen is not None:
            only_author.seen = max(only_author.seen, last)
