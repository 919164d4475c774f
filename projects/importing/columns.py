"""Which column of a row answers which field. Knows names and shapes; not what the answers mean.

A column answers a field if it has the field's name. `label`, `entities`, `cats` and their like answer the only field of
the kind that fits what stands in them. Everything else stays with the task as data.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from annotator.collaboration.changes import Json
from projects.importing.answers import PRODIGY, shape_of
from projects.importing.records import CannotImport, Options
from projects.schema import Field, Schema

SPAN_COLUMNS = frozenset({"label", "labels", "entities", "spans", "ents", "slots", "annotations"})
ANSWER_COLUMNS = frozenset(
    {"label", "labels", "category", "categories", "cats", "class", "intent", "intents", "accept", "rating", "stars"}
)
USUAL = SPAN_COLUMNS | ANSWER_COLUMNS
FITS = {"spans": ("span",), "names": ("choice", "text", "rating"), "number": ("rating", "choice", "text")}


class Columns:
    """The fields of a project as an import looks for them."""

    def __init__(self, schema: Schema, options: Options) -> None:
        self._fields = [field for field in schema.fields.values() if not field.removed]
        self._by_name: dict[str, Field] = {}
        for known in self._fields:
            for name in (known.name.lower(), known.key.lower(), known.key):
                self._by_name.setdefault(name, known)
        self._by_name |= {known.name: known for known in reversed(self._fields)}
        self._label_column: str | None = options.get("label_column") or None
        named = options.get("field")
        self._field = self.named(named) if named else None
        if named and self._field is None:
            raise CannotImport(f"There is no field “{named}” in the project; there is {names_of(self._fields)}.")

    def named(self, name: str) -> Field | None:
        """The field with this name or key, however its letters are."""
        return self._by_name.get(name) or self._by_name.get(name.strip().lower())

    def only(self, kinds: Iterable[str]) -> Field | None:
        """The field that was asked for, or else the only one of the first of `kinds` of which there is one."""
        kinds = list(kinds)
        if self._field is not None and self._field.kind in kinds:
            return self._field
        for kind in kinds:
            found = [field for field in self._fields if field.kind == kind]
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def field_of(self, column: str, value: Json, row: dict[str, Json]) -> Field | None:
        """The field that a column answers with `value`, or None where it is data like any other."""
        if self._label_column is not None:
            if column != self._label_column:
                return None
            return self._field or self.named(column) or self.only(FITS.get(shape_of(value) or "names", ("choice",)))
        name = column.strip().lower()
        by_name = self._by_name.get(column) or self._by_name.get(name)
        if by_name is None and name not in USUAL:
            return None
        if by_name is not None and not (name == "answer" and value in PRODIGY and row.keys() & {"label", "spans"}):
            return by_name
        return self._usual(name, value, row)

    def _usual(self, name: str, value: Json, row: dict[str, Json]) -> Field | None:
        shape = shape_of(value)
        if name == "answer" and value in PRODIGY:
            return None
        if shape == "spans":
            return self.only(FITS[shape]) if name in SPAN_COLUMNS else None
        if name not in ANSWER_COLUMNS:
            return None
        if shape is None:  # an empty list says nothing, of whichever field
            return self.only(("span", "choice")) if value == [] else self.only(FITS["names"])
        return self.only(FITS[shape])

    def why_none(self, kind: str) -> str:
        """Why labels of a kind have no field to go to, as a clause."""
        there = [field for field in self._fields if field.kind == kind]
        if not there:
            return f"the project has no field of the kind “{kind}” for it"
        return f"the project has {len(there)} fields of the kind “{kind}” ({names_of(there)}); say which one is meant"


def names_of(fields: Iterable[Any]) -> str:
    return ", ".join(f"“{field.name}”" for field in fields) or "none"
