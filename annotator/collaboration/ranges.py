"""Sets of clocks of one client, as sorted ranges that neither touch nor overlap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator


class Ranges:
    """Half-open ranges; all deeds cost the logarithm of how many there are."""

    __slots__ = ("ends", "starts")

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def add(self, start: int, end: int) -> None:
        starts, ends = self.starts, self.ends
        if not ends or start > ends[-1]:  # clocks grow: most come at the end
            starts.append(start)
            ends.append(end)
            return
        first = bisect_left(ends, start)
        last = bisect_right(starts, end)
        if first < last:
            start, end = min(start, starts[first]), max(end, ends[last - 1])
        starts[first:last] = [start]
        ends[first:last] = [end]

    def contains(self, start: int, end: int) -> bool:
        at = bisect_right(self.starts, start) - 1
        return at >= 0 and end <= self.ends[at]

    def gaps(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What of start..end is not in the set."""
        at = max(0, bisect_right(self.starts, start) - 1)
        while start < end and at < len(self.starts) and self.starts[at] < end:
            if start < self.starts[at]:
                yield start, self.starts[at]
            start = max(start, self.ends[at])
            at += 1
        if start < end:
            yield start, end
