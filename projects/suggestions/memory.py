"""The built-in `memory` backend: suggests what the team has accepted elsewhere. Knows rows, not documents.

What it knows of a project is built in a thread of its own, in pieces that let the event loop pacee, and kept until
the project's documents have changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections, connection
from django.db.models import Count, Sum

from projects.models import Annotation, Document, Task
from projects.suggestions.events import BackendKind, Done, Event, Progress, RunRequest, Suggestion
from projects.suggestions.nearest import Nearest, votes
from projects.suggestions.pace import Pace
from projects.suggestions.phrases import Phrases

MAX_SPANS = 200_000  # the latest of a project's accepted spans that are remembered
MAX_TEXTS = 5_000  # the latest texts that were answered or worked on
MAX_TEXT_CHARACTERS = 20_000  # of a text that are looked at when learning
MAX_KEPT = 20  # projects whose memory is kept
LEISURE = 20  # what took a second to build is not built again within twenty,
GRACE_SECONDS = 1.0  # less one: what takes some milliseconds is always fresh
DEFAULT_MINIMUM_SCORE = 0.3

SETTINGS_HELP = (
    "Needs no address. Settings: “minimum_score” (0.3), below which nothing is suggested. "
    "It learns from what the team has accepted in the project's other tasks."
)


@dataclass
class Remembered:
    """What the team of one project has accepted."""

    phrases: dict[str, Phrases]  # by field
    nearest: Nearest

    def __str__(self) -> str:
        wordings = sum(len(phrases) for phrases in self.phrases.values())
        return f"It remembers {wordings} accepted wordings and {len(self.nearest)} answered texts of this project."


@dataclass
class Kept:
    remembered: Remembered
    stamp: tuple[Any, ...]
    checked: float  # time.monotonic
    built: float
    check_seconds: float
    build_seconds: float

    def fresh_until(self) -> float:
        """When checking and building are paid off."""
        paid = max(self.checked + LEISURE * self.check_seconds, self.built + LEISURE * self.build_seconds)
        return paid - GRACE_SECONDS


class Memory:
    """What is remembered of each project, built when it is asked for. One thread: two runs share one building."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="memory")
        self._kept: dict[int, Kept] = {}

    async def of(self, project_id: int) -> Remembered:
        remembered: Remembered = await self.in_thread(self.current, project_id)
        return remembered

    async def in_thread(self, function: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, with_fresh_connection, function, *args)

    def current(self, project_id: int) -> Remembered:
        """What is remembered now; built again where the project has changed and the last building is paid off."""
        kept = self._kept.get(project_id)
        began = time.monotonic()
        if kept is not None and began < kept.fresh_until():
            return kept.remembered
        stamp = stamp_of(project_id)
        checked = time.monotonic()
        if kept is None or kept.stamp != stamp:
            kept = Kept(build(project_id), stamp, checked, 0.0, checked - began, 0.0)
            kept.built = time.monotonic()
            kept.build_seconds = kept.built - checked
        kept.checked, kept.check_seconds = checked, checked - began
        self._keep(project_id, kept)
        return kept.remembered

    def _keep(self, project_id: int, kept: Kept) -> None:
        """The project used last stands last; the first one goes when there are too many."""
        self._kept.pop(project_id, None)
        self._kept[project_id] = kept
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]


memory = Memory()


def with_fresh_connection(function: Any, *args: Any) -> Any:
    """For our own thread, which lives as long as the process. Nobody else's connection is touched."""
    close_old_connections()
    return function(*args)


def stamp_of(project_id: int) -> tuple[Any, ...]:
    """Changes whenever the rows of one of the project's documents may have."""
    found = Document.objects.filter(task__project_id=project_id).aggregate(Sum("projected"), Sum("epoch"), Count("pk"))
    rows = Annotation.objects.filter(project_id=project_id).aggregate(Count("pk"))
    return connection.settings_dict["NAME"], *found.values(), *rows.values()


def build(project_id: int) -> Remembered:
    """Read the accepted annotations and learn from them. Takes a second for 100,000."""
    pace = Pace()
    phrases: dict[str, Phrases] = defaultdict(Phrases)
    tasks: dict[int, set[str]] = defaultdict(set)  # the tasks in which spans were accepted, and of which fields
    for task_id, field, label, wording in accepted(project_id, "span"):
        if wording is not None:
            phrases[field].learn(task_id, wording, label)
            tasks[task_id].add(field)
        pace.keep_in_thread()
    for task_id, text in texts(sorted(tasks)[-MAX_TEXTS:]):
        for field in tasks[task_id]:
            for _ in phrases[field].observe(task_id, text):
                pace.keep_in_thread()
    return Remembered(dict(phrases), answered_texts(project_id, pace))


