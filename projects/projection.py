"""A document as rows, for search, counts and exports. Knows how a document reads and which rows say so; no live rooms.

Rows follow the document within a second or so. `Document.projected` says up to which sequence number they do: a reader who
needs all (an export, promise P6) rebuilds the documents whose `projected` is behind their `head`.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from django.db import DatabaseError, connection, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone
from pycrdt import Doc, Map, Text

from projects.discussion import rows as discussion
from projects.discussion.reading import comments_of
from projects.document import MAP_ROOTS, Resolved, text_root
from projects.models import Annotation, Document, Task, TaskStatus
from projects.resolution import Readable, Resolution, Summary
from projects.schema import Schema
from projects.store import read_document
from projects.write_turn import write_turn

BATCH = 100  # rows in one transaction: a document of 10,000 must not keep an edit waiting
PAUSE_SECONDS = 0.001  # between two of them: who waits for his turn gets it


def quoted(name: str) -> str:
    return f'"{name}"'


class Row(NamedTuple):
    """The columns of `Annotation` that a document decides."""

    key: str
    field: str
    kind: str
    label: str | None
    value: Any
    text: str | None
    author_id: int | None
    origin: str
    status: str
    decided_by_id: int | None
    corrected: bool
    score: float | None
    backend: str | None
    version: str | None
    run: str | None
    created: str


VALUE = Row._fields.index("value")
# By hand: a model's instance for each row would take five times as long, with the interpreter's lock held.
COLUMNS = ("project_id", "task_id", "document_id", *Row._fields)
UPSERT = (
    f"INSERT INTO projects_annotation ({', '.join(map(quoted, COLUMNS))}) "  # noqa: S608 (names of our own)
    f'VALUES ({", ".join(["%s"] * len(COLUMNS))}) ON CONFLICT (document_id, "key") '
    f"DO UPDATE SET {', '.join(f'{quoted(name)} = excluded.{quoted(name)}' for name in Row._fields[1:])}"
)
PROJECTED = "UPDATE projects_document SET projected = %s WHERE id = %s"
# What a task was before decides whether it is submitted only now: the right side of SET sees the row as it was.
TASK = (
    "UPDATE projects_task SET status = %s, annotation_count = %s, suggestion_count = %s, submitted_by_id = %s, submitted_at = "
    "CASE WHEN %s THEN CASE WHEN status = 'submitted' THEN submitted_at ELSE %s END END WHERE id = %s"
)
TASK_CHANGED = TASK.replace("SET ", "SET changed = %s, ")  # a look at what is known already is no change


@dataclass(frozen=True)
class Place:
    """Which task a document belongs to, and what is needed to read it."""

    document_id: int
    task_id: int
    project_id: int
    text: str
    schema: Schema

    @property
    def where(self) -> discussion.Where:
        return discussion.Where(self.project_id, self.task_id, self.document_id)


@dataclass(frozen=True)
class Reading:
    """What a document says at one moment."""

    rows: dict[str, Row]
    summary: Summary


def place_of(document_id: int) -> Place | None:
    """Where a document belongs; None if there is no such document."""
    return places_of([document_id])[0]


def places_of(document_ids: Sequence[int]) -> list[Place | None]:
    """`place_of` of many at once, with the questions of each project read once."""
    columns = ("pk", "task_id", "task__project_id", "task__text")
    found = {row[0]: row for row in Document.objects.filter(pk__in=document_ids).values_list(*columns)}
    schemas = {project_id: Schema.load(project_id) for project_id in {row[2] for row in found.values()}}
    places = {pk: Place(pk, task_id, project, text, schemas[project]) for pk, task_id, project, text in found.values()}
    return [places.get(document_id) for document_id in document_ids]


def row_of(resolved: Resolved) -> Row:
    return Row(
        resolved.id,
        resolved.field,
        resolved.kind,
        resolved.label,
        resolved.value,
        resolved.text,
        resolved.author,
        resolved.origin,
        resolved.status,
        resolved.decided_by,
        resolved.corrected,
        resolved.score,
        resolved.backend,
        resolved.version,
        resolved.run,
        resolved.created,
    )


class Frozen:
    """A document's roots as they were at one moment, to be read in a thread while the document goes on."""

    def __init__(self, doc: Doc[Any], schema: Schema) -> None:
        self._maps = {root: str(doc.get(root, type=Map)) for root in MAP_ROOTS}
        self._texts = {text_root(key): str(doc.get(text_root(key), type=Text)) for key in schema.fields}

    def get(self, root: str, *, type: Any) -> str:
        """As a Doc's `get`, for who takes the string of what comes: JSON for a map, the words for a text."""
        return self._maps[root] if type is Map else self._texts.get(root, "")


