"""The shape of a task's document, and what is read from it. What holds of it says `resolution.py`; no rooms, no database."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from annotator.collaboration.changes import Json

ANNOTATIONS = "annotations"  # id -> the statement as it was made; written once
LABELS = "labels"  # id -> the label as corrected since
VALUES = "values"  # id -> the value as corrected since
DECISIONS = "decisions"  # id -> accepted or rejected
COMMENTS = "comments"  # id -> what somebody says about the task or an annotation
RESOLUTIONS = "resolutions"  # comment id -> by whom it was resolved
STATE = "state"  # written by the server only
MAP_ROOTS = frozenset({ANNOTATIONS, LABELS, VALUES, DECISIONS, COMMENTS, RESOLUTIONS, STATE})
TEXT_PREFIX = "text/"  # + field or annotation: a Text root

TASK = "task"  # the key of the task's own state

ACCEPTED, REJECTED = "accepted", "rejected"  # what can be decided
SUGGESTED = "suggested"  # nobody decided yet
SUPERSEDED = "superseded"  # accepted, but the field has one answer, and another was decided later
DUPLICATE = "duplicate"  # says what an accepted annotation says already


class Resolved(NamedTuple):
    """One annotation as it holds now."""

    id: str
    field: str
    kind: str
    label: str | None
    value: Json
    text: str | None  # the words that it speaks of
    author: int | None
    origin: str
    status: str
    decided_by: int | None
    corrected: bool  # label or value are not what was said first
    created: str
    backend: str | None = None
    version: str | None = None
    score: float | None = None
    run: str | None = None


class TaskState(NamedTuple):
    """What became of the task: open, in_progress, submitted or skipped; since when, and by whom."""

    status: str = "open"
    by: int | None = None
    at: str | None = None


def text_root(key: str) -> str:
    """The Text root of a field's free-text answer, or of an annotation's transcript."""
    return TEXT_PREFIX + key


def new_id(now_ms: int | None = None) -> str:
    """An id that nobody else makes; ids made later sort later (UUIDv7)."""
    made = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    chance = secrets.token_hex(9)
    return f"{made >> 16:08x}-{made & 0xFFFF:04x}-7{chance[:3]}-a{chance[3:6]}-{chance[6:18]}"


def timestamp(at: datetime | None = None) -> str:
    """A time as documents hold it: UTC, ISO 8601, milliseconds."""
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def statement(
    kind: str, field: str, label: str | None, value: Json, author: int | None, origin: str, at: str, **model: Json
) -> dict[str, Json]:
    """An entry of `annotations`. `model`: backend, version, score, run, of which those that are None are left out."""
    said = {
        "kind": kind,
        "field": field,
        "label": label,
        "value": value,
        "author": author,
        "origin": origin,
        "created": at,
    }
    return said | {name: about for name, about in model.items() if about is not None} if model else said


def comment(
    author: int, body: str, at: str, on: str | None = None, reply_to: str | None = None, mentions: Sequence[int] = ()
) -> dict[str, Json]:
    """An entry of `comments`."""
    said: dict[str, Json] = {"on": on, "author": author, "body": body, "created": at}
    return said | ({"reply_to": reply_to} if reply_to else {}) | ({"mentions": list(mentions)} if mentions else {})
