"""What each entry of a document must look like, and who may write it. Its sentences are for the person turned away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from annotator.collaboration.changes import Author, Before, Change, Json, Put, Refused, Remove, SetText, Typing
from projects import document
from projects.kinds import KINDS, UNKNOWN, Kind, Wrong
from projects.kinds.base import is_integer, shown
from projects.schema import Field, Schema

MAX_VALUE_LENGTH = 16_000  # characters of JSON
MAX_BODY_LENGTH = 10_000  # of a comment
MAX_TEXT_LENGTH = 1_000_000  # of a free-text answer
MAX_LABEL_LENGTH = 100

ID = re.compile(r"(?!__proto__$)[A-Za-z0-9_-]{8,64}")  # an object of a browser must not take its prototype from us
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)")

SERVER, MANAGER = "server", "manager"
ORIGINS = {"human": ("human", "api"), "api": ("api",)}  # what an author may say of his own; the server may say all
SERVER_ORIGINS = ("model", "import", "human", "api")
MODEL_STRINGS = {"backend": 100, "version": 100, "run": 64}

STATEMENT = frozenset({"kind", "field", "author", "origin", "created"})
STATEMENT_OPTIONAL = frozenset({"label", "value", "backend", "version", "score", "run"})
COMMENT = frozenset({"on", "author", "body", "created"})
COMMENT_OPTIONAL = frozenset({"reply_to", "quote", "mentions", "edited"})
COMMENT_STAYS = ("on", "reply_to", "created")  # what its author does not change when he edits it
MAX_QUOTE_LENGTH = 300
MAX_MENTIONS = 50
DECIDED = ("accepted", "rejected")
TASK_STATES = ("open", "in_progress", "submitted", "skipped")


class Check:
    """The check of the changes of one update. What an update puts is seen by what else it puts."""

    def __init__(
        self,
        schema: Schema,
        text_length: int,
        stood_before: Callable[[Put], bool],
        changes: Sequence[Change],
        author: Author,
        before: Before,
    ) -> None:
        self.schema = schema
        self.text_length = text_length
        self.stood_before = stood_before
        self.changes = changes
        self.author = author
        self.before = before
        self.new: dict[tuple[str, str], list[Json]] = {}
        for change in changes:
            if isinstance(change, Put):
                self.new.setdefault((change.root, change.key), []).append(change.value)

    def run(self) -> None:
        for change in self.changes:
            match change:
                case Put():
                    self._put(change)
                case Remove():
                    self._remove(change)
                case Typing(root):
                    self._type(root)
                case SetText(root, text):
                    self._type(root)
                    check_text(text)

    # -- keys set

    def _put(self, put: Put) -> None:
        check = PUTS.get(put.root)
        if check is None:
            raise Refused("unknown_root", f"A document has no {shown(put.root)}.", None)
        if put.root != document.STATE and not ID.fullmatch(put.key):
            raise Refused("bad_id", f"{shown(put.key)} is not an id: 8 to 64 letters, digits, _ or -.", put.key[:64])
        if not isinstance(put.value, dict):
            raise self._wrong(put, "bad_entry", f"an object was expected, not {shown(put.value)}")
        check(self, put, put.value)

    def _annotation(self, put: Put, said: dict[str, Json]) -> None:
        self._check_keys(put, STATEMENT, STATEMENT_OPTIONAL)
        was = self.before(put.root, put.key)
        others = [other for other in (was, *self.new[put.root, put.key]) if other is not None and other is not said]
        differing = [other for other in others if not same(said, other) and not self._says_again(said, other)]
        if differing and not (put.unseeing and all(self._is_mine(other) for other in differing)):
            raise self._wrong(put, "already_said", "it is there already, and a statement is never replaced; correct it")
        field = self._field(put, said["field"])
        if said["kind"] != field.kind:
            raise self._wrong(put, "wrong_kind", f"“{field.name}” wants a {field.kind}, not {shown(said['kind'])}")
        if (was is None or differing) and not self.stood_before(put):
            if field.removed:
                raise self._wrong(put, "removed_field", f"the field “{field.name}” was removed")
            self._check_by_kind(put, field, lambda kind: kind.check_label(field, said.get("label")))
            self._check_value(put, field, said.get("value"))
            self._check_person(put, "author", said["author"])
            self._check_origin(put, said)
        self._check_corrections(put, field, said)

    def _says_again(self, said: dict[str, Json], other: dict[str, Json]) -> bool:
        """The same person says the same at another time: nothing that was said is lost."""
        return self._is_mine(other) and same({**said, "created": other.get("created")}, other)

    def _is_mine(self, said: dict[str, Json]) -> bool:
        """Two clients of one person drew the same id without knowing: one of his statements wins, the same for all."""
        return said.get("author") == self.author.user_id and said.get("origin") in ("human", "api")

    def _check_corrections(self, put: Put, field: Field, said: dict[str, Json]) -> None:
        """What was already written about this id, when it was not there to be checked against, must fit it."""
        label, value = self.before(document.LABELS, put.key), self.before(document.VALUES, put.key)
        if label is not None and label["label"] not in field.labels:
            raise self._wrong(put, "unknown_label", "it was given a label that its field does not have")
        if value is not None:
            self._check_value(put, field, value["value"])

    def _check_value(self, put: Put, field: Field, value: Json) -> None:
        self._check_by_kind(put, field, lambda kind: kind.check_value(field, value, self.text_length))

    def _check_by_kind(self, put: Put, field: Field, check: Callable[[Kind], None]) -> None:
        try:
            check(KINDS.get(field.kind, UNKNOWN))
        except Wrong as wrong:
            raise self._wrong(put, wrong.code, wrong.clause) from None

    def _check_origin(self, put: Put, said: dict[str, Json]) -> None:
        """Only the server says that a model or an import said something."""
        if self.author.role == SERVER:
            allowed: Sequence[str] = SERVER_ORIGINS
        else:
            allowed = ORIGINS.get(self.author.origin, ())
        if said["origin"] not in allowed:
            wanted = " or ".join(shown(origin) for origin in allowed)
            raise self._wrong(put, "wrong_origin", f"its origin must be {wanted}, not {shown(said['origin'])}")
        if said["origin"] == "model":
            self._check_provenance(put, said)
        elif not STATEMENT_OPTIONAL.isdisjoint(said.keys() - {"label", "value"}):
            raise self._wrong(put, "wrong_origin", "only what a model said has a backend, version, score or run")

    def _check_provenance(self, put: Put, said: dict[str, Json]) -> None:
        for name, longest in MODEL_STRINGS.items():
            about = said.get(name)
            if about is not None and not (is_integer(about) or (isinstance(about, str) and len(about) <= longest)):
                raise self._wrong(put, "bad_entry", f"its {name} must be at most {longest} characters")
        score = said.get("score")
        if score is not None and type(score) not in (int, float):
            raise self._wrong(put, "bad_entry", f"its score must be a number, not {shown(score)}")

    def _label(self, put: Put, said: dict[str, Json]) -> None:
        self._check_keys(put, frozenset({"label", "by", "at"}))
        if self._is_own_or_restored(put):
            field = self._field_of(put)
            if field is not None:
                self._check_by_kind(put, field, lambda kind: kind.check_label(field, said["label"]))
            elif not isinstance(said["label"], str) or len(said["label"]) > MAX_LABEL_LENGTH:
                raise self._wrong(put, "bad_entry", f"its label must be at most {MAX_LABEL_LENGTH} characters")

    def _value(self, put: Put, said: dict[str, Json]) -> None:
        self._check_keys(put, frozenset({"value", "by", "at"}))
        if self._is_own_or_restored(put):
            field = self._field_of(put)
            if field is not None:
                self._check_value(put, field, said["value"])
            elif len(json.dumps(said["value"])) > MAX_VALUE_LENGTH:
                raise self._wrong(put, "bad_value", f"its value is longer than {MAX_VALUE_LENGTH:,} characters")

    def _decision(self, put: Put, said: dict[str, Json]) -> None:
        self._check_keys(put, frozenset({"status", "by", "at"}))
        if self._is_own_or_restored(put) and said["status"] not in DECIDED:
            raise self._wrong(put, "bad_entry", f"it can be accepted or rejected, not {shown(said['status'])}")

    def _comment(self, put: Put, said: dict[str, Json]) -> None:
        self._check_keys(put, COMMENT, COMMENT_OPTIONAL)
        was = self.before(put.root, put.key)
        if was is None and self.stood_before(put):
            return
        self._check_person(put, "author", said["author"])
        if was is not None:
            self._check_edited(put, said, was)
        for name in ("on", "reply_to"):
            about = said.get(name)
            if about is not None and not (isinstance(about, str) and ID.fullmatch(about)):
                noun = "an annotation's id" if name == "on" else "a comment's id"
                raise self._wrong(put, "bad_entry", f"{shown(about)} is not {noun}")
        if said.get("reply_to") == put.key:
            raise self._wrong(put, "bad_entry", "it cannot answer itself")
        self._check_words(put, said)

    def _check_edited(self, put: Put, said: dict[str, Json], was: dict[str, Json]) -> None:
        if was.get("author") != self.author.user_id:
            raise self._wrong(put, "not_yours", "it is somebody else's; only its author may change it")
        if any(not same(said.get(name), was.get(name)) for name in COMMENT_STAYS):
            raise self._wrong(put, "already_said", "what it speaks of, what it answers and when it was made stay")

    def _check_words(self, put: Put, said: dict[str, Json]) -> None:
        """The text of a comment, what it quotes, whom it mentions."""
        body, quote, mentions, edited = said["body"], said.get("quote"), said.get("mentions", []), said.get("edited")
        if not isinstance(body, str) or not body.strip() or len(body) > MAX_BODY_LENGTH or "\0" in body:
            raise self._wrong(
                put, "bad_entry", f"its text must have 1 to {MAX_BODY_LENGTH:,} characters, none of them NUL"
            )
        if quote is not None and not (isinstance(quote, str) and len(quote) <= MAX_QUOTE_LENGTH and "\0" not in quote):
            raise self._wrong(put, "bad_entry", f"what it quotes must be at most {MAX_QUOTE_LENGTH} characters")
        if not isinstance(mentions, list) or len(mentions) > MAX_MENTIONS or not all(map(is_user_id, mentions)):
            raise self._wrong(put, "bad_entry", f"it can mention up to {MAX_MENTIONS} people, by their ids")
        if edited is not None and not (isinstance(edited, str) and TIME.fullmatch(edited)):
            raise self._wrong(put, "bad_time", f"{shown(edited)} is not a time like 2026-01-31T12:00:00.000Z")

    def _resolution(self, put: Put, said: dict[str, Json]) -> None:
        self._check_keys(put, frozenset({"by", "at"}))
        self._is_own_or_restored(put)

    def _state(self, put: Put, said: dict[str, Json]) -> None:
        if self.author.role != SERVER:
            raise Refused("not_allowed", "What became of a task is written by the server: submit, skip or reopen it.")
        if put.key == document.TASK and said.get("status") not in TASK_STATES:
            raise self._wrong(put, "bad_entry", f"{shown(said.get('status'))} is not a state of a task")

    # -- keys taken away

    def _remove(self, remove: Remove) -> None:
        if remove.root == document.STATE and self.author.role != SERVER:
            raise Refused("not_allowed", "What became of a task is written by the server: submit, skip or reopen it.")
        if remove.root == document.COMMENTS and self.author.role not in (SERVER, MANAGER):
            was = self.before(remove.root, remove.key)
            if was is not None and was.get("author") != self.author.user_id:
                raise self._wrong(remove, "not_yours", "it is somebody else's; its author or a manager may remove it")

    # -- text typed

    def _type(self, root: str) -> None:
        name = root.removeprefix(document.TEXT_PREFIX)
        field = self.schema.fields.get(name)
        if field is not None and field.kind == "text":
            if field.removed:
                raise Refused(
                    "removed_field", f"The field “{field.name}” was removed; nothing can be written into it.", root
                )
        elif not self._has_transcript(name):
            raise Refused("unknown_field", f"There is no free text {shown(name)} in this project.", root)

    def _has_transcript(self, id: str) -> bool:
        said = self._said(id)
        return said is not None and KINDS.get(said.get("kind", ""), UNKNOWN).has_text

    # -- what all entries share

    def _check_keys(self, put: Put, needed: frozenset[str], optional: frozenset[str] = frozenset()) -> None:
        there = put.value.keys()
        if not needed <= there or not there <= needed | optional:
            wanted = ", ".join(sorted(needed))
            raise self._wrong(put, "bad_entry", f"it must hold {wanted}; it holds {shown(', '.join(sorted(there)))}")
        at = put.value.get("created", put.value.get("at"))
        if not isinstance(at, str) or not TIME.fullmatch(at):
            raise self._wrong(put, "bad_time", f"{shown(at)} is not a time like 2026-01-31T12:00:00.000Z")

    def _check_person(self, put: Put, role: str, who: Json) -> None:
        if self.author.role == SERVER:
            if who is not None and not is_integer(who):
                raise self._wrong(put, "wrong_author", f"{shown(who)} is not a user's id")
        elif not is_integer(who) or who != self.author.user_id:
            raise self._wrong(put, "wrong_author", f"`{role}` must be you ({self.author.user_id}), not {shown(who)}")

    def _is_own_or_restored(self, put: Put) -> bool:
        """True for an entry that its author makes now; False for one that stands here, or stood before: it needs no more."""
        if self.stood_before(put) or self._is_a_standing_one(put):
            return False
        self._check_person(put, "by", put.value["by"])
        return True

    def _is_a_standing_one(self, put: Put) -> bool:
        """Somebody else's entry that its author had replaced offline, and put back before anybody saw it gone."""
        if put.value["by"] == self.author.user_id:
            return False
        was = self.before(put.root, put.key)
        return was is not None and same(was, put.value)

    def _said(self, id: str) -> dict[str, Json] | None:
        """The statement with this id, as it is or as this very update makes it."""
        new = self.new.get((document.ANNOTATIONS, id))
        said = new[0] if new else self.before(document.ANNOTATIONS, id)
        return said if isinstance(said, dict) else None

    def _field(self, put: Put, key: Json) -> Field:
        field = self.schema.fields.get(key) if isinstance(key, str) else None
        if field is None:
            names = ", ".join(f"“{field.name}”" for field in self.schema.fields.values() if not field.removed)
            raise self._wrong(put, "unknown_field", f"there is no field {shown(key)}; there is {names or 'none'}")
        return field

    def _field_of(self, put: Put) -> Field | None:
        """The field of the annotation that an entry speaks of; None if that is gone (a colleague was offline)."""
        said = self._said(put.key)
        return None if said is None else self._field(put, said.get("field"))

    def _wrong(self, change: Put | Remove, code: str, clause: str) -> Refused:
        noun = NOUNS.get(change.root, "annotation")
        return Refused(code, f"The {noun} {change.key[:64]} was refused: {clause}.", change.key[:64])


