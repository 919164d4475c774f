"""How bodies come in and go out under Daphne: large ones over a file, piece by piece, never as a whole in memory.

By itself Twisted reads a whole form into memory and parses it there, for which the site stands still (a file of 200 MB:
23 seconds, 1.9 GB), only for Django to parse it again; Daphne queues every body as a whole, and holds everything that a
slow reader has not read. Knows no addresses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any, BinaryIO

from daphne import http_protocol

PIECE_BYTES = 128 * 1024
MAX_UNSENT_BYTES = 1024 * 1024  # what an answer may be ahead of its reader
LOOK_SECONDS = 0.02  # between two looks at how far the reader is
STALLED_SECONDS = 120.0  # a reader who has not read a byte for so long is cut off

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Request(http_protocol.WebRequest):  # type: ignore[misc]
    """A request whose body stays where Twisted put it: small ones in memory, large ones in a temporary file."""

    max_body_bytes = 0

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._parsePOSTFormSubmission = False
        self.body: BinaryIO = BytesIO()
        self.content: Any
        self._received_bytes = 0

    def handleContentChunk(self, data: bytes) -> None:
        """Keep a piece. What is beyond the limit goes nowhere: the application sees its length, and says no."""
        self._received_bytes += len(data)
        if self._received_bytes <= self.max_body_bytes:
            super().handleContentChunk(data)

    def process(self) -> Any:
        self.body, self.content = self.content, BytesIO()  # Daphne queues what it finds in `content`
        self.body.seek(0)
        return super().process()

    def unsent_bytes(self) -> int:
        """What waits for the reader; nothing where he has gone."""
        transport: Any = getattr(getattr(self, "channel", None), "transport", None)  # Twisted deletes it at the end
        if not hasattr(transport, "_tempDataLen"):
            return 0
        unsent: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
        return unsent

    def cut_off(self) -> None:
        channel = getattr(self, "channel", None)
        if channel is not None:
            channel.transport.abortConnection()


class Pieces:
    """ASGI's `receive` of a request: its body, read as it is asked for, and then what Daphne has to say."""

    def __init__(self, body: BinaryIO, receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._body = body
        self._receive = receive
        self._at_end = False

    async def __call__(self) -> dict[str, Any]:
        if self._at_end:
            return await self._receive()
        await asyncio.sleep(0)  # others have their turn between two pieces
        piece = self._body.read(PIECE_BYTES)
        self._at_end = len(piece) < PIECE_BYTES
        if self._at_end:
            await self._receive()  # the empty body that Daphne queued
            self._body.close()
        return {"type": "http.request", "body": piece, "more_body": not self._at_end}


def patient(send: Send, request: Request) -> Send:
    """ASGI's `send` that waits for its reader."""

    async def send_and_wait(message: dict[str, Any]) -> None:
        await send(message)
        unsent, waited = request.unsent_bytes(), 0.0
        while unsent > MAX_UNSENT_BYTES:
            await asyncio.sleep(LOOK_SECONDS)
            before, unsent = unsent, request.unsent_bytes()
            waited = waited + LOOK_SECONDS if unsent == before else 0.0
            if waited > STALLED_SECONDS:
                request.cut_off()
                return

    return send_and_wait


def piecewise(application: Application, max_body_bytes: int) -> Application:
    """`application`, with bodies that come and go as this module says. For the one Daphne of this process."""
    Request.max_body_bytes = max_body_bytes
    http_protocol.WebRequest = Request

    async def with_pieces(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            request: Request = send.args[0]  # Daphne's send is partial(handle_reply, request)
            receive, send = Pieces(request.body, receive), patient(send, request)
        await application(scope, receive, send)

    return with_pieces
