"""JSON values as lib0 encodes them ("Any"). Reads without trust: depth, numbers, keys and sizes are bounded."""

from __future__ import annotations

import struct
from functools import lru_cache
from math import isfinite

from annotator.collaboration.changes import Json
from annotator.collaboration.varint import Malformed, read_uint, uint

MAX_DEPTH = 8
MAX_INTEGER = 2**53 - 1

# Keys that change an object's prototype, or what it inherits, in a browser.
FORBIDDEN_KEYS = frozenset({"__proto__", "constructor", "prototype"})

UNDEFINED, NULL, INTEGER, FLOAT32, FLOAT64, BIGINT, FALSE, TRUE, STRING, OBJECT, ARRAY, BINARY = range(127, 115, -1)

_float32 = struct.Struct(">f")
_float64 = struct.Struct(">d")


def read_value(data: bytes, at: int, depth: int = MAX_DEPTH) -> tuple[Json, int]:
    """The value at `at` and where the next thing begins. An IndexError means that the bytes ended."""
    tag = data[at]
    if tag == STRING:
        return read_string(data, at + 1)
    if tag == OBJECT:
        return read_object(data, at + 1, depth - 1)
    if tag == INTEGER:
        return read_integer(data, at + 1)
    if tag == NULL:
        return None, at + 1
    if tag in (TRUE, FALSE):
        return tag == TRUE, at + 1
    if tag in (FLOAT32, FLOAT64):
        return read_float(data, at + 1, _float32 if tag == FLOAT32 else _float64)
    if tag == ARRAY:
        return read_array(data, at + 1, depth - 1)
    raise Malformed(f"A value of kind {tag} is not JSON.")


def read_string(data: bytes, at: int) -> tuple[str, int]:
    """A string; one that ends too early leaves `at` behind the end of `data`, which the caller sees at the latest
    when he has read everything. What is not UTF-8 (so, half of a surrogate pair) is a UnicodeDecodeError."""
    size = data[at]
    at += 1
    if size > 127:
        size, at = read_uint(data, at - 1)
    end = at + size
    return data[at:end].decode(), end


def read_object(data: bytes, at: int, depth: int) -> tuple[Json, int]:
    if depth < 0:
        raise Malformed("A value is nested too deep.")
    count, at = read_uint(data, at)
    value: dict[str, Json] = {}
    for _ in range(count):  # every turn reads at least two bytes: the bytes left bound it
        size = data[at]
        if size < 128:  # nearly always: spares a call
            at += 1
            end = at + size
            key = data[at:end].decode()
        else:
            key, end = read_string(data, at)
        if data[end] == STRING and (size := data[end + 1]) < 128:
            end += 2
            at = end + size
            value[key] = data[end:at].decode()
        else:
            value[key], at = read_value(data, end, depth)
    if len(value) != count:
        raise Malformed("An object has a key twice.")
    if not FORBIDDEN_KEYS.isdisjoint(value):
        raise Malformed("An object has a key that is forbidden.")
    return value, at


def read_array(data: bytes, at: int, depth: int) -> tuple[Json, int]:
    if depth < 0:
        raise Malformed("A value is nested too deep.")
    count, at = read_uint(data, at)
    value = []
    for _ in range(count):
        item, at = read_value(data, at, depth)
        value.append(item)
    return value, at


def read_integer(data: bytes, at: int) -> tuple[int, int]:
    """A signed integer: bit 7 of the first byte says that there is more, bit 6 is the sign."""
    byte = data[at]
    value, shift = byte & 63, 6
    negative = byte & 64
    while byte > 127:
        at += 1
        byte = data[at]
        value |= (byte & 127) << shift
        shift += 7
        if shift > 62:
            raise Malformed("An integer is too long.")
    if value > MAX_INTEGER or (byte == 0 and shift > 6):
        raise Malformed("An integer is too long.")
    return -value if negative else value, at + 1