def read(doc: Readable, place: Place) -> Reading:
    """Read a document. 10,000 annotations take some 100 ms."""
    return reading_of(doc, place.schema, place.text)


def reading_of(doc: Readable, schema: Schema, text: str) -> Reading:
    resolution = Resolution(schema, text).read(doc)
    return Reading({resolved.id: row_of(resolved) for resolved in resolution}, resolution.summary())


def known_rows(document_id: int) -> dict[str, Row]:
    """The rows as they are in the database."""
    found = Annotation.objects.filter(document_id=document_id).values_list(*Row._fields)
    return {values[0]: Row(*values) for values in found}


def write(place: Place, reading: Reading, known: dict[str, Row], projected: int) -> None:
    """Make the rows say what `reading` says, touching only what differs from `known`; then note how far they do."""
    gone = [key for key in known if key not in reading.rows]
    changed = [row for key, row in reading.rows.items() if known.get(key) != row]
    write_changes(place, changed, gone, reading.summary, projected)


class Overtaken(Exception):
    """Another process has written what is newer than what was to be written here."""


class Work(NamedTuple):
    """What is to be written of one document: rows, ids of annotations that are gone, and up to which row of the journal."""

    place: Place
    changed: Sequence[Row]
    gone: Sequence[str]
    summary: Summary
    projected: int


def write_together(works: Sequence[Work]) -> list[Exception | None]:
    """Write of several documents in few transactions. Returns, for each, what went wrong: Overtaken, or the database's error."""
    results: list[Exception | None] = [None] * len(works)
    with without_waiting_for_the_disk():
        for chunk in chunks(works):
            try:
                with write_turn(), transaction.atomic():
                    overtaken = _write_small([works[at] for at in chunk])
                for at in chunk:
                    if works[at].place.document_id in overtaken:
                        results[at] = Overtaken()
            except DatabaseError:  # of one of them, for instance since its task was deleted: none may harm the others
                for at in chunk:
                    results[at] = _write_alone(works[at])
            time.sleep(PAUSE_SECONDS)
        for at, work in enumerate(works):
            if is_large(work):
                results[at] = _write_alone(work)
    return results


def is_large(work: Work) -> bool:
    return len(work.changed) + len(work.gone) > BATCH


def chunks(works: Sequence[Work]) -> Iterator[list[int]]:
    """Places of works that go into one transaction; large ones go into several of their own."""
    chunk: list[int] = []
    rows = 0
    for at, work in enumerate(works):
        if is_large(work):
            continue
        size = len(work.changed) + len(work.gone) + 1
        if chunk and rows + size > BATCH:
            yield chunk
            chunk, rows = [], 0
        chunk.append(at)
        rows += size
    if chunk:
        yield chunk


def _write_alone(work: Work) -> Exception | None:
    try:
        write_changes(*work)
    except (Overtaken, DatabaseError) as error:
        return error
    return None


def _write_small(works: Sequence[Work]) -> set[int]:
    """Write of documents within a transaction. Returns the ids of those that others have written newer things of."""
    documents = Document.objects.select_for_update() if connection.features.has_select_for_update else Document.objects
    ids = [work.place.document_id for work in works]
    known = dict(documents.filter(pk__in=ids).order_by("pk").values_list("pk", "projected"))
    fresh = [work for work in works if known.get(work.place.document_id, work.projected + 1) <= work.projected]
    for work in fresh:
        if work.gone:
            Annotation.objects.filter(document_id=work.place.document_id, key__in=work.gone).delete()
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    rows = [values for work in fresh for values in upserts(work.place, work.changed)]
    moved = [work for work in fresh if known[work.place.document_id] < work.projected]
    same = [work for work in fresh if known[work.place.document_id] == work.projected]
    with connection.cursor() as cursor:
        if rows:
            cursor.executemany(UPSERT, rows)
        if moved:
            cursor.executemany(PROJECTED, [(work.projected, work.place.document_id) for work in moved])
            cursor.executemany(TASK_CHANGED, [(now, *counted(work, now)) for work in moved])
        if same:
            cursor.executemany(TASK, [counted(work, now) for work in same])
    return set(ids) - {work.place.document_id for work in fresh}


