"""What went wrong, as problem JSON (RFC 9457): what, where, and what was expected, in a sentence for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError

from annotator.collaboration.changes import Refused
from annotator.collaboration.journal import NoSuchDocument
from annotator.collaboration.room import RoomBroken
from projects.access import Ambiguous, NotAllowed
from projects.uploads import TooLarge

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2

# What each of pydantic's complaints expected instead; `{...}` are the complaint's own limits.
EXPECTED = {
    "missing": "a value; it is required",
    "extra_forbidden": "no member of this name",
    "string_type": "a string",
    "string_unicode": "a string of whole Unicode characters",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "a string that matches {pattern}",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "list_type": "a list",
    "union_tag_invalid": "one of {expected_tags}",
    "literal_error": "one of {expected}",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "too_long": "at most {max_length} items",
    "too_short": "at least {min_length} item(s)",
    "datetime_from_date_parsing": "a time in ISO 8601, for example 2026-01-31T12:00:00Z",
    "datetime_parsing": "a time in ISO 8601, for example 2026-01-31T12:00:00Z",
}


class Problem(Exception):
    """An answer other than what was asked for: `detail` is a whole sentence; `errors` say where, for each place."""

    def __init__(self, status: int, detail: str, errors: list[dict[str, Any]] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.members = status, detail, errors, members


def within(where: str, member: str) -> str:
    """ "body", "name" -> "body: name"; "body: fields[0]", "name" -> "body: fields[0].name"."""
    return f"{where}.{member}" if ": " in where else f"{where}: {member}"


def wrong(where: str, what: str, expected: str) -> Problem:
    """The request was understood, but holds something that cannot be: 422."""
    error = {"where": where, "what": what, "expected": expected}
    return Problem(422, f"{where}: {what}; expected {expected}.", [error])


def problem_response(status: int, detail: str, **members: Any) -> HttpResponse:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    body |= {name: value for name, value in members.items() if value is not None}
    response = HttpResponse(orjson.dumps(body), status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def place(location: tuple[Any, ...]) -> str:
    """("body", "body", "fields", 0, "name") -> "body: fields[0].name"; marks of unions are left out."""
    source, *rest = (part for part in location if not str(part).startswith("<"))
    path = ""
    for part in rest[1:] if source == "body" else rest:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return f"{source}: {path}" if path else str(source)


def shown(value: Any) -> str:
    """A given value as a short word or two."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, default=repr) if not isinstance(value, str) else f"“{value}”"
    text = text.encode("utf-8", "replace").decode()  # half a character would break the answer, too
    return text if len(text) <= 60 else text[:57] + "…"


def error_json(complaint: dict[str, Any]) -> dict[str, Any]:
    """One of pydantic's complaints as {where, what, expected}."""
    kind, context = complaint["type"], complaint.get("ctx", {})
    if kind in ("missing", "extra_forbidden"):
        what = "is missing" if kind == "missing" else "is not known here"
    else:
        what = f"{shown(complaint.get('input'))} was given"
    pattern = EXPECTED.get(kind)
    expected = pattern.format(**context) if pattern else str(context.get("error") or complaint["msg"])
    return {"where": place(complaint["loc"]), "what": what, "expected": expected}


class Invalid(Problem):
    """What pydantic found wrong with a request."""

    def __init__(self, complaints: list[dict[str, Any]]) -> None:
        errors = [error_json(complaint) for complaint in complaints]
        first = errors[0]
        detail = f"{first['where']} {first['what']}; expected {first['expected']}."
        if len(errors) > 1:
            detail += f" {len(errors) - 1} more in `errors`."
        super().__init__(422, detail, errors)


def megabytes(size: int) -> str:
    return f"{size / 1_048_576:.0f} MB"


Handler = Callable[[HttpRequest, Any], HttpResponse]


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.exception("%s %s failed", request.method, request.path, exc_info=error)
    return problem_response(500, "Something went wrong on our side; it has been logged. Nothing half-done was kept.")


def _too_big(request: HttpRequest, error: Exception) -> HttpResponse:
    limit = megabytes(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return problem_response(413, f"The body of the request is too large; expected at most {limit}.")


def _not_kept(request: HttpRequest, error: DataError) -> HttpResponse:
    expected = "text without NUL characters, and numbers of at most 64 bits"
    place = {"where": "request", "what": "holds what the database cannot keep", "expected": expected}
    return problem_response(
        422, f"The request holds what the database cannot keep; expected {expected}.", errors=[place]
    )


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja's own errors; of a body that cannot be read it hides why, which is the cause."""
    if isinstance(error.__cause__, Problem):
        return _problem(request, error.__cause__)
    return problem_response(error.status_code, str(error))


def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem_response(error.status, error.detail, errors=error.errors, **error.members)


def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(404, str(error) or "There is no such thing.")


HANDLERS: dict[type[Exception], Handler] = {
    Problem: _problem,
    Http404: _not_found,
    NotAllowed: lambda request, error: problem_response(403, str(error)),
    Ambiguous: lambda request, error: problem_response(409, str(error)),
    AuthenticationError: lambda request, error: problem_response(
        401, "Nobody is logged in; expected the header “Authorization: Bearer <token>” or a session cookie."
    ),
    HttpError: _http_error,
    Refused: lambda request, error: problem_response(422, error.sentence, code=error.code, annotation=error.key),
    NoSuchDocument: lambda request, error: problem_response(404, "There is no such document any more."),
    RoomBroken: lambda request, error: problem_response(503, str(error) or "The document cannot be opened just now."),
    DataError: _not_kept,
    RequestDataTooBig: _too_big,
    TooLarge: lambda request, error: problem_response(413, str(error)),
    MultiPartParserError: lambda request, error: problem_response(
        400, f"The multipart body cannot be read: {error}. Expected multipart/form-data with its boundary."
    ),
    SuspiciousOperation: lambda request, error: problem_response(400, f"The request cannot be read: {error}"),
    Exception: _unexpected,
}


def install(api: NinjaAPI) -> None:
    """Let every error of `api` be answered as a problem."""
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)
