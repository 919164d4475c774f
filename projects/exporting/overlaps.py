"""How many spans of a project a format that holds no overlaps cannot hold; told before the export, since a stream cannot say."""

from __future__ import annotations

from collections import Counter

from django.db.models import F, IntegerField, Max, RowRange, Window
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from projects.document import ACCEPTED
from projects.models import Annotation, Project

MOST_SPANS = 20_000  # beyond that counting would hold up a page


def overlapping_spans(project: Project) -> dict[str, int] | None:
    """By field, the accepted spans that begin within one that stands before them; None where there are too many to count.

    Where three overlap in a chain the third has its place again when the second is left out: fewer may be missing in
    the end, never more.
    """
    spans = Annotation.objects.filter(project=project, kind="span", status=ACCEPTED)
    if spans[: MOST_SPANS + 1].count() > MOST_SPANS:
        return None
    placed = spans.annotate(
        begins=Cast(KT("value__start"), IntegerField()), finishes=Cast(KT("value__end"), IntegerField())
    )
    before = Window(
        Max("finishes"),
        partition_by=[F("task_id"), F("field")],
        order_by=[F("begins").asc(), F("finishes").desc(), F("pk").asc()],
        frame=RowRange(None, -1),
    )
    return dict(Counter(placed.annotate(before=before).filter(begins__lt=F("before")).values_list("field", flat=True)))
