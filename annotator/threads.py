"""Threads that requests run in, kept between them with their database connections. Knows no addresses.

By itself Django makes a thread for each request and ends it with another; with the thread goes its connection, and opening
one to SQLite costs more than what most requests then ask of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

KEPT = 4  # idle threads that wait for the next requests

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class RequestThread(ThreadPoolExecutor):
    """One thread, for one request at a time."""

    def __init__(self) -> None:
        super().__init__(1, thread_name_prefix="request")
        self._under_way: set[Future[Any]] = set()

    def submit(self, *args: Any, **named: Any) -> Future[Any]:
        future = super().submit(*args, **named)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    @property
    def is_idle(self) -> bool:
        return not self._under_way

    def end(self) -> None:
        """Let it end when what it still does is done."""
        self.submit(connections.close_all)
        self.shutdown(wait=False)


class InKeptThreads:
    """An application whose blocking code runs in such threads. For one event loop at a time."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._idle: list[RequestThread] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        thread = self._idle.pop() if self._idle else RequestThread()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self._application(scope, receive, send)
        finally:
            # Who went away in the middle of a query leaves it running: nobody else shall wait for that.
            if thread.is_idle and len(self._idle) < KEPT:
                self._idle.append(thread)
            else:
                thread.end()


class InOneThread:
    """The innermost middleware, which knows no async: so all around it that can do without are called in the request's thread.

    Otherwise each of them goes there and back twice, which takes longer than all that they do.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)
