"""Long work in short stretches, so that who shares the loop or the interpreter hardly waits. Knows only time."""

from __future__ import annotations

import asyncio
import time

WORK_SECONDS = 0.001  # at a stretch
REST_SECONDS = 0.001  # then others may work


class Pace:
    """Ask it now and then during the work."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def keep(self) -> None:
        """In the event loop."""
        if time.monotonic() - self._since > WORK_SECONDS:
            await asyncio.sleep(REST_SECONDS)
            self._since = time.monotonic()

    def keep_in_thread(self) -> None:
        if time.monotonic() - self._since > WORK_SECONDS:
            time.sleep(REST_SECONDS)
            self._since = time.monotonic()
