"""CSV: a row a task, a column a field, with what holds. What a cell begins with is never changed (docs/export.md)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from projects.exact_json import write_json
from projects.exporting.names import Names
from projects.exporting.tasks import Exported, Filters, Format
from projects.kinds import KINDS, UNKNOWN
from projects.projection import Row
from projects.schema import Field

OTHER_COLUMNS = ("id", "status", "text", "data")


class Csv(Format):
    name = "csv"
    content_type = "text/csv; charset=utf-8"
    suffix = "csv"

    def __init__(self, names: Names, filters: Filters) -> None:
        super().__init__(names, filters)
        self._fields = names.fields  # as they were at the start: the columns cannot change on the way

    def head(self) -> bytes:
        return self._rows([["id", "status", "text", *(column_of(field) for field in self._fields), "data"]])

    def body(self, tasks: Sequence[Exported]) -> bytes:
        return self._rows([self._row(task) for task in tasks])

    def _row(self, task: Exported) -> list[str]:
        by_field: dict[str, list[Row]] = {field.key: [] for field in self._fields}
        for row in task.rows:
            if row.status == "accepted" and row.field in by_field:
                by_field[row.field].append(row)
        answers = [self._cell(field, by_field[field.key]) for field in self._fields]
        return [str(task.id), task.status, task.text, *answers, write_json(task.data).decode() if task.data else ""]

    def _cell(self, field: Field, rows: list[Row]) -> str:
        if not rows:
            return ""
        if field.kind == "span":
            spans = [[row.value["start"], row.value["end"], self.names.label(field.key, row.label)] for row in rows]
            return write_json(spans).decode()
        answers = [row.value if row.label is None else self.names.label(field.key, row.label) for row in rows]
        if KINDS.get(field.kind, UNKNOWN).is_single(field):
            return str(answers[0])
        return write_json(sorted(map(str, answers))).decode()

    def _rows(self, rows: list[list[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue().encode()


def column_of(field: Field) -> str:
    return f"{field.name} (field)" if field.name in OTHER_COLUMNS else field.name
