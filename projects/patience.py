"""How long somebody waits at a door whose messages were refused again and again. Pure; knows names and times.

A client that was refused is sent away, and costs a handshake when it comes again: as much as dozens of edits of others.
"""

from __future__ import annotations

REFUSALS_A_SECOND = 20  # so often somebody may be refused all the time
AT_ONCE = 100  # so often before anybody has to wait
LONGEST_SECONDS = 5.0
MOST_KNOWN = 1000


class Patience:
    """See the module. A leaky bucket for each name."""

    def __init__(self) -> None:
        self._empty_at: dict[str, float] = {}  # when a bucket, into which each refusal falls, will have run dry

    def refused(self, name: str, now: float) -> None:
        if len(self._empty_at) >= MOST_KNOWN:
            self._empty_at = {known: at for known, at in self._empty_at.items() if at > now}
        self._empty_at[name] = max(now, self._empty_at.get(name, now)) + 1 / REFUSALS_A_SECOND

    def seconds_to_wait(self, name: str, now: float) -> float:
        """Before this one may come in again."""
        over = self._empty_at.get(name, now) - now - AT_ONCE / REFUSALS_A_SECOND
        return min(max(over, 0.0), LONGEST_SECONDS)
