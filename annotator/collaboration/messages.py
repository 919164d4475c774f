"""The wire: bytes <-> y-protocols messages. Pure; parses hostile input, and knows nothing of what an update holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotator.collaboration.varint import Malformed, read_uint, uint

MAX_AWARENESS_ENTRIES = 1000  # a stock provider answers a query with everyone it knows of
MAX_AWARENESS_STATE_BYTES = 16 * 1024
MAX_STATE_VECTOR_BYTES = 256 * 1024

SYNC, AWARENESS, QUERY_AWARENESS = 0, 1, 3
STEP_1, STEP_2, UPDATE = 0, 1, 2

Entry = tuple[int, int, str | None]  # client, clock, JSON or None for "gone"


@dataclass(frozen=True, slots=True)
class Sync1:
    """What the other side has: it wants the rest."""

    state_vector: bytes


@dataclass(frozen=True, slots=True)
class Sync2:
    """What was lacking here."""

    update: bytes


@dataclass(frozen=True, slots=True)
class SyncUpdate:
    """An edit."""

    update: bytes


@dataclass(frozen=True, slots=True)
class Awareness:
    """Who is where."""

    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class QueryAwareness:
    """A wish to hear everyone's awareness."""


Message = Sync1 | Sync2 | SyncUpdate | Awareness | QueryAwareness

SYNC_STEPS: dict[int, type[Sync1 | Sync2 | SyncUpdate]] = {STEP_1: Sync1, STEP_2: Sync2, UPDATE: SyncUpdate}


def parse(data: bytes) -> Message:
    """The one message that `data` is. Its size is the caller's to limit, before. Raises Malformed."""
    try:
        kind, at = read_uint(data, 0)
        if kind == SYNC:
            return parse_sync(data, at)
        if kind == AWARENESS:
            return Awareness(parse_awareness(read_last_chunk(data, at)))
    except IndexError:
        raise Malformed("The message ends too early.") from None
    if kind == QUERY_AWARENESS and at == len(data):
        return QueryAwareness()
    raise Malformed(f"There is no message of kind {kind}.")


def parse_sync(data: bytes, at: int) -> Message:
    step, at = read_uint(data, at)
    message = SYNC_STEPS.get(step)
    if message is None:
        raise Malformed(f"There is no sync message of kind {step}.")
    chunk = read_last_chunk(data, at)
    if step == STEP_1 and len(chunk) > MAX_STATE_VECTOR_BYTES:
        raise Malformed("The state vector is too large.")
    return message(chunk)


def parse_awareness(data: bytes) -> list[Entry]:
    count, at = read_uint(data, 0)
    if count > MAX_AWARENESS_ENTRIES:
        raise Malformed("Awareness of too many clients.")
    entries: list[Entry] = []
    for _ in range(count):
        client, at = read_uint(data, at)
        clock, at = read_uint(data, at)
        size, at = read_uint(data, at)
        if size > MAX_AWARENESS_STATE_BYTES or at + size > len(data):
            raise Malformed("An awareness state is too large.")
        entries.append((client, clock, read_state(data[at : at + size])))
        at += size
    if at != len(data):
        raise Malformed("Bytes after the end of the awareness.")
    return entries


def read_state(data: bytes) -> str | None:
    try:
        state = data.decode()
    except UnicodeDecodeError:
        raise Malformed("Awareness that is not UTF-8.") from None
    return None if state == "null" else state


def read_last_chunk(data: bytes, at: int) -> bytes:
    """The byte string that begins at `at` and ends with the message."""
    size, at = read_uint(data, at)
    if at + size != len(data):
        raise Malformed("The message is shorter or longer than it says.")
    return data[at:]


def encode_sync1(state_vector: bytes) -> bytes:
    return bytes((SYNC, STEP_1)) + uint(len(state_vector)) + state_vector


def encode_sync2(update: bytes) -> bytes:
    return bytes((SYNC, STEP_2)) + uint(len(update)) + update


def encode_update(update: bytes) -> bytes:
    return bytes((SYNC, UPDATE)) + uint(len(update)) + update


def encode_awareness(entries: Sequence[Entry]) -> bytes:
    parts = [uint(len(entries))]
    for client, clock, state in entries:
        text = ("null" if state is None else state).encode()
        parts += (uint(client), uint(clock), uint(len(text)), text)
    body = b"".join(parts)
    return bytes((AWARENESS,)) + uint(len(body)) + body
