"""JSON: an array of objects, or objects one after another. Read element by element; the file is never held whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from projects.exact_json import NotJson, read_json
from projects.importing.objects import read_row
from projects.importing.records import MAX_ROW_BYTES, Options, Position, Problem, Record
from projects.importing.source import Source

BLOCK_BYTES = 64 * 1024
STRUCTURE = re.compile(rb'["{}\[\]]')
REST_OF_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
SCALAR_END = re.compile(rb"[\s,\]\[{}\"]")
BETWEEN = re.compile(rb"[\s,]*")

UNCLOSED = "the file ends within it: a bracket or a quotation mark is not closed"
TOO_LONG = f"it is longer than {MAX_ROW_BYTES >> 20} MB, or a bracket or a quotation mark in it is not closed"


class JsonArray:
    name = "json"
    title = "JSON: an array of objects"
    suffixes = ("json",)

    def read(self, source: Source, at: Position, options: Options) -> Iterator[Record | Problem]:
        elements = Elements(source, at)
        try:
            for data, number, after in elements:
                try:
                    yield read_row(read_json(data), number, after, options)
                except NotJson as wrong:
                    yield Problem(number, "", str(wrong), after)
        except Unreadable as end:
            # Where an element does not end nobody can tell where the next one begins: what follows is refused with it.
            yield Problem(elements.line, "", str(end), Position(source.size, elements.line))


class Unreadable(Exception):
    """Nothing can be read from here on. Holds the clause to show."""


class Elements:
    """The elements of the outermost array, as bytes that begin and end where an element does."""

    def __init__(self, source: Source, at: Position) -> None:
        self._file = source.file
        self._inside = at.offset > source.start().offset
        self._file.seek(at.offset)
        self._buffer = b""
        self._from = 0  # what of the buffer was used up
        self._offset = at.offset  # of the first byte not used up
        self.line = at.line
        self._block = BLOCK_BYTES

    def __iter__(self) -> Iterator[tuple[bytes, int, Position]]:
        if not self._inside:
            self._open()
        while self._skip_between():
            if self._next() == b"]":
                self._use(self._from + 1)
                if self._skip_between():
                    raise Unreadable("there is something after the end of the array")
                return
            end = self._element_end()
            data, number = self._buffer[self._from : end], self.line
            self._use(end)
            self._block = BLOCK_BYTES
            yield data, number, Position(self._offset, self.line)

    def _open(self) -> None:
        """Step into the array. Where there is none, the elements stand by themselves, one after another."""
        if self._skip_between() and self._next() == b"[":
            self._use(self._from + 1)

    def _next(self) -> bytes:
        return self._buffer[self._from : self._from + 1]

    def _use(self, end: int) -> None:
        self._offset += end - self._from
        self.line += self._buffer.count(b"\n", self._from, end)
        self._from = end

    def _more(self) -> int:
        """Read on. Returns by how much what was found in the buffer moved to the front; -1 at the end of the file."""
        data = self._file.read(self._block)
        if not data:
            return -1
        moved, self._from = self._from, 0
        self._buffer = self._buffer[moved:] + data
        self._block = min(self._block * 2, MAX_ROW_BYTES)  # a long element is not looked at a thousand times
        return moved

    def _skip_between(self) -> bool:
        """Go to the next element or bracket; False at the end of the file."""
        while True:
            found = BETWEEN.match(self._buffer, self._from)
            if found is not None:
                self._use(found.end())
            if self._from < len(self._buffer):
                return True
            if self._more() < 0:
                return False

    def _element_end(self) -> int:
        """Where the element that begins here ends. Reads on until it does."""
        if self._next() not in (b"{", b"[", b'"'):
            return self._scalar_end()
        depth, at = 0, self._from
        while True:
            found = STRUCTURE.search(self._buffer, at)
            if found is None:
                at = len(self._buffer)
                at -= self._read_on()
                continue
            mark, at = found.group(), found.end()
            if mark == b'"':
                at = self._string_end(at)
            else:
                depth += 1 if mark in b"{[" else -1
            if depth <= 0:
                return at

    def _string_end(self, at: int) -> int:
        while (found := REST_OF_STRING.match(self._buffer, at)) is None:
            at -= self._read_on()
        return found.end()

    def _scalar_end(self) -> int:
        while (found := SCALAR_END.search(self._buffer, self._from + 1)) is None:
            if len(self._buffer) - self._from > MAX_ROW_BYTES or self._more() < 0:
                return len(self._buffer)
        return found.start()

    def _read_on(self) -> int:
        if len(self._buffer) - self._from > MAX_ROW_BYTES:
            raise Unreadable(TOO_LONG)
        moved = self._more()
        if moved < 0:
            raise Unreadable(UNCLOSED)
        return moved
