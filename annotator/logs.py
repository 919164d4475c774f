"""How log lines look: for people, or one JSON object a line. Neither holds anybody's content, at any level.

Kept out: messages of errors (they quote values; the type and the places in the code are told), what other libraries add
below their first line, and every field that is not named here. Query strings are never handed to a log.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from annotator.collaboration.log_context import bound, told

OURS = ("annotator", "projects")
# What a line may say besides its message, in this order. Ids, codes and numbers only.
FIELDS = (
    "request", "session", "user", "document", "task", "project", "run", "job",
    "method", "path", "status", "code", "ms", "seconds", "edits",
)  # fmt: skip


def is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OURS


def message_of(record: logging.LogRecord) -> str:
    """The message, with errors told by `told`; of other libraries the first line only."""
    args = record.args
    if isinstance(args, tuple):
        args = tuple(told(arg) if isinstance(arg, BaseException) else arg for arg in args)
    try:
        said = str(record.msg) % args if args else str(record.msg)
    except (TypeError, ValueError):
        said = "A log line whose message does not fit its arguments."
    if isinstance(record.msg, BaseException):
        said = told(record.msg)
    return said if is_ours(record) else said.partition("\n")[0]


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """The fields that this line says. Other libraries' lines have only those of the context: Django hangs whole requests
    on its own, with their query strings."""
    own = record.__dict__ if is_ours(record) else {}
    said = {**{name: own[name] for name in FIELDS if name in own}, **bound()}
    return {name: said[name] for name in FIELDS if isinstance(said.get(name), str | int | float)}


def error_of(record: logging.LogRecord) -> list[str]:
    """An error and its causes: types and places in the code, outermost last."""
    error = record.exc_info[1] if record.exc_info else None
    lines: list[str] = []
    while error is not None:
        places = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        lines = [*places, told(error), *lines]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
            **fields_of(record),
        }
        if error := error_of(record):
            line["error"] = error
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """A line for people, with its fields at the end; an error below it."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().isoformat(sep=" ", timespec="milliseconds")
        said = " ".join(f"{name}={value}" for name, value in fields_of(record).items())
        line = f"{at} {record.levelname} {record.name}: {message_of(record)}" + (f"  [{said}]" if said else "")
        return "\n    ".join([line, *error_of(record)])


def configuration(style: str, level: str) -> dict[str, Any]:
    """Django's LOGGING. The level is that of our own lines; other libraries are never heard below INFO."""
    others = level if logging.getLevelName(level) > logging.INFO else "INFO"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonLines if style == "json" else TextLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": others},
        "loggers": {
            **{name: {"level": level} for name in OURS},
            "django": {"handlers": [], "level": others},  # Django's own handlers would write it a second time
            "daphne": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},  # its lines hold addresses with their queries
        },
    }
