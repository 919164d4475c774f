"""Trying a backend with a task of one sentence, and saying in a sentence what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import time

from projects.models import Backend, Task
from projects.suggestions import asking
from projects.suggestions.backends import KINDS
from projects.suggestions.events import BackendFailed, Problem, RunRequest, Suggest, Suggestion

SAMPLE = "Ada Lovelace met Charles Babbage in London on 5 June 1833."
TEST_SECONDS = 20.0  # somebody is waiting before the screen


class Trial:
    """What a backend said when it was tried."""

    def __init__(self) -> None:
        self.first_ms: float | None = None
        self.suggestions = 0
        self.problems: list[str] = []

    def __str__(self) -> str:
        count = f"{self.suggestions} suggestion{'' if self.suggestions == 1 else 's'}"
        first = "" if self.first_ms is None else f", the first answer after {self.first_ms:.0f} ms"
        unused = f" Not all of it can be used ({len(self.problems)}): {self.problems[0]}" if self.problems else ""
        return f"It works: {count} for a short text{first}.{unused}"


def test_connection(backend: Backend) -> tuple[bool, str]:
    """Call the backend with a tiny task: whether it works, and a sentence. Blocks, for threads without a loop."""
    kind = KINDS.get(backend.kind)
    if kind is None:
        return False, f"There is no kind of backend named “{backend.kind}”."
    if not kind.needs_url:
        return True, kind.describe(backend.project_id)
    request = asking.request_for(backend, Task(project=backend.project, text=SAMPLE), None)
    return asyncio.run(tried(kind.suggest, request, min(TEST_SECONDS, backend.timeout_seconds)))


async def tried(suggest: Suggest, request: RunRequest, seconds: float) -> tuple[bool, str]:
    trial = Trial()
    try:
        async with asyncio.timeout(seconds):
            await call(suggest, request, trial)
    except TimeoutError:
        return False, f"The backend was not done with a short text within {seconds:g} seconds."
    except BackendFailed as failed:
        return False, str(failed)
    if trial.problems and not trial.suggestions:
        return False, f"The backend answers, but not as expected. {trial.problems[0]}"
    return True, str(trial)


async def call(suggest: Suggest, request: RunRequest, trial: Trial) -> None:
    began = time.monotonic()
    async with contextlib.aclosing(suggest(request)) as events:
        async for event in events:
            if trial.first_ms is None:
                trial.first_ms = (time.monotonic() - began) * 1000
            trial.suggestions += isinstance(event, Suggestion)
            if isinstance(event, Problem):
                trial.problems.append(event.text)


test_connection.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test where it is imported
