"""A file to import as bytes of UTF-8: what it is encoded in, its lines, bounded. Knows no formats.

A UTF-16 file is copied once into one of UTF-8, so that a position is a byte offset whatever came.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from projects.importing.records import MAX_ROW_BYTES, CannotImport, Position

UTF8_BOM = codecs.BOM_UTF8
UTF16_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
SNIFFED_BYTES = 64 * 1024
COPIED_BYTES = 1024 * 1024
ARCHIVES = {
    b"PK\x03\x04": "a spreadsheet or another ZIP archive; save it as CSV or unpack it first",
    b"\x1f\x8b": "compressed (gzip); unpack it first",
    b"%PDF": "a PDF; only text can be imported",
}


class Line(NamedTuple):
    """One line without its end. `data` is None where it is longer than a row may be."""

    data: bytes | None
    number: int
    after: Position


class Source:
    """An open file. Use it as a context manager."""

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or path.name
        self.size = path.stat().st_size
        self.file: BinaryIO = path.open("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()

    def start(self) -> Position:
        """Where the content begins: after a byte order mark."""
        self.file.seek(0)
        return Position(len(UTF8_BOM) if self.file.read(3) == UTF8_BOM else 0, 1)

    def head(self) -> bytes:
        """The first bytes of the content, whole lines where there are any."""
        self.file.seek(self.start().offset)
        data = self.file.read(SNIFFED_BYTES)
        return data[: data.rfind(b"\n") + 1] if len(data) == SNIFFED_BYTES and b"\n" in data else data

    def lines(self, at: Position) -> Iterator[Line]:
        """Lines from `at` on; they end at \\n, and a \\r before it belongs to the end."""
        offset, number = at
        self.file.seek(offset)
        while True:
            data = self.file.readline(MAX_ROW_BYTES + 1)
            if not data:
                return
            offset += len(data)
            if data.endswith(b"\n"):
                data = data[:-2] if data.endswith(b"\r\n") else data[:-1]
            elif len(data) > MAX_ROW_BYTES:
                offset += self._skip_line()
                yield Line(None, number, Position(offset, number + 1))
                number += 1
                continue
            yield Line(data, number, Position(offset, number + 1))
            number += 1

    def _skip_line(self) -> int:
        skipped = 0
        while data := self.file.readline(COPIED_BYTES):
            skipped += len(data)
            if data.endswith(b"\n"):
                break
        return skipped


def as_utf8(path: Path, copy: Path) -> Path:
    """`path` itself, or where it is of UTF-16, `copy` with its content in UTF-8. Raises CannotImport."""
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if not head:
        raise CannotImport("The file is empty.")
    for magic, what in ARCHIVES.items():
        if head.startswith(magic):
            raise CannotImport(f"The file is {what}.")
    encoding = utf16_of(head)
    if encoding is None:
        return path
    if not copy.exists():
        partial = copy.with_name(copy.name + ".part")
        recode(path, partial, encoding)
        partial.rename(copy)
    return copy


def utf16_of(head: bytes) -> str | None:
    """Which UTF-16 it is, by its mark or, without one, by where its zero bytes stand; None for anything else."""
    marked = UTF16_BOMS.get(head[:2])
    if marked:
        return marked
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) * 0.2 and even < odd / 10:
        return "utf-16-le"
    if even > len(head) * 0.2 and odd < even / 10:
        return "utf-16-be"
    return None


def recode(path: Path, copy: Path, encoding: str) -> None:
    """Half characters are carried over as they are: the row that holds one is refused when it is read."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    with path.open("rb") as source, copy.open("wb") as target:
        if source.read(2) not in UTF16_BOMS:
            source.seek(0)
        while data := source.read(COPIED_BYTES):
            target.write(decoder.decode(data).encode("utf-8", "surrogatepass"))
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise CannotImport("The file is of UTF-16, but ends within a character.") from None
