"""Showing committed changes to the sessions of a room: at once while it is quiet, as one frame a window when it is busy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pycrdt import merge_updates

from annotator.collaboration.messages import encode_update
from annotator.collaboration.port import Message
from annotator.collaboration.session import Session

# By how many sessions are in the room, the shortest time between two frames. Measured: docs/live-documents.md.
WINDOWS = ((8, 0.0), (60, 0.004), (10**9, 0.012))


class Clock(Protocol):
    """The part of an event loop that is needed here; tests bring one that is turned by hand."""

    def time(self) -> float: ...
    def call_later(self, delay: float, callback: Callable[[], None], /) -> object: ...


@dataclass(frozen=True, slots=True)
class Committed:
    """One durable change: its place in the room's order, its bytes as the server encodes them, and who made it here."""

    ordinal: int
    data: bytes
    session: Session | None


def window_seconds(sessions: int) -> float:
    return next(seconds for limit, seconds in WINDOWS if sessions <= limit)


class Fanout:
    """What is committed and not yet shown."""

    def __init__(self, sessions: Mapping[str, Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._waiting: list[Committed] = []
        self._last_flush = -1.0
        self._scheduled = False

    def show(self, committed: Iterable[Committed]) -> None:
        """Send at once if the last frame is a window ago, else with the next one."""
        self._waiting.extend(committed)
        if self._scheduled or not self._waiting:
            return
        wait = self._last_flush + window_seconds(len(self._sessions)) - self._clock.time()
        if wait <= 0:
            self.flush()
        else:
            self._scheduled = True
            self._clock.call_later(wait, self._flush_scheduled)

    def _flush_scheduled(self) -> None:
        self._scheduled = False
        self.flush()

    def flush(self) -> None:
        """Merge once, encode once, and give everybody the same bytes; who alone made all of it needs no echo."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        now = self._last_flush = self._clock.time()
        data = waiting[0].data if len(waiting) == 1 else merge_updates(*(c.data for c in waiting))
        message = Message(encode_update(data))
        authors = {c.session for c in waiting}
        only_author = authors.pop() if len(authors) == 1 else None
        last = waiting[-1].ordinal
        for session in list(self._sessions.values()):
            if session is not only_author and session.seen is not None and session.seen < last:
                session.seen = last
                session.send(message, now)
        if only_author is not None and only_author.seen is not None:
            only_author.seen = max(only_author.seen, last)
