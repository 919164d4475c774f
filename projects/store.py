"""The journal on the database: rows, heads and checkpoints. Knows sequence numbers; not what is in an update."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from pycrdt import Doc

from annotator.collaboration.changes import apply_update
from annotator.collaboration.journal import Entry, NoSuchDocument, Row, StaleEpoch, Stored
from projects.connections import fresh, fresh_to_read
from projects.models import Checkpoint, Document, Update
from projects.write_turn import write_turn

RAISE_HEAD = "UPDATE projects_document SET head = head + %s WHERE id = %s AND epoch = %s RETURNING head"
LOCK_HEADS = "SELECT id FROM projects_document WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
RAISE_HEADS = (
    "UPDATE projects_document AS d SET head = d.head + v.count "
    "FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS v(id, epoch, count) "
    "WHERE d.id = v.id AND d.epoch = v.epoch RETURNING d.id, d.head"
)
INSERT = "INSERT INTO projects_update (document_id, epoch, seq, author_id, origin, at, data) VALUES (%s, %s, %s, %s, %s, %s, %s)"
KEPT_CHECKPOINTS = 2  # the last, and one before it in case that one cannot be read


class DatabaseStore:
    """`annotator.collaboration.journal.Store` on Django's default database."""

    @fresh_to_read
    def load(self, document_id: int) -> Stored:
        return load(document_id)

    @fresh_to_read
    def since(self, document_id: int, epoch: int, seq: int) -> list[Row]:
        if not Document.objects.filter(pk=document_id, epoch=epoch).exists():
            raise StaleEpoch(f"document {document_id} is no longer in epoch {epoch}")
        return rows_after(document_id, epoch, seq)

    @fresh
    def append(self, batch: Sequence[Sequence[Entry]]) -> list[int | StaleEpoch]:
        with write_turn(), journal_transaction() as (cursor, raise_head, insert):
            heads: list[int | StaleEpoch] = []
            rows: list[tuple[Any, ...]] = []
            for group, head in zip(batch, raised(cursor, raise_head, batch), strict=True):
                first = group[0]
                if head is None:
                    heads.append(StaleEpoch(f"document {first.document_id} is no longer in epoch {first.epoch}"))
                    continue
                heads.append(head)
                rows += [
                    (e.document_id, e.epoch, seq, e.author_id, e.origin, adapted(e.at), e.data)
                    for seq, e in enumerate(group, start=head - len(group) + 1)
                ]
            if rows:
                cursor.executemany(insert, rows)
        return heads

    @fresh
    def checkpoint(self, document_id: int, epoch: int, seq: int, state: bytes, memory: bytes) -> None:
        now = datetime.now(UTC)
        with write_turn(), transaction.atomic():
            Checkpoint.objects.update_or_create(
                document_id=document_id, epoch=epoch, seq=seq, defaults={"state": state, "memory": memory, "at": now}
            )
            kept = Checkpoint.objects.filter(document_id=document_id).order_by("-epoch", "-seq")
            Checkpoint.objects.filter(pk__in=list(kept.values_list("pk", flat=True)[KEPT_CHECKPOINTS:])).delete()


def raised(cursor: Any, raise_head: str, batch: Sequence[Sequence[Entry]]) -> list[int | None]:
    """The heads of documents after as many rows as each is given; None where a document is not in that epoch any more.

    Asking once for each document is cheap on SQLite. PostgreSQL is asked once for all, which first locks them in one order.
    """
    ids = [group[0].document_id for group in batch]
    if connection.vendor == "postgresql" and len(ids) == len(set(ids)) > 1:
        epochs, counts = [group[0].epoch for group in batch], [len(group) for group in batch]
        cursor.execute(LOCK_HEADS, (ids,))
        cursor.execute(RAISE_HEADS, (ids, epochs, counts))
        found = dict(cursor.fetchall())
        return [found.get(document_id) for document_id in ids]
    heads: list[int | None] = []
    for group in batch:
        cursor.execute(raise_head, (len(group), group[0].document_id, group[0].epoch))
        row = cursor.fetchone()
        heads.append(row[0] if row is not None else None)
    return heads


@contextlib.contextmanager
def journal_transaction() -> Iterator[tuple[Any, str, str]]:
    """A transaction of the driver itself: its cursor, and the two statements as it takes them.

    Every edit of everybody passes here: Django's own wrapping of a transaction and its cursors costs 0.3 ms a commit, half
    of what it takes in all, with the interpreter's lock held.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic(), connection.cursor() as cursor:
            yield cursor, RAISE_HEAD, INSERT
        return
    connection.ensure_connection()
    raw = connection.connection
    raw.execute("BEGIN IMMEDIATE")
    try:
        yield sqlite3.Cursor(raw), RAISE_HEAD.replace("%s", "?"), INSERT.replace("%s", "?")
        raw.execute("COMMIT")
    except BaseException:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise


def adapted(at: datetime) -> Any:
    """A time as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(at)


def load(document_id: int) -> Stored:
    """A document's last checkpoint and what was committed after it."""
    document = Document.objects.filter(pk=document_id).values_list("epoch", "head").first()
    if document is None:
        raise NoSuchDocument(f"There is no document {document_id}.")
    epoch, head = document
    found = (
        Checkpoint.objects.filter(document_id=document_id, epoch=epoch)
        .order_by("-seq")
        .values_list("seq", "state", "memory")
        .first()
    )
    seq, state, memory = found or (0, b"", b"")
    rows = rows_after(document_id, epoch, seq)
    # Rows may have been added since the document was read: the head is that of the rows that are here.
    head = rows[-1].seq if rows else max(head, seq)
    return Stored(document_id, epoch, head, bytes(state), bytes(memory), rows)


def rows_after(document_id: int, epoch: int, seq: int) -> list[Row]:
    found = Update.objects.filter(document_id=document_id, epoch=epoch, seq__gt=seq).order_by("seq")
    return [Row(s, author, bytes(data)) for s, author, data in found.values_list("seq", "author_id", "data")]


def read_document(document_id: int) -> tuple[Doc[Any], int]:
    """A document as it is committed, built from the journal, and its head. Raises NoSuchDocument."""
    stored = load(document_id)
    doc: Doc[Any] = Doc()
    if stored.state:
        apply_update(doc, stored.state)
    for row in stored.rows:
        apply_update(doc, row.data)
    return doc, stored.head
