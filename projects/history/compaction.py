"""Makes old history small, in transactions so short that no edit waits for one. Knows rows and checkpoints; no live rooms.

Only what lies behind a document's last checkpoint is touched: opening never reads it. After every single transaction the
history that is left can be replayed from its first row to the head.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from pycrdt import Doc

from annotator.collaboration.changes import SERVER_CLIENTS, apply_update
from annotator.collaboration.working_copy import WorkingCopy
from projects.guard import DocumentRules
from projects.history.grouping import Group, Written, grouped, merged
from projects.models import Checkpoint, Compaction, Document, HistoryThen, Project, Update
from projects.projection import place_of
from projects.store import DatabaseStore, adapted, load
from projects.write_turn import write_turn

log = logging.getLogger(__name__)

MIN_AGE = timedelta(hours=1)  # a process that was cut off for a while still finds the rows that it missed
ROWS_AT_ONCE = 250  # in one transaction
BYTES_AT_ONCE = 512 * 1024
LEAST_WITHOUT_CHECKPOINT = 50  # a checkpoint for fewer would take more than is saved
LEAST_ROWS = 2  # one row is as small as it can be
PAUSE_SECONDS = 0.002  # between two transactions, and at least as long as the last one took: others have their turn
DOCUMENTS_AT_ONCE = 500
CHANGE = "UPDATE projects_update SET author_id = %s, origin = %s, at = %s, data = %s WHERE id = %s"
DELETE = "DELETE FROM projects_update WHERE document_id = %s AND epoch = %s AND seq BETWEEN %s AND %s"
DROPPED = "history"  # the origin of the row that stands for what was dropped

Stopped = Callable[[], bool]


class TakenMeanwhile(Exception):
    """Another process compacts the same document."""


@dataclass
class Tally:
    """What was found, and what came of it."""

    documents: int = 0
    rows_before: int = 0
    rows_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    transactions: int = 0
    slowest_seconds: float = 0.0  # the longest that anybody had to wait for one of them
    finished: bool = True


class Compactor:
    """Compacts documents by one cutoff and one way. `stopped` is asked between transactions."""

    def __init__(self, cutoff: datetime, way: str, *, dry_run: bool = False, stopped: Stopped = lambda: False) -> None:
        self.cutoff = min(cutoff, timezone.now() - MIN_AGE)
        self.way = way
        self.tally = Tally()
        self._dry_run = dry_run
        self._stopped = stopped

    def project(self, project_id: int) -> None:
        """Every document of a project; one that cannot be compacted is left as it is."""
        for document_id, epoch in documents_of(project_id):
            if self._stopped():
                self.tally.finished = False
                return
            try:
                self.document(document_id, epoch)
            except TakenMeanwhile:
                log.info("Document is compacted by another process", extra={"document": document_id})
            except Exception:
                log.exception("History was left as it is", extra={"document": document_id})

    def document(self, document_id: int, epoch: int) -> None:
        for each in epochs_of(document_id):
            if self.way == HistoryThen.DROP:
                self._finish_dropping(document_id, each)
            after = self._done(document_id, each)
            due = self._due(document_id, each, after)
            if due is not None and each == epoch:
                due = self._behind_checkpoint(document_id, each, after, due)
            if due is None:
                continue
            self.tally.documents += 1
            if self.way == HistoryThen.DROP:
                self._drop(document_id, each, due)
            else:
                self._merge(document_id, each, after, due)

    def _done(self, document_id: int, epoch: int) -> int:
        """Up to where this was compacted. What was merged may still be dropped."""
        found = Compaction.objects.filter(document_id=document_id, epoch=epoch).first()
        if found is None or (self.way == HistoryThen.DROP and found.way != HistoryThen.DROP):
            return 0
        return found.seq

    def _due(self, document_id: int, epoch: int, after: int) -> int | None:
        """The last row that is old enough; None where too little is."""
        rows = Update.objects.filter(document_id=document_id, epoch=epoch, seq__gt=after).order_by("seq")
        beginning = list(rows.values_list("at", flat=True)[:LEAST_ROWS])
        if len(beginning) < LEAST_ROWS or beginning[-1] >= self.cutoff:
            return None
        young = rows.filter(at__gte=self.cutoff).values_list("seq", flat=True).first()
        old = rows if young is None else rows.filter(seq__lt=young)
        return old.order_by("-seq").values_list("seq", flat=True).first()

    def _behind_checkpoint(self, document_id: int, epoch: int, after: int, due: int) -> int | None:
        """The last row that may go: where a checkpoint does not cover what is old, one is made if that is worth it."""
        found = Checkpoint.objects.filter(document_id=document_id, epoch=epoch).order_by("-seq")
        kept = found.values_list("seq", flat=True).first() or 0
        if kept >= due:
            return due
        if (kept or self.way == HistoryThen.MERGE) and due - max(kept, after) < LEAST_WITHOUT_CHECKPOINT:
            return kept if kept - after >= LEAST_ROWS else None
        if not self._dry_run:
            keep_checkpoint(document_id)
        return due

    # -- merging ---------------------------------------------------------------------------------------------------

    def _merge(self, document_id: int, epoch: int, after: int, due: int) -> None:
        while not self._stopped():
            rows, more = window(document_id, epoch, after, due)
            if not rows:
                return
            groups = grouped(rows)
            news = [(group, merged(group)) for group in groups]
            self._count(rows, len(news), sum(len(data) for _, data in news))
            after = rows[-1].seq
            if not self._dry_run:
                self._write(partial(rewrite, document_id, epoch, rows, news))
            if not more:
                return
        self.tally.finished = False

    # -- dropping --------------------------------------------------------------------------------------------------

    def _drop(self, document_id: int, epoch: int, due: int) -> None:
        rows = Update.objects.filter(document_id=document_id, epoch=epoch, seq__lte=due).order_by("seq")
        doc: Doc[Any] = Doc()
        count = size = 0
        for data in rows.values_list("data", flat=True).iterator(ROWS_AT_ONCE):
            apply_update(doc, bytes(data))
            count, size = count + 1, size + len(data)
        state = doc.get_update()
        self.tally.rows_before += count
        self.tally.rows_after += 1
        self.tally.bytes_before += size
        self.tally.bytes_after += len(state)
        if not self._dry_run:
            self._write(partial(stand_for_all, document_id, epoch, due, state))
            self._finish_dropping(document_id, epoch)

    def _finish_dropping(self, document_id: int, epoch: int) -> None:
        """Delete what the first row that is kept stands for: from its end, so that what is left is always whole."""
        found = Compaction.objects.filter(document_id=document_id, epoch=epoch, way=HistoryThen.DROP).first()
        if found is None or self._dry_run:
            return
        rows = Update.objects.filter(document_id=document_id, epoch=epoch, seq__lt=found.seq).order_by("-seq")
        while seqs := list(rows.values_list("seq", flat=True)[:ROWS_AT_ONCE]):
            if self._stopped():
                self.tally.finished = False
                return
            self._write(partial(delete, document_id, epoch, seqs[-1], seqs[0], len(seqs)))

    # -- writing ---------------------------------------------------------------------------------------------------

    def _count(self, rows: list[Written], after: int, size_after: int) -> None:
        self.tally.rows_before += len(rows)
        self.tally.rows_after += after
        self.tally.bytes_before += sum(len(row.data) for row in rows)
        self.tally.bytes_after += size_after

    def _write(self, step: Callable[[], None]) -> None:
        with write_turn():
            began = time.perf_counter()
            with transaction.atomic():
                step()
            took = time.perf_counter() - began
        self.tally.transactions += 1
        self.tally.slowest_seconds = max(self.tally.slowest_seconds, took)
        time.sleep(max(PAUSE_SECONDS, took))


def documents_of(project_id: int) -> Iterator[tuple[int, int]]:
    """Ids and epochs; read in pieces, so that no reader keeps the database's old pages for long."""
    last = 0
    found = Document.objects.filter(task__project_id=project_id).order_by("pk").values_list("pk", "epoch")
    while some := list(found.filter(pk__gt=last)[:DOCUMENTS_AT_ONCE]):
        yield from some
        last = some[-1][0]


