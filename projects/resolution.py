"""What holds of all that a document says: of single answers the last, of the same said twice one, no suggestion of what holds.

A `Resolution` can be read whole, or follow a live document change by change: an annotation is only ever compared with the
others of its group, so that what one edit changes is found without looking at ten thousand others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import orjson
from pycrdt import Map, Text

from annotator.collaboration.changes import Json
from projects.document import (
    ACCEPTED,
    ANNOTATIONS,
    DECISIONS,
    DUPLICATE,
    LABELS,
    STATE,
    SUGGESTED,
    SUPERSEDED,
    TASK,
    TEXT_PREFIX,
    VALUES,
    Resolved,
    TaskState,
    text_root,
)
from projects.kinds import KINDS, UNKNOWN
from projects.schema import Field, Schema

Meaning = tuple[str, str | None, bytes | None]  # field, label, value
Group = Meaning | tuple[str]  # the statements that say the same; or all answers of a field that has one answer

PEOPLE = frozenset({"human", "api"})  # origins by which somebody has begun on a task


class Readable(Protocol):
    """A document, or its roots as they were at one moment: the string of a map is JSON, that of a text its words."""

    def get(self, root: str, *, type: Any) -> Any: ...


class Live(Protocol):
    """A document that goes on: single entries of it, as they are now."""

    def value(self, root: str, key: str) -> Json | None: ...
    def words(self, root: str) -> str: ...


class Summary(NamedTuple):
    """A document in short."""

    state: TaskState = TaskState()
    annotations: int = 0  # accepted ones
    suggestions: int = 0  # such as nobody decided
    begun: bool = False  # somebody, not only a model or an import, has said something


class Claim:
    """An annotation while it is compared with the others."""

    __slots__ = ("at", "first", "group", "meaning", "own", "said")

    def __init__(self, own: Resolved, at: str, first: tuple[Json, Json]) -> None:
        self.own = own  # by itself
        self.said = own  # beside the others
        self.at = at  # when it was decided; for what was never decided, when it was made
        self.first = first  # label and value before anybody corrected them
        # Two claims of equal meaning say the same.
        self.meaning: Meaning = own.field, own.label, None if own.value is None else orjson.dumps(own.value)
        self.group: Group = self.meaning

    @property
    def age(self) -> tuple[str, str]:
        return self.at, self.own.id


class Resolution:
    """What a document says, as it holds. `text`: the task's."""

    def __init__(self, schema: Schema, text: str) -> None:
        self.schema = schema
        self.text = text
        self.state = TaskState()
        self._singles = {field.key for field in schema.fields.values() if is_single(field)}
        self._typed = {text_root(field.key): field for field in schema.fields.values() if not is_stated(field)}
        self._claims: dict[str, Claim] = {}
        self._groups: dict[Group, dict[str, Claim]] = {}
        self._texts: dict[str, Resolved] = {}
        self._statuses: Counter[str] = Counter()
        self._origins: Counter[str] = Counter()

    # -- what it says

    def get(self, id: str) -> Resolved | None:
        claim = self._claims.get(id)
        return claim.said if claim else self._texts.get(id)

    def __iter__(self) -> Iterator[Resolved]:
        """In the order of ids, free-text answers last."""
        for _, claim in sorted(self._claims.items()):
            yield claim.said
        yield from self._texts.values()

    def claims(self) -> Iterable[Claim]:
        return self._claims.values()

    def summary(self) -> Summary:
        begun = any(self._origins[origin] > 0 for origin in PEOPLE)
        return Summary(self.state, self._statuses[ACCEPTED], self._statuses[SUGGESTED], begun)

    # -- reading

    def read(self, doc: Readable) -> Resolution:
        """Take in a whole document; for a Resolution that has read nothing yet."""
        labels, values, decisions = (read_root(doc, root) for root in (LABELS, VALUES, DECISIONS))
        for id, entry in read_root(doc, ANNOTATIONS).items():
            if isinstance(entry, dict):
                self._file(read_claim(id, entry, labels.get(id), values.get(id), decisions.get(id), self.text))
        for group in self._groups.values():
            self._settle(group.values(), set())
        for root in self._typed:
            self._read_words(root, str(doc.get(root, type=Text)))
        self.state = task_state(read_root(doc, STATE).get(TASK))
        return self

    def follow(self, doc: Live, touched: Iterable[tuple[str, str]]) -> set[str]:
        """Take in entries (root, key) that may have changed. Returns the ids of all annotations that are not as they were."""
        ids: set[str] = set()
        changed: set[str] = set()
        for root, key in touched:
            if root in ABOUT_ANNOTATIONS:
                ids.add(key)
            elif root == STATE:
                self.state = task_state(doc.value(STATE, TASK))
            elif root.startswith(TEXT_PREFIX) and root in self._typed:
                self._read_words(root, doc.words(root))
                changed.add(root)
        dirty = {group for id in ids for group in self._refile(id, doc, changed)}
        for group in dirty:
            self._settle(self._groups.get(group, {}).values(), changed)
        return changed

    def _refile(self, id: str, doc: Live, changed: set[str]) -> Iterator[Group]:
        """Read one annotation anew; yields the groups that have to be looked at."""
        was = self._claims.pop(id, None)
        if was is not None:
            self._count(was.said, -1)
            group = self._groups[was.group]
            del group[id]
            if not group:
                del self._groups[was.group]
            yield was.group
        entry = doc.value(ANNOTATIONS, id)
        if isinstance(entry, dict):
            label, value, decision = (whole(doc.value(root, id)) for root in (LABELS, VALUES, DECISIONS))
            yield self._file(read_claim(id, whole(entry), label, value, decision, self.text)).group
        if was is not None or id in self._claims:
            changed.add(id)

    def _file(self, claim: Claim) -> Claim:
        own = claim.own
        if own.field in self._singles:
            claim.group = (own.field,)
        self._claims[own.id] = claim
        self._groups.setdefault(claim.group, {})[own.id] = claim
        self._count(own, 1)
        return claim

    def _count(self, said: Resolved, by: int) -> None:
        self._statuses[said.status] += by
        self._origins[said.origin] += by

    def _read_words(self, root: str, words: str) -> None:
        was = self._texts.pop(root, None)
        if was is not None:
            self._count(was, -1)
        if words:
            field = self._typed[root]
            own = Resolved(root, field.key, field.kind, None, words, None, None, "human", ACCEPTED, None, False, "")
            self._texts[root] = own
            self._count(own, 1)

    # -- comparing

    def _settle(self, group: Iterable[Claim], changed: set[str]) -> None:
        """Decide anew who of a group counts."""
        accepted, suggested = [], []
        for claim in group:
            if claim.own.status == ACCEPTED:
                accepted.append(claim)
            elif claim.own.status == SUGGESTED:
                suggested.append(claim)
        counts = self._winner(accepted) if accepted else None
        for claim in accepted:
            says_so = counts is not None and claim.meaning == counts.meaning
            self._becomes(claim, ACCEPTED if claim is counts else DUPLICATE if says_so else SUPERSEDED, changed)
        for claim in suggested:
            known = counts is not None and claim.meaning == counts.meaning
            self._becomes(claim, DUPLICATE if known else SUGGESTED, changed)

    def _winner(self, rivals: list[Claim]) -> Claim:
        """Of single answers the last decided (ties: the greater id); of the same said twice the first (the lesser id)."""
        single = rivals[0].own.field in self._singles
        return (max if single else min)(rivals, key=lambda claim: claim.age)

    def _becomes(self, claim: Claim, status: str, changed: set[str]) -> None:
        if claim.said.status != status:
            self._count(claim.said, -1)
            claim.said = claim.own._replace(status=status)
            self._count(claim.said, 1)
            changed.add(claim.own.id)


