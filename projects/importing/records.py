"""What formats hand over: a row that was read, or what was wrong with one. Knows no files, no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from annotator.collaboration.changes import Json

if TYPE_CHECKING:
    from projects.importing.source import Source

MAX_TEXT_BYTES = 4 * 1024 * 1024  # of one task
MAX_ROW_BYTES = 16 * 1024 * 1024  # of one line, row or element; more is never held in memory

Options = Mapping[str, Any]


class CannotImport(ValueError):
    """The file as a whole cannot be imported. Holds the sentence to show."""


class Position(NamedTuple):
    """Where a reader stands: a byte offset into the (UTF-8) file, and the number of the line that begins there."""

    offset: int = 0
    line: int = 1


class Said(NamedTuple):
    """One label as a row has it, not yet looked up in the project."""

    column: str  # where it stood, for people
    field: str | None  # the field's name or key where the row itself names it
    kind: str  # span, choice, rating or text
    label: Any
    value: Any = None
    about: Mapping[str, Any] | None = None  # id, author, origin, decision, provenance: of our own export lines
    line: int | None = None  # where it stood, if not on the row's first line


@dataclass(slots=True)
class Record:
    """One row that is to become a task."""

    line: int
    after: Position
    text: Any
    columns: dict[str, Json] = field(default_factory=dict)  # everything else that the row holds
    meta: dict[str, Json] | None = None  # what is to be found again at an export
    said: list[Said] = field(default_factory=list)
    status: str | None = None  # of the task, if the row tells it
    own: bool = False  # a line of our own export: it says everything itself, its columns are data and nothing else


class Problem(NamedTuple):
    """Why a row was refused."""

    line: int
    field: str  # the column or field that is meant; empty for the row as a whole
    reason: str
    after: Position

    def as_json(self) -> dict[str, Json]:
        return {"line": self.line, "field": self.field, "reason": self.reason}


class Format(Protocol):
    """One file format: a generator of records and problems. A new one is one file, and one line in the registry."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """For people."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of file names; the first is the usual one."""

    def read(self, source: Source, at: Position, options: Options) -> Iterator[Record | Problem]:
        """Read on from `at`, which is the start or the `after` of a record or problem read before."""
