"""History: who did what in a task, and the changes themselves, to replay them."""

from __future__ import annotations

import base64
from itertools import islice
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query as QueryParameters
from ninja import Router
from pydantic import Field as Limits

from projects import access
from projects.api import answers, writing
from projects.api.annotations import AnnotationId
from projects.api.bodies import MAX_ID, Id, Query, answer, only_known
from projects.api.shapes import Json, time_json
from projects.exporting.names import Names
from projects.history.deeds import Deed, Told, Wording
from projects.history.reading import journals, page_of, rows_after
from projects.models import Document

router = Router(tags=["history"])

MOST_DEEDS = 50  # told of one row
MOST_BYTES = 2_000_000  # of updates in one answer


class HistoryQuery(Query):
    before: Annotated[Id | None, Limits(description="`next` of the page before: what was done earlier.")] = None
    limit: Annotated[int, Limits(ge=1, le=500)] = 50
    annotation: Annotated[AnnotationId | None, Limits(description="Only what was done with this annotation.")] = None


class UpdatesQuery(Query):
    after: Annotated[int, Limits(ge=0, le=MAX_ID, description="The last row that you have.")] = 0
    limit: Annotated[int, Limits(ge=1, le=5000)] = 2000


@router.get("/tasks/{int:task_id}/history", response=answers.History)
def list_history(request: HttpRequest, task_id: int, query: QueryParameters[HistoryQuery]) -> HttpResponse:
    """What was done in a task, by whom and when (the server's time), the newest first."""
    task = access.get_task(request.user, task_id)
    only_known(request, HistoryQuery)
    place = writing.place_of(task)
    page, more = page_of(journals.told(place), query.before, query.limit, query.annotation)
    names = Names(task.project_id)
    names.meet(row.author_id for row, _ in page)
    head = Document.objects.values_list("head", flat=True).get(pk=place.document_id)
    return answer({"items": [row_json(row, deeds, names) for row, deeds in page], "next": more, "head": head})


@router.get("/tasks/{int:task_id}/history/updates", response=answers.Updates)
def list_updates(request: HttpRequest, task_id: int, query: QueryParameters[UpdatesQuery]) -> HttpResponse:
    """The changes themselves, the oldest first: apply them one by one to an empty Y.Doc to see the task grow."""
    task = access.get_task(request.user, task_id)
    only_known(request, UpdatesQuery)
    items: list[Json] = []
    names = Names(task.project_id)
    rows = list(islice(rows_after(writing.place_of(task).document_id, query.after), query.limit + 1))
    names.meet(row.author_id for row in rows)
    size = 0
    for row in rows[: query.limit]:
        size += len(row.data)
        if items and size > MOST_BYTES:
            break
        update = base64.b64encode(row.data).decode()
        about = {"author": names.person(row.author_id), "origin": row.origin, "at": time_json(row.at)}
        items.append({"seq": row.seq, **about, "update": update})
    return answer({"items": items, "next": items[-1]["seq"] if len(items) < len(rows) else None})


def row_json(row: Told, deeds: list[Deed], names: Names) -> Json:
    return {
        "seq": row.seq,
        "at": time_json(row.at),
        "author": names.person(row.author_id),
        "origin": row.origin,
        "deeds": [deed_json(deed, names) for deed in deeds[:MOST_DEEDS]],
        "more": max(0, len(deeds) - MOST_DEEDS),
    }


def deed_json(deed: Deed, names: Names) -> Json:
    return {
        "verb": deed.verb,
        "annotation": deed.annotation,
        "field": None if deed.field is None else names.field(deed.field),
        "kind": deed.kind,
        **wording_json(deed, deed.now, names),
        "was": None if deed.was is None else wording_json(deed, deed.was, names),
        "backend": deed.backend,
        "version": deed.version,
        "score": deed.score,
        "comment": deed.comment,
        "inserted": deed.inserted,
        "removed": deed.removed,
    }


def wording_json(deed: Deed, wording: Wording, names: Names) -> Json:
    label = wording.label if deed.field is None else names.label(deed.field, wording.label)
    return {"label": label, "value": wording.value, "text": wording.text}
