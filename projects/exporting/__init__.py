"""Exports: the formats by name, and a stream of bytes for a project. A new format is one file here and one line below.

Exact (promise P6): whatever was acknowledged before the export began is in it, and of no edit a half. The same state
gives the same bytes. Memory does not grow with the project.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from projects.bulk import read_without_map
from projects.exporting.conll import Conll
from projects.exporting.json_lines import JsonArray, JsonLines
from projects.exporting.names import Names
from projects.exporting.table import Csv
from projects.exporting.tasks import CannotExport, Filters, Format, read_tasks
from projects.models import Project

__all__ = ["FORMATS", "CannotExport", "Export", "Filters", "export_chunks", "export_stream"]

FORMATS: dict[str, type[Format]] = {each.name: each for each in (JsonLines, JsonArray, Csv, Conll)}

threads = ThreadPoolExecutor(4, thread_name_prefix="export")


class Export:
    """The bytes of one export, a chunk at a time. Everything that can be refused is refused when it is made."""

    def __init__(self, project: Project, format: str = "jsonl", filters: Filters | None = None) -> None:
        kind = FORMATS.get(format)
        if kind is None:
            raise CannotExport(f"There is no format “{format[:40]}”; there is {', '.join(FORMATS)}.")
        filters = filters or Filters()
        names = Names(project.pk)
        self._writer = kind(names, filters)
        self._tasks = read_tasks(project.pk, filters, names)
        self._chunks = self._write()
        self.content_type = kind.content_type
        self.filename = f"project-{project.pk}.{kind.suffix}"

    def _write(self) -> Iterator[bytes]:
        yield self._writer.head()
        for tasks in self._tasks:
            yield self._writer.body(tasks)
        yield self._writer.tail()

    def __iter__(self) -> Iterator[bytes]:
        return (chunk for chunk in self._chunks if chunk)

    def next_chunk(self) -> bytes | None:
        """The next bytes; None at the end."""
        return next(iter(self), None)

    @property
    def left_out(self) -> int:
        """Annotations written so far that the format cannot express, and that are therefore missing."""
        return self._writer.left_out


def export_chunks(project: Project, format: str = "jsonl", filters: Filters | None = None) -> Export:
    """An iterator of bytes. Raises CannotExport."""
    return Export(project, format, filters)


async def export_stream(export: Export) -> AsyncIterator[bytes]:
    """The same without blocking the event loop: each chunk is made in a thread of a few that all exports share.

    Between two chunks nothing is held: a reader who goes away may leave this generator standing for a while.
    """
    loop = asyncio.get_running_loop()
    while (chunk := await loop.run_in_executor(threads, next_chunk, export)) is not None:
        yield chunk


def next_chunk(export: Export) -> bytes | None:
    try:
        read_without_map()
        return export.next_chunk()
    finally:
        connection.close()
