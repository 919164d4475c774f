"""Updates made wrong: bytes changed at random, and structs changed one field at a time."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from annotator.collaboration.changes import Refused
from annotator.collaboration.gate import Malformed
from annotator.collaboration.updates import ANY, DELETED, GC, SKIP, STRING, Decoded, Struct, decode_update, utf16_length
from annotator.collaboration.values import string, write_value
from annotator.collaboration.varint import uint
from tests.collaboration.real_yjs import MAPS, TEXTS

NASTY_BYTES = [0, 1, 2, 4, 6, 7, 8, 10, 0x20, 0x28, 0x40, 0x7F, 0x80, 0x84, 0x88, 0xA8, 0xC4, 0xFF]


def mutate(rng: random.Random, update: bytes, others: Sequence[bytes], author: int) -> bytes:
    """A mutant of an honest update."""
    if rng.random() < 0.35:
        return mutate_bytes(rng, update, others)
    try:
        decoded = decode_update(update)
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            decoded = mutate_structs(rng, decoded, others, author)
        return encode(decoded)
    except (Malformed, Refused, ValueError):
        return mutate_bytes(rng, update, others)


def mutate_bytes(rng: random.Random, update: bytes, others: Sequence[bytes]) -> bytes:
    data = bytearray(update)
    for _ in range(rng.choice([1, 1, 2, 4])):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0 if at < len(data):
                data[at] = rng.choice(NASTY_BYTES)
            case 1 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 2:
                data[at:at] = bytes([rng.choice(NASTY_BYTES)])
            case 3:
                del data[at : at + rng.randrange(1, 4)]
            case _:
                other = rng.choice(others)
                start = rng.randrange(len(other))
                data[at : at + rng.randrange(8)] = other[start : start + rng.randrange(12)]
    return bytes(data)


def mutate_structs(rng: random.Random, decoded: Decoded, others: Sequence[bytes], author: int) -> Decoded:
    structs, deletes = list(decoded.structs), list(decoded.deletes)
    if rng.random() < 0.2 or not structs:
        return Decoded(structs, mutate_deletes(rng, deletes, known_ids(others)))
    at = rng.randrange(len(structs))
    match rng.randrange(10):
        case 0:
            del structs[at]
        case 1:
            structs.insert(at, structs[at])
        case 2:
            donor = decode_update(rng.choice(others)).structs
            if donor:
                other = rng.choice(donor)
                structs.insert(at, other._replace(client=author, clock=structs[at].clock + rng.choice([0, 0, 1])))
        case _:
            structs[at] = rng.choice(FIELD_MUTATIONS)(rng, structs[at], known_ids(others))
    return Decoded(renumbered(structs) if rng.random() < 0.7 else structs, deletes)


def known_ids(others: Sequence[bytes]) -> list[tuple[int, int]]:
    ids = []
    for update in others:
        for struct in decode_update(update, values=False).structs:
            ids += [(struct.client, struct.clock), (struct.client, struct.clock + struct.length - 1)]
    return ids


def mutate_deletes(rng: random.Random, deletes: list[Any], ids: Sequence[tuple[int, int]]) -> list[Any]:
    if deletes and rng.random() < 0.5:
        client, clock, length = deletes.pop(rng.randrange(len(deletes)))
        change = rng.choice([-1, 1, 2])
        return [*deletes, (client, max(0, clock + rng.choice([0, change])), max(0, length + change))]
    client, clock = rng.choice(ids)
    return [*deletes, (client, clock, rng.choice([1, 1, 2, 5]))]


def renumbered(structs: list[Struct]) -> list[Struct]:
    """Clocks without gaps: what a cunning author would send."""
    clocks: dict[int, int] = {}
    result = []
    for struct in structs:
        clock = clocks.get(struct.client, struct.clock)
        clocks[struct.client] = clock + struct.length
        result.append(struct._replace(clock=clock))
    return result


Mutation = Callable[[random.Random, Struct, Sequence[tuple[int, int]]], Struct]


def other_origin(rng: random.Random, struct: Struct, ids: Sequence[tuple[int, int]]) -> Struct:
    near = [(struct.client, max(0, struct.clock - 1)), (struct.client, struct.clock)]
    return struct._replace(origin=rng.choice([None, *ids, *near]))


def other_right_origin(rng: random.Random, struct: Struct, ids: Sequence[tuple[int, int]]) -> Struct:
    return struct._replace(right_origin=rng.choice([None, *ids]))


def other_root(rng: random.Random, struct: Struct, ids: Sequence[tuple[int, int]]) -> Struct:
    return struct._replace(root=rng.choice([*MAPS, *TEXTS, "order", "__proto__"]), origin=None, right_origin=None)


def other_key(rng: random.Random, struct: Struct, ids: Sequence[tuple[int, int]]) -> Struct:
    return struct._replace(key=rng.choice([None, "aaaaaaaa", "bbbbbbbb", "__proto__", ""]))


def other_content(rng: random.Random, struct: Struct, ids: Sequence[tuple[int, int]]) -> Struct:
    kind, length, content = rng.choice(
        [
            (GC, 1, None),
            (GC, 3, None),
            (DELETED, 1, None),
            (DELETED, 4, None),
            (SKIP, 2, None),
            (STRING, 1, "a"),
            (STRING, 4, "b🎉c"),
            (ANY, 1, [{"a": 1}]),
            (ANY, 1, ["x"]),
            (ANY, 2, [1, 2]),
        ]
    )
    return struct._replace(kind=kind, length=length, content=content)


def other_clock(rng: random.Random, struct: Struct, ids: Sequence[tuple[int, int]]) -> Struct:
    return struct._replace(clock=max(0, struct.clock + rng.choice([-3, -1, 1, 2])))


FIELD_MUTATIONS: list[Mutation] = [
    other_origin,
    other_origin,
    other_right_origin,
    other_right_origin,
    other_root,
    other_key,
    other_content,
    other_clock,
]


def encode(decoded: Decoded) -> bytes:
    """An update of these structs, right or wrong."""
    sections: dict[int, list[Struct]] = {}
    for struct in decoded.structs:
        sections.setdefault(struct.client, []).append(struct)
    out = bytearray(uint(len(sections)))
    for client, structs in sections.items():
        out += uint(len(structs)) + uint(client) + uint(structs[0].clock)
        for struct in structs:
            out += encode_struct(struct)
    ranges: dict[int, list[tuple[int, int]]] = {}
    for client, clock, length in decoded.deletes:
        ranges.setdefault(client, []).append((clock, length))
    out += uint(len(ranges))
    for client, of_client in ranges.items():
        out += uint(client) + uint(len(of_client))
        for clock, length in of_client:
            out += uint(clock) + uint(length)
    return bytes(out)


def encode_struct(struct: Struct) -> bytes:
    if struct.kind in (GC, SKIP):
        return bytes((struct.kind,)) + uint(struct.length)
    named = struct.origin is None and struct.right_origin is None
    info = struct.kind | (0x80 if struct.origin else 0) | (0x40 if struct.right_origin else 0)
    out = bytearray((info | (0x20 if named and struct.key is not None else 0),))
    for id in (struct.origin, struct.right_origin):
        if id:
            out += uint(id[0]) + uint(id[1])
    if named:
        out += b"\1" + string("annotations" if struct.root is None else struct.root)
        if struct.key is not None:
            out += string(struct.key)
    return bytes(out + encode_content(struct))


def encode_content(struct: Struct) -> bytes:
    if struct.kind == DELETED:
        return uint(struct.length)
    if struct.kind == STRING:
        assert struct.length == utf16_length(struct.content)
        return string(struct.content)
    out = bytearray(uint(len(struct.content)))
    for value in struct.content:
        write_value(out, value)
    return bytes(out)
