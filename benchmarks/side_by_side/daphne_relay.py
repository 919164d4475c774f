"""Bare relays under Daphne: what the stack costs before anything is checked, merged or stored.

`PORT=... MODE=std|sock python daphne_relay.py`. `std` is a consumer as Channels documents it; `sock` has a receive loop of its
own and writes each frame, built once, to the sockets. They hold no document: who joins gets nothing.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from daphne.server import Server  # first: it installs the reactor  # isort: skip
from channels.generic.websocket import AsyncWebsocketConsumer

from annotator.collaboration.port import Message, port_for

rooms: dict[str, set[Any]] = defaultdict(set)


class Documented(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        self.room = rooms[self.scope["path"]]
        await self.accept()
        self.room.add(self)

    async def disconnect(self, code: int) -> None:
        self.room.discard(self)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        for other in list(self.room):
            if other is not self:
                await other.send(bytes_data=bytes_data)


async def straight(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    room = rooms[scope["path"]]
    await receive()
    await send({"type": "websocket.accept"})
    port = port_for(send)
    room.add(port)
    try:
        while (event := await receive())["type"] == "websocket.receive":
            message = Message(event["bytes"])
            for other in list(room):
                if other is not port:
                    other.send(message)
    finally:
        room.discard(port)
        await port.aclose()


if __name__ == "__main__":
    import django
    from django.conf import settings

    settings.configure(DATABASES={})
    django.setup()
    application = Documented.as_asgi() if os.environ["MODE"] == "std" else straight
    endpoint = f"tcp:port={os.environ['PORT']}:interface=127.0.0.1:backlog=2048"
    Server(application, endpoints=[endpoint], signal_handlers=True, websocket_timeout=-1).run()
