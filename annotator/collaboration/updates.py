"""The Yjs v1 update format, read without trust and without recursion, and written for imports. Pure.

Only what documents of flat roots can hold is read: values and deletions in maps, plain text and deletions in texts.
Which roots there are, and what refers to what, is the gate's to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from annotator.collaboration.changes import MAX_CLIENT, Json, Put, Refused
from annotator.collaboration.values import read_string, read_value, skip_value, string, write_value
from annotator.collaboration.varint import Malformed, read_uint, uint

__all__ = [
    "Decoded",
    "Malformed",
    "Struct",
    "decode_state_vector",
    "decode_update",
    "encode_puts",
    "encode_state_vector",
]

GC, DELETED, STRING, ANY, SKIP = 0, 1, 4, 8, 10  # kinds of content
MAX_CLOCK = 2**31 - 1

HAS_ORIGIN, HAS_RIGHT_ORIGIN, HAS_KEY = 0x80, 0x40, 0x20

Id = tuple[int, int]  # client, clock
Range = tuple[int, int, int]  # client, clock, length


class Struct(NamedTuple):
    """A run of ids: what was written, and where. `root` and `key` stand only where no origin tells them."""

    client: int
    clock: int
    length: int
    kind: int
    origin: Id | None
    right_origin: Id | None
    root: str | None
    key: str | None
    content: Json  # the text of STRING, the list of values of ANY (empty when they were not wanted)


class Decoded(NamedTuple):
    """An update: its structs in the order in which they came, and what it deletes."""

    structs: list[Struct]
    deletes: list[Range]


def decode_update(data: bytes, values: bool = True) -> Decoded:
    """Read an update. Without `values` only the frame of map values is read, which is faster. Raises Malformed.

    Content of kinds that our documents do not hold (nested types, formats, embeds) raises Refused.
    """
    try:
        structs, at = read_structs(data, values)
        deletes, at = read_deletes(data, at)
    except UnicodeDecodeError:
        raise Malformed("A string is not UTF-8.") from None
    except IndexError:
        raise Malformed("The update ends too early.") from None
    if at != len(data):
        raise Malformed("There are bytes after the end of the update.")
    return Decoded(structs, deletes)


def read_structs(data: bytes, values: bool) -> tuple[list[Struct], int]:
    sections, at = read_uint(data, 0)
    structs: list[Struct] = []
    seen: set[int] = set()
    for _ in range(sections):
        count, at = read_uint(data, at)
        client, at = read_uint(data, at)
        clock, at = read_uint(data, at)
        if client in seen or not count:
            raise Malformed("A client stands twice in the update, or with nothing.")
        seen.add(client)
        for _ in range(count):  # every turn reads at least a byte: the bytes left bound it
            struct, at = read_struct(data, at, client, clock, values)
            clock += struct.length
            if clock > MAX_CLOCK:
                raise Malformed("A clock is too large.")
            structs.append(struct)
    return structs, at


def read_struct(data: bytes, at: int, client: int, clock: int, values: bool) -> tuple[Struct, int]:
    info = data[at]
    at += 1
    if info in (GC, SKIP):
        length, at = read_length(data, at)
        return Struct(client, clock, length, info, None, None, None, None, None), at
    origin = right_origin = root = key = None
    content: Json = None
    if info & HAS_ORIGIN:
        other, at = read_uint(data, at)
        when, at = read_uint(data, at)
        origin = (other, when)
    if info & HAS_RIGHT_ORIGIN:
        other, at = read_uint(data, at)
        when, at = read_uint(data, at)
        right_origin = (other, when)
    if info < HAS_RIGHT_ORIGIN:
        root, at = read_root(data, at)
        if info & HAS_KEY:
            key, at = read_string(data, at)
    kind, length = info & 31, 1
    if kind == ANY:
        content, length, at = read_values(data, at) if values else skip_values(data, at)
    elif kind == STRING:
        content, at = read_string(data, at)
        length = utf16_length(content)
    elif kind == DELETED:
        length, at = read_length(data, at)
    else:
        raise Refused("unexpected_content", f"A document holds JSON values and plain text; this is neither ({kind}).")
    if not length:
        raise Malformed("A struct of no length.")
    return Struct(client, clock, length, kind, origin, right_origin, root, key, content), at


def read_root(data: bytes, at: int) -> tuple[str, int]:
    if data[at] == 0:
        raise Refused("unexpected_content", "A document has no types inside other types.")
    if data[at] != 1:
        raise Malformed("A parent of no known kind.")
    return read_string(data, at + 1)


def read_length(data: bytes, at: int) -> tuple[int, int]:
    length, at = read_uint(data, at)
    if not 0 < length <= MAX_CLOCK:
        raise Malformed("A length of nothing, or too much.")
    return length, at


def read_values(data: bytes, at: int) -> tuple[list[Json], int, int]:
    count, at = read_uint(data, at)
    values = []
    for _ in range(count):
        value, at = read_value(data, at)
        values.append(value)
    return values, count, at


def skip_values(data: bytes, at: int) -> tuple[list[Json], int, int]:
    count, at = read_uint(data, at)
    for _ in range(count):
        at = skip_value(data, at)
    return [], count, at


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def read_deletes(data: bytes, at: int) -> tuple[list[Range], int]:
    sections, at = read_uint(data, at)
    deletes: list[Range] = []
    seen: set[int] = set()
    for _ in range(sections):
        client, at = read_uint(data, at)
        count, at = read_uint(data, at)
        if client in seen or not count:
            raise Malformed("A client stands twice among the deletions, or with nothing.")
        seen.add(client)
        for _ in range(count):
            clock, at = read_uint(data, at)
            length, at = read_length(data, at)
            if clock + length > MAX_CLOCK:
                raise Malformed("A deletion goes beyond what a clock can be.")
            deletes.append((client, clock, length))
    return deletes, at


def decode_state_vector(data: bytes) -> dict[int, int]:
    """What a side has: the next clock of each client. Raises Malformed."""
    try:
        count, at = read_uint(data, 0)
        clocks: dict[int, int] = {}
        for _ in range(count):
            client, at = read_uint(data, at)
            clocks[client], at = read_uint(data, at)
    except IndexError:
        raise Malformed("The state vector ends too early.") from None
    if at != len(data) or len(clocks) != count or max(clocks.values(), default=0) > MAX_CLOCK:
        raise Malformed("The state vector is not well formed.")
    return clocks


def encode_state_vector(clocks: Mapping[int, int]) -> bytes:
    return uint(len(clocks)) + b"".join(uint(client) + uint(clock) for client, clock in sorted(clocks.items()))


def encode_puts(client: int, puts: Sequence[Put]) -> bytes:
    """An update that sets keys of Map roots which nobody has set, under a client id that nobody has used.

    For imports into new documents: no document is made, so that a hundred thousand cost a second.
    """
    if not 0 <= client <= MAX_CLIENT:
        raise ValueError(f"{client} is no client id.")
    if not puts:
        return b"\0\0"
    out = bytearray(b"\1" + uint(len(puts)) + uint(client) + b"\0")
    for put in puts:
        out += map_value_head(put.root)
        out += string(put.key)
        out.append(1)  # one value
        write_value(out, put.value)
    out.append(0)  # nothing deleted
    return bytes(out)


@lru_cache(64)
def map_value_head(root: str) -> bytes:
    """What a new map value without any origin begins with."""
    return bytes((HAS_KEY | ANY, 1)) + string(root)
