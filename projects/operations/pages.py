"""/healthz, /readyz and /metrics. Answered before everything else: probes come to an address, not to the site's name."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.decorators import sync_and_async_middleware
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from projects.operations import figures, readiness

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0  # a probe must end, whatever hangs
FRESH_SECONDS = 1.0  # who asks more often is told the same: a look costs a commit
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")

Page = Callable[[HttpRequest], Awaitable[HttpResponse]]


class Asked:
    """Blocking questions in a thread of their own: one that hangs holds up nothing but itself."""

    def __init__(self, name: str, question: Callable[[], Any]) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._question = question
        self._answered = -FRESH_SECONDS
        self._answer: Any = None

    async def answer(self) -> Any:
        """The answer, at most a second old. Raises what the question raises, or TimeoutError."""
        if time.monotonic() - self._answered >= FRESH_SECONDS:
            future = asyncio.get_running_loop().run_in_executor(self._thread, self._question)
            self._answer = await asyncio.wait_for(future, LOOK_SECONDS)
            self._answered = time.monotonic()
        return self._answer


looking = Asked("readyz", readiness.look)
reading = Asked("metrics", figures.stored.read)


async def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process takes requests. Asks nobody: a database that is away is no reason to start anew."""
    return HttpResponse("ok\n", content_type="text/plain")


async def readyz(request: HttpRequest) -> HttpResponse:
    """200 when this process can serve, else 503. `?needs=database,journal`: only these are reasons for a 503."""
    asked = {name for name in request.GET.get("needs", "").split(",") if name}
    if unknown := sorted(asked - set(readiness.CHECKS)):
        expected = ", ".join(readiness.CHECKS)
        return JsonResponse({"sentence": f"“{unknown[0][:40]}” is no need; expected {expected}."}, status=400)
    try:
        checks = await looking.answer()
    except TimeoutError:
        checks = readiness.unanswered()
    ready, said = readiness.report(checks, asked or set(readiness.CHECKS))
    response = JsonResponse(said, status=200 if ready else 503)
    response["Cache-Control"] = "no-store"
    return response


async def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of this process, for those who may see them."""
    if not may_see_figures(request):
        sentence = "Figures are shown to who brings METRICS_TOKEN, or comes from METRICS_NETWORKS without a proxy.\n"
        return HttpResponse(sentence, status=403, content_type="text/plain; charset=utf-8")
    try:
        await reading.answer()
    except Exception as error:
        figures.stored.reachable = False
        log.warning("Figures without the database: %s", error)
    return HttpResponse(figures.text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_see_figures(request: HttpRequest) -> bool:
    """With a token, who brings it; without one, who comes directly from a network that was named."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    if any(name in request.META for name in FORWARDED):
        return False  # a proxy's address says nothing of who asks it
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_NETWORKS)


PAGES: dict[str, Page] = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


def inert(response: HttpResponse) -> HttpResponse:
    """What other middleware says of every page, which does not see these: nothing here is for a browser to run or guess at."""
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@sync_and_async_middleware
def operations_middleware(get_response: Any) -> Any:
    """Answer the pages above; let everything else pass."""

    def page_for(request: HttpRequest) -> Page | HttpResponse | None:
        page = PAGES.get(request.path)
        if page is not None and request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return page

    async def answer(request: HttpRequest) -> Any:
        page = page_for(request)
        if page is None:
            return await get_response(request)
        return inert(page if isinstance(page, HttpResponse) else await page(request))

    def answer_synchronously(request: HttpRequest) -> Any:
        page = page_for(request)
        if page is None:
            return get_response(request)
        return inert(page if isinstance(page, HttpResponse) else async_to_sync(page)(request))

    return answer if iscoroutinefunction(get_response) else answer_synchronously
