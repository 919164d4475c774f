"""An import, step by step: read some rows, then store them with the job's cursor in one short transaction.

Whoever is killed between two steps, or within one, leaves nothing half done: cursor and tasks are of one transaction,
and a step is only stored if the cursor stands where this process left it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import transaction

from annotator.collaboration.changes import Json
from projects.document import timestamp
from projects.importing.preparing import Prepared, Preparing
from projects.importing.records import Position, Problem, Record
from projects.importing.writing import insert_tasks
from projects.models import Job, JobState
from projects.write_turn import write_turn

STEP_SECONDS = 0.01  # what writing a step should take: an edit that comes in between waits for that and for one commit
REST_SECONDS = 0.001  # between two, so that whoever waits gets the turn
SMALLEST_STEP, LARGEST_STEP = 64, 500  # tasks; STEP_BYTES bounds what long ones take
STEP_BYTES = 1024 * 1024
READING_SECONDS = 0.5  # after which a step is stored even if all its rows were refused
KEPT_PROBLEMS = 200


class Superseded(Exception):
    """Another process carries this job now, or it has ended."""


class Cancelled(Exception):
    """Somebody asked for the job to be cancelled."""


@dataclass
class Step:
    """What one transaction stores."""

    tasks: list[Prepared] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0
    after: Position | None = None


@dataclass
class Pace:
    """How many tasks a step takes, by how long the last ones took."""

    tasks: int = field(default_factory=lambda: SMALLEST_STEP)

    def took(self, tasks: int, seconds: float) -> None:
        if not tasks:
            return
        fitting = int(tasks * STEP_SECONDS / max(seconds, 1e-6))
        self.tasks = max(SMALLEST_STEP, min(LARGEST_STEP, fitting, tasks * 2))


def run_steps(
    job: Job,
    size: int,
    records: Iterator[Record | Problem],
    preparing: Preparing,
    stopping: Callable[[], bool],
    stored: Callable[[int], None],
) -> bool:
    """Carry the job on from its cursor. True when the file is at its end, False when `stopping` said so.

    Raises Superseded and Cancelled. After each step `job` is brought up to date, and `stored` hears the project's revision.
    """
    pace = Pace()
    while True:
        step = read_step(records, preparing, pace.tasks)
        if step.after is None:
            return True
        seconds, revision = store_step(job, step, step.after, size)
        pace.took(len(step.tasks), seconds)
        stored(revision)
        if stopping():
            return False
        time.sleep(REST_SECONDS)


def read_step(records: Iterator[Record | Problem], preparing: Preparing, tasks: int) -> Step:
    step = Step()
    now = timestamp()
    until = time.monotonic() + READING_SECONDS
    for record in records:
        prepared = record if isinstance(record, Problem) else preparing.prepare(record, now)
        step.after = record.after
        if isinstance(prepared, Problem):
            step.problems.append(prepared)
        else:
            step.tasks.append(prepared)
            step.size += prepared.size
        if len(step.tasks) >= tasks or step.size > STEP_BYTES or time.monotonic() > until:
            break
    return step


def store_step(job: Job, step: Step, after: Position, size: int) -> tuple[float, int]:
    """Store a step; returns how long the writing took, and the project's revision.

    The commit is not in the time: a disk is no faster for less.
    """
    with write_turn(), transaction.atomic():
        began = time.perf_counter()
        revision = lock(job)
        insert_tasks(job.project_id, job.created_by_id, step.tasks, datetime.now(UTC))
        advance(job, step, after, size)
        return time.perf_counter() - began, revision


def lock(job: Job) -> int:
    """Make sure that the job still stands where this process left it. Returns the project's revision."""
    columns = ("state", "cursor", "cancel_requested", "project__revision")
    found = Job.objects.select_for_update(of=("self",)).filter(pk=job.pk).values_list(*columns).first()
    if found is None:
        raise Cancelled
    state, cursor, cancel_requested, revision = found
    if state != JobState.RUNNING or cursor != job.cursor:
        raise Superseded
    if cancel_requested:
        raise Cancelled
    return int(revision)


def advance(job: Job, step: Step, after: Position, size: int) -> None:
    problems: list[Json] = [*job.problems]
    problems += [problem.as_json() for problem in step.problems[: KEPT_PROBLEMS - len(problems)]]
    new: dict[str, Json] = {
        "cursor": {"offset": after.offset, "line": after.line},
        "taken": job.taken + len(step.tasks),
        "refused": job.refused + len(step.problems),
        "progress": min(1.0, after.offset / max(1, size)),
    }
    if len(problems) != len(job.problems):
        new["problems"] = problems
    Job.objects.filter(pk=job.pk).update(**new)
    for name, value in new.items():
        setattr(job, name, value)