ABOUT_ANNOTATIONS = frozenset({ANNOTATIONS, LABELS, VALUES, DECISIONS})


def resolve(doc: Readable, schema: Schema, text: str) -> list[Resolved]:
    """What the document says, in the order of ids: the one reading, for all who show or count. `text`: the task's."""
    return list(Resolution(schema, text).read(doc))


def is_single(field: Field) -> bool:
    return KINDS.get(field.kind, UNKNOWN).is_single(field)


def is_stated(field: Field) -> bool:
    return KINDS.get(field.kind, UNKNOWN).is_stated


def task_state(said: Json | None) -> TaskState:
    if not isinstance(said, dict):
        return TaskState()
    by = said.get("by")
    return TaskState(said.get("status", "open"), None if by is None else int(by), said.get("at"))


def read_root(doc: Readable, root: str) -> dict[str, Any]:
    """A Map root, read at once: by way of JSON, which takes half the time of `to_py` and keeps integers."""
    said: dict[str, Any] = orjson.loads(str(doc.get(root, type=Map)))
    return said


def whole(value: Any) -> Any:
    """An entry with its integers as such: pycrdt's maps give floats for them."""
    if type(value) is float:
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: whole(part) for key, part in value.items()}
    if isinstance(value, list):
        return [whole(part) for part in value]
    return value


def read_claim(
    id: str,
    entry: Mapping[str, Json],
    label_since: Mapping[str, Json] | None,
    value_since: Mapping[str, Json] | None,
    decision: Mapping[str, Json] | None,
    text: str,
) -> Claim:
    """One annotation with what was corrected and decided since."""
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
    own = Resolved(
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
    return Claim(own, at, (said_label, said_value))
