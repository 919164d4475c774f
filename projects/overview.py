"""The numbers on a project's overview. Each is one GROUP BY that an index answers without reading the rows."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count

from projects.models import Annotation, Label, Project, Task, TaskStatus

LARGE = 20_000  # tasks; counting so many takes longer than showing a page of them
LARGE_KEPT_SECONDS = 5


@dataclass(frozen=True)
class Progress:
    """How far the tasks of a project are."""

    open: int = 0
    in_progress: int = 0
    submitted: int = 0
    skipped: int = 0

    @property
    def tasks(self) -> int:
        return self.open + self.in_progress + self.submitted + self.skipped

    @property
    def unfinished(self) -> int:
        return self.open + self.in_progress

    def of(self, status: str) -> int:
        return int(getattr(self, status))


@dataclass(frozen=True)
class Said:
    """How many annotations there are, and what became of the models' suggestions."""

    annotations: int  # accepted, whoever made them
    waiting: int  # suggestions without a decision
    model_accepted: int
    model_decided: int


@dataclass(frozen=True)
class LabelCount:
    label: Label
    count: int
    share: int  # of the most frequent label, in per cent: the length of its bar

    @property
    def key(self) -> str:
        """As the task table's filter has it."""
        return f"{self.label.field.key}:{self.label.key}"


def task_count(project: Project) -> int:
    """How many tasks a project has; of a large one, how many it had some seconds ago."""
    key = f"tasks.{project.pk}"
    known: int | None = cache.get(key)
    if known is not None:
        return known
    count = project.tasks.count()
    if count >= LARGE:
        cache.set(key, count, LARGE_KEPT_SECONDS)
    return count


def progress_of(project_ids: list[int]) -> dict[int, Progress]:
    """The progress of each project, in one query."""
    rows = Task.objects.filter(project__in=project_ids).order_by().values_list("project", "status")
    counts: dict[int, dict[str, int]] = {project_id: {} for project_id in project_ids}
    for project_id, status, count in rows.annotate(Count("pk")):
        counts[project_id][status] = count
    return {key: Progress(**{s: found.get(s, 0) for s in TaskStatus.values}) for key, found in counts.items()}


def said_in(project: Project) -> Said:
    rows = Annotation.objects.filter(project=project).order_by().values_list("origin", "status").annotate(Count("pk"))
    by = {(origin, status): count for origin, status, count in rows}
    accepted = by.get(("model", "accepted"), 0)
    return Said(
        annotations=sum(count for (_, status), count in by.items() if status == "accepted"),
        waiting=sum(count for (_, status), count in by.items() if status == "suggested"),
        model_accepted=accepted,
        model_decided=accepted + by.get(("model", "rejected"), 0),
    )


def label_counts(project: Project) -> dict[str, list[LabelCount]]:
    """Accepted annotations by label, under the names of their fields; removed labels while something uses them."""
    rows = Annotation.objects.filter(project=project, status="accepted").order_by().values_list("field", "label")
    counts = {(field, label): count for field, label, count in rows.annotate(Count("pk"))}
    most = max(counts.values(), default=0)
    shown: dict[str, list[LabelCount]] = {}
    labels = Label.objects.filter(field__project=project).select_related("field")
    for label in labels.order_by("field__position", "field_id", "position", "pk"):
        count = counts.get((label.field.key, label.key), 0)
        if count or not (label.removed or label.field.removed):
            line = LabelCount(label, count, count * 100 // most if most else 0)
            shown.setdefault(label.field.name, []).append(line)
    return shown
