"""What a backend is asked and what it says: the words between the runner and every kind of backend. Pure."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any

MAX_SUGGESTIONS = 10_000  # of one run
MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_LINE_BYTES = 64 * 1024
MAX_LINES = 50_000
MAX_SENTENCE = 500  # characters of a backend's message that are shown
MAX_VERSION = 100
CONNECT_SECONDS = 5.0
IDLE_SECONDS = 30.0  # the longest silence, where a backend's settings do not say otherwise


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A statement as the backend made it; nothing of it is checked against the project or the text yet."""

    field: str | None = None  # its key or name; may be left out where the project has one field
    label: str | None = None
    value: Json = None
    score: float | None = None
    text: str | None = None  # the wording that the backend believes to stand there
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    fraction: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Message:
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be used; the run goes on."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    version: str | None = None


Event = Suggestion | Progress | Message | Problem | Done


class BackendFailed(Exception):
    """The backend cannot go on. Holds the sentence that everybody in the task reads."""


@dataclass(frozen=True, slots=True)
class Limits:
    connect_seconds: float = CONNECT_SECONDS
    idle_seconds: float = IDLE_SECONDS
    line_bytes: int = MAX_LINE_BYTES
    answer_bytes: int = MAX_ANSWER_BYTES
    lines: int = MAX_LINES
    suggestions: int = MAX_SUGGESTIONS


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One task put to one backend. `body` is the question in the language-neutral JSON of the stream protocol."""

    project_id: int
    task_id: int
    text: str
    body: Mapping[str, Json]
    url: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    @property
    def fields(self) -> list[dict[str, Json]]:
        """The questions of the project, in the protocol's JSON."""
        return list(self.body["fields"])


Suggest = Callable[[RunRequest], AsyncGenerator[Event, None]]


@dataclass(frozen=True, slots=True)
class BackendKind:
    """A kind of backend: one file, one line in `backends.KINDS`."""

    name: str
    title: str
    settings_help: str  # for the manager who fills in `Backend.settings`
    suggest: Suggest
    describe: Callable[[int], str]  # what it says of itself when tested, by project id; may read the database
    needs_url: bool = True
    learns: bool = False  # gets better as the team works: called again at every first opening


def shortened(text: str, length: int = MAX_SENTENCE) -> str:
    """One line of at most `length` characters, without control characters: what others said is shown, never obeyed."""
    shown = text[: 4 * length]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else " " for c in shown)
    shown = " ".join(shown.split())
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def quoted(value: Json, length: int = 40) -> str:
    """A value of a backend's, short enough to stand in a sentence."""
    return f"“{shortened(str(value), length)}”"


def idle_seconds(settings: Mapping[str, Json]) -> float:
    """`idle_seconds` of a backend's settings, within reason."""
    given = settings.get("idle_seconds")
    if isinstance(given, bool) or not isinstance(given, int | float) or not given > 0:
        return IDLE_SECONDS
    return min(float(given), 3600.0)
