"""The `stream` backend: POSTs the task as JSON and turns the NDJSON that comes back into events, as it comes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

import httpx

from projects.suggestions import calls, protocol
from projects.suggestions.events import BackendFailed, BackendKind, Done, Event, RunRequest, Suggestion
from projects.suggestions.lines import Lines
from projects.suggestions.pace import Pace

MAX_UNREADABLE = 100  # lines that are no JSON at all; a whole page of them says nothing that the first did not

SETTINGS_HELP = (
    "Address: where the task is POSTed as JSON. Settings: “idle_seconds” (30), the longest silence between two lines; "
    "“parameters”, an object that is passed on to the backend as it is."
)


async def suggest(request: RunRequest) -> AsyncGenerator[Event, None]:
    """Ends with Done; where the answer ends otherwise, raises BackendFailed."""
    async with calls.posted(request.url, request.body, request.limits) as response:
        await calls.need_ndjson(response, request.limits)
        async with contextlib.aclosing(Answer(request).events(response)) as events:
            async for event in events:
                yield event
                if isinstance(event, Done):
                    return
    raise BackendFailed("The backend's answer ended without a “done” line; it may be incomplete.")


class Answer:
    """What has come of one answer, and how much more may."""

    def __init__(self, request: RunRequest) -> None:
        self._limits = request.limits
        self._lines = Lines(request.limits)
        self._silence = calls.Silence(request.limits.idle_seconds)
        self._reader = protocol.Reader()
        self._pace = Pace()
        self._left = request.limits.suggestions

    async def events(self, response: httpx.Response) -> AsyncGenerator[Event, None]:
        """Every line's event, until the answer ends. Raises BackendFailed where reading on makes no sense."""
        async with contextlib.aclosing(calls.chunks(response, self._limits, self._silence)) as chunks:
            async for chunk in chunks:
                for line in self._lines.feed(chunk):
                    if event := self._event(line):
                        yield event
                    # Told after the event was taken: time that we spend on one is not the backend's silence.
                    self._silence.heard()
                    await self._pace.keep()
        for line in self._lines.finish():
            if event := self._event(line):
                yield event

    def _event(self, line: bytes) -> Event | None:
        if not self._reader.understood and line.lstrip()[:1] == b"<":
            raise BackendFailed("The backend answered with a web page (HTML); NDJSON was expected.")
        event = self._reader.read(line)
        if self._reader.lines > self._limits.lines:
            raise BackendFailed(f"The backend's answer has more than {self._limits.lines} lines; the rest was left.")
        if self._reader.unreadable > MAX_UNREADABLE:
            raise BackendFailed(f"More than {MAX_UNREADABLE} lines of the answer are not JSON; the rest was not read.")
        if isinstance(event, Suggestion):
            self._left -= 1
            if self._left < 0:
                raise BackendFailed("The backend made more suggestions than one run may; the rest was not read.")
        return event


KIND = BackendKind(
    name="stream",
    title="Stream (NDJSON over HTTP)",
    settings_help=SETTINGS_HELP,
    suggest=suggest,
    describe=lambda project_id: "",
)
