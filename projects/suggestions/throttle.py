"""Says things at most so often: the first at once, the last always. Knows a loop's clock; not what is said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Throttle:
    def __init__(self, say: Callable[[], None], every_seconds: float) -> None:
        self._say = say
        self._every = every_seconds
        self._loop = asyncio.get_running_loop()
        self._next = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        """There is something new to say."""
        if self._timer is None:
            wait = self._next - self._loop.time()
            if wait <= 0:
                self.now()
            else:
                self._timer = self._loop.call_later(wait, self.now)

    def now(self) -> None:
        """Say it now, and nothing of what was still waiting to be said."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._next = self._loop.time() + self._every
        self._say()
