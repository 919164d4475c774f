"""CoNLL: a token and its BIO tag a line, an empty line after each task. Accepted spans of one field.

Tasks that came from CoNLL keep their tokens and the columns between. Spans that overlap cannot be expressed: of those
the one that begins first is kept, and how many were left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from projects.bio import Span, Token, split_at, tags_of, tokens_of_lengths, without_overlaps
from projects.document import ACCEPTED
from projects.exporting.names import Names
from projects.exporting.tasks import CannotExport, Exported, Filters, Format
from projects.exporting.tokens import tokens_of

TAB = "\t"
Columns = list[list[str]]


class Conll(Format):
    name = "conll"
    content_type = "text/plain; charset=utf-8"
    suffix = "conll"

    def __init__(self, names: Names, filters: Filters) -> None:
        super().__init__(names, filters)
        self._field = span_field(names, filters.field)

    def body(self, tasks: Sequence[Exported]) -> bytes:
        return "".join(line for task in tasks for line in self._lines(task)).encode()

    def _lines(self, task: Exported) -> Iterator[str]:
        layout = Layout.of(task)
        spans = self._spans(task)
        kept, overlapping = without_overlaps(spans)
        pieces = split_at(layout.tokens, kept)
        tags = tags_of([token for token, _ in pieces], kept)
        self.left_out += overlapping + len(kept) - sum(tag.startswith("B-") for tag in tags)
        if layout.docstart is not None:
            yield f"{layout.docstart}\n\n"
        for (token, number), tag in zip(pieces, tags, strict=True):
            yield layout.separator.join((task.text[token.start : token.end], *layout.columns[number], tag)) + "\n"
        yield "\n"

    def _spans(self, task: Exported) -> list[Span]:
        rows = [row for row in task.rows if row.field == self._field and row.kind == "span" and row.status == ACCEPTED]
        return [Span(row.value["start"], row.value["end"], self._label(row.label)) for row in rows]

    def _label(self, key: str | None) -> str:
        """A tag ends where its line or column does: what would break it becomes an underscore."""
        name = self.names.label(self._field, key) or "SPAN"
        return "".join("_" if character.isspace() else character for character in name)


def span_field(names: Names, wanted: str | None) -> str:
    fields = [field for field in names.fields if field.kind == "span"]
    live = [field for field in fields if not field.removed]
    if wanted:
        found = next((field for field in [*live, *fields] if wanted in (field.name, field.key)), None)
        if found is None:
            raise CannotExport(f"There is no field “{wanted[:100]}” of spans in the project.")
        return found.key
    if not fields:
        raise CannotExport("CoNLL holds spans, but the project has no field of spans.")
    if len(live) > 1:
        said = ", ".join(f"“{field.name}”" for field in live)
        raise CannotExport(f"CoNLL holds the spans of one field, but the project has {said}: say which (`field`).")
    return (live or fields)[0].key


@dataclass(frozen=True)
class Layout:
    """How a task's tokens stand in their lines."""

    tokens: list[Token]
    columns: Columns  # between token and tag
    separator: str = TAB
    docstart: str | None = None

    @classmethod
    def of(cls, task: Exported) -> Layout:
        """As the task was imported, if it came from CoNLL; else as its text falls into tokens."""
        kept = task.meta.get("conll")
        if not isinstance(kept, dict) or not is_layout(kept, task.text):
            tokens = tokens_of(task.text)
            return cls(tokens, [[]] * len(tokens))
        tokens = tokens_of_lengths(kept["lengths"])
        columns, docstart = kept.get("columns"), kept.get("docstart")
        return cls(
            tokens,
            columns if is_columns(columns, len(tokens)) else [[]] * len(tokens),
            " " if kept.get("separator") == " " else TAB,
            docstart if isinstance(docstart, str) and is_one_line(docstart) else None,
        )


def is_layout(kept: dict[str, Any], text: str) -> bool:
    """Whether these are the tokens of `text`, joined by single spaces. Meta can be written by anybody who imports."""
    lengths = kept.get("lengths")
    if (
        not isinstance(lengths, list)
        or not lengths
        or not all(type(length) is int and length > 0 for length in lengths)
    ):
        return False
    if sum(lengths) + len(lengths) - 1 != len(text) or not is_one_line(text):
        return False
    return all(text[token.end : token.end + 1] in ("", " ") for token in tokens_of_lengths(lengths))


def is_columns(columns: Any, count: int) -> TypeGuard[Columns]:
    if not isinstance(columns, list) or len(columns) != count:
        return False
    return all(isinstance(row, list) and all(is_cell(cell) for cell in row) for row in columns)


def is_cell(cell: Any) -> bool:
    return isinstance(cell, str) and is_one_line(cell) and TAB not in cell


def is_one_line(text: str) -> bool:
    return "\n" not in text
