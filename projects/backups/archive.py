"""The file that a backup is: a ZIP of tables (JSON lines) and uploads, with a manifest of checksums. Knows no database.

manifest.json           what it is, when and of what it was made; for each member its SHA-256 and size
tables/<name>.jsonl     first the columns with their kinds, then one array for each row
media/<path>            uploads
secret_key              where the installation keeps it in its data folder
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Self

import msgspec
import orjson

FORMAT = 1
MANIFEST = "manifest.json"
SECRET_KEY = "secret_key"  # noqa: S105 (a name)
PIECE_BYTES = 1024 * 1024


class CannotRestore(Exception):
    """The file cannot be restored here. Holds the sentence to show."""


class Member(msgspec.Struct):
    sha256: str
    size: int
    rows: int | None = None  # of a table


class Manifest(msgspec.Struct):
    """What is in a backup, and of when."""

    format: int
    taken: str  # ISO 8601; whatever was acknowledged before is in it
    database: str  # sqlite or postgresql
    media_root: str
    migrations: list[tuple[str, str]]
    members: dict[str, Member] = {}


class Column(msgspec.Struct, array_like=True):
    name: str
    kind: str  # see tables.py


class Writer:
    """A backup in the making: it stands under its name only once it is whole and on the disk."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".part")
        self._manifest = manifest

    def __enter__(self) -> Self:
        # Its owner's only: password hashes are in it.
        self._file: BinaryIO = os.fdopen(os.open(self._partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if error is None:
                self._zip.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(self._manifest)))
                self._zip.close()
                self._file.flush()
                os.fsync(self._file.fileno())
                os.replace(self._partial, self._path)
        finally:
            self._file.close()
            self._partial.unlink(missing_ok=True)

    def add_table(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
        """Write a table; returns the number of its rows."""
        count = 0
        with self._member(f"tables/{name}.jsonl") as (member, write):
            write(msgspec.json.encode(columns) + b"\n")
            for row in rows:
                write(orjson.dumps(row) + b"\n")
                count += 1
            member.rows = count
        return count

    def add_file(self, name: str, file: IO[bytes]) -> None:
        with self._member(name) as (_, write):
            while piece := file.read(PIECE_BYTES):
                write(piece)

    @contextmanager
    def _member(self, name: str) -> Iterator[tuple[Member, Any]]:
        digest, member = hashlib.sha256(), Member("", 0)
        with self._zip.open(name, "w", force_zip64=True) as out:

            def write(data: bytes) -> None:
                digest.update(data)
                member.size += len(data)
                out.write(data)

            yield member, write
        member.sha256 = digest.hexdigest()
        self._manifest.members[name] = member


class Reader:
    """A backup that was looked through from end to end before anything else is done. Raises CannotRestore."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        try:
            self._zip = zipfile.ZipFile(self._path)
            self.manifest = msgspec.json.decode(self._zip.read(MANIFEST), type=Manifest)
            self._verify()
        except OSError as error:
            raise CannotRestore(f"{self._path} cannot be read: {error.strerror or error}.") from None
        except (zipfile.BadZipFile, KeyError, msgspec.DecodeError, ValueError, EOFError) as error:
            raise CannotRestore(f"{self._path} is no whole backup: {error}. Nothing was touched.") from None
        except Exception as error:  # what a decompressor says of bytes that are none of its own
            raise CannotRestore(f"{self._path} is damaged: {error}. Nothing was touched.") from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    def _verify(self) -> None:
        if self.manifest.format != FORMAT:
            raise ValueError(f"its format is {self.manifest.format}, expected {FORMAT}")
        names = set(self._zip.namelist()) - {MANIFEST}
        if names != set(self.manifest.members):
            raise ValueError("its manifest does not name what is in it")
        for name, expected in self.manifest.members.items():
            if self._digest(name) != (expected.sha256, expected.size):
                raise ValueError(f"the checksum of {name} is another one")

    def _digest(self, name: str) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name) as file:
            while piece := file.read(PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
        return digest.hexdigest(), size

    def tables(self) -> list[str]:
        return [
            n.removeprefix("tables/").removesuffix(".jsonl") for n in self._zip.namelist() if n.startswith("tables/")
        ]

    def media(self) -> list[str]:
        return [name for name in self._zip.namelist() if name.startswith("media/")]

    @contextmanager
    def table(self, name: str) -> Iterator[tuple[list[Column], Iterator[list[Any]]]]:
        with self._zip.open(f"tables/{name}.jsonl") as file:
            columns = msgspec.json.decode(file.readline(), type=list[Column])
            yield columns, (orjson.loads(line) for line in file)

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(name)

    def secret_key(self) -> str | None:
        return self._zip.read(SECRET_KEY).decode() if SECRET_KEY in self.manifest.members else None
