"""Which rows of a document's journal a process has: all up to `head`, and some beyond it that it wrote itself. Pure."""

from __future__ import annotations


class Heads:
    """Rows are numbered from 1, without holes; several processes write them, so that one's own may lie beyond a gap."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.heard_of = head  # the last row of which anybody spoke
        self._beyond: dict[int, int] = {}  # first -> last, of own rows beyond the gap

    @property
    def is_behind(self) -> bool:
        """Whether there are rows that must be read from the journal."""
        return self.heard_of > self.head

    def hear(self, head: int) -> None:
        """Somebody says how far the journal goes."""
        self.heard_of = max(self.heard_of, head)

    def has(self, seq: int) -> bool:
        return seq <= self.head or any(first <= seq <= last for first, last in self._beyond.items())

    def took(self, first: int, last: int) -> None:
        """Rows `first` to `last` are in the working copy and in the journal."""
        self.hear(last)
        if last > self.head:
            self._beyond[first] = last
        for start in sorted(self._beyond):
            if start > self.head + 1:
                break
            self.head = max(self.head, self._beyond.pop(start))
