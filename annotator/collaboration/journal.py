"""The append-only log of every document, and its group commit. Knows sequence numbers; not what is in an update."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Protocol, TypeVar

from pycrdt import merge_updates

from annotator.collaboration.measures import measured

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_BATCH = 2000  # entries in one transaction: bounds how long the last of them waits


@dataclass(frozen=True, slots=True)
class Entry:
    """One committed-to-be change of a document."""

    document_id: int
    epoch: int
    author_id: int | None
    origin: str
    at: datetime
    data: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A committed row of the journal."""

    seq: int
    author_id: int | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it lies in the store: a checkpoint and what came after it."""

    document_id: int
    epoch: int
    head: int
    state: bytes = b""
    memory: bytes = b""
    rows: Sequence[Row] = field(default_factory=list)


class StaleEpoch(Exception):
    """The document was restored or reset since it was opened."""


class NoSuchDocument(Exception):
    """The store has no document of that id."""


class Store(Protocol):
    """What a journal stands on. All calls block and may be made from any one thread at a time."""

    def load(self, document_id: int) -> Stored:
        """The last checkpoint and every later row. Raises NoSuchDocument."""

    def since(self, document_id: int, epoch: int, seq: int) -> list[Row]:
        """Rows after `seq`, in order. Raises StaleEpoch."""

    def append(self, batch: Sequence[Sequence[Entry]]) -> list[int | StaleEpoch]:
        """Write groups of entries, each group of one document, in one durable transaction.

        Returns, for each group, the document's head after it (its rows are contiguous and end there), or StaleEpoch for
        a group that was left out. Raises when nothing at all was written.
        """

    def checkpoint(self, document_id: int, epoch: int, seq: int, state: bytes, memory: bytes) -> None:
        """Keep a whole state, so that opening need not read what lies before `seq`."""


class Sink(Protocol):
    """Who appended, and hears what became of it."""

    def stored(self, count: int, rows: int, head: int) -> None:
        """The oldest `count` entries are committed, as `rows` rows that end at `head`."""

    def not_stored(self, error: Exception) -> None:
        """None of what was appended since the last `stored` is in the store, and none of it will be."""


def merged(entries: Sequence[Entry]) -> list[Entry]:
    """Consecutive entries of one author as one row: less to write, and later to read."""
    groups: list[list[Entry]] = []
    for entry in entries:
        last = groups[-1][-1] if groups else None
        if last and (last.author_id, last.origin) == (entry.author_id, entry.origin):
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return [group[0] if len(group) == 1 else merge_group(group) for group in groups]


def merge_group(group: Sequence[Entry]) -> Entry:
    first = group[0]
    data = merge_updates(*(entry.data for entry in group))
    return Entry(first.document_id, first.epoch, first.author_id, first.origin, group[-1].at, data)


def size_of(batch: Sequence[tuple[Sink, list[Entry]]]) -> tuple[int, int]:
    """How many entries a batch holds, and how many bytes."""
    entries = [entry for _, group in batch for entry in group]
    return len(entries), sum(len(entry.data) for entry in entries)


class Journal:
    """One writer a process: takes what is pending from all rooms and writes it in one transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="journal-read")
        self._pending: dict[Sink, list[Entry]] = {}
        self._writing: asyncio.Task[None] | None = None
        self.commits = 0
        self.entries = 0

    def append(self, sink: Sink, entry: Entry) -> None:
        """Put an entry on its way; `sink` hears when it is durable."""
        self._pending.setdefault(sink, []).append(entry)
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write(), context=Context())

    def pending(self) -> int:
        """Entries that wait for the next transaction."""
        return sum(map(len, self._pending.values()))

    async def load(self, document_id: int) -> Stored:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.store.load, document_id)

    async def beside(self, work: Callable[[], T]) -> T:
        """Run something long that reading a document needs in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    async def since(self, document_id: int, epoch: int, seq: int) -> list[Row]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.store.since, document_id, epoch, seq)

    async def checkpoint(self, document_id: int, epoch: int, seq: int, state: bytes, memory: bytes) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self.store.checkpoint, document_id, epoch, seq, state, memory)

    async def close(self) -> None:
        """Write what is pending, then end."""
        while self._writing is not None:
            await asyncio.wait([self._writing])
        self._thread.shutdown(wait=True)
        self._readers.shutdown(wait=True)

    async def _write(self) -> None:
        try:
            while self._pending:
                await self._write_batch(self._take())
        finally:
            self._writing = None

    def _take(self) -> list[tuple[Sink, list[Entry]]]:
        """The next batch: whole groups, the longest waiting first, up to MAX_BATCH entries."""
        batch: list[tuple[Sink, list[Entry]]] = []
        room_left = MAX_BATCH
        for sink in list(self._pending):
            entries = self._pending[sink]
            taken, rest = entries[:room_left], entries[room_left:]
            if rest:
                self._pending[sink] = rest
            else:
                del self._pending[sink]
            batch.append((sink, taken))
            room_left -= len(taken)
            if room_left <= 0:
                break
        return batch

    async def _write_batch(self, batch: list[tuple[Sink, list[Entry]]]) -> None:
        # In one order everywhere: processes that lock the rows of several documents must not wait in a ring.
        batch = sorted(batch, key=lambda group: group[1][0].document_id)
        groups = [merged(entries) for _, entries in batch]
        began = perf_counter()
        results = await self._append(groups)
        measured.commit(*size_of(batch), perf_counter() - began)
        for (sink, entries), rows, result in zip(batch, groups, results, strict=True):
            if isinstance(result, Exception):
                self._pending.pop(sink, None)
                sink.not_stored(result)
            else:
                self.entries += len(entries)
                sink.stored(len(entries), len(rows), result)
        self.commits += 1

    async def _append(self, groups: list[list[Entry]]) -> list[int | Exception]:
        loop = asyncio.get_running_loop()
        try:
            return list(await loop.run_in_executor(self._thread, self.store.append, groups))
        except Exception as error:
            if len(groups) == 1:
                log.error("A commit failed: %s", error)
                measured.commit_failures += 1
                return [error]
        # Something in the batch cannot be written: the documents are tried one by one, so that one harms no other.
        return [(await self._append([group]))[0] for group in groups]
