"""A line for each request, under an id that the answer carries, too. Knows no content: no bodies, no query strings."""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import LazyObject, empty

from annotator.collaboration.log_context import bind, unbind

log = logging.getLogger(__name__)

SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = ("/static/", "/healthz", "/readyz", "/metrics")  # asked every few seconds, or a dozen times a page
MAX_PATH = 200


def request_id(given: str) -> str:
    """The id that a proxy gave, if it is one; else a new one."""
    return given if SANE.fullmatch(given) else secrets.token_hex(8)


def user_of(request: HttpRequest) -> int | None:
    """Who asked, where that was looked up anyway: a log line is not worth a query."""
    user: Any = request.__dict__.get("user")
    if user is None or (isinstance(user, LazyObject) and user._wrapped is empty):
        return None
    return getattr(user, "pk", None)


def say(request: HttpRequest, status: int, began: float) -> None:
    log.log(
        logging.DEBUG if request.path.startswith(QUIET) else logging.INFO,
        "Answered",
        extra={
            "method": request.method,
            "path": request.path[:MAX_PATH],
            "status": status,
            "ms": round((perf_counter() - began) * 1000, 1),
            "user": user_of(request),
        },
    )


@sync_and_async_middleware
def requests_middleware(get_response: Any) -> Any:
    """Give each request its id, and write its line."""

    async def answer(request: HttpRequest) -> Any:
        began, token, name = perf_counter(), *named(request)
        try:
            return finished(request, await get_response(request), name, began)
        finally:
            unbind(token)

    def answer_synchronously(request: HttpRequest) -> Any:
        began, token, name = perf_counter(), *named(request)
        try:
            return finished(request, get_response(request), name, began)
        finally:
            unbind(token)

    return answer if iscoroutinefunction(get_response) else answer_synchronously


def named(request: HttpRequest) -> tuple[Any, str]:
    name = request_id(request.headers.get("X-Request-ID", ""))
    return bind(request=name), name


def finished(request: HttpRequest, response: Any, name: str, began: float) -> Any:
    response["X-Request-ID"] = name
    say(request, response.status_code, began)
    return response
