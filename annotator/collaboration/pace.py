"""How often a room does what costs by the time and not by the piece: at once while it is quiet, once a window when it is busy."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Protocol

# By how many sessions are in the room, the shortest time between two commits, and so between two frames for everybody.
# Measured: docs/live-documents.md.
WINDOWS = ((8, 0.0), (60, 0.004), (10**9, 0.012))


class Clock(Protocol):
    """The part of an event loop that is needed here; tests bring one that is turned by hand."""

    def time(self) -> float: ...
    def call_later(self, delay: float, callback: Callable[[], None], /) -> object: ...


class Pace:
    """Calls `do` soon after it was asked to: at once if the last time is a window ago, else once, when it is.

    `share` of the window: what follows something that is paced itself must not be held up a second time.
    """

    def __init__(self, clock: Clock, sessions: Sized, do: Callable[[], None], share: float = 1.0) -> None:
        self._clock = clock
        self._sessions = sessions
        self._do = do
        self._share = share
        self._last = -1.0
        self._scheduled = False

    def soon(self) -> None:
        if self._scheduled:
            return
        now = self._clock.time()
        wait = self._last + self._share * window_seconds(len(self._sessions)) - now
        if wait <= 0:
            self._last = now
            self._do()
        else:
            self._scheduled = True
            self._clock.call_later(wait, self._now)

    def _now(self) -> None:
        self._scheduled = False
        self._last = self._clock.time()
        self._do()


def window_seconds(sessions: int) -> float:
    return next(seconds for limit, seconds in WINDOWS if sessions <= limit)
