"""A JSON object as a row: our own export lines, and anybody else's. Knows no files, no projects.

Of other tools' rows everything but the text stays a column; which columns answer which field is found in `columns.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotator.collaboration.changes import Json
from projects.importing.records import Options, Position, Problem, Record, Said

TEXT_COLUMNS = ("text", "sentence", "content", "body", "document", "utterance", "query", "question", "comment")


def read_row(row: Json, line: int, after: Position, options: Options) -> Record | Problem:
    if isinstance(row, str):
        return Record(line, after, row)
    if not isinstance(row, dict):
        return Problem(line, "", f"an object was expected, not {str(row)[:60]}", after)
    if is_own_line(row):
        return read_own_line(row, line, after)
    name = text_column(row, options)
    if name not in row or row[name] is None:
        there = ", ".join(f"“{key}”" for key in list(row)[:12]) or "nothing"
        return Problem(line, name, f"there is no “{name}”; the row holds {there}", after)
    columns = {key: value for key, value in row.items() if key != name}
    return Record(line, after, row[name], columns)


def text_column(row: Mapping[str, Any], options: Options) -> str:
    """The column that holds the text: the one that was named, or the first of the usual names."""
    named: str | None = options.get("text_column")
    if named or "text" in row:
        return named or "text"
    by_name = {key.strip().lower(): key for key in reversed(list(row))}
    return next((by_name[name] for name in TEXT_COLUMNS if name in by_name), "text")


def is_own_line(row: Mapping[str, Any]) -> bool:
    """Whether it is a line of our own export."""
    data = row.get("data")
    return isinstance(data, dict) and "text" in data and isinstance(row.get("annotations"), list)


def read_own_line(row: Mapping[str, Any], line: int, after: Position) -> Record | Problem:
    data, meta, status = row["data"], row.get("meta") or {}, row.get("status")
    if not isinstance(meta, dict):
        return Problem(line, "meta", "an object was expected", after)
    if status is not None and not isinstance(status, str):
        return Problem(line, "status", "a string was expected", after)
    said = []
    for number, annotation in enumerate(row["annotations"]):
        column = f"annotations[{number}]"
        if not isinstance(annotation, dict) or not isinstance(annotation.get("field"), str):
            return Problem(line, column, "an object with a “field” was expected", after)
        said.append(own_annotation(annotation, column))
    columns = {key: value for key, value in data.items() if key != "text"}
    return Record(line, after, data["text"], columns, meta, said, status, own=True)


def own_annotation(annotation: Mapping[str, Any], column: str) -> Said:
    kind = annotation.get("kind")
    return Said(
        column,
        annotation["field"],
        kind if isinstance(kind, str) else "",
        annotation.get("label"),
        annotation.get("value"),
        annotation,
    )