def epochs_of(document_id: int) -> list[int]:
    found = Update.objects.filter(document_id=document_id).order_by("epoch").values_list("epoch", flat=True)
    return list(found.distinct())


def keep_checkpoint(document_id: int) -> None:
    """Keep a document's state as of now: opening then reads none of the rows before."""
    stored, place = load(document_id), place_of(document_id)
    if place is None or not stored.rows:
        return
    # The rows are read as opening would: what the guard must remember of them is kept with the state.
    copy = WorkingCopy(DocumentRules(place.schema, len(place.text)), SERVER_CLIENTS)
    copy.load_at_once(stored)
    DatabaseStore().checkpoint(document_id, stored.epoch, stored.head, copy.encoded(), copy.memory())


def window(document_id: int, epoch: int, after: int, due: int) -> tuple[list[Written], bool]:
    """The next rows to look at together, whole minutes where that is possible; and whether more follow."""
    found = Update.objects.filter(document_id=document_id, epoch=epoch, seq__gt=after, seq__lte=due).order_by("seq")
    rows: list[Written] = []
    size = 0
    for pk, seq, author, origin, at, data in found.values_list("pk", "seq", "author_id", "origin", "at", "data")[
        : ROWS_AT_ONCE + 1
    ]:
        size += len(data)
        if len(rows) == ROWS_AT_ONCE or (rows and size > BYTES_AT_ONCE):
            return whole_minutes(rows, at), True
        rows.append(Written(pk, seq, author, origin, at, bytes(data)))
    return rows, False


