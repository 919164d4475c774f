"""JSON values as lib0 encodes them ("Any"). Reads without trust: depth, numbers, keys and sizes are bounded."""

from __future__ import annotations

import struct
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
    size = data[at]
    at += 1
    if size > 127:
        size, at = read_uint(data, at - 1)
    end = at + size
    if end > len(data):
        raise Malformed("A string ends too early.")
    try:
        return data[at:end].decode(), end
    except UnicodeDecodeError:  # among others: half of a surrogate pair
        raise Malformed("A string is not UTF-8.") from None


def read_object(data: bytes, at: int, depth: int) -> tuple[Json, int]:
    if depth < 0:
        raise Malformed("A value is nested too deep.")
    count, at = read_uint(data, at)
    if 2 * count > len(data) - at:
        raise Malformed("An object says that it has more keys than there are bytes.")
    value: dict[str, Json] = {}
    for _ in range(count):
        key, at = read_string(data, at)
        if data[at] == STRING:  # most values are: spares a call
            value[key], at = read_string(data, at + 1)
        else:
            value[key], at = read_value(data, at, depth)
    if len(value) != count:
        raise Malformed("An object has a key twice.")
    if not FORBIDDEN_KEYS.isdisjoint(value):
        raise Malformed("An object has a key that is forbidden.")
    return value, at


def read_array(data: bytes, at: int, depth: int) -> tuple[Json, int]:
    if depth < 0:
        raise Malformed("A value is nested too deep.")
    count, at = read_uint(data, at)
    if count > len(data) - at:
        raise Malformed("An array says that it has more items than there are bytes.")
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


def write_value(out: bytearray, value: Json) -> None:
    """Append a JSON value. The value is our own: what is not JSON is a TypeError."""
    kind = type(value)
    if kind is str:
        out.append(STRING)
        out += string(value)
    elif kind is int:
        write_integer(out, value)
    elif kind is dict:
        out.append(OBJECT)
        out += uint(len(value))
        for key, item in value.items():
            out += string(key)
            write_value(out, item)
    elif value is None:
        out.append(NULL)
    elif kind is bool:
        out.append(TRUE if value else FALSE)
    elif kind is float:
        out.append(FLOAT64)
        out += _float64.pack(value)
    elif kind is list or kind is tuple:
        out.append(ARRAY)
        out += uint(len(value))
        for item in value:
            write_value(out, item)
    else:
        raise TypeError(f"{kind.__name__} is not a JSON value.")


def write_integer(out: bytearray, value: int) -> None:
    """Small integers as such; beyond 31 bits Yjs writes floats, and so do we."""
    if not -0x7FFFFFFF <= value <= 0x7FFFFFFF:
        out.append(FLOAT64)
        out += _float64.pack(value)
        return
    rest = abs(value)
    sign = 64 if value < 0 else 0
    out.append(INTEGER)
    out.append((128 if rest > 63 else 0) | sign | (rest & 63))
    rest >>= 6
    while rest:
        out.append((128 if rest > 127 else 0) | (rest & 127))
        rest >>= 7
