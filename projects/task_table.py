"""The table of a project's tasks: filters and keyset pages over the projection. Loads no full text.

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

from django.db.models import BooleanField, Exists, Expression, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest, Lower, StrIndex, Substr

from projects.models import Annotation, Comment, Label, Project, Task, TaskStatus

EXCERPT_LENGTH = 200  # code points
BEFORE_FOUND = 40  # code points shown before what was searched for, where it does not stand at the beginning
PAGE_LENGTH = 50
LONGEST_PAGE = 1000
COUNTED = 1000  # matches that are counted for a page; of more it says that they are more
OPEN_COMMENTS, ANY_COMMENTS, NO_COMMENTS = "open", "any", "none"
NOBODY = 0  # as an assignee: tasks that are nobody's; no user has this id


@dataclass(frozen=True)
class TaskFilters:
    """Which tasks to show; what is empty does not filter. What is said of annotations must hold of one annotation."""

    search: str = ""  # part of the text, in any case
    status: str = ""  # a TaskStatus
    label: str = ""  # a label's key, or `field:label`: tasks with an accepted annotation of it
    annotator: int | None = None  # a user's id: who made or decided an accepted annotation
    origin: str = ""  # human, model, import, api: where an accepted annotation came from
    suggestions: bool = False  # only tasks in which suggestions wait
    assignee: int | None = None  # a user's id, or NOBODY
    # Only tasks with a waiting suggestion of such a score; `label` and `origin` are then those of the suggestion.
    score_from: float | None = None
    score_to: float | None = None
    comments: str = ""  # open, any or none: tasks with a thread that nobody resolved, with comments at all, with none

    def of_comments(self) -> bool:
        return self.comments in (OPEN_COMMENTS, ANY_COMMENTS)

    def of_suggestions(self) -> bool:
        return self.score_from is not None or self.score_to is not None

    def of_annotations(self) -> bool:
        return bool(self.label or self.annotator is not None or self.origin) or self.of_suggestions()


@dataclass(frozen=True)
class TaskRow:
    id: int
    excerpt: str  # the first characters of the text, or those around what was searched for
    status: str
    annotations: int
    suggestions: int
    changed: datetime.datetime
    assignee: str | None = None  # a name


@dataclass(frozen=True)
class Count:
    """How many tasks match; at least so many, where `more`."""

    number: int
    more: bool = False


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
    return TaskPage(rows_of(ids, filters.search), ids[0] if earlier else None, ids[-1] if later else None)


def matching_ids(project_id: int, filters: TaskFilters, after: int, limit: int, until: int | None = None) -> list[int]:
    """The next tasks that match behind `after`, none behind `until`."""
    before = None if until is None else until + 1
    return list(islice(_matching(project_id, filters, after, before, False, limit), limit))


def count_matching(project_id: int, filters: TaskFilters, most: int | None = None) -> Count:
    """How many tasks match; beyond `most` they are not counted."""
    limit = None if most is None else most + 1
    if filters.of_annotations() or filters.of_comments() or filters.assignee is not None:
        number = sum(1 for _ in islice(_matching(project_id, filters, None, None, False, limit), limit))
    else:
        number = sum(walk.order_by()[:limit].count() for walk in _walks(project_id, filters))
    return Count(number) if most is None or number <= most else Count(most, more=True)


def rows_of(ids: list[int], search: str) -> list[TaskRow]:
    """What the table shows of tasks."""
    columns = (
        *("pk", "excerpt", "start", "status", "annotation_count", "suggestion_count", "changed"),
        "assignee__username",
    )
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
    project_id: int, filters: TaskFilters, after: int | None, before: int | None, backwards: bool, limit: int | None
) -> Iterator[int]:
    """Ids of the tasks that match, each once, in the order of the walk; at least `limit` of them where there are."""
    column = "task_id" if filters.of_annotations() or filters.of_comments() else "pk"
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
    """The rows to walk over: tasks, or annotations. Several walks where an index has the order only in parts."""
    if "\0" in filters.search + filters.status + filters.label + filters.origin:
        return []  # no text holds a NUL, and PostgreSQL does not even look for one
    if not filters.of_annotations():
        return [_commented(project_id, filters)] if filters.of_comments() else _task_walks(project_id, filters)
    said = Annotation.objects.filter(_of_task(filters, "task__"), project=project_id).distinct()
    if filters.label:
        said = said.filter(_of_label(project_id, filters.label))
    if filters.origin:
        said = said.filter(origin=filters.origin)
    if filters.of_suggestions():
        said = said.filter(_of_score(filters))
        return [said if filters.annotator is None else said.filter(_has_said(filters.annotator))]
    said = said.filter(status="accepted")
    if filters.annotator is None:
        return [said]
    return [said.filter(author_id=filters.annotator), said.filter(decided_by_id=filters.annotator)]


def _commented(project_id: int, filters: TaskFilters) -> QuerySet[Any]:
    """Comments are few beside tasks: the walk is over them."""
    said = Comment.objects.filter(_of_task(filters, "task__"), _of_threads(filters), project=project_id)
    return said.distinct()


def _of_threads(filters: TaskFilters) -> Q:
    """Comments that begin a thread which nobody has resolved, or any."""
    return Q(reply_to=None, resolved_at=None) if filters.comments == OPEN_COMMENTS else Q()


def _task_walks(project_id: int, filters: TaskFilters) -> list[QuerySet[Any]]:
    tasks = Task.objects.filter(_of_task(filters, ""), project=project_id)
    if filters.assignee is None or filters.status:
        return [tasks]
    # The index of assignees has their tasks by status: one walk for each, and none over all tasks of the project.
    return [tasks.filter(status=status) for status in TaskStatus.values]


def _of_task(filters: TaskFilters, prefix: str) -> Q:
    """The conditions on the task itself; `prefix` leads to it."""
    wanted = Q()
    if filters.search:
        wanted &= Q(**{f"{prefix}text__icontains": filters.search})
    if filters.status:
        wanted &= Q(**{f"{prefix}status": filters.status})
    if filters.assignee is not None:
        wanted &= Q(**{f"{prefix}assignee": filters.assignee or None})
    if filters.comments == NO_COMMENTS or (filters.of_comments() and filters.of_annotations()):
        commented = Exists(Comment.objects.filter(_of_threads(filters), task=OuterRef(f"{prefix}pk")))
        wanted &= Q(~commented) if filters.comments == NO_COMMENTS else Q(commented)
    if filters.suggestions and prefix:
        wanted &= Q(**{f"{prefix}suggestion_count__gt": 0})
    elif filters.suggestions:
        # Written out: SQLite takes a partial index only where it sees the same number in the query.
        wanted &= Q(RawSQL("suggestion_count > 0", (), output_field=BooleanField()))
    return wanted


def _of_score(filters: TaskFilters) -> Q:
    """Waiting suggestions of the score that is asked for; one without a score has none."""
    wanted = Q(RawSQL("projects_annotation.status = 'suggested'", (), output_field=BooleanField()))  # as above
    if filters.score_from is not None:
        wanted &= Q(score__gte=filters.score_from)
    if filters.score_to is not None:
        wanted &= Q(score__lte=filters.score_to)
    return wanted


def _has_said(user_id: int) -> Exists:
    """Whether this annotator has said something in the task of an annotation."""
    said = Annotation.objects.filter(task=OuterRef("task"), status="accepted")
    return Exists(said.filter(Q(author_id=user_id) | Q(decided_by_id=user_id)))


def _of_label(project_id: int, wanted: str) -> Q:
    """Annotations of the labels that `wanted` may mean in this project; of none where it means nothing."""
    known = Label.objects.filter(field__project=project_id).values_list("field__key", "key")
    meant = [(field, label) for field, label in known if wanted in (label, f"{field}:{label}")]
    condition = Q(pk__in=[])
    for field, label in meant:
        condition |= Q(field=field, label=label)
    return condition
