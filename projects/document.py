"""The shape of a task's document and the one reading of it. The twin of `document.ts`; knows no rooms, no database."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import orjson
from pycrdt import Map, Text

from annotator.collaboration.changes import Json
from projects.kinds import KINDS, UNKNOWN
from projects.schema import Field, Schema

ANNOTATIONS = "annotations"  # id -> the statement as it was made; written once
LABELS = "labels"  # id -> the label as corrected since
VALUES = "values"  # id -> the value as corrected since
DECISIONS = "decisions"  # id -> accepted or rejected
COMMENTS = "comments"
RESOLUTIONS = "resolutions"  # comment id -> by whom it was resolved
STATE = "state"  # written by the server only
MAP_ROOTS = frozenset({ANNOTATIONS, LABELS, VALUES, DECISIONS, COMMENTS, RESOLUTIONS, STATE})
TEXT_PREFIX = "text/"  # + field or annotation: a Text root

TASK = "task"  # the key of the task's own state

ACCEPTED, REJECTED = "accepted", "rejected"  # what can be decided
SUGGESTED = "suggested"  # nobody decided yet
SUPERSEDED = "superseded"  # accepted, but the field has one answer, and another was decided later
DUPLICATE = "duplicate"  # says what an accepted annotation says already


class Readable(Protocol):
    """A document, or its roots as they were at one moment: the string of a map is JSON, that of a text its words."""

    def get(self, root: str, *, type: Any) -> Any: ...


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


def status(doc: Readable) -> TaskState:
    said = read_root(doc, STATE).get(TASK)
    if not isinstance(said, dict):
        return TaskState()
    return TaskState(said.get("status", "open"), said.get("by"), said.get("at"))


def resolve(doc: Readable, schema: Schema, text: str) -> list[Resolved]:
    """What the document says, in the order of ids: the one reading, for all who show or count. `text`: the task's."""
    stated = read_annotations(doc, text)
    apply_decisions(stated, schema)
    return [claim.said for claim in stated] + list(read_texts(doc, schema))


Meaning = tuple[str, str | None, bytes | None]  # field, label, value


class Claim:
    """An annotation while it is compared with the others."""

    __slots__ = ("at", "said")

    def __init__(self, said: Resolved, at: str) -> None:
        self.said = said
        self.at = at  # when it was decided; for what was never decided, when it was made

    @property
    def meaning(self) -> Meaning:
        """Two claims of equal meaning say the same."""
        said = self.said
        return said.field, said.label, None if said.value is None else orjson.dumps(said.value)

    @property
    def age(self) -> tuple[str, str]:
        return self.at, self.said.id

    def becomes(self, status: str) -> None:
        self.said = self.said._replace(status=status)


def read_root(doc: Readable, root: str) -> dict[str, Any]:
    """A Map root, read at once: by way of JSON, which takes half the time of `to_py` and keeps integers."""
    said: dict[str, Any] = orjson.loads(str(doc.get(root, type=Map)))
    return said


def read_annotations(doc: Readable, text: str) -> list[Claim]:
    """Every annotation with what was corrected and decided since, in the order of ids."""
    labels, values, decisions = (read_root(doc, root) for root in (LABELS, VALUES, DECISIONS))
    claims = []
    for id, entry in sorted(read_root(doc, ANNOTATIONS).items()):
        if isinstance(entry, dict):
            claims.append(read_annotation(id, entry, labels.get(id), values.get(id), decisions.get(id), text))
    return claims


def read_annotation(
    id: str,
    entry: Mapping[str, Json],
    label_since: Mapping[str, Json] | None,
    value_since: Mapping[str, Json] | None,
    decision: Mapping[str, Json] | None,
    text: str,
) -> Claim:
    get = entry.get
    kind = KINDS.get(get("kind", ""), UNKNOWN)
    label = said_label = get("label")
    value = said_value = get("value")
    if label_since:
        label = label_since.get("label", label)
    if value_since:
        value = value_since.get("value", value)
    created, origin = get("created", ""), get("origin", "")
    status, by, at = SUGGESTED if origin == "model" else ACCEPTED, None, created
    if decision:
        status, by, at = decision.get("status", status), decision.get("by"), decision.get("at", at)
    run = get("run")
    said = Resolved(
        id,
        get("field", ""),
        get("kind", ""),
        label,
        None if value is None else kind.read(value),
        None if value is None else kind.wording(value, text),
        get("author"),
        origin,
        status,
        by,
        label != said_label or value != said_value,
        created,
        get("backend"),
        get("version"),
        get("score"),
        None if run is None else str(run),
    )
    return Claim(said, at)


def apply_decisions(claims: Iterable[Claim], schema: Schema) -> None:
    """Of single answers the last decided counts; of the same said twice, one; what holds is not suggested again."""
    singles = {field.key for field in schema.fields.values() if is_single(field)}
    accepted: dict[str, list[Claim]] = {}
    suggested: list[Claim] = []
    for claim in claims:
        if claim.said.status == ACCEPTED:
            accepted.setdefault(claim.said.field, []).append(claim)
        elif claim.said.status == SUGGESTED:
            suggested.append(claim)
    meanings: set[Meaning] = set()
    for field, rivals in accepted.items():
        if field in singles:
            meanings.add(settle_single(rivals))
        else:
            meanings |= settle_several(rivals)
    for claim in suggested:
        if claim.meaning in meanings:
            claim.becomes(DUPLICATE)


def is_single(field: Field) -> bool:
    return KINDS.get(field.kind, UNKNOWN).is_single(field)


def settle_single(rivals: list[Claim]) -> Meaning:
    """The last decided wins (ties: the greater id); whoever says the same is a duplicate of it."""
    winner = max(rivals, key=lambda claim: claim.age)
    for claim in rivals:
        if claim is not winner:
            claim.becomes(DUPLICATE if claim.meaning == winner.meaning else SUPERSEDED)
    return winner.meaning


def settle_several(rivals: list[Claim]) -> set[Meaning]:
    """Everything counts; of those that say the same, the one decided first (ties: the lesser id)."""
    first: dict[Meaning, Claim] = {}
    for claim in rivals:
        other = first.setdefault(claim.meaning, claim)
        if other is not claim:
            later = max(other, claim, key=lambda each: each.age)
            first[claim.meaning] = claim if later is other else other
            later.becomes(DUPLICATE)
    return set(first)


def read_texts(doc: Readable, schema: Schema) -> Iterable[Resolved]:
    """The free-text answers that are not empty."""
    for field in schema.fields.values():
        if KINDS.get(field.kind, UNKNOWN).is_stated:
            continue
        root = text_root(field.key)
        typed = str(doc.get(root, type=Text))
        if typed:
            yield Resolved(root, field.key, field.kind, None, typed, None, None, "human", ACCEPTED, None, False, "")
