"""How much was done when, and who did what. Each figure is one GROUP BY over an index, kept for seconds in a large project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.db.models import Count

from projects.models import Annotation, Membership, Project, Task
from projects.overview import LARGE, LARGE_KEPT_SECONDS, task_count
from projects.people import colour_of
from projects.store import adapted

HOURS, DAYS = 24, 30
Figure = TypeVar("Figure")

# Django's own truncation of times calls into Python for each row, on SQLite.
BUCKET = {
    "sqlite": {"hour": "substr(submitted_at, 1, 13)", "day": "substr(submitted_at, 1, 10)"},
    "postgresql": {
        "hour": "to_char(submitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')",
        "day": "to_char(submitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    },
}
DONE = """
SELECT {bucket}, submitted_by_id, count(*) FROM projects_task
WHERE project_id = %s AND submitted_at IS NOT NULL AND submitted_at >= %s
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Bucket:
    """An hour or a day, and how many tasks each person submitted in it."""

    start: datetime
    done: dict[int | None, int]


@dataclass(frozen=True)
class Share:
    """What one person has done in a project."""

    user_id: int
    name: str
    role: str  # empty for who is no member any more
    done: int  # tasks submitted
    annotations: int  # statements made, whatever became of them
    decisions: int  # suggestions and annotations accepted, rejected or corrected

    @property
    def colour(self) -> str:
        return colour_of(self.user_id)


def kept(name: str, project: Project, look: Callable[[], Figure]) -> Figure:
    """A figure; of a large project the one of some seconds ago."""
    if task_count(project) < LARGE:
        return look()
    key = f"{name}.{project.pk}"
    known: Figure | None = cache.get(key)
    if known is None:
        cache.set(key, known := look(), LARGE_KEPT_SECONDS)
    return known


def hours(project: Project, now: datetime) -> list[Bucket]:
    """The last day by hours, this one last; empty hours, too."""
    start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    return kept("hours", project, lambda: _buckets(project, "hour", start, timedelta(hours=1), HOURS))


def days(project: Project, now: datetime) -> list[Bucket]:
    """The last month by days (UTC), this one last; empty days, too."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)
    return kept("days", project, lambda: _buckets(project, "day", start, timedelta(days=1), DAYS))


def _buckets(project: Project, unit: str, start: datetime, step: timedelta, count: int) -> list[Bucket]:
    with connection.cursor() as cursor:
        cursor.execute(DONE.format(bucket=BUCKET[connection.vendor][unit]), [project.pk, adapted(start)])
        rows = cursor.fetchall()
    shape = "%Y-%m-%d %H" if unit == "hour" else "%Y-%m-%d"
    found: dict[str, dict[int | None, int]] = {}
    for bucket, user_id, number in rows:
        found.setdefault(bucket, {})[user_id] = number
    starts = [start + step * number for number in range(count)]
    return [Bucket(at, found.get(at.strftime(shape), {})) for at in starts]


def shares(project: Project) -> list[Share]:
    """What each member has done, and who is none any more but has; the most first."""
    return kept("shares", project, lambda: _shares(project))


def _shares(project: Project) -> list[Share]:
    tasks = Task.objects.filter(project=project, submitted_at__isnull=False, submitted_by__isnull=False)
    done = _by(tasks, "submitted_by")
    made = _by(Annotation.objects.filter(project=project, author_id__isnull=False), "author_id")
    decided = _by(Annotation.objects.filter(project=project, decided_by_id__isnull=False), "decided_by_id")
    roles = dict(Membership.objects.filter(project=project).values_list("user_id", "role"))
    names = _names({*roles, *done, *made, *decided})
    found = [
        Share(pk, name, roles.get(pk, ""), done.get(pk, 0), made.get(pk, 0), decided.get(pk, 0))
        for pk, name in names.items()
    ]
    return sorted(found, key=lambda share: (-share.done, -share.annotations - share.decisions, share.name))


def _by(rows: Any, column: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(column).annotate(Count("pk")))


def _names(user_ids: set[int]) -> dict[int, str]:
    users = get_user_model().objects.filter(pk__in=user_ids)
    return {user.pk: user.get_username() for user in users}
