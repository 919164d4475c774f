"""The way back from a backup: looked through first, into an empty installation or, by force, in the place of another one.

Every document gets an epoch that it never had: a browser that knows more than the backup is told to reload, and keeps its
own copy, instead of mixing two histories.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max

from annotator.cluster import APPLICATION_NAME
from annotator.data_dir import AlreadyServed, hold_data_dir
from projects.backups import tables
from projects.backups.archive import SECRET_KEY, CannotRestore, Column, Reader
from projects.models import Document

ROWS_AT_ONCE = 1000
# Ids that were given to documents after the backup was taken are not given again: a browser may remember them.
IDS_LEFT_OUT = 1_000_000
EPOCHS_BEGIN = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
SERVERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database() AND pid <> ALL(%s)"


def restore(path: Path, force: bool = False, say: Callable[[str], None] = lambda said: None) -> None:
    """Make this installation what the backup holds. Raises CannotRestore, and then nothing was changed."""
    with Reader(path) as backup:
        need_known(backup)
        try:
            hold_data_dir(settings.DATA_DIR, alone=True)
        except AlreadyServed:
            raise CannotRestore(f"A server runs on {settings.DATA_DIR}; stop every server and worker first.") from None
        if not force and not is_empty():
            raise CannotRestore("This installation is not empty. With --force the backup takes its place.")
        last = Last()
        with new_database(force):
            load(backup, last)
            put_files(backup)
        say(f"Restored what was saved at {backup.manifest.taken}.")


def need_known(backup: Reader) -> None:
    disk = MigrationExecutor(connection).loader.disk_migrations
    unknown = [f"{app}.{name}" for app, name in backup.manifest.migrations if (app, name) not in disk]
    if unknown:
        raise CannotRestore(
            f"The backup was made by a newer version, which knows {unknown[0]}. Install that one first."
        )


def is_empty() -> bool:
    """Whether there is nothing yet that anybody made."""
    if any(path.is_file() for path in settings.MEDIA_ROOT.rglob("*")):
        return False
    if not has_database():
        return True
    there = set(connection.introspection.table_names())
    return not any(
        model._meta.db_table in there and model._base_manager.exists()
        for model in (apps.get_model("auth.User"), apps.get_model("projects.Project"), Document)
    )


def has_database() -> bool:
    """Merely asking SQLite would make a file."""
    return connection.vendor != "sqlite" or Path(connection.settings_dict["NAME"]).exists()


class Last:
    """What the installation that is replaced gave out last."""

    def __init__(self) -> None:
        found: dict[str, int | None] = {}
        if has_database() and Document._meta.db_table in connection.introspection.table_names():
            found = Document.objects.aggregate(epoch=Max("epoch"), id=Max("pk"))
        self.epoch = found.get("epoch") or 0
        self.document_id = found.get("id") or 0


# -- a place to load into --------------------------------------------------------------------------------------------


def new_database(force: bool) -> AbstractContextManager[None]:
    """An empty database, which takes the old one's place if all goes well, and is gone if not."""
    return new_schema() if connection.vendor == "postgresql" else new_file()


@contextmanager
def new_schema() -> Iterator[None]:
    """Everything in one transaction: whoever looks meanwhile sees the old tables, and so does everybody if it fails."""
    try:
        with transaction.atomic(durable=True):
            need_no_server()
            with connection.cursor() as cursor:
                for name in connection.introspection.table_names(cursor):
                    cursor.execute(f'DROP TABLE "{name}" CASCADE')
            yield
    except OperationalError as error:
        raise CannotRestore(f"The database could not be replaced, and is as it was: {error}") from None


def need_no_server() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        pool = getattr(connection, "pool", None)
        own = [cursor.fetchone()[0]]
        if pool is not None:  # ours that wait unused
            connections = list(pool._pool)
            own += [each.info.backend_pid for each in connections]
        cursor.execute(SERVERS, [APPLICATION_NAME, own])
        if cursor.fetchone()[0]:
            raise CannotRestore("Servers or workers are connected to the database; stop them all first.")


@contextmanager
def new_file() -> Iterator[None]:
    """A new file beside the old one; what was there before is kept in a folder of its own."""
    place = Path(connection.settings_dict["NAME"])
    made = settings.DATA_DIR / "db.restoring.sqlite3"
    made.unlink(missing_ok=True)
    connection.close()
    connection.settings_dict["NAME"] = made
    try:
        yield
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException:
        connection.close()
        remove_database(made)
        raise
    finally:
        connection.close()
        connection.settings_dict["NAME"] = place
    if place.exists():
        kept = settings.DATA_DIR / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        kept.mkdir(mode=0o700)
        for name in (f"{place.name}-wal", f"{place.name}-shm", place.name):
            if place.with_name(name).exists():
                os.replace(place.with_name(name), kept / name)
    os.replace(made, place)
    remove_database(made)


