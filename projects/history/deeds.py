"""A document's journal in words: who did what, row by row. Pure: knows rows, documents and kinds; no database, no names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from annotator.collaboration.changes import Change, Json, Put, Remove, Typing
from annotator.collaboration.gate import Gate
from projects import document
from projects.guard import DocumentRules
from projects.history.grouping import Written
from projects.kinds import KINDS, UNKNOWN
from projects.resolution import ABOUT_ANNOTATIONS
from projects.schema import Schema

DROPPED = "history"  # the origin of the row that stands for what was dropped
MADE = {"model": "suggested", "import": "imported"}  # by origin; what people and programs say is added
TASK_VERBS = {"submitted": "submitted", "skipped": "skipped"}  # any other state: reopened
LONGEST_WORDS = 200


class Wording(NamedTuple):
    """How an annotation reads at one moment."""

    label: str | None
    value: Json
    text: str | None


NO_WORDS = Wording(None, None, None)


@dataclass(frozen=True)
class Deed:
    """One thing that was done. `annotation`: of what it speaks, if of any; `was`: how that read before it was corrected."""

    verb: str
    annotation: str | None = None
    field: str | None = None
    kind: str | None = None
    now: Wording = NO_WORDS
    was: Wording | None = None
    backend: str | None = None
    version: str | None = None
    score: float | None = None
    comment: str | None = None
    inserted: int | None = None  # of free text, in UTF-16 units
    removed: int | None = None


@dataclass(frozen=True)
class Told:
    """A row of the journal, and what was done in it."""

    seq: int
    at: datetime
    author_id: int | None
    origin: str
    deeds: tuple[Deed, ...]


@dataclass
class Teller:
    """Reads a journal from its first row on; give it every row, in order."""

    schema: Schema
    text: str  # of the task
    seq: int = 0
    told: list[Told] = field(default_factory=list)  # rows in which something was done

    def __post_init__(self) -> None:
        self._gate = Gate(DocumentRules(self.schema, len(self.text)).root_kind)
        self._state: dict[tuple[str, str], Json] = {}  # what each key of a Map root holds
        self._ever: set[str] = set()  # annotations that were there once

    def hear(self, row: Written) -> None:
        changes = self._gate.load(row.data, changes=True)
        before: dict[tuple[str, str], Json] = {}
        for change in changes:
            if isinstance(change, Put | Remove):
                place = change.root, change.key
                before.setdefault(place, self._state.get(place))
                # Of two who wrote at once one wins, and not always the later.
                if not isinstance(change, Put):
                    self._state.pop(place, None)
                elif not change.outdone:
                    self._state[place] = change.value
        deeds = [Deed("forgotten")] if row.origin == DROPPED else list(self._deeds(changes, before))
        self._ever.update(key for root, key in before if root == document.ANNOTATIONS)
        self.seq = row.seq
        if deeds:
            self.told.append(Told(row.seq, row.at, row.author_id, row.origin, tuple(deeds)))

    def _deeds(self, changes: Iterable[Change], before: dict[tuple[str, str], Json]) -> Iterator[Deed]:
        ids = dict.fromkeys(key for root, key in before if root in ABOUT_ANNOTATIONS)
        for id in ids:
            yield from self._of_annotation(id, before)
        for (root, key), was in before.items():
            now = self._state.get((root, key))
            if root == document.COMMENTS:
                yield from self._of_comment(key, was, now)
            elif root == document.RESOLUTIONS and (was is None) != (now is None):
                about = self._state.get((document.COMMENTS, key)) or {}
                verb = "resolved" if now is not None else "reopened thread"
                yield Deed(verb, about.get("on"), comment=key, now=Wording(None, None, words(about.get("body"))))
            elif root == document.STATE and key == document.TASK and isinstance(now, dict):
                yield Deed(TASK_VERBS.get(now.get("status", ""), "reopened"))
        for change in changes:
            if isinstance(change, Typing):
                yield self._of_typing(change)

    # -- annotations

    def _of_annotation(self, id: str, before: dict[tuple[str, str], Json]) -> Iterator[Deed]:
        def was(root: str) -> Json:
            return before[root, id] if (root, id) in before else self._state.get((root, id))

        def now(root: str) -> Json:
            return self._state.get((root, id))

        old, new = was(document.ANNOTATIONS), now(document.ANNOTATIONS)
        if not isinstance(old, dict):
            if isinstance(new, dict):
                verb = "restored" if id in self._ever else MADE.get(new.get("origin", ""), "added")
                yield self._deed(verb, id, new, self._wording(new, now))
            return
        reads = self._wording(old, was)
        if not isinstance(new, dict):
            yield self._deed("deleted", id, old, reads)
            return
        yield from self._corrected(id, new, reads, self._wording(new, now), was, now)

    def _corrected(
        self, id: str, said: dict[str, Json], reads: Wording, reads_now: Wording, was: Any, now: Any
    ) -> Iterator[Deed]:
        if reads.label != reads_now.label:
            yield self._deed("relabelled", id, said, reads_now, reads)
        elif reads != reads_now:
            yield self._deed("changed", id, said, reads_now, reads)
        decided, decides = (entry.get("status") if (entry := look(document.DECISIONS)) else None for look in (was, now))
        # Correcting a suggestion accepts it: that is one deed.
        if decided != decides and not (decides == document.ACCEPTED and reads != reads_now):
            yield self._deed(decides or "undecided", id, said, reads_now)

    def _wording(self, said: dict[str, Json], look: Any) -> Wording:
        kind = KINDS.get(said.get("kind", ""), UNKNOWN)
        label, value = said.get("label"), said.get("value")
        if since := look(document.LABELS):
            label = since.get("label", label)
        if since := look(document.VALUES):
            value = since.get("value", value)
        value = None if value is None else kind.read(value)
        return Wording(label, value, words(None if value is None else kind.wording(value, self.text)))

    def _deed(self, verb: str, id: str, said: dict[str, Json], now: Wording, was: Wording | None = None) -> Deed:
        about = (said.get(name) for name in ("backend", "version", "score"))
        return Deed(verb, id, said.get("field"), said.get("kind"), now, was, *about)

    # -- the rest

    def _of_comment(self, key: str, was: Json, now: Json) -> Iterator[Deed]:
        about = now or was
        if not isinstance(about, dict) or was == now:
            return
        if now is None:
            verb = "deleted comment"
        elif was is None:
            verb = "answered" if about.get("reply_to") else "commented"
        else:
            verb = "edited comment"
        yield Deed(verb, about.get("on"), comment=key, now=Wording(None, None, words(about.get("body"))))

    def _of_typing(self, change: Typing) -> Deed:
        name = change.root.removeprefix(document.TEXT_PREFIX)
        is_field = name in self.schema.fields
        return Deed(
            "wrote",
            None if is_field else name,
            name if is_field else None,
            "text",
            inserted=change.inserted,
            removed=change.removed,
        )


def words(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST_WORDS else text[: LONGEST_WORDS - 1] + "…"
