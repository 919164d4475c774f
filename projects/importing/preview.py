"""The first rows of a file as an import would take them. Writes nothing."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from annotator.collaboration.changes import Json
from projects.document import timestamp
from projects.importing import format_of
from projects.importing.labelling import Labelling, growing
from projects.importing.preparing import Prepared, Preparing
from projects.importing.records import Problem, Record
from projects.importing.source import Source, as_utf8
from projects.projection import Row
from projects.schema import Field, Label, Schema

SHOWN_CHARACTERS = 400


@dataclass
class Preview:
    """`columns`: each column with the name of the field that it answers, or None where it is kept as data."""

    format: str
    title: str
    columns: dict[str, str | None] = field(default_factory=dict)
    rows: list[dict[str, Json]] = field(default_factory=list)  # line, text, data, annotations; or line, field, reason
    new_labels: list[str] = field(default_factory=list)  # that the import would make for the rows shown

    @property
    def problems(self) -> list[dict[str, Json]]:
        return [row for row in self.rows if "reason" in row]


def preview(
    path: Path | str,
    format: str | None,
    options: Mapping[str, Any] | None,
    schema: Schema,
    rows: int = 10,
    filename: str = "",
) -> Preview:
    """Raises CannotImport."""
    options = {name: value for name, value in (options or {}).items() if value not in (None, "")}
    with utf8_source(Path(path), filename) as source:
        found = format_of(source, format or "")
        shown = Preview(found.name, found.title)
        labelling = make_labelling(schema, options, shown)
        preparing = Preparing(labelling, source.name, None)
        for record in islice(found.read(source, source.start(), options), rows):
            if isinstance(record, Record):
                note_columns(shown, record, labelling)
                shown.rows.append(row_json(record, preparing.prepare(record, timestamp()), labelling.schema))
            else:
                shown.rows.append(record.as_json())
    return shown


@contextlib.contextmanager
def utf8_source(path: Path, filename: str) -> Iterator[Source]:
    """An open file whose content is UTF-8, for as long as it is looked at."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Source(as_utf8(path, Path(folder) / "utf8"), filename or path.name) as source,
    ):
        yield source


def make_labelling(schema: Schema, options: Mapping[str, Any], shown: Preview) -> Labelling:

    def create(asked: Field, name: str) -> Schema:
        shown.new_labels.append(name)
        known = labelling.schema.fields[asked.key]
        grown = replace(known, labels={**known.labels, name: Label(name, name)})
        return Schema({**labelling.schema.fields, asked.key: grown})

    labelling = Labelling(schema, options, None, {}, frozenset(growing(schema, options.get("create_labels"))), create)
    return labelling


def note_columns(shown: Preview, record: Record, labelling: Labelling) -> None:
    for column, value in record.columns.items():
        asked = None if record.own else labelling.columns.field_of(column, value, record.columns)
        if asked is not None or column not in shown.columns:
            shown.columns[column] = asked.name if asked else None


def row_json(record: Record, prepared: Prepared | Problem, schema: Schema) -> dict[str, Json]:
    if isinstance(prepared, Problem):
        return prepared.as_json()
    return {
        "line": record.line,
        "text": prepared.text[:SHOWN_CHARACTERS],
        "cut": len(prepared.text) > SHOWN_CHARACTERS,
        "data": json.loads(prepared.data),
        "annotations": [annotation_json(row, schema) for row in prepared.rows],
    }


def annotation_json(row: Row, schema: Schema) -> dict[str, Json]:
    asked = schema.fields[row.field]
    label = asked.labels.get(row.label or "")
    return {
        "field": asked.name,
        "kind": row.kind,
        "label": label.name if label else row.label,
        "value": row.value,
        "text": row.text,
        "status": row.status,
    }
