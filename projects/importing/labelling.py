"""What a row says, in the project's terms: fields and labels looked up, statements made. Knows no files, no storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotator.collaboration.changes import Change, Json, Put, SetText
from projects import document
from projects.entries import ID, TIME
from projects.exact_json import fault_of_text
from projects.importing.columns import Columns
from projects.importing.records import Options, Said
from projects.kinds import KINDS, UNKNOWN, Wrong
from projects.resolution import is_single
from projects.schema import Field, Schema

MAX_LABEL_LENGTH = 100
MAX_LABELS = 1000  # of a field, made by an import: a column of texts is not a column of labels

CreateLabel = Callable[[Field, str], Schema]  # makes the label and returns the schema with it

ORIGINS = ("human", "model", "import", "api")
PROVENANCE = ("backend", "version", "score", "run")
ENDED = ("submitted", "skipped")
DECIDED = {"accepted": "accepted", "rejected": "rejected", "superseded": "accepted", "duplicate": "accepted"}


def growing(schema: Schema, create_labels: bool | None) -> list[str]:
    """Keys of the fields that get new labels from a file: unless it was said, those that have none at all yet."""
    fields = [f for f in schema.fields.values() if not f.removed and KINDS.get(f.kind, UNKNOWN).has_label]
    return [field.key for field in fields if (not field.offered if create_labels is None else create_labels)]


class NoPlace(ValueError):
    """A label cannot be taken. Holds its column, the clause to show and, where it has one of its own, its line."""

    def __init__(self, said: Said, clause: str) -> None:
        super().__init__(clause)
        self.said = said


@dataclass
class Statements:
    """The changes that a row's labels make, and whether they say no more than "this holds, and that"."""

    puts: list[Put] = field(default_factory=list)
    texts: list[SetText] = field(default_factory=list)
    meanings: set[tuple[str, str | None, str]] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)  # single fields that have their answer
    plain: bool = True  # nothing decided, suggested, typed or said twice: rows can be written without resolving

    @property
    def changes(self) -> list[Change]:
        return [*self.puts, *self.texts]


