"""Changes between the working copy and everybody's screens: gathered, given to the journal, and released in their order.

What is durable is released when all before it is: colleagues see changes in the order of the working copy, of which each
may build on the ones before. Knows entries and their order; not what becomes of them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from annotator.collaboration.changes import Author
from annotator.collaboration.journal import Entry, Journal, Sink
from annotator.collaboration.measures import measured
from annotator.collaboration.pace import Clock, Pace
from annotator.collaboration.session import Session


@dataclass(slots=True)
class Underway:
    """A change of the working copy that nobody was shown yet."""

    ordinal: int
    data: bytes
    author_id: int | None
    session: Session | None = None
    number: int = 0  # of the session's message
    removal: dict[str, Any] | None = None  # what to tell of the keys that it takes away
    durable: bool = False  # in the journal
    waiter: asyncio.Future[int] | None = None
    began: float = field(default_factory=measured.began)


class OnItsWay:
    """See the module. `release(changes)` is called with what may be shown now."""

    def __init__(
        self,
        journal: Journal,
        sink: Sink,
        clock: Clock,
        sessions: Sized,
        release: Callable[[Sequence[Underway]], None],
    ) -> None:
        self.ordinal = 0  # of the last change of the working copy
        self._journal = journal
        self._sink = sink
        self._release = release
        self._queue: deque[Underway] = deque()
        self._gathered: list[Entry] = []  # the last of the queue, not yet with the journal
        self._barriers: deque[tuple[int, Callable[[], None]]] = deque()
        self._pace = Pace(clock, sessions, self._hand_over)

    def __len__(self) -> int:
        return len(self._queue)

    # -- in

    def put(
        self,
        document_id: int,
        epoch: int,
        author: Author,
        data: bytes,
        session: Session | None,
        number: int,
        removal: dict[str, Any] | None,
    ) -> Underway:
        """A change that was made here."""
        self.ordinal += 1
        change = Underway(self.ordinal, data, author.user_id, session, number, removal)
        self._queue.append(change)
        self._gathered.append(Entry(document_id, epoch, author.user_id, author.origin, datetime.now(UTC), data))
        self._pace.soon()
        return change

    def put_durable(self, data: bytes, author_id: int | None, removal: dict[str, Any] | None) -> None:
        """A change that another process made: it is in the journal, and waits only for those before it."""
        self.ordinal += 1
        self._queue.append(Underway(self.ordinal, data, author_id, removal=removal, durable=True, began=0.0))

    def _hand_over(self) -> None:
        """Give what was gathered to the journal: where many edit, some of it together, which is one commit and one frame."""
        gathered, self._gathered = self._gathered, []
        for entry in gathered:
            self._journal.append(self._sink, entry)

    # -- out

    def stored(self, count: int) -> list[Underway]:
        """The oldest `count` changes of our own are in the journal; returns them."""
        written = [change for change in self._queue if not change.durable][:count]
        for change in written:
            change.durable = True
        return written

    def release(self, head: int) -> None:
        """Let go of what is durable with all before it, and of those who waited for it, in their order.

        Who waits gets his SyncStep2 before he is shown what came after it: clients may lose what comes too early.
        """
        while self._queue and self._queue[0].durable:
            upto = self._barriers[0][0] if self._barriers else self._queue[-1].ordinal
            done = []
            while self._queue and self._queue[0].durable and self._queue[0].ordinal <= upto:
                done.append(self._queue.popleft())
            self._release(done)
            while self._barriers and self._barriers[0][0] <= done[-1].ordinal:
                self._barriers.popleft()[1]()
            for change in done:
                if change.waiter is not None and not change.waiter.done():
                    change.waiter.set_result(head)

    def give_up(self, error: Exception) -> None:
        """None of it will be released any more: whoever waits hears `error`."""
        for change in self._queue:
            if change.waiter is not None and not change.waiter.done():
                change.waiter.set_exception(error)
                change.waiter.exception()  # heard here, should nobody wait any more
        self._queue.clear()
        self._gathered.clear()
        self._barriers.clear()

    # -- waiting

    def then(self, call: Callable[[], None]) -> None:
        """Call when everything that is on its way now is released: at once where nothing is."""
        if self._queue:
            self._barriers.append((self._queue[-1].ordinal, call))
        else:
            call()

    async def last(self) -> None:
        """Wait until everything that is on its way now is released."""
        if self._queue:
            change = self._queue[-1]
            if change.waiter is None:
                change.waiter = asyncio.get_running_loop().create_future()
            await asyncio.shield(change.waiter)
