"""JSON as it comes from files: exact integers, nothing that a database or a browser cannot hold."""

from __future__ import annotations

import json
from typing import Any

import orjson

from annotator.collaboration.changes import Json

# Integers of so many digits may need more than 64 bits, which orjson would turn into a float.
LONG_INTEGER = b"0" * 19
DIGITS_AS_ZEROS = bytes(48 if 48 <= byte <= 57 else byte for byte in range(256))  # six times as fast as a regex


class NotJson(ValueError):
    """Holds a clause for people."""


def read_json(data: bytes) -> Json:
    """Raises NotJson."""
    try:
        if LONG_INTEGER in data.translate(DIGITS_AS_ZEROS):
            return json.loads(data, parse_constant=refuse_constant)
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise NotJson(clause_of(data, error)) from None
    except (ValueError, RecursionError) as error:
        raise NotJson(f"it is not JSON: {error}") from None


def clause_of(data: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        data.decode()
    except UnicodeDecodeError as wrong:
        return f"it is not UTF-8: byte {wrong.start + 1} is 0x{data[wrong.start]:02x}"
    said = str(error)
    if "surrogate" in said:
        return f"it holds half of a character (a lone surrogate), at character {error.pos + 1}"
    return f"it is not JSON: {said.split(':')[0]}, at character {error.pos + 1}"


def refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def write_json(value: Json) -> bytes:
    """The one way in which we write JSON. Raises NotJson for what no database holds: half characters."""
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except (UnicodeEncodeError, RecursionError):
        raise NotJson("it holds half of a character (a lone surrogate)") from None


def holds_nul(value: Json) -> bool:
    """Whether a NUL character stands in any string of `value`, which PostgreSQL cannot hold."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in key or holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(holds_nul(item) for item in value)


def fault_of_text(text: Any, what: str = "text") -> str | None:
    """Why `text` cannot be kept as a string, as a clause; None if it can."""
    if not isinstance(text, str):
        return f"the {what} must be a string, not {text!r}"[:120]
    if "\0" in text:
        return f"the {what} holds a NUL character"
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that is not UTF-8
            return f"the {what} is not UTF-8: byte 0x{code - 0xDC00:02x} at character {error.start + 1}"
        return f"the {what} holds half of a character (a lone surrogate) at character {error.start + 1}"
    return None
