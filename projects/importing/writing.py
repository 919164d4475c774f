"""Prepared tasks into the database, many at a time, by as few statements as there are tables. Knows no files.

`bulk_create` of four models takes four times as long: a model's instance is made for each row, and ids are asked back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

from django.db import connection, models

from projects.importing.preparing import IMPORT, Prepared
from projects.models import Annotation, Document, Task, Update
from projects.projection import Row, stored
from projects.store import adapted

TASK = ("id", "project", "text", "data", "meta", "created", "status", "annotation_count", "suggestion_count")
TASK_COLUMNS = (*TASK, "submitted_by", "changed")
DOCUMENT_COLUMNS = ("id", "task", "annotator", "epoch", "head", "projected")
UPDATE_COLUMNS = ("document", "epoch", "seq", "author_id", "origin", "at", "data")
ANNOTATION_COLUMNS = ("project", "task", "document", *Row._fields)
FIRST = 1  # the epoch of a new document, and the sequence number of its first update
ROWS_IN_STATEMENT = 50  # of the widest table they have fewer values than any SQLite takes
Values = tuple[Any, ...]


def insert_tasks(project_id: int, user_id: int | None, prepared: Sequence[Prepared], at: datetime) -> None:
    """Insert tasks with their documents, journals and projections, in the caller's transaction."""
    now = adapted(at)
    with connection.cursor() as cursor:
        task_ids, document_ids = allocate(cursor, Task, len(prepared)), allocate(cursor, Document, len(prepared))
        tasks: list[Values] = []
        documents: list[Values] = []
        updates: list[Values] = []
        annotations: list[Values] = []
        for task_id, document_id, one in zip(task_ids, document_ids, prepared, strict=True):
            counts = one.annotations, one.suggestions, one.submitted_by
            tasks.append((task_id, project_id, one.text, one.data, one.meta, now, one.status, *counts, now))
            head = 0 if one.update is None else FIRST
            documents.append((document_id, task_id, None, FIRST, head, head))
            if one.update is not None:
                updates.append((document_id, FIRST, FIRST, user_id, IMPORT, now, one.update))
            annotations += [(project_id, task_id, document_id, *stored(row)) for row in one.rows]
        insert(cursor, Task, TASK_COLUMNS, tasks)
        insert(cursor, Document, DOCUMENT_COLUMNS, documents)
        insert(cursor, Update, UPDATE_COLUMNS, updates)
        insert(cursor, Annotation, ANNOTATION_COLUMNS, annotations)


def insert(cursor: Any, model: type[models.Model], fields: tuple[str, ...], rows: Sequence[Values]) -> None:
    """Rows of one table; PostgreSQL takes them by COPY, in one go."""
    if not rows:
        return
    if connection.vendor != "postgresql":
        insert_many(cursor, model, fields, rows)
        return
    with cursor.copy(f"COPY {target(model, fields)} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def insert_many(cursor: Any, model: type[models.Model], fields: tuple[str, ...], rows: Sequence[Values]) -> None:
    """Fifty rows a statement cost three quarters of what fifty statements do; NULLs are cheapest left out."""
    said = [place for place, values in enumerate(zip(*rows, strict=True)) if any(v is not None for v in values)]
    names = tuple(fields[place] for place in said)
    rows = list(map(itemgetter(*said), rows))
    whole = len(rows) - len(rows) % ROWS_IN_STATEMENT
    for start in range(0, whole, ROWS_IN_STATEMENT):
        values = chain.from_iterable(rows[start : start + ROWS_IN_STATEMENT])
        cursor.execute(statement(model, names, ROWS_IN_STATEMENT), list(values))
    cursor.executemany(statement(model, names, 1), rows[whole:])


@cache
def statement(model: type[models.Model], fields: tuple[str, ...], rows: int) -> str:
    row = f"({', '.join(['%s'] * len(fields))})"
    return f"INSERT INTO {target(model, fields)} VALUES {', '.join([row] * rows)}"  # noqa: S608 (names of our own)


@cache
def target(model: type[models.Model], fields: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in fields)  # type: ignore[union-attr]
    return f'"{model._meta.db_table}" ({columns})'


def allocate(cursor: Any, model: type[models.Model], count: int) -> Sequence[int]:
    """Ids for `count` new rows, which nobody else gets: SQLite's transaction is the only writer."""
    table = model._meta.db_table
    if connection.vendor == "sqlite":
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        last = found[0] if found else 0
        return range(last + 1, last + count + 1)
    cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
    return sorted(row[0] for row in cursor.fetchall())
