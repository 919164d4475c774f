"""A journal's store in memory: the same contract as the database's, and faults to order."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from annotator.collaboration.journal import Entry, NoSuchDocument, Row, StaleEpoch, Stored


class MemoryStore:
    def __init__(self, documents: Sequence[int] = (1,)) -> None:
        self.epochs = dict.fromkeys(documents, 1)
        self.rows: dict[int, list[Row]] = {document_id: [] for document_id in documents}
        self.checkpoints: dict[int, tuple[int, bytes, bytes]] = {}
        self.fails: list[Exception] = []  # raised by the next appends, one each
        self.may_commit = threading.Event()  # cleared: appends wait, as on a slow disk
        self.may_commit.set()
        self.asked = 0  # so many appends came, whether they may commit or not
        self._lock = threading.Lock()  # several journals, as of several processes, may write

    def load(self, document_id: int) -> Stored:
        if document_id not in self.epochs:
            raise NoSuchDocument(str(document_id))
        seq, state, memory = self.checkpoints.get(document_id, (0, b"", b""))
        rows = [row for row in self.rows[document_id] if row.seq > seq]
        return Stored(document_id, self.epochs[document_id], len(self.rows[document_id]), state, memory, rows)

    def since(self, document_id: int, epoch: int, seq: int) -> list[Row]:
        if self.epochs[document_id] != epoch:
            raise StaleEpoch(str(document_id))
        return [row for row in self.rows[document_id] if row.seq > seq]

    def append(self, batch: Sequence[Sequence[Entry]]) -> list[int | StaleEpoch]:
        with self._lock:
            self.asked += 1
        self.may_commit.wait(10)
        if self.fails:
            raise self.fails.pop(0)
        with self._lock:
            return [self._append(group) for group in batch]

    def _append(self, group: Sequence[Entry]) -> int | StaleEpoch:
        rows = self.rows[group[0].document_id]
        if self.epochs[group[0].document_id] != group[0].epoch:
            return StaleEpoch(str(group[0].document_id))
        for entry in group:
            rows.append(Row(len(rows) + 1, entry.author_id, entry.data))
        return len(rows)

    def checkpoint(self, document_id: int, epoch: int, seq: int, state: bytes, memory: bytes) -> None:
        self.checkpoints[document_id] = (seq, state, memory)
