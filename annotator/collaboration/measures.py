"""What happens in this process, as plain numbers: counted where it happens, read by whoever asks. Knows no monitoring system.

Counting must cost next to nothing (an edit passes here four times): a number is added to, or a bucket found by bisection.
All of it is called from the event loop. What the numbers mean to an operator: docs/operations.md.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Protocol

SECONDS = (
    0.001,
    0.002,
    0.003,
    0.005,
    0.0075,
    0.01,
    0.015,
    0.02,
    0.03,
    0.05,
    0.075,
    0.1,
    0.15,
    0.25,
    0.5,
    1.0,
    2.0,
    5.0,
)
EDITS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
BYTES = (256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304)


class Histogram:
    """How often a value fell below each bound, and the sum of all."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)  # the last: above every bound
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        return sum(self.counts)


class Begun(Protocol):
    """A change that knows when it came (`perf_counter`); 0.0: it came another way."""

    @property
    def began(self) -> float: ...


class Measures:
    """The numbers of one process. They only grow; nothing is reset."""

    def __init__(self) -> None:
        self._came = 0.0
        self.received = 0  # messages that carried an update, and changes made by programs and models
        self.edits = 0  # changes that were committed
        self.acks = 0
        self.resyncs = 0  # an update came without what it builds on
        self.healed = 0  # rows of other processes that were read from the journal
        self.presence_received = 0
        self.presence_shown = 0
        self.frames_shown = 0
        self.rooms_broken = 0
        self.commit_failures = 0
        self.relay_gaps = 0
        self.refusals: Counter[str] = Counter()
        self.closes: Counter[int] = Counter()
        self.to_committed = Histogram(SECONDS)
        self.to_shown = Histogram(SECONDS)
        self.commit_seconds = Histogram(SECONDS)
        self.commit_edits = Histogram(EDITS)
        self.commit_bytes = Histogram(BYTES)

    # -- the way of an edit ----------------------------------------------------------------------------------------

    def came(self) -> None:
        """An edit came in. What is put on its way before the next one came is this one."""
        self.received += 1
        self._came = perf_counter()

    def began(self) -> float:
        """When the edit came that is looked at now."""
        return self._came

    def committed(self, changes: Iterable[Begun]) -> None:
        now = perf_counter()
        observe = self.to_committed.observe
        for change in changes:
            self.edits += 1
            observe(now - change.began)

    def shown(self, changes: Iterable[Begun]) -> None:
        """One frame went out that shows `changes`."""
        self.frames_shown += 1
        now = perf_counter()
        observe = self.to_shown.observe
        for change in changes:
            if change.began:
                observe(now - change.began)

    def commit(self, edits: int, size: int, seconds: float) -> None:
        """One transaction of the journal."""
        self.commit_seconds.observe(seconds)
        self.commit_edits.observe(edits)
        self.commit_bytes.observe(size)

    # -- what went otherwise ---------------------------------------------------------------------------------------

    def refused(self, code: str) -> None:
        self.refusals[code] += 1

    def closed(self, code: int) -> None:
        """A socket was closed by us, for this reason."""
        self.closes[int(code)] += 1

    def relay_gap(self) -> None:
        """The bell between processes skipped a number: what is missing is read from the journal."""
        self.relay_gaps += 1


measured = Measures()  # of this process
