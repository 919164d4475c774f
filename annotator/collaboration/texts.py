"""The order of all characters ever typed into a text, exactly as Yjs decides it, and which claims cannot be honest.

An author says between which two neighbours he wrote. Neighbours in the wrong order, or with something between them that
he must have seen, no honest author ever had; taken in all the same, they would lie in another order after the next load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from annotator.collaboration.chains import Id
from annotator.collaboration.written import Run, TextRoot, Written

MAX_ANCESTORS = 200  # of a run's neighbours that are looked at, should anything have been written between them


class Implausible(Exception):
    """No honest author wrote there."""


class TextOrder:
    """What one draft changes in the order of texts: made at once, and undone unless the draft is committed."""

    def __init__(self, index: Mapping[int, Written], fresh: Mapping[int, Written]) -> None:
        self._index = index
        self._fresh = fresh
        self._undo: list[Callable[[], None]] = []

    def insert(self, run: Run, trusted: bool) -> int:
        """Put a run in its place; how many others had to be looked at. Raises Implausible."""
        right = self._beginning_with(run.right_origin)
        left = self._ending_with(run.origin)  # last: should both lie in one run, the left end must not be cut off again
        after, between = self._place(run, left, right, trusted)
        if between and not trusted and self._has_seen(run, (left, right), between):
            raise Implausible
        self._link(run, after)
        return 20 * len(between)  # the unit is a step through a map's chain

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()

    def _ending_with(self, id: Id | None) -> Run | None:
        if id is None:
            return None
        written, run = self._run(id)
        if run.last != id:
            self._cut(written, run, id[1] + 1)
        return run

    def _beginning_with(self, id: Id | None) -> Run | None:
        if id is None:
            return None
        written, run = self._run(id)
        return run if run.clock == id[1] else self._cut(written, run, id[1])

    def _run(self, id: Id) -> tuple[Written, Run]:
        client, clock = id
        written = self._index.get(client)
        if written is None or clock >= written.next:
            written = self._fresh[client]
        return written, cast(Run, written.owner(clock))  # the draft has seen that both neighbours lie in this text

    def _cut(self, written: Written, run: Run, clock: int) -> Run:
        tail = written.cut(run, clock)
        self._undo.append(lambda: written.mend(run, tail))
        return tail

    def _place(self, run: Run, left: Run | None, right: Run | None, trusted: bool) -> tuple[Run | None, set[Run]]:
        """YATA (Yjs' `Item.integrate`): what comes before `run` of all that was written there at once; and all that."""
        after = left
        other = left.next if left else run.text.first
        seen: set[Run] = set()
        conflicting: set[Run] = set()
        searching = True
        while other is not None and other is not right and (searching or not trusted):
            seen.add(other)
            if searching:
                conflicting.add(other)
                if self._comes_before(other, run, seen, conflicting):
                    after = other
                    conflicting.clear()
                elif self._ends_the_search(other, run, seen):
                    searching = False
            other = other.next
        if other is not right and not trusted:
            raise Implausible
        return after, seen

    def _has_seen(self, run: Run, neighbours: tuple[Run | None, Run | None], between: set[Run]) -> bool:
        """Whether the author knew something of what lies between: it is his own, or his neighbours were built on it."""
        if any(other.client == run.client for other in between):
            return True
        known: list[Run | None] = list(neighbours)
        looked_at: set[Run] = set()
        while known and len(looked_at) < MAX_ANCESTORS:
            one = known.pop()
            if one in between:
                return True
            if one is not None and one not in looked_at:
                looked_at.add(one)
                known += (self._run(id)[1] for id in (one.origin, one.right_origin) if id)
        return False

    def _comes_before(self, other: Run, run: Run, seen: set[Run], conflicting: set[Run]) -> bool:
        if other.origin == run.origin:
            return other.client < run.client
        if other.origin is None:
            return False
        before = self._run(other.origin)[1]
        return before in seen and before not in conflicting

    def _ends_the_search(self, other: Run, run: Run, seen: set[Run]) -> bool:
        if other.origin == run.origin:
            return other.right_origin == run.right_origin
        return other.origin is None or self._run(other.origin)[1] not in seen

    def _link(self, run: Run, left: Run | None) -> None:
        text = run.text
        if left is None:
            run.next, text.first = text.first, run
            self._undo.append(lambda: set_first(text, run.next))
        else:
            run.next, left.next = left.next, run
            self._undo.append(lambda: set_next(left, run.next))


def set_first(text: TextRoot, run: Run | None) -> None:
    text.first = run


def set_next(left: Run, run: Run | None) -> None:
    left.next = run
