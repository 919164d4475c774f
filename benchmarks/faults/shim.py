"""The shim between a server and its files (shim.c): compiled when it is needed, given orders, its record read."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_name("shim.c")
RECORD = struct.Struct("<BBHIQQQ")
DATABASE, WAL, FOLDER = 1, 2, 3
WRITE, TRUNCATE, SYNC_BEGIN, SYNC_END, CREATE, UNLINK = 1, 2, 3, 4, 5, 6
FULL_FOR_MORE, FULL, FULL_HALFWAY = 1, 2, 3  # ways in which a disk can be full


def compiler() -> str | None:
    return shutil.which("gcc") or shutil.which("cc")


def environment(folder: Path) -> dict[str, str]:
    """The variables with which a server on `folder`/data runs behind the shim."""
    library = folder / "shim.so"
    found = compiler()
    if found is None:
        raise SystemExit("This fault needs a C compiler (gcc), which is not there.")
    subprocess.run([found, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"], check=True)
    (folder / "control").write_bytes(bytes(4096))
    return {
        "LD_PRELOAD": str(library),
        "SHIM_DIR": str(folder / "data"),
        "SHIM_CONTROL": str(folder / "control"),
        "SHIM_LOG": str(folder / "record"),
    }


class Shim:
    """Orders to the shim of the server on `data`, and its record."""

    def __init__(self, data: Path) -> None:
        self._control = data.parent / "control"
        self.record_path = data.parent / "record"

    def _set(self, at: int, value: int) -> None:
        with open(self._control, "r+b") as control:
            control.seek(at)
            control.write(bytes([value]))

    def fail_writes(self, how: int) -> None:
        self._set(0, how)

    def fail_syncs(self, fail: bool) -> None:
        self._set(1, int(fail))

    def record(self, on: bool) -> None:
        self._set(2, int(on))

    def heal(self) -> None:
        self.fail_writes(0)
        self.fail_syncs(False)


class Operation(NamedTuple):
    """One thing that happened to a file."""

    kind: int
    file: int
    thread: int
    at: float  # monotonic, in seconds
    offset: int
    data: bytes


def operations(path: Path) -> Iterator[Operation]:
    """What a record holds, in order."""
    data = path.read_bytes()
    at = 0
    while at + RECORD.size <= len(data):
        kind, file, _, thread, nanoseconds, offset, length = RECORD.unpack_from(data, at)
        at += RECORD.size
        size = length if kind == WRITE else 0
        yield Operation(kind, file, thread, nanoseconds / 1e9, offset, data[at : at + size])
        at += size