def counted(work: Work, now: Any) -> tuple[Any, ...]:
    """The values of TASK for a task: what its document decides, and its id."""
    said = work.summary
    is_submitted = task_status(said) == TaskStatus.SUBMITTED
    counts = task_status(said), said.annotations, said.suggestions, submitted_by(said)
    return *counts, is_submitted, now, work.place.task_id


def write_changes(place: Place, changed: Sequence[Row], gone: Sequence[str], summary: Summary, projected: int) -> None:
    """Write rows that changed, and take away those of annotations that are gone. Raises Overtaken."""
    with without_waiting_for_the_disk():
        for start in range(0, len(gone), BATCH):
            with write_turn(), transaction.atomic():
                _need_to_be_newest(place, projected)
                Annotation.objects.filter(document_id=place.document_id, key__in=gone[start : start + BATCH]).delete()
        for start in range(0, len(changed), BATCH):
            with write_turn(), transaction.atomic():
                _need_to_be_newest(place, projected)
                _upsert(place, changed[start : start + BATCH])
            time.sleep(PAUSE_SECONDS)
        with write_turn(), transaction.atomic():
            _need_to_be_newest(place, projected)
            _note(place, summary, projected)


def _need_to_be_newest(place: Place, projected: int) -> None:
    """Hold the document's row, so that nobody else writes of it meanwhile, unless he was there with newer things."""
    documents = Document.objects.select_for_update() if connection.features.has_select_for_update else Document.objects
    if documents.filter(pk=place.document_id, projected__gt=projected).exists():
        raise Overtaken


@contextlib.contextmanager
def without_waiting_for_the_disk() -> Iterator[None]:
    """Commits of rows need not be durable by themselves: whatever makes a later edit durable makes them so, too.

    Should the machine lose them, it loses `projected` with them, and they are made again from the journal.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")


def _upsert(place: Place, rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(UPSERT, upserts(place, rows))


def upserts(place: Place, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    where = (place.project_id, place.task_id, place.document_id)
    return [(*where, *stored(row)) for row in rows]


def stored(row: Row) -> tuple[Any, ...]:
    """A row with its value as JSON text, as Django keeps it."""
    value = None if row.value is None else json_text(row.value)
    return (*row[:VALUE], value, *row[VALUE + 1 :])


def json_text(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(value)


def _note(place: Place, summary: Summary, projected: int) -> None:
    moved = Document.objects.filter(pk=place.document_id, projected__lt=projected).update(projected=projected)
    Task.objects.filter(pk=place.task_id).update(
        status=task_status(summary),
        annotation_count=summary.annotations,
        suggestion_count=summary.suggestions,
        submitted_by_id=submitted_by(summary),
        submitted_at=submitted_at(summary),
        **({"changed": timezone.now()} if moved else {}),  # a look at what is known already is no change
    )


def task_status(summary: Summary) -> str:
    """A task on which somebody has begun is in progress until it is submitted or skipped."""
    status = summary.state.status
    return "in_progress" if status == "open" and summary.begun else status


def submitted_by(summary: Summary) -> int | None:
    return summary.state.by if summary.state.status == "submitted" else None


def submitted_at(summary: Summary) -> Any:
    """When a task was submitted: now, unless it was submitted before."""
    if task_status(summary) != TaskStatus.SUBMITTED:
        return None
    return Case(When(status=TaskStatus.SUBMITTED, then=F("submitted_at")), default=Value(timezone.now()))


def project_from_journal(document_id: int) -> Reading | None:
    """Bring the rows of a document up to date from the journal alone; None if there is no such document."""
    place = place_of(document_id)
    if place is None:
        return None
    doc, head = read_document(document_id)
    reading = read(doc, place)
    discussion.sync(place.where, comments_of(doc), head)
    with contextlib.suppress(Overtaken):  # an open room has written what is newer
        write(place, reading, known_rows(document_id), head)
    return reading


def unprojected(limit: int = 1000) -> list[int]:
    """Documents whose rows are behind, for instance since the server was killed."""
    return list(Document.objects.filter(projected__lt=F("head")).values_list("pk", flat=True)[:limit])
