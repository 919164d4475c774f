"""Exports: a project as one file, streamed while it is read."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Annotated, Literal

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query as QueryParameters
from ninja import Router
from pydantic import BeforeValidator
from pydantic import Field as Limits

from projects import access, exporting
from projects.api.bodies import Query, in_thread, only_known
from projects.api.problems import Problem
from projects.models import Project

router = Router(tags=["export"])

ANSWER = {
    "responses": {
        200: {
            "description": "The file.",
            "content": {kind.content_type: {"schema": {"type": "string"}} for kind in exporting.FORMATS.values()},
        }
    }
}


def _moment(given: object) -> object:
    """A time of day that is not given is midnight, a time zone that is not given is UTC."""
    if not isinstance(given, str):
        return given
    for written in (given, given.replace(" ", "+")):  # a `+` that was not escaped arrives as a space
        with contextlib.suppress(ValueError):
            at = datetime.fromisoformat(written)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
    raise ValueError("a date or a time in ISO 8601, for example 2026-01-31 or 2026-01-31T12:00:00Z")


class ExportQuery(Query):
    format: Literal["jsonl", "json", "csv", "conll"] = "jsonl"
    status: Annotated[
        Literal["open", "in_progress", "submitted", "skipped"] | None, Limits(description="Only tasks of this status.")
    ] = None
    since: Annotated[
        datetime | None, BeforeValidator(_moment), Limits(description="Only tasks changed since then.")
    ] = None
    annotator: Annotated[
        str | None, Limits(max_length=150, description="Only what this user (by name) said or decided on.")
    ] = None
    origin: Annotated[
        Literal["human", "model", "import", "api"] | None, Limits(description="Only annotations of this origin.")
    ] = None
    field: Annotated[
        str | None, Limits(max_length=100, description="CoNLL: the field of spans to write, by name or key.")
    ] = None


@router.get("/projects/{int:project_id}/export", openapi_extra=ANSWER)
async def export_project(
    request: HttpRequest, project_id: int, query: QueryParameters[ExportQuery]
) -> StreamingHttpResponse:
    """The project's tasks with their annotations. Exact: it holds every edit that was acknowledged before."""
    only_known(request, ExportQuery)
    project = await in_thread(access.get_project, request.user, project_id)
    export = await in_thread(begin, project, query)
    response = StreamingHttpResponse(exporting.export_stream(export), content_type=export.content_type)
    response["Content-Disposition"] = f'attachment; filename="{export.filename}"'
    response["Cache-Control"] = "no-store"
    return response


def begin(project: Project, query: ExportQuery) -> exporting.Export:
    filters = query.model_dump(exclude={"format"})
    try:
        return exporting.Export(project, query.format, exporting.Filters(**filters))
    except exporting.CannotExport as refused:
        raise Problem(422, str(refused), [{"where": "query", "what": "cannot be exported", "expected": str(refused)}])
