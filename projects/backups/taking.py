"""Taking a backup while people edit: everything is read from one snapshot, which begins before the first byte is written.

SQLite gives a reader the state of its first read for as long as its transaction lasts, PostgreSQL a REPEATABLE READ one.
Neither keeps a writer waiting.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction

from projects.backups.archive import FORMAT, SECRET_KEY, Manifest, Writer
from projects.backups.tables import MIGRATIONS, all_models, columns_of, convert, written

ROWS_AT_ONCE = 2000
FIRST_READ = f"SELECT 1 FROM {MIGRATIONS} LIMIT 1"  # noqa: S608 (a name of Django's)


class Snapshot(Protocol):
    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]: ...


class SqliteSnapshot:
    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        yield from self._raw.execute(select(table, columns))


class PostgresSnapshot:
    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(select(table, columns))
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield from rows


def select(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f'SELECT {names} FROM "{table}" ORDER BY "{columns[0]}"'  # noqa: S608 (names of our own models)


def snapshot() -> AbstractContextManager[Snapshot]:
    """The database as it is now. Whatever was acknowledged before is in it, nothing that comes later."""
    return postgres_snapshot() if connection.vendor == "postgresql" else sqlite_snapshot()


@contextmanager
def sqlite_snapshot() -> Iterator[Snapshot]:
    # A connection of its own: Django's would begin by taking the turn to write.
    raw = sqlite3.connect(
        f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True, isolation_level=None, timeout=20
    )
    try:
        raw.execute("BEGIN")
        raw.execute(FIRST_READ).fetchall()  # the first read makes the snapshot
        yield SqliteSnapshot(raw)
    finally:
        raw.close()


@contextmanager
def postgres_snapshot() -> Iterator[Snapshot]:
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute(FIRST_READ)
        yield PostgresSnapshot()


def back_up(path: Path) -> Manifest:
    """Write a backup of this installation to `path`; returns what is in it."""
    with Uploads(settings.MEDIA_ROOT, settings.DATA_DIR) as uploads:
        uploads.keep()
        with snapshot() as found:
            taken = datetime.now(UTC).isoformat()
            uploads.keep()  # what came in between; an upload is there before its job
            manifest = Manifest(FORMAT, taken, connection.vendor, str(settings.MEDIA_ROOT), applied(found))
            with Writer(path, manifest) as writer:
                write_tables(found, writer)
                uploads.write(writer)
                write_secret_key(writer)
    return manifest


def applied(found: Snapshot) -> list[tuple[str, str]]:
    return [(app, name) for _, app, name in found.rows(MIGRATIONS, ["id", "app", "name"])]


def write_tables(found: Snapshot, writer: Writer) -> None:
    for model in all_models():
        columns = columns_of(model)
        converts = [(place, change) for place, c in enumerate(columns) if (change := written(c.kind))]
        rows = found.rows(model._meta.db_table, [column.name for column in columns])
        writer.add_table(model._meta.db_table, columns, (convert(row, converts) for row in rows))


def write_secret_key(writer: Writer) -> None:
    """Logins and links are signed with it. A key from the environment is kept by whoever keeps the environment."""
    if settings.SECRET_KEY_IN_DATA_DIR:
        with (settings.DATA_DIR / SECRET_KEY).open("rb") as file:
            writer.add_file(SECRET_KEY, file)


class Uploads:
    """Uploaded files, kept by hard links from the backup's start on: a job that ends meanwhile removes its own."""

    def __init__(self, media: Path, data_dir: Path) -> None:
        self._media = media
        self._data_dir = data_dir

    def __enter__(self) -> Uploads:
        self._kept = Path(tempfile.mkdtemp(prefix=".backup-", dir=self._data_dir))
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._kept)

    def keep(self) -> None:
        """Take hold of what is there now and was not before."""
        for folder, _, names in os.walk(self._media):
            for name in names:
                source = Path(folder) / name
                target = self._kept / source.relative_to(self._media)
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.exists():
                    link(source, target)

    def write(self, writer: Writer) -> None:
        for folder, _, names in sorted(os.walk(self._kept)):
            for name in sorted(names):
                path = Path(folder) / name
                with path.open("rb") as file:
                    writer.add_file(f"media/{path.relative_to(self._kept).as_posix()}", file)


def link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        pass  # its job has just ended
    except OSError:  # uploads lie on another disk
        shutil.copy2(source, target)
