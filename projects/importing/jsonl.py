"""JSON Lines: an object a line."""

from __future__ import annotations

from collections.abc import Iterator

from projects.exact_json import NotJson, read_json
from projects.importing.objects import read_row
from projects.importing.records import MAX_ROW_BYTES, Options, Position, Problem, Record
from projects.importing.source import Source


class JsonLines:
    name = "jsonl"
    title = "JSON Lines: an object a line"
    suffixes = ("jsonl", "ndjson")

    def read(self, source: Source, at: Position, options: Options) -> Iterator[Record | Problem]:
        for data, number, after in source.lines(at):
            if data is None:
                yield Problem(number, "", f"the line is longer than {MAX_ROW_BYTES >> 20} MB", after)
                continue
            if not data.strip():
                continue
            try:
                yield read_row(read_json(data), number, after, options)
            except NotJson as wrong:
                yield Problem(number, "", str(wrong), after)
