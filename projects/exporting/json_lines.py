"""JSON: a task a line (JSONL), or all in one array. Everything that is known of a task is in its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from projects.discussion.reading import Said
from projects.exact_json import write_json
from projects.exporting.names import Names
from projects.exporting.tasks import Exported, Filters, Format
from projects.projection import Row

DECISIONS = {status: status for status in ("accepted", "rejected", "superseded", "duplicate")}  # `suggested`: null
MODEL = "model"


def line_of(task: Exported, names: Names) -> dict[str, Any]:
    told = {
        "id": task.id,
        "data": {"text": task.text, **task.data},
        "meta": task.meta,
        "status": task.status,
        "annotations": [annotation_of(row, names) for row in task.rows],
    }
    return told | {"comments": [comment_of(said, names) for said in task.comments]} if task.comments else told


def annotation_of(row: Row, names: Names) -> dict[str, Any]:
    told = {
        "id": row.key,
        "field": names.field(row.field),
        "kind": row.kind,
        "label": names.label(row.field, row.label),
        "value": row.value,
        "text": row.text,
        "author": names.person(row.author_id),
        "origin": row.origin,
        "decision": DECISIONS.get(row.status),
        "score": row.score,
        "created": row.created,
    }
    if row.origin == MODEL:
        told |= {"backend": row.backend, "version": row.version, "run": row.run}
    if row.origin == MODEL or row.decided_by_id is not None:
        told["decided_by"] = names.person(row.decided_by_id)
    return told


def comment_of(said: Said, names: Names) -> dict[str, Any]:
    """A comment as exports and the API tell it."""
    return {
        "id": said.key,
        "on": said.on,
        "reply_to": said.reply_to,
        "author": names.person(said.author_id),
        "body": said.body,
        "quote": said.quote,
        "mentions": [name for name in map(names.person, said.mentions) if name is not None],
        "created": said.created,
        "edited": said.edited,
        "resolved_by": names.person(said.resolved_by_id),
        "resolved_at": said.resolved_at,
    }


class JsonLines(Format):
    name = "jsonl"
    content_type = "application/x-ndjson"
    suffix = "jsonl"

    def body(self, tasks: Sequence[Exported]) -> bytes:
        return b"".join(write_json(line_of(task, self.names)) + b"\n" for task in tasks)


class JsonArray(Format):
    name = "json"
    content_type = "application/json"
    suffix = "json"

    def __init__(self, names: Names, filters: Filters) -> None:
        super().__init__(names, filters)
        self._before = b"\n"

    def head(self) -> bytes:
        return b"["

    def body(self, tasks: Sequence[Exported]) -> bytes:
        parts = []
        for task in tasks:
            parts += [self._before, write_json(line_of(task, self.names))]
            self._before = b",\n"
        return b"".join(parts)

    def tail(self) -> bytes:
        return b"\n]\n"