def remove_database(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


# -- loading -----------------------------------------------------------------------------------------------------------


def load(backup: Reader, last: Last) -> None:
    """Tables as the backup's version had them, its rows, and then this version's tables."""
    executor = MigrationExecutor(connection)
    executor.migrate(leaves(executor, backup))
    epochs = Epochs(max(last.epoch + 1, int(time.time() - EPOCHS_BEGIN)))
    with transaction.atomic():
        for name in sorted(backup.tables(), key=lambda name: name != tables.DOCUMENTS):
            if name != tables.MIGRATIONS:
                load_table(backup, name, epochs)
        skip_ids(max(last.document_id, epochs.last_document))
        connection.check_constraints()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("migrate", verbosity=0)


def leaves(executor: MigrationExecutor, backup: Reader) -> list[tuple[str, str]]:
    graph = executor.loader.graph
    recorded = set(backup.manifest.migrations)
    known = [key for key in recorded if key in graph.node_map]
    return [key for key in known if not any(child.key in recorded for child in graph.node_map[key].children)]


def load_table(backup: Reader, name: str, epochs: Epochs) -> None:
    with backup.table(name) as (columns, rows), connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608 (a name that the manifest vouches for)
        converts = [(place, change) for place, c in enumerate(columns) if (change := tables.read(c.kind))]
        names = ", ".join(f'"{column.name}"' for column in columns)
        change = changes(name, columns, backup.manifest.media_root, epochs)
        made = (change(tables.convert(row, converts)) for row in rows)
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{name}" ({names}) FROM STDIN') as copy:
                for row in made:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        while some := list(islice(made, ROWS_AT_ONCE)):
            cursor.executemany(f'INSERT INTO "{name}" ({names}) VALUES ({marks})', some)  # noqa: S608


class Epochs:
    """One new epoch for all documents, higher than any that a browser can have seen of them."""

    def __init__(self, least: int) -> None:
        self.new = least
        self.last_document = 0
        self._before: dict[int, int] = {}  # of each document, when the backup was taken

    def meet(self, document_id: int, epoch: int) -> int:
        self._before[document_id] = epoch
        self.last_document = max(self.last_document, document_id)
        self.new = max(self.new, epoch + 1)
        return self.new

    def follow(self, document_id: int, epoch: int) -> int:
        """Rows of the journal go with their document; those of epochs that were over already stay history."""
        return self.new if self._before.get(document_id) == epoch else epoch


Change = Callable[[list[Any]], list[Any]]


def changes(table: str, columns: list[Column], media_root: str, epochs: Epochs) -> Change:
    """What of a row is another than it was."""
    place = {column.name: number for number, column in enumerate(columns)}

    def document(row: list[Any]) -> list[Any]:
        row[place["epoch"]] = epochs.meet(row[place["id"]], row[place["epoch"]])
        return row

    def of_document(row: list[Any]) -> list[Any]:
        row[place["epoch"]] = epochs.follow(row[place["document_id"]], row[place["epoch"]])
        return row

    def job(row: list[Any]) -> list[Any]:
        options = orjson.loads(row[place["options"]])
        path = Path(options.get("path", ""))
        if path.is_relative_to(media_root):  # an upload lies where this installation keeps its own
            options["path"] = str(settings.MEDIA_ROOT / path.relative_to(media_root))
            row[place["options"]] = orjson.dumps(options).decode()
        return row

    special = {
        tables.DOCUMENTS: document,
        tables.UPDATES: of_document,
        tables.CHECKPOINTS: of_document,
        tables.JOBS: job,
    }
    return special.get(table, lambda row: row)


def skip_ids(last_document: int) -> None:
    """Let new rows go on behind the restored ones, and new documents well behind."""
    models = [m for m in tables.all_models() if m._meta.auto_field is not None]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            there = set(connection.introspection.table_names(cursor))
            models = [m for m in models if m._meta.db_table in there]
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
            sequence = "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)"
            cursor.execute(sequence, [tables.DOCUMENTS, last_document + IDS_LEFT_OUT])
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [tables.DOCUMENTS])
            row = (tables.DOCUMENTS, last_document + IDS_LEFT_OUT)
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", row)


def put_files(backup: Reader) -> None:
    """Uploads, and the key with which logins are signed, unless the environment gives one."""
    for name in backup.media():
        target = (settings.MEDIA_ROOT / name.removeprefix("media/")).resolve()
        if not target.is_relative_to(settings.MEDIA_ROOT.resolve()):
            raise CannotRestore(f"The backup holds a file that leads elsewhere: {name}.")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".part")
        with backup.open(name) as file, os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
            shutil.copyfileobj(file, out)
        os.replace(partial, target)
    key = backup.secret_key()
    if key is not None and settings.SECRET_KEY_IN_DATA_DIR:
        path = settings.DATA_DIR / SECRET_KEY
        partial = path.with_name(path.name + ".part")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(key)
        os.replace(partial, path)