class Labelling:
    """The project as one import sees it. `people`: ids of its members by name; `create_in`: keys of fields."""

    def __init__(
        self,
        schema: Schema,
        options: Options,
        user_id: int | None,
        people: Mapping[str, int],
        create_in: frozenset[str],
        create: CreateLabel,
    ) -> None:
        self._options = options
        self._user_id = user_id
        self._people = people
        self._create_in = create_in
        self._create = create
        self.use(schema)

    def use(self, schema: Schema) -> None:
        self.schema = schema
        self.columns = Columns(schema, self._options)
        self._labels: dict[tuple[str, str], str] = {}
        for asked in schema.fields.values():
            for label in reversed(list(asked.labels.values())):
                self._labels.setdefault((asked.key, label.name.lower()), label.key)
            for label in asked.labels.values():
                self._labels[asked.key, label.key] = label.key
            for label in (*(x for x in asked.labels.values() if x.removed), *asked.offered):
                self._labels[asked.key, label.name] = label.key

    def add(self, to: Statements, said: Said, text: str, now: str) -> None:
        """Make a statement of `said`. Raises NoPlace."""
        asked = self._field(said)
        if asked.kind == "text":
            self._add_text(to, said, asked)
            return
        label = self._label(asked, said)
        value = self._value(said)
        self._check(asked, label, value, said, len(text))
        if said.about is None:
            self._add_gold(to, said, asked, label, value, now)
        else:
            self._add_told(to, said, asked, label, value, now)

    def _field(self, said: Said) -> Field:
        if said.field is not None:
            found = self.columns.named(said.field)
            if found is None:
                raise NoPlace(said, f"there is no field “{said.field[:100]}” in the project")
            if said.kind and said.kind != found.kind:
                raise NoPlace(said, f"the field “{found.name}” wants a {found.kind}, not a {said.kind[:20]}")
            return found
        only = self.columns.only((said.kind,))
        if only is None:
            raise NoPlace(said, self.columns.why_none(said.kind))
        return only

    def _label(self, asked: Field, said: Said) -> str | None:
        """The key of a label; one that is not known is made where this import may, and else given back as it is."""
        name = said.label
        if not isinstance(name, str):
            return None if name is None else str(name)[:MAX_LABEL_LENGTH]
        known = self._labels.get((asked.key, name)) or self._labels.get((asked.key, name.lower()))
        if known is not None:
            return known
        if asked.key not in self._create_in or not KINDS.get(asked.kind, UNKNOWN).has_label:
            return name
        fault = fault_of_text(name, "label")
        if fault or not 0 < len(name) <= MAX_LABEL_LENGTH:
            raise NoPlace(said, fault or f"a label has 1 to {MAX_LABEL_LENGTH} characters")
        if len(asked.labels) >= MAX_LABELS:
            raise NoPlace(said, f"“{asked.name}” has {MAX_LABELS} labels already; an import makes no more")
        self.use(self._create(asked, name))
        return self._labels[asked.key, name]

    def _value(self, said: Said) -> Json:
        value = said.value
        if said.kind == "span" and isinstance(value, dict) and value.keys() != {"start", "end"}:
            return {"start": value.get("start"), "end": value.get("end")}
        return value

    def _check(self, asked: Field, label: str | None, value: Json, said: Said, text_length: int) -> None:
        try:
            KINDS.get(asked.kind, UNKNOWN).check(self.schema.fields[asked.key], label, value, text_length)
        except Wrong as wrong:
            raise NoPlace(said, wrong.clause) from None

    # -- labels of other tools

    def _add_gold(self, to: Statements, said: Said, asked: Field, label: str | None, value: Json, now: str) -> None:
        """A label that simply holds. Said twice in one row, it is said once."""
        meaning = (asked.key, label, str(value))
        if meaning in to.meanings:
            return
        to.meanings.add(meaning)
        if is_single(asked):
            if asked.key in to.answered:
                raise NoPlace(said, f"“{asked.name}” takes one answer, but the row gives several")
            to.answered.add(asked.key)
        stated = document.statement(asked.kind, asked.key, label, value, self._user_id, "import", now)
        to.puts.append(Put(document.ANNOTATIONS, document.new_id(), stated))

    def reject(self, to: Statements, now: str) -> None:
        """Everything that was said was turned down: Prodigy's answer `reject`."""
        for put in list(to.puts):
            to.puts.append(self._decision(put.key, "rejected", self._user_id, now))
        to.plain = to.plain and not to.puts

    def _add_text(self, to: Statements, said: Said, asked: Field) -> None:
        typed = said.value
        fault = fault_of_text(typed, f"answer to “{asked.name}”")
        if fault:
            raise NoPlace(said, fault)
        if asked.key in to.answered:
            raise NoPlace(said, f"“{asked.name}” takes one answer, but the row gives several")
        to.answered.add(asked.key)
        to.texts.append(SetText(document.text_root(asked.key), typed))
        to.plain = False

    # -- our own export lines

    def _add_told(self, to: Statements, said: Said, asked: Field, label: str | None, value: Json, now: str) -> None:
        """An annotation as our own export tells it: by whom, from where, and what became of it."""
        about = said.about or {}
        key, created, origin = about.get("id"), about.get("created"), about.get("origin") or "import"
        if not (isinstance(key, str) and ID.fullmatch(key)):
            key = document.new_id()
        if not (isinstance(created, str) and TIME.fullmatch(created)):
            created = now
        if origin not in ORIGINS:
            raise NoPlace(said, f"its origin is one of {', '.join(ORIGINS)}, not {str(origin)[:40]!r}")
        model = {name: about.get(name) for name in PROVENANCE} if origin == "model" else {}
        author = self._person(about.get("author"), origin)
        stated = document.statement(asked.kind, asked.key, label, value, author, origin, created, **model)
        to.puts.append(Put(document.ANNOTATIONS, key, stated))
        self._add_fate(to, said, key, created, now)

    def _add_fate(self, to: Statements, said: Said, key: str, created: str, now: str) -> None:
        """Whether it was accepted or rejected. What was superseded was accepted before what superseded it."""
        about = said.about or {}
        decision = about.get("decision")
        if decision is not None and decision not in DECIDED:
            raise NoPlace(said, f"its decision is one of {', '.join(DECIDED)} or null, not {str(decision)[:40]!r}")
        to.plain = False
        decided_by = about.get("decided_by")
        by_itself = about.get("origin") != "model" and decided_by is None and decision != "rejected"
        if decision is None or by_itself or (decision == "duplicate" and decided_by is None):
            return
        at = now if decision in ("accepted", "rejected") else created
        to.puts.append(self._decision(key, DECIDED[decision], self._person(decided_by, "human"), at))

    def _decision(self, key: str, status: str, by: int | None, at: str) -> Put:
        return Put(document.DECISIONS, key, {"status": status, "by": by, "at": at})

    def _person(self, name: Any, origin: str) -> int | None:
        """A member by name; whoever is not known here is stood in for by the one who imports."""
        if name is None and origin == "model":
            return None
        return self._people.get(name, self._user_id) if isinstance(name, str) else self._user_id

    def task_state(self, to: Statements, status: str | None, now: str) -> None:
        """What became of the task, as our own export tells it."""
        if status in ENDED:
            to.puts.append(Put(document.STATE, document.TASK, {"status": status, "by": self._user_id, "at": now}))
            to.plain = False
