"""CSV and TSV: a header, then a row a task; a quoted value may hold line breaks."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from projects.importing.objects import TEXT_COLUMNS
from projects.importing.records import MAX_ROW_BYTES, CannotImport, Options, Position, Problem, Record
from projects.importing.source import Source

csv.field_size_limit(MAX_ROW_BYTES)

DELIMITERS = ",;\t|"


class Table:
    """`delimiter`: what stands between values; None finds it in the header."""

    def __init__(self, name: str, title: str, suffixes: tuple[str, ...], delimiter: str | None) -> None:
        self.name, self.title, self.suffixes = name, title, suffixes
        self._delimiter = delimiter

    def read(self, source: Source, at: Position, options: Options) -> Iterator[Record | Problem]:
        start = source.start()
        first = next(source.lines(start), None)
        if first is None or first.data is None:
            raise CannotImport("The file has no header: its first line names the columns.")
        delimiter = options.get("delimiter") or self._delimiter or delimiter_of(first.data)
        header_row = next(Rows(source, start, delimiter))
        if isinstance(header_row, Problem):
            raise CannotImport(f"The header cannot be read: {header_row.reason}.")
        header, _, after_header = header_row
        names = column_names(header)
        text = names.index(text_name(names, options))
        for row in Rows(source, at if at.offset > start.offset else after_header, delimiter):
            yield row if isinstance(row, Problem) else record(names, text, *row)


def record(names: list[str], text: int, values: list[str], line: int, after: Position) -> Record | Problem:
    if len(values) != len(names):
        return Problem(line, "", f"the row has {len(values)} values, but the header names {len(names)} columns", after)
    columns = {name: value for at, (name, value) in enumerate(zip(names, values, strict=True)) if at != text}
    return Record(line, after, values[text], columns)


class Rows:
    """Rows with the line on which they begin. One that cannot be read is a problem; the next line is tried next."""

    def __init__(self, source: Source, at: Position, delimiter: str) -> None:
        self._source = source
        self._delimiter = delimiter
        self._start_at(at)

    def _start_at(self, at: Position) -> None:
        self._at = at
        self._begun = at.offset
        self._source.file.seek(at.offset)
        self._reader = csv.reader(self._decoded(), delimiter=self._delimiter, strict=True)

    def _decoded(self) -> Iterator[str]:
        """Lines with their ends, as `csv` wants them. What is not UTF-8 is carried along: quotes stay paired."""
        while data := self._source.file.readline(MAX_ROW_BYTES + 1):
            self._at = Position(self._at.offset + len(data), self._at.line + 1)
            if self._at.offset - self._begun > MAX_ROW_BYTES:
                raise csv.Error(f"the row is longer than {MAX_ROW_BYTES >> 20} MB")
            yield data.decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[tuple[list[str], int, Position] | Problem]:
        return self

    def __next__(self) -> tuple[list[str], int, Position] | Problem:
        while True:
            began = self._at
            self._begun = began.offset
            try:
                values = next(self._reader)
            except csv.Error as error:
                return self._refuse(began, error)
            if values:  # an empty line gives none
                return values, began.line, self._at

    def _refuse(self, began: Position, error: csv.Error) -> Problem:
        """Only the first line of the row is given up: the next may be whole."""
        after = next(self._source.lines(began)).after
        self._start_at(after)
        return Problem(began.line, "", clause_of(error), after)


def clause_of(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end of data" in said:
        return "a quotation mark is opened and never closed"
    if "expected after" in said:
        return "after a closing quotation mark stands neither a delimiter nor the end of the row"
    return said


def delimiter_of(header: bytes) -> str:
    """The one that stands most often in the header."""
    return max(DELIMITERS, key=lambda mark: header.count(mark.encode()))


def column_names(header: Sequence[str]) -> list[str]:
    names = [name.strip() for name in header]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise CannotImport(f"The header names the column “{twice}” twice.")
    return names


def text_name(names: list[str], options: Options) -> str:
    """The column that holds the text."""
    named = options.get("text_column")
    if named in names:
        return str(named)
    by_name = {name.lower(): name for name in reversed(names)}
    usual = None if named else next((by_name[name] for name in TEXT_COLUMNS if name in by_name), None)
    if usual is not None:
        return usual
    if not named and len(names) == 1:
        return names[0]
    there = ", ".join(f"“{name}”" for name in names[:20])
    raise CannotImport(f"There is no column “{named or 'text'}” in the header: {there}. Say which one holds the text.")


CSV = Table("csv", "CSV: a header, then a row a task", ("csv",), None)
TSV = Table("tsv", "TSV: as CSV, with tabs", ("tsv", "tab"), "\t")
