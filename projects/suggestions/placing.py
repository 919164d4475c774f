"""Where a backend's suggestion belongs in the document, if anywhere: field, label, and whether it is said already.

Knows the project's questions and the document; nothing of runs, sessions or the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import orjson

from annotator.collaboration.changes import Put
from projects import document
from projects.document import new_id, statement
from projects.kinds import KINDS, UNKNOWN, Wrong
from projects.resolution import Meaning, Resolution, is_single
from projects.schema import Field, Label, Schema
from projects.suggestions.events import Suggestion, quoted

Named = TypeVar("Named", Field, Label)


class Unplaced(Exception):
    """The suggestion cannot be taken. Holds the sentence to show."""


class Placing:
    """Places the suggestions of one run."""

    def __init__(self, schema: Schema, text: str, backend: str, run: str) -> None:
        self._schema = schema
        self._fields = [field for field in schema.fields.values() if not field.removed]
        self._text = text
        self._backend = backend
        self._run = run
        self._said: set[Meaning] = set()  # what needs no saying again
        self._answered: set[str] = set()

    def look(self, resolution: Resolution) -> None:
        """Learn what the document says now."""
        for claim in resolution.claims():
            said = claim.said
            # A decision holds against every backend; what waits for one is not said again by the same backend.
            if said.status == document.SUGGESTED and said.backend != self._backend:
                continue
            self._said.add(claim.meaning)
            if said.corrected:  # what somebody corrected must not come back as it was first said
                self._said.add(meaning(said.field, said.kind, *claim.first))
            if said.status == document.ACCEPTED:
                self._answered.add(said.field)

    def place(self, suggestion: Suggestion, at: str) -> Put | None:
        """The change that adds a suggestion; None where it is said or decided already. Raises Unplaced."""
        field = self._field(suggestion.field)
        label = self._label(field, suggestion.label)
        self._check(field, label, suggestion)
        this = meaning(field.key, field.kind, label, suggestion.value)
        if this in self._said or (field.key in self._answered and is_single(field)):
            return None
        self._said.add(this)
        about = {"version": suggestion.version, "score": suggestion.score}
        said = statement(
            field.kind,
            field.key,
            label,
            suggestion.value,
            None,
            "model",
            at,
            backend=self._backend,
            run=self._run,
            **about,
        )
        return Put(document.ANNOTATIONS, new_id(), said)

    def _field(self, wanted: str | None) -> Field:
        if wanted is None and len(self._fields) == 1:
            return self._fields[0]
        if wanted is None:
            raise Unplaced("A suggestion says no “field”, and the project has several.")
        found = named(self._fields, wanted)
        if found is None:
            raise Unplaced(f"The project has no field {quoted(wanted)}.")
        return found

    def _label(self, field: Field, wanted: str | None) -> str | None:
        """The key of a label; what is not known is left as it is, for the kind to say so."""
        found = named(field.offered, wanted) if wanted is not None else None
        return found.key if found else wanted

    def _check(self, field: Field, label: str | None, suggestion: Suggestion) -> None:
        kind = KINDS.get(field.kind)
        if kind is None or not kind.is_stated:
            raise Unplaced(f"“{field.name}” cannot be suggested: free text is written by people.")
        try:
            kind.check(field, label, suggestion.value, len(self._text))
        except Wrong as wrong:
            raise Unplaced(f"A suggestion for “{field.name}” was not taken: {wrong}.") from None
        there = kind.wording(suggestion.value, self._text)
        if suggestion.text is not None and there is not None and suggestion.text != there:
            raise Unplaced(
                f"A suggestion should read {quoted(suggestion.text)}, but where it points stands {quoted(there)}; "
                "offsets are counted in Unicode code points."
            )


def named(things: Iterable[Named], wanted: str) -> Named | None:
    """The one of a key, or else of a name; with other capitals, if that leaves no doubt."""
    known = list(things)
    for thing in known:
        if thing.key == wanted:
            return thing
    for thing in known:
        if thing.name == wanted:
            return thing
    alike = [t for t in known if wanted.casefold() in (t.key.casefold(), t.name.casefold())]
    return alike[0] if len(alike) == 1 else None


def meaning(field: str, kind: str, label: Any, value: Any) -> Meaning:
    """Two statements of one meaning say the same."""
    return field, label, None if value is None else orjson.dumps(KINDS.get(kind, UNKNOWN).read(value))