def answered_texts(project_id: int, pace: Pace) -> Nearest:
    answers: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for task_id, field, label, _ in accepted(project_id, "choice"):
        answers[task_id][field].append(label)
        pace.keep_in_thread()
    nearest = Nearest()
    for task_id, text in texts(sorted(answers)[-MAX_TEXTS:]):
        nearest.add(task_id, text, {field: tuple(labels) for field, labels in answers[task_id].items()})
        pace.keep_in_thread()
    for _ in nearest.finish():
        pace.keep_in_thread()
    return nearest


def accepted(project_id: int, kind: str) -> Iterator[tuple[int, str, str, str | None]]:
    """Task, field, label and wording of the latest statements that hold: a person's own, or decided by one."""
    rows = Annotation.objects.filter(project_id=project_id, kind=kind, status="accepted", label__isnull=False)
    latest = rows.order_by("-pk").values_list("task_id", "field", "label", "text")[:MAX_SPANS]
    return latest.iterator(chunk_size=200)  # type: ignore[return-value]


def texts(task_ids: list[int]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(task_ids), 50):
        found = Task.objects.filter(pk__in=task_ids[start : start + 50]).values_list("pk", "text")
        yield from ((task_id, text[:MAX_TEXT_CHARACTERS]) for task_id, text in found)


async def suggest(request: RunRequest) -> AsyncGenerator[Event, None]:
    """Choices first, as they are few; then spans, while the text is walked."""
    remembered = await memory.of(request.project_id)
    minimum = minimum_score(request.settings)
    for choice in await memory.in_thread(choices, remembered, request, minimum):
        yield choice
    async with contextlib.aclosing(paced(spans(remembered, request, minimum))) as events:
        async for event in events:
            yield event
    yield Done()


def choices(remembered: Remembered, request: RunRequest, minimum: float) -> list[Suggestion]:
    asked = [field for field in request.fields if field["kind"] == "choice"]
    if not asked or not len(remembered.nearest):
        return []
    alike = remembered.nearest.alike(request.text[:MAX_TEXT_CHARACTERS], leaving_out=request.task_id)
    found = []
    for field in asked:
        known = label_keys(field)
        shares = [(label, share) for label, share in votes(alike, field["key"]) if label in known and share >= minimum]
        for label, share in shares if field["multiple"] else shares[:1]:
            found.append(Suggestion(field["key"], label, None, share))
    return found


def spans(remembered: Remembered, request: RunRequest, minimum: float) -> Iterator[Event | None]:
    """Suggestions from the text's beginning on; None now and then, where there is nothing to say yet."""
    asked = [field for field in request.fields if field["kind"] == "span" and field["key"] in remembered.phrases]
    length = max(1, len(request.text))
    for number, field in enumerate(asked):
        phrases, known = remembered.phrases[field["key"]], label_keys(field)
        own = phrases.own(request.task_id, request.text[:MAX_TEXT_CHARACTERS])
        outer: list[tuple[int, str]] = []  # ends and labels of what was suggested, to see what lies inside
        for found in phrases.walk(request.text):
            said = phrases.label(found, own) if found is not None else None
            if found is None or said is None or said[0] not in known or said[1] < minimum:
                yield None
                continue
            label, score = said
            outer = [(end, other) for end, other in outer if end > found.start]
            if (found.end, label) not in outer and all(other != label for _, other in outer):
                outer.append((found.end, label))
                value = {"start": found.start, "end": found.end}
                yield Suggestion(field["key"], label, value, score)
            if length > 10_000:
                yield Progress(min(1.0, (number + found.end / length) / len(asked)))


async def paced(events: Iterable[Event | None]) -> AsyncGenerator[Event, None]:
    """Walk in short stretches: the loop that walks here also serves every open room."""
    pace = Pace()
    for event in events:
        if event is not None:
            yield event
        await pace.keep()


def label_keys(field: dict[str, Any]) -> set[str]:
    return {label["key"] for label in field["labels"]}


def minimum_score(settings: Any) -> float:
    given = settings.get("minimum_score", DEFAULT_MINIMUM_SCORE)
    return float(given) if isinstance(given, int | float) else DEFAULT_MINIMUM_SCORE


KIND = BackendKind(
    name="memory",
    title="Memory (built in)",
    settings_help=SETTINGS_HELP,
    suggest=suggest,
    describe=lambda project_id: str(memory.current(project_id)),
    needs_url=False,
    learns=True,
)
