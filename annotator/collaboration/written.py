"""Every id that was ever written in one document: where it lies, and what is deleted. Holds no values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from annotator.collaboration.chains import Chain, Id
from annotator.collaboration.ranges import Ranges


class Slot:
    """One key of a Map root: the chain of its values, and whether the last of them holds."""

    __slots__ = ("chain", "key", "root", "visible")

    def __init__(self, root: str, key: str) -> None:
        self.root = root
        self.key = key
        self.chain: Chain = ()
        self.visible = False


class TextRoot:
    """One Text root: the UTF-16 units that it shows, and the first of its runs."""

    __slots__ = ("first", "length", "root")

    def __init__(self, root: str) -> None:
        self.root = root
        self.length = 0
        self.first: Run | None = None


class Run:
    """Characters of one client that were written one after the other, deleted or not, and what follows them."""

    __slots__ = ("client", "clock", "length", "next", "origin", "right_origin", "text")

    def __init__(
        self, client: int, clock: int, length: int, origin: Id | None, right_origin: Id | None, text: TextRoot
    ) -> None:
        self.client = client
        self.clock = clock
        self.length = length
        self.origin = origin  # what its author saw to its left and to its right
        self.right_origin = right_origin
        self.text = text
        self.next: Run | None = None

    @property
    def last(self) -> Id:
        return (self.client, self.clock + self.length - 1)


Owner = Slot | Run | None  # where an id was written; None: a hole whose content nobody has any more


class Written:
    """All ids of one client from `first` on: which runs of them lie where, and which are second halves of pairs."""

    __slots__ = ("deleted", "first", "low", "next", "owners", "starts")

    def __init__(self, first: int = 0) -> None:
        self.first = self.next = first
        self.starts: list[int] = []
        self.owners: list[Owner] = []
        self.low: list[int] = []  # clocks of low surrogates, ascending
        self.deleted = Ranges()

    def append(self, owner: Owner, length: int) -> None:
        if not self.owners or self.owners[-1] is not owner:
            self.starts.append(self.next)
            self.owners.append(owner)
        self.next += length

    def extend(self, later: Written) -> None:
        """Take over what was written after this; `later` begins where this ends."""
        if self.owners and later.owners:
            self._join(later)
        skip = 1 if self.owners and later.owners and self.owners[-1] is later.owners[0] else 0
        self.starts += later.starts[skip:]
        self.owners += later.owners[skip:]
        self.low += later.low
        self.next = later.next

    def _join(self, later: Written) -> None:
        """Typing goes on where it stopped: the two runs become one, as in Yjs."""
        run, more = self.owners[-1], later.owners[0]
        if (
            isinstance(run, Run)
            and isinstance(more, Run)
            and run.next is more
            and more.origin == run.last
            and more.right_origin == run.right_origin
        ):
            run.length += more.length
            run.next = more.next
            later.owners[0] = run

    def cut(self, run: Run, clock: int) -> Run:
        """Make two runs of one, the second beginning at `clock`; the second."""
        rest = run.clock + run.length - clock
        tail = Run(run.client, clock, rest, (run.client, clock - 1), run.right_origin, run.text)
        tail.next = run.next
        run.length = clock - run.clock
        run.next = tail
        at = bisect_right(self.starts, run.clock)
        self.starts.insert(at, clock)
        self.owners.insert(at, tail)
        return tail

    def mend(self, run: Run, tail: Run) -> None:
        """Undo a cut."""
        run.length += tail.length
        run.next = tail.next
        at = bisect_left(self.starts, tail.clock)
        del self.starts[at]
        del self.owners[at]

    def owner(self, clock: int) -> Owner:
        return self.owners[bisect_right(self.starts, clock) - 1]

    def is_low(self, clock: int) -> bool:
        if not self.low:
            return False
        at = bisect_left(self.low, clock)
        return at < len(self.low) and self.low[at] == clock

    def runs(self, start: int, end: int) -> Iterator[tuple[int, int, Owner]]:
        """The runs within start..end, of which all must be written here."""
        at = bisect_right(self.starts, start) - 1
        while start < end:
            stop = self.starts[at + 1] if at + 1 < len(self.starts) else self.next
            yield start, min(stop, end), self.owners[at]
            start = stop
            at += 1


class Index:
    """All that a gate knows of its document."""

    __slots__ = ("held", "slots", "texts", "written")

    def __init__(self) -> None:
        self.written: dict[int, Written] = {}
        self.slots: dict[str, dict[str, Slot]] = {}  # Map root -> key
        self.texts: dict[str, TextRoot] = {}
        self.held: dict[str, int] = {}  # Map root -> how many of its keys hold a value

    def next_clock(self, client: int) -> int:
        written = self.written.get(client)
        return written.next if written else 0
