"""Variable-length unsigned integers as lib0 writes them: seven bits a byte, the lowest first. Reads without trust."""

from __future__ import annotations


class Malformed(ValueError):
    """Bytes that no honest client writes."""


def read_uint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at` and where the next thing begins. At most eight bytes: no bignum can be smuggled in."""
    byte = data[at]  # an IndexError is the caller's "the bytes ended"
    if byte < 128:
        return byte, at + 1
    value, shift = byte & 127, 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 127) << shift
        if byte < 128:
            break
        shift += 7
        if shift > 49:
            raise Malformed("A number is too long.")
    if byte == 0 or value > 0x1FFFFFFFFFFFFF:
        raise Malformed("A number is too long.")
    return value, at + 1


def uint(value: int) -> bytes:
    """A number as bytes."""
    if value < 128:
        return bytes((value,))
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
