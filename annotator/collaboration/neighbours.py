"""The same document in other processes: what they wrote is heard of by a bell, or found in the journal. Knows rows and heads.

What a bell says of rows is used where it fits what is here; the journal is the truth.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from annotator.collaboration.heads import Heads
from annotator.collaboration.journal import Journal, Row, StaleEpoch
from annotator.collaboration.measures import measured
from annotator.collaboration.relay import Relay
from annotator.collaboration.working_copy import ROWS_AT_ONCE

log = logging.getLogger(__name__)

MAX_TOLD_BYTES = 64 * 1024  # rows that other processes are told with the bell; longer ones they read in the journal


class Written(Protocol):
    """A change that was written here."""

    author_id: int | None
    data: bytes


class Neighbours:
    """See the module. `take_in(rows)` takes committed rows into the room; `fail(error)` closes it."""

    def __init__(
        self,
        document_id: int,
        epoch: int,
        heads: Heads,
        journal: Journal,
        relay: Relay,
        take_in: Callable[[Sequence[Row]], bool],
        fail: Callable[[Exception], None],
    ) -> None:
        self._document_id = document_id
        self._epoch = epoch
        self._heads = heads
        self._journal = journal
        self._relay = relay
        self._take_in = take_in
        self._fail = fail
        self._reading: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Task[None]] = set()

    @property
    def are_awaited(self) -> bool:
        """Somebody waits for `when_level`."""
        return bool(self._waiting)

    def when_level(self, call: Callable[[], None]) -> None:
        """Call when everything is here that is in the journal now: who comes from another process may have seen it there."""
        if self._relay.is_alone:
            call()
        else:
            waiting = asyncio.ensure_future(self._come_level(call))
            self._waiting.add(waiting)
            waiting.add_done_callback(self._waiting.discard)

    async def _come_level(self, call: Callable[[], None]) -> None:
        try:
            await self._read_once()
        except StaleEpoch as error:
            self._fail(error)
        except Exception:
            log.exception("Document %s could not be read on; going on with what is here", self._document_id)
        call()

    def tell(self, message: dict[str, Any]) -> None:
        self._relay.tell(topic(self._document_id), message)

    def tell_rows(self, after: int, head: int, written: Sequence[Written]) -> None:
        """Ring the bell: rows after `after` up to `head` are in the journal, and this is what they say."""
        if self._relay.is_alone:
            return
        told = None
        if sum(len(entry.data) for entry in written) <= MAX_TOLD_BYTES:
            told = [[entry.author_id, entry.data] for entry in written]
        self.tell({"t": "rows", "epoch": self._epoch, "after": after, "head": head, "rows": told})

    def hear_rows(self, message: dict[str, Any]) -> None:
        """The bell was rung."""
        fits = message["epoch"] == self._epoch and message["after"] == self._heads.head
        if fits and message["rows"] is not None:
            head = message["head"]
            if self._take_in([Row(head, author_id, data) for author_id, data in message["rows"]]):
                self._heads.took(self._heads.head + 1, head)
                self.catch_up()
        else:
            self.hear_head(message["epoch"], message["head"])

    def hear_head(self, epoch: int, head: int) -> None:
        """How far the journal goes, as a bell or a look at the database says."""
        if epoch > self._epoch:
            self._fail(StaleEpoch(f"document {self._document_id} is no longer in epoch {self._epoch}"))
        elif epoch == self._epoch:
            self._heads.hear(head)
            self.catch_up()

    def catch_up(self) -> None:
        """Read what is missing, if anything is."""
        if self._heads.is_behind and self._reading is None:
            self._reading = asyncio.ensure_future(self._read_missing())

    async def _read_missing(self) -> None:
        try:
            while self._heads.is_behind:
                measured.relay_gaps += 1
                before = self._heads.head
                if not await self._read_once():
                    return
                if self._heads.head == before:
                    self._fail(
                        LookupError("What other processes wrote is not in the journal, perhaps behind a checkpoint")
                    )
                    return
        except StaleEpoch as error:
            self._fail(error)
        except Exception:
            log.exception("Document %s could not be read on; trying again when next heard of", self._document_id)
        finally:
            self._reading = None

    async def _read_once(self) -> bool:
        """Take in the rows after the head. False where the room has ended."""
        rows = await self._journal.since(self._document_id, self._epoch, self._heads.head)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            for row in rows[start : start + ROWS_AT_ONCE]:
                if not self._heads.has(row.seq):
                    if not self._take_in([row]):
                        return False
                    self._heads.took(row.seq, row.seq)
            await asyncio.sleep(0)
        return True


def topic(document_id: int) -> str:
    """What processes call a document when they speak of it."""
    return f"document.{document_id}"
