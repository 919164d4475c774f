"""Plain text: a task a line, or the whole file as one task; and fastText, where labels stand before the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from projects.importing.records import MAX_ROW_BYTES, MAX_TEXT_BYTES, Options, Position, Problem, Record, Said
from projects.importing.source import Source

FASTTEXT_LABEL = re.compile(r"\s*__label__(\S+)")


def text_lines(source: Source, at: Position) -> Iterator[tuple[str, int, Position] | Problem]:
    """Lines that are not empty. Bytes that are not UTF-8 are carried along: who checks the text refuses them."""
    for data, number, after in source.lines(at):
        if data is None:
            yield Problem(number, "text", f"the line is longer than {MAX_ROW_BYTES >> 20} MB", after)
        elif data.strip():
            yield data.decode("utf-8", "surrogateescape"), number, after


class TextLines:
    name = "text"
    title = "Plain text: a task a line"
    suffixes = ("txt",)

    def read(self, source: Source, at: Position, options: Options) -> Iterator[Record | Problem]:
        for line in text_lines(source, at):
            if isinstance(line, Problem):
                yield line
            else:
                text, number, after = line
                yield Record(number, after, text)


class TextFile:
    name = "text_file"
    title = "Plain text: the whole file is one task"
    suffixes = ("md", "rst", "html")

    def read(self, source: Source, at: Position, options: Options) -> Iterator[Record | Problem]:
        start = source.start()
        if at.offset > start.offset:
            return
        source.file.seek(start.offset)
        data = source.file.read(MAX_TEXT_BYTES + 1)
        after = Position(source.size, data.count(b"\n") + 1)
        if len(data) > MAX_TEXT_BYTES:
            yield Problem(1, "text", f"the text is longer than {MAX_TEXT_BYTES >> 20} MB", after)
        else:
            yield Record(1, after, data.decode("utf-8", "surrogateescape"))


class FastText:
    name = "fasttext"
    title = "fastText: __label__NAME before the text, a task a line"
    suffixes = ("ft",)

    def read(self, source: Source, at: Position, options: Options) -> Iterator[Record | Problem]:
        for line in text_lines(source, at):
            if isinstance(line, Problem):
                yield line
                continue
            text, number, after = line
            said, start = [], 0
            while found := FASTTEXT_LABEL.match(text, start):
                said.append(Said("label", None, "choice", found.group(1)))
                start = found.end()
            yield Record(number, after, text[start:].strip(), said=said)
