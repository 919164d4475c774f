"""The `stream` protocol, pure: one line of NDJSON becomes an event, or a sentence that says what is wrong with it."""

from __future__ import annotations

import json
import math
from typing import Any, TypeGuard

from projects.suggestions.events import (
    MAX_VERSION,
    BackendFailed,
    Done,
    Event,
    Message,
    Problem,
    Progress,
    Suggestion,
    quoted,
    shortened,
)

NAME = "colabel.stream.v1"
TYPES = "suggestion, progress, message, error or done"


class BadLine(ValueError):
    """A line that cannot be used. Holds the end of a sentence that begins with "Line n"."""


class Reader:
    """Reads the lines of one answer. A `version` on any line holds from there on."""

    def __init__(self) -> None:
        self.version: str | None = None
        self.lines = 0
        self.unreadable = 0  # lines that are not even a JSON object
        self.understood = 0

    def read(self, line: bytes) -> Event | None:
        """The event of a line; None for an empty one. Raises BackendFailed where the backend says that it failed."""
        self.lines += 1
        if not line.strip():
            return None
        try:
            said = self._object(line)
            event = self._event(said)
        except BadLine as bad:
            return Problem(f"Line {self.lines} {bad}")
        self.understood += 1
        return event

    def _object(self, line: bytes) -> dict[str, Any]:
        try:
            said = json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            self.unreadable += 1
            raise BadLine(f"is not JSON: {quoted(line[:200].decode(errors='replace'))}.") from None
        if not isinstance(said, dict):
            self.unreadable += 1
            raise BadLine(f"is not a JSON object: {quoted(line[:200].decode(errors='replace'))}.")
        return said

    def _event(self, said: dict[str, Any]) -> Event:
        self.version = version(said) or self.version
        match said.get("type"):
            case "suggestion":
                return suggestion(said, self.version)
            case "progress":
                return progress(said)
            case "message":
                return Message(text(said, "text", "message"))
            case "error":
                raise BackendFailed(f"The backend says: {text(said, 'text', 'error')}")
            case "done":
                return Done(self.version)
            case None:
                raise BadLine(f"has no “type”; expected was {TYPES}.")
            case other:
                raise BadLine(f"has the unknown type {quoted(other)}; expected was {TYPES}.")


def suggestion(said: dict[str, Any], holds: str | None) -> Suggestion:
    return Suggestion(
        field=optional_text(said, "field"),
        label=optional_text(said, "label"),
        value=value(said),
        score=score(said),
        text=optional_text(said, "text"),
        version=holds,
    )


def value(said: dict[str, Any]) -> Any:
    """`start` and `end` are the value of a span; other kinds say `value`."""
    if "start" not in said and "end" not in said:
        return said.get("value")
    if said.get("value") is not None:
        raise BadLine("has “value” besides “start” and “end”; say one of them.")
    return {"start": offset(said, "start"), "end": offset(said, "end")}


def offset(said: dict[str, Any], name: str) -> int:
    given = said.get(name)
    if isinstance(given, bool) or not isinstance(given, int):
        raise BadLine(f"has {quoted(given)} as “{name}”; expected was a whole number (Unicode code points).")
    return given


def score(said: dict[str, Any]) -> float | None:
    given = said.get("score")
    if given is None:
        return None
    if not is_number(given) or not 0 <= given <= 1:
        raise BadLine(f"has the score {quoted(given)}; expected was a number from 0 to 1.")
    return float(given)


def progress(said: dict[str, Any]) -> Progress:
    done, total, fraction = said.get("done"), said.get("total"), said.get("fraction")
    if fraction is None and is_number(done) and is_number(total) and 0 <= done <= total and total > 0:
        fraction = done / total
    if not is_number(fraction) or not 0 <= fraction <= 1:
        raise BadLine("tells no progress; expected was “fraction” from 0 to 1, or “done” and “total”.")
    return Progress(float(fraction))


def version(said: dict[str, Any]) -> str | None:
    given = optional_text(said, "version")
    return shortened(given, MAX_VERSION) if given else None


def text(said: dict[str, Any], name: str, kind: str) -> str:
    given = optional_text(said, name)
    if not given or not given.strip():
        raise BadLine(f"is a {kind} without “{name}”.")
    return shortened(given)


def optional_text(said: dict[str, Any], name: str) -> str | None:
    given = said.get(name)
    if given is not None and not isinstance(given, str):
        raise BadLine(f"has {quoted(given)} as “{name}”; expected was a text.")
    if given is not None and not well_formed(given):
        raise BadLine(f"has half a character in “{name}”.")
    return given


def well_formed(given: str) -> bool:
    """JSON can spell a lone surrogate, which is no character and cannot be stored."""
    try:
        given.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_number(given: Any) -> TypeGuard[int | float]:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return False
    return isinstance(given, int) or math.isfinite(given)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