def whole_minutes(rows: list[Written], next_at: datetime) -> list[Written]:
    """Without the end that goes on in the next row's minute, unless that is all."""
    end = len(rows)
    while end and minute(rows[end - 1].at) == minute(next_at):
        end -= 1
    return rows[:end] or rows


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def rewrite(document_id: int, epoch: int, rows: list[Written], news: list[tuple[Group, bytes]]) -> None:
    """Put merged rows where the last of the old ones stood, in order: who read up to any row before still finds all."""
    gone, places = rows[: len(rows) - len(news)], rows[len(rows) - len(news) :]
    changed = [
        (last.author_id, last.origin, adapted(last.at), data, place.pk)
        for place, (group, data) in zip(places, news, strict=True)
        for last in [group.rows[-1]]
        if len(group.rows) > 1 or last.pk != place.pk
    ]
    if gone:
        delete(document_id, epoch, gone[0].seq, gone[-1].seq, len(gone))
    if changed:
        with connection.cursor() as cursor:
            cursor.executemany(CHANGE, changed)
    note(document_id, epoch, rows[-1].seq, HistoryThen.MERGE)


def stand_for_all(document_id: int, epoch: int, seq: int, state: bytes) -> None:
    """Make one row say all that it and the rows before it said."""
    fields = {"author_id": None, "origin": DROPPED, "data": state}
    if not Update.objects.filter(document_id=document_id, epoch=epoch, seq=seq).update(**fields):
        raise TakenMeanwhile
    note(document_id, epoch, seq, HistoryThen.DROP)


def delete(document_id: int, epoch: int, first: int, last: int, expected: int) -> None:
    """Delete rows by their numbers. Raises TakenMeanwhile where they are not as many as they were."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE, [document_id, epoch, first, last])
        if cursor.rowcount != expected:
            raise TakenMeanwhile


def note(document_id: int, epoch: int, seq: int, way: str) -> None:
    Compaction.objects.update_or_create(document_id=document_id, epoch=epoch, defaults={"seq": seq, "way": way})


def compact_project(
    project: Project, days: float, way: str, *, dry_run: bool = False, stopped: Stopped = lambda: False
) -> Tally:
    """Compact what is older than `days` in a project; returns what came of it."""
    compactor = Compactor(timezone.now() - timedelta(days=days), way, dry_run=dry_run, stopped=stopped)
    compactor.project(project.pk)
    return compactor.tally
