"""A project's tasks with what is said of each, some at a time, exactly as committed. Knows rows and the journal.

Rows may be behind their document by a second. One SELECT reads documents and rows together, so that they belong to one
moment: where a document's rows are complete they are taken, and where they are behind it is read from the journal.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import orjson
from django.contrib.auth import get_user_model
from django.db import connection

from projects.discussion.reading import Said, comments_of
from projects.exact_json import read_json
from projects.exporting.names import Names
from projects.models import TaskStatus
from projects.projection import Row, reading_of, task_status
from projects.store import adapted, read_document

FIRST_CHUNK, LARGEST_CHUNK = 64, 400  # tasks
CHUNK_CHARACTERS = 2_000_000
CHUNK_ANNOTATIONS = 10_000
ORIGINS = ("human", "model", "import", "api")
NOBODY = 0  # no user has this id


class CannotExport(ValueError):
    """There is no such export. Holds the sentence to show."""


@dataclass(frozen=True)
class Filters:
    """Which tasks, and which annotations of them. `annotator` is a user's name; `field` is for CoNLL."""

    status: str | None = None
    since: datetime | None = None
    annotator: str | None = None
    origin: str | None = None
    field: str | None = None

    def __post_init__(self) -> None:
        if self.status and self.status not in TaskStatus.values:
            raise CannotExport(f"A status is one of {', '.join(TaskStatus.values)}, not “{self.status[:40]}”.")
        if self.origin and self.origin not in ORIGINS:
            raise CannotExport(f"An origin is one of {', '.join(ORIGINS)}, not “{self.origin[:40]}”.")
        if self.since and self.since.tzinfo is None:
            raise CannotExport("A time needs a time zone: 2026-01-31T12:00:00Z.")


@dataclass
class Exported:
    """A task and its annotations, in the order of the text."""

    id: int
    text: str
    data: dict[str, Any]
    meta: dict[str, Any]
    status: str
    rows: list[Row] = field(default_factory=list)
    comments: list[Said] = field(default_factory=list)

    def people(self) -> Iterator[int | None]:
        """Everybody who is named in it."""
        for row in self.rows:
            yield from (row.author_id, row.decided_by_id)
        for said in self.comments:
            yield from (said.author_id, said.resolved_by_id, *said.mentions)


class Format(ABC):
    """One format: bytes before the tasks, of some tasks, and after them. One is made for each export."""

    name: ClassVar[str]
    content_type: ClassVar[str]
    suffix: ClassVar[str]

    def __init__(self, names: Names, filters: Filters) -> None:
        self.names = names
        self.left_out = 0  # annotations that the format cannot express

    def head(self) -> bytes:
        return b""

    @abstractmethod
    def body(self, tasks: Sequence[Exported]) -> bytes: ...

    def tail(self) -> bytes:
        return b""


def read_tasks(project_id: int, filters: Filters, names: Names) -> Iterator[list[Exported]]:
    """Tasks in the order of their ids."""
    return read_chunks(project_id, filters, filter_of(filters), names)


def filter_of(filters: Filters) -> RowFilter:
    user_id = None
    if filters.annotator:
        users = get_user_model().objects
        found = (
            users.filter(**{get_user_model().USERNAME_FIELD: filters.annotator}).values_list("pk", flat=True).first()
        )
        # A name that nobody has gives what a stranger's gives, nothing: the answer must not tell who has an account.
        user_id = NOBODY if found is None else found
    return RowFilter(user_id, filters.origin or None)


@dataclass(frozen=True)
class RowFilter:
    """Which annotations are wanted. Whoever made one or decided on it is its annotator."""

    user_id: int | None
    origin: str | None

    @property
    def takes_all(self) -> bool:
        return self.user_id is None and self.origin is None

    def takes(self, row: Row) -> bool:
        by = self.user_id is None or self.user_id in (row.author_id, row.decided_by_id)
        return by and (self.origin is None or row.origin == self.origin)


def read_chunks(project_id: int, filters: Filters, wanted: RowFilter, names: Names) -> Iterator[list[Exported]]:
    after, limit = 0, FIRST_CHUNK
    while ids := next_ids(project_id, filters, wanted, after, limit):
        after = ids[-1]
        limit = min(LARGEST_CHUNK, max(8, 2 * len(ids)))  # long texts: fewer are weighed next time
        tasks = read_chunk(ids, names)
        names.meet(user_id for task in tasks for user_id in task.people())
        yield [task for task in tasks if is_wanted(task, filters, wanted)]


def is_wanted(task: Exported, filters: Filters, wanted: RowFilter) -> bool:
    """Whether a task belongs to the export; leaves it only the annotations that are asked for."""
    if not wanted.takes_all:
        task.rows = [row for row in task.rows if wanted.takes(row)]
        if not task.rows:
            return False
    return not filters.status or task.status == filters.status


WEIGHED = """
SELECT t.id, LENGTH(t.text) + LENGTH(CAST(t.data AS TEXT)) + LENGTH(CAST(t.meta AS TEXT)),
       t.annotation_count + t.suggestion_count
FROM projects_task t WHERE t.project_id = %s AND t.id > %s{filters} ORDER BY t.id LIMIT %s
"""
BEHIND = "EXISTS (SELECT 1 FROM projects_document d WHERE d.task_id = t.id AND d.projected < d.head)"


