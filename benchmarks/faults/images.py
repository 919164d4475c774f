"""A database as a loss of power would leave it: built from the record of what was written and what was made durable."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults import shim
from benchmarks.faults.shim import DATABASE, FOLDER, TRUNCATE, WAL, Operation

NAMES = {DATABASE: "db.sqlite3", WAL: "db.sqlite3-wal"}
SECTOR = 512  # what a disk writes as a whole, or not at all


@dataclass
class File:
    """One file: what is durable, and what was done to it since, in order."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Operation] = field(default_factory=list)
    is_there: bool = False  # its name is durable, too

    def settle(self, count: int) -> None:
        """The first `count` of what is pending are durable now."""
        for operation in self.pending[:count]:
            apply(self.durable, operation)
        del self.pending[:count]


def apply(content: bytearray, operation: Operation) -> None:
    if operation.kind == TRUNCATE:
        del content[operation.offset :]
        content.extend(bytes(operation.offset - len(content)))
        return
    end = operation.offset + len(operation.data)
    content.extend(bytes(max(0, end - len(content))))
    content[operation.offset : end] = operation.data


class Disk:
    """The files of a database while its record is played: `play` up to an instant, then `write` what is there."""

    def __init__(self, began_with: dict[int, bytes]) -> None:
        self.files = {kind: File(bytearray(began_with.get(kind, b"")), [], kind in began_with) for kind in NAMES}
        self._begun: dict[tuple[int, int], int] = {}  # (thread, file) -> how much was pending when its sync began
        self._created: set[int] = set()  # since the folder was last made durable
        self._settled: defaultdict[int, int] = defaultdict(int)  # how much of a file was ever settled

    def play(self, operations: Iterable[Operation]) -> None:
        for operation in operations:
            self._take(operation)

    def _take(self, operation: Operation) -> None:
        match operation.kind:
            case shim.WRITE | shim.TRUNCATE:
                self.files[operation.file].pending.append(operation)
            case shim.SYNC_BEGIN:
                self._begun[operation.thread, operation.file] = self._length(operation.file)
            case shim.SYNC_END:
                self._synced(operation)
            case shim.CREATE:
                self.files[operation.file] = File()
                self._settled[operation.file] = 0
                self._created.add(operation.file)
            case shim.UNLINK:  # on the disk, too, or not: opened without its log it must be whole
                self.files[operation.file] = File()
                self._settled[operation.file] = 0

    def _length(self, file: int) -> int:
        return self._settled[file] + len(self.files[file].pending) if file in self.files else 0

    def _synced(self, operation: Operation) -> None:
        if operation.file == FOLDER:
            for file in self._created:
                self.files[file].is_there = True
            self._created.clear()
            return
        begun = self._begun.pop((operation.thread, operation.file), 0)
        count = max(0, begun - self._settled[operation.file])
        self.files[operation.file].settle(count)
        self._settled[operation.file] += count

    def write(self, folder: Path, rng: random.Random | None = None) -> None:
        """What would be there after a loss of power. With `rng`, any part of what was not durable may be there, too."""
        for kind, file in self.files.items():
            if not file.is_there and (rng is None or rng.random() < 0.5):
                continue
            content = bytearray(file.durable)
            if rng is not None:
                lucky(content, file.pending, rng)
            (folder / NAMES[kind]).write_bytes(content)


def lucky(content: bytearray, pending: list[Operation], rng: random.Random) -> None:
    """Some sectors of some of the pending writes, in any order, as a disk's cache would."""
    share = rng.random()
    for operation in rng.sample(pending, len(pending)):
        if operation.kind == TRUNCATE:
            if rng.random() < share:
                apply(content, operation)
            continue
        for start in range(0, len(operation.data), SECTOR):
            if rng.random() < share:
                part = operation.data[start : start + SECTOR]
                apply(content, operation._replace(offset=operation.offset + start, data=part))
