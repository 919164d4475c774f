"""What a person starts from: what waits for them, where they were. A few queries, however many tasks there are."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, F
from django.db.models.expressions import RawSQL
from django.db.models.functions import Substr

from projects.access import may_write, roles_in
from projects.discussion.rows import mentions_of
from projects.models import Comment, Project, Task, TaskStatus, Visit
from projects.overview import Progress, progress_of

EXCERPT_LENGTH = 160
SHOWN = 5  # tasks in a list
UNFINISHED = (TaskStatus.OPEN, TaskStatus.IN_PROGRESS)


@dataclass(frozen=True)
class Place:
    """A task to go back to."""

    task_id: int
    project_id: int
    project: str
    excerpt: str
    status: str
    at: datetime.datetime


@dataclass(frozen=True)
class Card:
    """A project, and how many of its tasks wait for this person: assigned to them, with suggestions to decide."""

    project: Project
    progress: Progress
    assigned: int
    suggested: int


@dataclass(frozen=True)
class MyWork:
    """Tasks to go back to."""

    begun: list[Place]  # visited lately, in progress
    visited: list[Place]  # the latest first
    mentions: list[Comment]  # that mention this person, unread, the newest first

    @property
    def last(self) -> Place | None:
        return self.visited[0] if self.visited else None


def my_work(user: Any, project_ids: Collection[int]) -> MyWork:
    """Where a person was, in projects that they may see."""
    places = visited_by(user, project_ids)
    begun = [place for place in places[1:] if place.status == TaskStatus.IN_PROGRESS]
    mentions = mentions_of(user, Project.objects.filter(pk__in=project_ids)).filter(is_read=False)
    return MyWork(begun[:SHOWN], places[: SHOWN + 1], list(mentions[:SHOWN]))


def cards(user: Any, projects: Sequence[Project]) -> list[Card]:
    """What stands in each project; who may only look is not asked to decide."""
    ids = [project.pk for project in projects]
    progress, assigned, suggested = progress_of(ids), assigned_to(user, ids), suggested_in(ids)
    writable = {project_id for (_, project_id), role in roles_in([user], ids).items() if may_write(role)}
    return [
        Card(
            project,
            progress[project.pk],
            assigned.get(project.pk, 0),
            suggested.get(project.pk, 0) if project.pk in writable else 0,
        )
        for project in projects
    ]


def visited_by(user: Any, project_ids: Collection[int]) -> list[Place]:
    visits = Visit.objects.filter(user=user, task__project__in=project_ids).order_by("-at", "-pk")
    columns = ("task_id", "task__project_id", "task__project__name", "excerpt", "task__status", "at")
    return [
        Place(*row) for row in visits.annotate(excerpt=Substr("task__text", 1, EXCERPT_LENGTH)).values_list(*columns)
    ]


def assigned_to(user: Any, project_ids: Collection[int]) -> dict[int, int]:
    """How many unfinished tasks are this person's."""
    tasks = Task.objects.filter(assignee=user, status__in=UNFINISHED, project__in=project_ids)
    return dict(tasks.order_by().values_list("project").annotate(Count("pk")))


def suggested_in(project_ids: Collection[int]) -> dict[int, int]:
    """In how many tasks suggestions wait."""
    # Written out: SQLite takes a partial index only where it sees the same number in the query.
    waiting = RawSQL("suggestion_count > 0", (), output_field=BooleanField())
    tasks = Task.objects.filter(waiting, project__in=project_ids).order_by()
    return dict(tasks.values_list(F("project")).annotate(Count("pk")))
