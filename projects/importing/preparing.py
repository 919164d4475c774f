"""From a record to what is stored of a task: its texts, the update of its document and the rows that project it.

Knows the shape of documents; no files, no database. What it makes, the guard accepts.
"""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from pycrdt import Doc

from annotator.collaboration.changes import SERVER_CLIENTS, Author, Json, Put, Refused, apply_changes
from annotator.collaboration.updates import encode_puts
from projects import document
from projects.exact_json import NotJson, fault_of_text, holds_nul, write_json
from projects.guard import DocumentRules
from projects.importing.answers import PRODIGY, NotRead, read_answers
from projects.importing.labelling import Labelling, NoPlace, Statements
from projects.importing.records import MAX_TEXT_BYTES, Problem, Record
from projects.kinds import KINDS, UNKNOWN
from projects.projection import Reading, Row, reading_of, submitted_by, task_status
from projects.resolution import Summary

IMPORT = "import"
OTHER_TEXT = "text column"  # where another column than `text` holds the text, that one must not stand in its place
REJECTED, IGNORED = PRODIGY[1], PRODIGY[2]


class Prepared(NamedTuple):
    """A task as it is stored. `update` is None where nothing is said of it."""

    text: str
    data: str  # JSON
    meta: str  # JSON
    update: bytes | None
    rows: list[Row]
    status: str
    annotations: int
    suggestions: int
    submitted_by: int | None

    @property
    def size(self) -> int:
        return len(self.text) + len(self.data) + len(self.meta) + len(self.update or b"")


class Preparing:
    """Prepares the records of one import."""

    def __init__(self, labelling: Labelling, file_name: str, user_id: int | None) -> None:
        self._labelling = labelling
        self._file_name = file_name
        self._author = Author(user_id, "server", IMPORT)

    def prepare(self, record: Record, now: str) -> Prepared | Problem:
        """`now`: when it is said, as documents hold times."""
        fault = fault_of_task_text(record.text)
        if fault:
            return Problem(record.line, "text", fault, record.after)
        try:
            data = self._take_columns(record)
            stated = self._state(record, now)
            kept = stored_json(data, "data"), stored_json(self._meta(record), "meta")
        except NoPlace as wrong:
            return Problem(wrong.said.line or record.line, wrong.said.column, str(wrong), record.after)
        except (NotRead, NotJson) as wrong:
            return Problem(record.line, "", str(wrong), record.after)
        except Refused as refused:
            return Problem(record.line, "", refused.sentence, record.after)
        return self._prepared(record.text, *kept, stated)

    def _meta(self, record: Record) -> dict[str, Json]:
        """Our own lines bring their meta; every other row gets where it came from."""
        if record.own:
            return record.meta or {}
        return {"file": self._file_name, "line": record.line, **(record.meta or {})}

    def _take_columns(self, record: Record) -> dict[str, Json]:
        """Move what answers a field from the columns to what is said; the rest is the task's data."""
        if record.own:
            return record.columns
        data: dict[str, Json] = {}
        for column, value in record.columns.items():
            asked = self._labelling.columns.field_of(column, value, record.columns)
            if asked is None:
                data[column if column != "text" else OTHER_TEXT] = value
                continue
            record.said += read_answers(column, asked.key, asked.kind, value)
        return data

    def _state(self, record: Record, now: str) -> Statements:
        stated = Statements()
        answer = record.columns.get("answer") if record.said and not record.own else None
        if answer != IGNORED:
            for said in record.said:
                self._labelling.add(stated, said, record.text, now)
        if answer == REJECTED:
            self._labelling.reject(stated, now)
        self._labelling.task_state(stated, record.status, now)
        if not stated.plain:  # a plain one is of our own making, and its labels and values were checked one by one
            rules = DocumentRules(self._labelling.schema, len(record.text))
            rules.check(stated.changes, self._author, nothing_before)
        return stated

    def _prepared(self, text: str, data: str, meta: str, stated: Statements) -> Prepared:
        if not stated.changes:
            return Prepared(text, data, meta, None, [], "open", 0, 0, None)
        update, reading = self._written(text, stated)
        said = reading.summary
        counts = said.annotations, said.suggestions
        rows = list(reading.rows.values())
        return Prepared(text, data, meta, update, rows, task_status(said), *counts, submitted_by(said))

    def _written(self, text: str, stated: Statements) -> tuple[bytes, Reading]:
        client = SERVER_CLIENTS + random.getrandbits(32)
        if stated.plain:
            rows = {put.key: row_of_gold(put, text) for put in stated.puts}
            return encode_puts(client, stated.puts), Reading(rows, Summary(annotations=len(rows)))
        doc: Doc[Any] = Doc(client_id=client)
        with doc.transaction():
            apply_changes(doc, stated.changes)
        return doc.get_update(), reading_of(doc, self._labelling.schema, text)


def nothing_before(root: str, key: str) -> Json:
    """The document is new."""
    return None


def fault_of_task_text(text: Any) -> str | None:
    if text == "":
        return "the text is empty"
    fault = fault_of_text(text)
    if fault:
        return fault
    if len(text) * 4 > MAX_TEXT_BYTES and len(text.encode()) > MAX_TEXT_BYTES:
        return f"the text is longer than {MAX_TEXT_BYTES >> 20} MB"
    return None


def stored_json(value: dict[str, Json], what: str) -> str:
    """JSON as the database keeps it. Raises NotJson."""
    try:
        written = write_json(value).decode()
    except NotJson as wrong:
        name = next((name for name, item in value.items() if not is_writable({name: item})), what)
        raise NotJson(f"“{clean(name)}”: {wrong}") from None
    if "\\u0000" in written and holds_nul(value):
        name = next(name for name, item in value.items() if holds_nul({name: item}))
        raise NotJson(f"“{clean(name)}” holds a NUL character")
    return written


def is_writable(value: Json) -> bool:
    try:
        write_json(value)
    except NotJson:
        return False
    return True


def clean(name: str) -> str:
    return name[:60].encode("utf-8", "replace").decode().replace("\0", "?")


def row_of_gold(put: Put, text: str) -> Row:
    """What `resolve` says of a statement that simply holds."""
    said = put.value
    value, kind = said["value"], said["kind"]
    known = KINDS.get(kind, UNKNOWN)
    return Row(
        put.key,
        said["field"],
        kind,
        said["label"],
        None if value is None else known.read(value),
        None if value is None else known.wording(value, text),
        said["author"],
        said["origin"],
        document.ACCEPTED,
        None,
        False,
        None,
        None,
        None,
        None,
        said["created"],
    )
