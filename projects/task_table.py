"""The table of a project's tasks: filters and keyset pages over the projection. Loads no full text, counts no rows.

A page starts behind (or ends before) a task's id. Where a filter speaks of annotations, the walk goes over an index of
theirs that ends in the task; otherwise over the tasks. Either way the database stops as soon as the page is full.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from django.db.models import BooleanField, Expression, IntegerField, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest, Lower, StrIndex, Substr

from projects.models import Annotation, Label, Project, Task

EXCERPT_LENGTH = 200  # code points
BEFORE_FOUND = 40  # code points shown before what was searched for, where it does not stand at the beginning
PAGE_LENGTH = 50
LONGEST_PAGE = 1000


@dataclass(frozen=True)
class TaskFilters:
    """Which tasks to show; what is empty does not filter. What is said of annotations must hold of one annotation."""

    search: str = ""  # part of the text, in any case
    status: str = ""  # a TaskStatus
    label: str = ""  # a label's key, or `field:label`: tasks with an accepted annotation of it
    annotator: int | None = None  # a user's id: who made or decided an accepted annotation
    origin: str = ""  # human, model, import, api: where an accepted annotation came from
    suggestions: bool = False  # only tasks in which suggestions wait

    def of_annotations(self) -> bool:
        return bool(self.label or self.annotator is not None or self.origin)


@dataclass(frozen=True)
class TaskRow:
    id: int
    excerpt: str  # the first characters of the text, or those around what was searched for
    status: str
    annotations: int
    suggestions: int
    changed: datetime.datetime


@dataclass(frozen=True)
class TaskPage:
    """Rows by id; `before` and `after` are what to ask for to turn the page, None where there is no more."""

    rows: list[TaskRow]
    before: int | None
    after: int | None


def task_page(
    project: Project,
    filters: TaskFilters,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_LENGTH,
) -> TaskPage:
    """The page behind task `after`, or else the one that ends before task `before`, or else the first."""
    limit = max(1, min(limit, LONGEST_PAGE))
    backwards = before is not None and after is None
    ids = list(islice(_matching(project.pk, filters, after, before, backwards, limit + 1), limit + 1))
    more, ids = len(ids) > limit, sorted(ids[:limit])
    if not ids:
        return TaskPage([], None, None)
    earlier = more if backwards else after is not None
    later = True if backwards else more
    return TaskPage(_rows(ids, filters.search), ids[0] if earlier else None, ids[-1] if later else None)


def _rows(ids: list[int], search: str) -> list[TaskRow]:
    columns = ("pk", "excerpt", "start", "status", "annotation_count", "suggestion_count", "changed")
    start = _start(search)
    shown = Task.objects.annotate(start=start, excerpt=Substr("text", start, EXCERPT_LENGTH))
    found = shown.filter(pk__in=ids).order_by("pk").values_list(*columns)
    return [TaskRow(pk, _from_a_word(text) if start > 1 else text, *rest) for pk, text, start, *rest in found]


def _from_a_word(text: str) -> str:
    """The rest of a text, without the word that the cut went through, where there are spaces."""
    _, space, rest = text[:BEFORE_FOUND].partition(" ")
    return f"…{rest}{text[BEFORE_FOUND:]}" if space else f"…{text}"


def _start(search: str) -> Expression:
    """Where an excerpt begins, from 1: the beginning, unless what was searched for stands far behind it."""
    if not search:
        return Value(1, IntegerField())
    return Greatest(Value(1), StrIndex(Lower("text"), Lower(Value(search))) - BEFORE_FOUND)


def _matching(
    project_id: int, filters: TaskFilters, after: int | None, before: int | None, backwards: bool, limit: int
) -> Iterator[int]:
    """Ids of the tasks that match, each once, in the order of the walk; at least `limit` of them where there are."""
    column = "task_id" if filters.of_annotations() else "pk"
    bounds: dict[str, Any] = {}
    if after is not None:
        bounds[f"{column}__gt"] = after
    if before is not None:
        bounds[f"{column}__lt"] = before
    order = f"-{column}" if backwards else column
    walks = [
        walk.filter(**bounds).order_by(order).values_list(column, flat=True)[:limit]
        for walk in _walks(project_id, filters)
    ]
    return (task_id for task_id, _ in groupby(heapq.merge(*walks, reverse=backwards)))


def _walks(project_id: int, filters: TaskFilters) -> list[QuerySet[Any]]:
    """The rows to walk over: tasks, or annotations; two walks where an annotator made some and decided others."""
    if "\0" in filters.search + filters.status + filters.label + filters.origin:
        return []  # no text holds a NUL, and PostgreSQL does not even look for one
    if not filters.of_annotations():
        return [Task.objects.filter(_of_task(filters, ""), project=project_id)]
    said = Annotation.objects.filter(_of_task(filters, "task__"), project=project_id, status="accepted").distinct()
    if filters.label:
        said = said.filter(_of_label(project_id, filters.label))
    if filters.origin:
        said = said.filter(origin=filters.origin)
    if filters.annotator is None:
        return [said]
    return [said.filter(author_id=filters.annotator), said.filter(decided_by_id=filters.annotator)]


def _of_task(filters: TaskFilters, prefix: str) -> Q:
    """The conditions on the task itself; `prefix` leads to it."""
    wanted = Q()
    if filters.search:
        wanted &= Q(**{f"{prefix}text__icontains": filters.search})
    if filters.status:
        wanted &= Q(**{f"{prefix}status": filters.status})
    if filters.suggestions and prefix:
        wanted &= Q(**{f"{prefix}suggestion_count__gt": 0})
    elif filters.suggestions:
        # Written out: SQLite takes a partial index only where it sees the same number in the query.
        wanted &= Q(RawSQL("suggestion_count > 0", (), output_field=BooleanField()))
    return wanted


def _of_label(project_id: int, wanted: str) -> Q:
    """Annotations of the labels that `wanted` may mean in this project; of none where it means nothing."""
    known = Label.objects.filter(field__project=project_id).values_list("field__key", "key")
    meant = [(field, label) for field, label in known if wanted in (label, f"{field}:{label}")]
    condition = Q(pk__in=[])
    for field, label in meant:
        condition |= Q(field=field, label=label)
    return condition
