"""The one place where the parts are joined: HTTP to Django, sockets to rooms, with logins and origins checked on the way."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.urls import re_path

from annotator.data_dir import AlreadyServed, hold_data_dir

try:  # whichever server runs this application: `manage.py serve`, plain daphne, uvicorn
    hold_data_dir(settings.DATA_DIR, alone=not settings.SEVERAL_PROCESSES)
except AlreadyServed as error:
    raise SystemExit(str(error)) from None

from annotator.collaboration.consumer import DocumentConsumer
from annotator.collaboration.log_context import bind
from annotator.threads import InKeptThreads
from projects import live, visits
from projects.batches import running
from projects.doors import DocumentDoor, Watch
from projects.operations.requests import request_id
from projects.project_socket import ProjectConsumer
from projects.suggestions import runner

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


async def no_such_socket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An address that leads nowhere: the handshake is refused."""
    await receive()
    await send({"type": "websocket.close"})


watch = Watch()
DocumentConsumer.door = DocumentDoor(watch)
ProjectConsumer.watch = watch
runner.join()
running.join()
visits.join()

sockets = URLRouter(
    [
        re_path(r"^ws/documents/(?P<document_id>\d{1,18})/?$", DocumentConsumer.as_asgi()),
        re_path(r"^ws/projects/(?P<project_id>\d{1,18})/?$", ProjectConsumer.as_asgi()),
        re_path(r"", no_such_socket),  # type: ignore[arg-type]  # an ASGI application, as Channels wants
    ]
)


class BearerOrOrigin:
    """A browser must come from a page of ours; a program with a bearer token need not come from a page at all.

    A page of another site can make a browser send our cookies, but it cannot make it send this header.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._checked = OriginValidator(application, settings.ORIGINS)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        bearer = headers.get(b"authorization", b"").lower().startswith(b"bearer ")
        await (self._application if bearer else self._checked)(scope, receive, send)


class Named:
    """A socket's log lines carry the id that its handshake came with, or a new one."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        bind(request=request_id(dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")))
        await self._application(scope, receive, send)


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Servers that tell of their end (uvicorn; Daphne does not) let rooms be put away first."""
    while True:
        event = await receive()
        if event["type"] == "lifespan.shutdown":
            await live.engine().close()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return


application = ProtocolTypeRouter(
    {"http": InKeptThreads(django_application), "websocket": Named(BearerOrOrigin(sockets)), "lifespan": lifespan}
)
