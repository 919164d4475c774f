"""Which rows of the journal may become one: those of one author in one minute, as long as nothing moves before what it builds on.

Pure: knows updates, authors and times; no database. A row joins the earlier group of its author and minute if all that it
refers to (neighbours, the ids before its own, what it deletes) stands in that group or before it. So the history can
still be replayed row by row: no row ever waits for a later one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from pycrdt import merge_updates

from annotator.collaboration.updates import SKIP, Decoded, Id, decode_update

MAX_GROUP_BYTES = 64 * 1024  # as large as one edit may be


class Written(NamedTuple):
    """A row of the journal as it is stored."""

    pk: int
    seq: int
    author_id: int | None
    origin: str
    at: datetime
    data: bytes


@dataclass
class Group:
    """Rows that become one."""

    rows: list[Written] = field(default_factory=list)
    size: int = 0

    def add(self, row: Written) -> None:
        self.rows.append(row)
        self.size += len(row.data)


class CannotMerge(Exception):
    """A merged row does not say what its parts said: nothing may be written."""


class Makers:
    """Which group made which id."""

    def __init__(self) -> None:
        self._clocks: dict[int, list[int]] = {}  # client -> first clock of each row, ascending
        self._groups: dict[int, list[int]] = {}  # client -> the group of each of these

    def group_of(self, one: Id) -> int:
        """The group that made an id; -1 for what was there before."""
        clocks = self._clocks.get(one[0])
        at = bisect_right(clocks, one[1]) - 1 if clocks else -1
        return self._groups[one[0]][at] if at >= 0 else -1

    def note(self, decoded: Decoded, group: int) -> None:
        for client, clock in firsts(decoded).items():
            self._clocks.setdefault(client, []).append(clock)
            self._groups.setdefault(client, []).append(group)


def firsts(decoded: Decoded) -> dict[int, int]:
    """The first clock of each client that writes in an update."""
    found: dict[int, int] = {}
    for struct in decoded.structs:
        found.setdefault(struct.client, struct.clock)
    return found


def needs(decoded: Decoded) -> Iterable[Id]:
    """The ids that must be there before an update can be."""
    for client, clock in firsts(decoded).items():
        if clock:
            yield client, clock - 1
    for struct in decoded.structs:
        if struct.origin is not None:
            yield struct.origin
        if struct.right_origin is not None:
            yield struct.right_origin
    for client, clock, length in decoded.deletes:
        yield client, clock + length - 1


def grouped(rows: Sequence[Written]) -> list[Group]:
    """Rows in their order as groups in an order in which they can be replayed."""
    groups: list[Group] = []
    latest: dict[tuple[int | None, str, datetime], int] = {}
    makers = Makers()
    for row in rows:
        decoded = decode_update(row.data, values=False)
        key = (row.author_id, row.origin, row.at.replace(second=0, microsecond=0))
        at = latest.get(key)
        if at is None or groups[at].size + len(row.data) > MAX_GROUP_BYTES or builds_on_later(decoded, makers, at):
            at = latest[key] = len(groups)
            groups.append(Group())
        groups[at].add(row)
        makers.note(decoded, at)
    return groups


def builds_on_later(decoded: Decoded, makers: Makers, at: int) -> bool:
    return any(makers.group_of(one) > at for one in needs(decoded))


def merged(group: Group) -> bytes:
    """The rows of a group as one update. Raises CannotMerge."""
    if len(group.rows) == 1:
        return group.rows[0].data
    data = merge_updates(*(row.data for row in group.rows))
    if said(data) != said(*(row.data for row in group.rows)):
        raise CannotMerge(f"rows {group.rows[0].seq} to {group.rows[-1].seq}")
    return data


def said(*updates: bytes) -> tuple[dict[int, set[tuple[int, int]]], dict[int, set[tuple[int, int]]]]:
    """Which ids updates write, and which they delete: as runs that touch no other."""
    written: list[tuple[int, int, int]] = []
    deleted: list[tuple[int, int, int]] = []
    for data in updates:
        decoded = decode_update(data, values=False)
        written += [(s.client, s.clock, s.length) for s in decoded.structs if s.kind != SKIP]
        deleted += decoded.deletes
    return runs(written), runs(deleted)


def runs(ranges: Iterable[tuple[int, int, int]]) -> dict[int, set[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for client, clock, length in sorted(ranges):
        known = found.setdefault(client, [])
        if known and clock <= known[-1][1]:
            known[-1] = (known[-1][0], max(known[-1][1], clock + length))
        else:
            known.append((clock, clock + length))
    return {client: set(known) for client, known in found.items()}
