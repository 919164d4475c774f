"""An export before it is downloaded: its first lines as they will be, how much it holds, what its format leaves out."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import overview
from projects.document import ACCEPTED, SUGGESTED
from projects.exporting import Export
from projects.exporting.conll import Conll, span_field
from projects.exporting.json_lines import JsonArray, JsonLines
from projects.exporting.names import Names
from projects.exporting.overlaps import overlapping_spans
from projects.exporting.tasks import CannotExport, Filters, filter_of
from projects.models import Annotation, Project, Task

LINES = 24
LINE_LENGTH = 400  # characters shown of a line
WITH_ALL = (JsonLines.name, JsonArray.name)


@dataclass(frozen=True)
class Line:
    text: str
    is_cut: bool


@dataclass(frozen=True)
class Preview:
    """`problem` says why there is no such export; then there is nothing else."""

    problem: str = ""
    lines: list[Line] = field(default_factory=list)
    goes_on: bool = False  # behind these lines
    tasks: int = 0
    accepted: int = 0
    suggestions: int = 0  # that nobody decided on
    warnings: list[str] = field(default_factory=list)
    filename: str = ""


def preview(project: Project, format: str, filters: Filters) -> Preview:
    """Look at an export. Its first lines are read as the export itself reads them."""
    try:
        export = Export(project, format, filters)
        lines, goes_on = first_lines(export)
    except CannotExport as refused:
        return Preview(problem=str(refused))
    tasks, accepted, suggestions = amounts(project, filters)
    warnings = left_out(project, format, filters, suggestions)
    return Preview("", lines, goes_on, tasks, accepted, suggestions, warnings, export.filename)


def first_lines(export: Export) -> tuple[list[Line], bool]:
    """The first lines, and whether there is more behind them."""
    begun = b""
    for chunk in export:
        begun += chunk
        if begun.count(b"\n") > LINES:
            break
    lines = begun.decode().splitlines()
    shown = [Line(line[:LINE_LENGTH], len(line) > LINE_LENGTH) for line in islice(lines, LINES)]
    return shown, len(lines) > LINES


def amounts(project: Project, filters: Filters) -> tuple[int, int, int]:
    """Tasks, accepted annotations, waiting suggestions: as the rows say, which may be a second behind."""
    wanted = filter_of(filters)
    if wanted.takes_all and not (filters.status or filters.since):
        said_in = overview.said_in(project)
        return overview.task_count(project), said_in.annotations, said_in.waiting
    if wanted.takes_all:
        tasks = Task.objects.filter(of_tasks(filters, ""), project=project)
        sums = tasks.aggregate(tasks=Count("pk"), accepted=Sum("annotation_count"), suggested=Sum("suggestion_count"))
        return sums["tasks"], sums["accepted"] or 0, sums["suggested"] or 0
    said = annotations_of(project, filters)
    return (
        said.values("task").distinct().count(),
        said.filter(status=ACCEPTED).count(),
        said.filter(status=SUGGESTED).count(),
    )


def of_tasks(filters: Filters, prefix: str) -> Q:
    wanted = Q()
    if filters.status:
        wanted &= Q(**{f"{prefix}status": filters.status})
    if filters.since:
        wanted &= Q(**{f"{prefix}changed__gte": filters.since})
    return wanted


def annotations_of(project: Project, filters: Filters) -> QuerySet[Annotation]:
    wanted = filter_of(filters)
    said = Annotation.objects.filter(of_tasks(filters, "task__"), project=project)
    if wanted.user_id is not None:
        said = said.filter(Q(author_id=wanted.user_id) | Q(decided_by_id=wanted.user_id))
    return said.filter(origin=wanted.origin) if wanted.origin else said


def left_out(project: Project, format: str, filters: Filters, suggestions: int) -> list[str]:
    """What the project holds and this format cannot carry, a sentence each."""
    if format in WITH_ALL:
        return []
    said = []
    if format == Conll.name:
        said += without_other_fields(project, filters)
        said += without_overlaps(project, filters)
    else:
        said.append(_("CSV holds what is accepted; who said it, when, and how sure a model was are left out."))
    if suggestions:
        said.append(
            ngettext(
                "%(n)s suggestion that nobody decided on is left out.",
                "%(n)s suggestions that nobody decided on are left out.",
                suggestions,
            )
            % {"n": suggestions}
        )
    return said


def without_other_fields(project: Project, filters: Filters) -> list[str]:
    names = Names(project.pk)
    chosen = span_field(names, filters.field)
    others = ", ".join(f"“{each.name}”" for each in names.fields if each.key != chosen and not each.removed)
    if not others:
        return []
    held = {"field": names.field(chosen), "others": others}
    return [_("CoNLL holds the spans of one field, “%(field)s”. Left out: %(others)s.") % held]


def without_overlaps(project: Project, filters: Filters) -> list[str]:
    counts = overlapping_spans(project)
    if counts is None:
        return [_("Spans that overlap others are left out; there are too many spans to count them here.")]
    names = Names(project.pk)
    count = counts.get(span_field(names, filters.field), 0)
    if not count:
        return []
    return [
        ngettext(
            "%(n)s span that overlaps another one is left out.",
            "%(n)s spans that overlap others are left out.",
            count,
        )
        % {"n": count}
    ]