PutCheck = Callable[[Check, Put, dict[str, Json]], None]

PUTS: dict[str, PutCheck] = {
    document.ANNOTATIONS: Check._annotation,
    document.LABELS: Check._label,
    document.VALUES: Check._value,
    document.DECISIONS: Check._decision,
    document.COMMENTS: Check._comment,
    document.RESOLUTIONS: Check._resolution,
    document.STATE: Check._state,
}
NOUNS = {document.COMMENTS: "comment", document.RESOLUTIONS: "comment's resolution", document.STATE: "task's state"}


def is_user_id(value: Json) -> bool:
    return is_integer(value) and 0 < value < 2**53


def check_text(text: str) -> None:
    """A text that the server writes must be one that every side can hold."""
    if len(text) > MAX_TEXT_LENGTH:
        raise Refused("text_too_long", f"A text holds at most {MAX_TEXT_LENGTH:,} characters.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused("bad_text", "The text holds half of a character (a lone surrogate).")


def same(a: Json, b: Json) -> bool:
    return canonical(a) == canonical(b)


def canonical(value: Json) -> str:
    """One text for equal values: keys sorted, whole numbers as integers (yrs holds every number as a float)."""
    return json.dumps(integral(value), sort_keys=True, separators=(",", ":"))


def integral(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: integral(item) for key, item in value.items()}
    if isinstance(value, list):
        return [integral(item) for item in value]
    return value
