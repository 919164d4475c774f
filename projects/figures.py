"""All that a project's page counts, and the same for its charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from projects import overview, throughput
from projects.models import Project
from projects.overview import LabelCount, Progress, Said
from projects.people import colour_of
from projects.throughput import Bucket, Share


@dataclass(frozen=True)
class Figures:
    """The figures of one project at one moment; of a large one some are seconds old."""

    progress: Progress
    said: Said
    labels: dict[str, list[LabelCount]]  # by the name of the field
    hours: list[Bucket]
    days: list[Bucket]
    shares: list[Share]

    @property
    def done_lately(self) -> int:
        """Tasks submitted in the last two hours of the clock: this one and the one before."""
        return sum(sum(bucket.done.values()) for bucket in self.hours[-2:])


def figures_of(project: Project) -> Figures:
    now = timezone.now()
    return Figures(
        throughput.kept("progress", project, lambda: overview.progress_of([project.pk])[project.pk]),
        throughput.kept("said", project, lambda: overview.said_in(project)),
        throughput.kept("labels", project, lambda: overview.label_counts(project)),
        throughput.hours(project, now),
        throughput.days(project, now),
        throughput.shares(project),
    )


def charts_json(figures: Figures) -> dict[str, Any]:
    """What the page's script draws."""
    progress, said = figures.progress, figures.said
    return {
        "progress": {"tasks": progress.tasks, **{name: progress.of(name) for name in STATUSES}},
        "said": {
            "annotations": said.annotations,
            "waiting": said.waiting,
            "model_accepted": said.model_accepted,
            "model_decided": said.model_decided,
        },
        "labels": [
            {"field": field, "name": line.label.name, "key": line.key, "colour": line.label.colour, "count": line.count}
            for field, lines in figures.labels.items()
            for line in lines
        ],
        "hours": [bucket_json(bucket) for bucket in figures.hours],
        "days": [bucket_json(bucket) for bucket in figures.days],
        "people": people_json(figures),
    }


STATUSES = ("open", "in_progress", "submitted", "skipped")


def bucket_json(bucket: Bucket) -> dict[str, Any]:
    return {"start": bucket.start.isoformat(), "done": {str(user_id or 0): n for user_id, n in bucket.done.items()}}


def people_json(figures: Figures) -> list[dict[str, Any]]:
    """Who has done what; 0 stands for accounts that are gone."""
    return [
        {
            "id": share.user_id,
            "name": share.name,
            "colour": colour_of(share.user_id),
            "done": share.done,
            "annotations": share.annotations,
            "decisions": share.decisions,
        }
        for share in figures.shares
    ]
