"""Which tasks a batch is for: some that were picked, or all that match filters. Knows ids; nothing of what is done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from projects.models import Project, Task
from projects.task_table import TaskFilters, count_matching, matching_ids

MOST_PICKED = 1000  # tasks picked one by one; more are taken by what they have in common


@dataclass(frozen=True)
class Selection:
    """Tasks of a project: those of `ids`, or where it is None those that match `filters`, none newer than `until`.

    What matches is looked at again at every step: a task that somebody has changed meanwhile, so that it does not match
    any more, is left alone; and what was imported since the batch was asked for is not in it.
    """

    ids: tuple[int, ...] | None
    filters: TaskFilters
    until: int

    def next_ids(self, project_id: int, after: int, limit: int) -> list[int]:
        """The next tasks behind `after`."""
        if self.ids is None:
            return matching_ids(project_id, self.filters, after, limit, self.until)
        wanted = sorted(task_id for task_id in self.ids if task_id > after)[:limit]
        there = Task.objects.filter(project=project_id, pk__in=wanted).order_by("pk")
        found = list(there.values_list("pk", flat=True))
        # A step all of whose tasks are gone is not the end.
        return found if found or not wanted else self.next_ids(project_id, wanted[-1], limit)

    def count(self, project_id: int) -> int:
        if self.ids is None:
            return count_matching(project_id, self.filters).number
        return Task.objects.filter(project=project_id, pk__in=self.ids).count()

    def as_json(self) -> dict[str, Any]:
        return {"ids": self.ids and list(self.ids), "filters": asdict(self.filters), "until": self.until}


def selection_of(kept: dict[str, Any]) -> Selection:
    """As a job keeps it."""
    ids = kept["ids"]
    return Selection(None if ids is None else tuple(ids), TaskFilters(**kept["filters"]), kept["until"])


def picked(ids: Sequence[int]) -> Selection:
    return Selection(tuple(ids), TaskFilters(), max(ids, default=0))


def all_that_match(project: Project, filters: TaskFilters) -> Selection:
    """All that match now."""
    newest = project.tasks.order_by("-pk").values_list("pk", flat=True).first()
    return Selection(None, filters, newest or 0)