def read_float(data: bytes, at: int, kind: struct.Struct) -> tuple[float | int, int]:
    end = at + kind.size
    if end > len(data):
        raise Malformed("A number ends too early.")
    number: float = kind.unpack_from(data, at)[0]
    if not isfinite(number):
        raise Malformed("A number is not finite.")
    # yrs writes every integer from Python as a float; as JSON, and in a browser, they are one thing.
    if number.is_integer() and -MAX_INTEGER <= number <= MAX_INTEGER:
        return int(number), end
    return number, end


def skip_value(data: bytes, at: int, depth: int = MAX_DEPTH) -> int:
    """Where the next thing begins after the value at `at`, of whose contents only the frame is looked at."""
    tag = data[at]
    at += 1
    if tag in (STRING, BINARY):
        size, at = read_uint(data, at)
        at += size
    elif tag == OBJECT:
        return skip_object(data, at, depth - 1)
    elif tag == ARRAY:
        if depth < 1:
            raise Malformed("A value is nested too deep.")
        count, at = read_uint(data, at)
        for _ in range(count):
            at = skip_value(data, at, depth - 1)
    elif tag == INTEGER:
        while data[at] > 127:
            at += 1
        at += 1
    elif tag == FLOAT32:
        at += 4
    elif tag in (FLOAT64, BIGINT):
        at += 8
    elif tag not in (UNDEFINED, NULL, TRUE, FALSE):
        raise Malformed(f"A value of kind {tag} is unknown.")
    return at


def skip_object(data: bytes, at: int, depth: int) -> int:
    if depth < 0:
        raise Malformed("A value is nested too deep.")
    count, at = read_uint(data, at)
    for _ in range(count):
        size = data[at]
        if size > 127:
            size, at = read_uint(data, at)
            at += size
        else:
            at += 1 + size
        if data[at] == STRING and data[at + 1] < 128:
            at += 2 + data[at + 1]
        else:
            at = skip_value(data, at, depth)
    return at


def string(text: str) -> bytes:
    """A string as lib0 writes it: its length in bytes, then UTF-8. Raises UnicodeEncodeError for a lone surrogate."""
    data = text.encode()
    return bytes((len(data),)) + data if len(data) < 128 else uint(len(data)) + data


key_bytes = lru_cache(4096)(string)  # keys come again and again


def write_value(out: bytearray, value: Json) -> None:
    """Append a JSON value. The value is our own: what is not JSON is a TypeError."""
    kind = type(value)
    if kind is str:
        out.append(STRING)
        out += string(value)
    elif kind is dict:
        write_object(out, value)
    elif kind is int:
        write_integer(out, value)
    elif value is None:
        out.append(NULL)
    elif kind is bool:
        out.append(TRUE if value else FALSE)
    elif kind is float:
        out.append(FLOAT64)
        out += _float64.pack(value)
    elif kind in (list, tuple):
        out.append(ARRAY)
        out += uint(len(value))
        for item in value:
            write_value(out, item)
    else:
        raise TypeError(f"{kind.__name__} is not a JSON value.")


def write_object(out: bytearray, value: dict[str, Json]) -> None:
    out.append(OBJECT)
    out += uint(len(value))
    for key, item in value.items():
        out += key_bytes(key)
        if type(item) is str:  # most are: spares a call
            out.append(STRING)
            text = item.encode()
            size = len(text)
            if size < 128:
                out.append(size)
            else:
                out += uint(size)
            out += text
        else:
            write_value(out, item)


def write_integer(out: bytearray, value: int) -> None:
    """Small integers as such; beyond 31 bits Yjs writes floats, and so do we."""
    if 0 <= value < 64:
        out += b"\x7d%c" % value
    elif 0 <= value < 8192:
        out += b"\x7d%c%c" % (128 | (value & 63), value >> 6)
    elif -0x7FFFFFFF <= value <= 0x7FFFFFFF:
        write_long_integer(out, abs(value), 64 if value < 0 else 0)
    else:
        out.append(FLOAT64)
        out += _float64.pack(value)


def write_long_integer(out: bytearray, rest: int, sign: int) -> None:
    out.append(INTEGER)
    out.append((128 if rest > 63 else 0) | sign | (rest & 63))
    rest >>= 6
    while rest:
        out.append((128 if rest > 127 else 0) | (rest & 127))
        rest >>= 7