def next_ids(project_id: int, filters: Filters, wanted: RowFilter, after: int, limit: int) -> list[int]:
    """The next tasks whose texts and annotations together are of a bearable size; at least one if there is any.

    What the rows of a task cannot tell, because they are behind, does not keep it out.
    """
    conditions, values = conditions_of(filters, wanted)
    clause = "".join(f" AND ({condition} OR {BEHIND})" for condition in conditions)
    with connection.cursor() as cursor:
        cursor.execute(WEIGHED.format(filters=clause), [project_id, after, *values, limit])
        found = cursor.fetchall()
    ids: list[int] = []
    characters = annotations = 0
    for task_id, length, count in found:
        characters += length
        annotations += count
        if ids and (characters > CHUNK_CHARACTERS or annotations > CHUNK_ANNOTATIONS):
            break
        ids.append(task_id)
    return ids


def conditions_of(filters: Filters, wanted: RowFilter) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    if filters.status:
        conditions.append("t.status = %s")
        values.append(filters.status)
    if filters.since:
        conditions.append("t.changed >= %s")
        values.append(adapted(filters.since))
    row = "EXISTS (SELECT 1 FROM projects_annotation a WHERE a.task_id = t.id AND {})"
    if wanted.user_id is not None:
        conditions.append(row.format("(a.author_id = %s OR a.decided_by_id = %s)"))
        values += [wanted.user_id, wanted.user_id]
    if wanted.origin is not None:
        conditions.append(row.format("a.origin = %s"))
        values.append(wanted.origin)
    return conditions, values


TEXTS = "SELECT id, text, data, meta FROM projects_task WHERE id IN ({}) ORDER BY id"
SAID = f"""
SELECT t.id, t.status, d.id, d.head, d.projected, {", ".join(f'a."{name}"' for name in Row._fields)}
FROM projects_task t
JOIN projects_document d ON d.task_id = t.id
LEFT JOIN projects_annotation a ON a.document_id = d.id
WHERE t.id IN ({{}}) ORDER BY t.id, d.id
"""  # noqa: S608 (our own column names)
KEY, VALUE = Row._fields.index("key"), Row._fields.index("value")
DISCUSSED = f"""
SELECT d.task_id, d.id, d.head, {", ".join(f'c."{name}"' for name in Said._fields)}
FROM projects_document d
LEFT JOIN projects_comment c ON c.document_id = d.id
WHERE d.task_id IN ({{}}) ORDER BY d.task_id, d.id, c."key"
"""  # noqa: S608 (our own column names)
MENTIONS = Said._fields.index("mentions")


def read_chunk(ids: Sequence[int], names: Names) -> list[Exported]:
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(SAID.format(marks), list(ids))
        said = cursor.fetchall()
        cursor.execute(DISCUSSED.format(marks), list(ids))
        discussed = cursor.fetchall()
        # Texts never change: they need not be of the same moment.
        cursor.execute(TEXTS.format(marks), list(ids))
        tasks = {i: Exported(i, text, loaded(data), loaded(meta), "open") for i, text, data, meta in cursor.fetchall()}
    behind: dict[int, int] = {}  # documents whose rows are not complete, with their tasks
    heads: dict[int, int] = {}
    for task_id, status, document_id, head, projected, *columns in said:
        task = tasks.get(task_id)
        if task is None:
            continue
        heads[document_id] = head
        if projected < head:
            behind[document_id] = task_id
            continue
        task.status = status
        if columns[KEY] is not None:
            columns[VALUE] = None if columns[VALUE] is None else orjson.loads(columns[VALUE])
            task.rows.append(Row._make(columns))
    # What went on between the two questions is read from the journal, which is of one moment.
    for moved in {task_id for task_id, document_id, head, *_ in discussed if heads.get(document_id) != head}:
        behind |= {document_id: task_id for task_id, document_id, *_ in discussed if task_id == moved}
        tasks[moved].rows = []
    for task_id, document_id, _, *columns in discussed:
        if document_id not in behind and columns[0] is not None:
            columns[MENTIONS] = loaded(columns[MENTIONS])
            tasks[task_id].comments.append(Said._make(columns))
    if behind:
        names.reload()
    for document_id, task_id in behind.items():
        add_journal(tasks[task_id], document_id, names)
    for task in tasks.values():
        task.rows.sort(key=place_in_text)
    return list(tasks.values())


def loaded(value: Any) -> Any:
    """JSON as the driver gives it: text, or read already."""
    return read_json(value.encode()) if isinstance(value, str) else value


def add_journal(task: Exported, document_id: int, names: Names) -> None:
    """What a document says, read from the journal."""
    doc, _ = read_document(document_id)
    reading = reading_of(doc, names.schema, task.text)
    task.status = task_status(reading.summary)
    task.rows += reading.rows.values()
    task.comments += comments_of(doc).values()


def place_in_text(row: Row) -> tuple[int, int, str]:
    """Spans in the order of the text, then what is said of the text as a whole; ids settle the rest."""
    if row.kind == "span" and isinstance(row.value, dict):
        return 0, row.value["start"], row.key
    return 1, 0, row.key
