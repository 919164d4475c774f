"""The way out to one browser: WebSocket frames into a socket, bounded. Knows ASGI servers; not what is in a message.

ASGI's `send` says nothing of what the server still holds for a slow reader, and Daphne holds without bound and refuses
to send what it would refuse to receive. Where the server is Daphne, frames go straight to its transport, whose buffer can
be seen; under every other server a queue of our own waits for `send`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

MAX_BUFFERED_BYTES = 8 * 1024 * 1024  # what one reader may leave unread before it is cut off, on top of one document

BINARY, TEXT = 0x82, 0x81  # final frame, opcode

Send = Callable[[dict[str, Any]], Awaitable[None]]


def frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """One unmasked, final WebSocket frame (RFC 6455, 5.2)."""
    n = len(payload)
    if n < 126:
        return bytes((opcode, n)) + payload
    if n < 65536:
        return bytes((opcode, 126)) + n.to_bytes(2, "big") + payload
    return bytes((opcode, 127)) + n.to_bytes(8, "big") + payload


class Message:
    """A payload for many sessions; its frame is built once."""

    __slots__ = ("_frame", "payload")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        if self._frame is None:
            self._frame = frame(self.payload)
        return self._frame


class Port(Protocol):
    """What a session needs of its socket. Nothing here waits; what cannot be sent is held, and counted."""

    def send(self, message: Message) -> None: ...
    def send_text(self, text: str) -> None: ...
    def buffered(self) -> int: ...
    def close(self, code: int) -> None: ...


class DaphnePort:
    """Frames written to Daphne's transport; straight to its socket where nothing is waiting there.

    Twisted's `write` asks the event loop to be woken when the socket can be written, and then no longer: two system calls
    and a turn of the loop for every frame, which took more of a busy server's time than anything else.
    """

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self._socket = None if getattr(self._transport, "TLS", True) else self._transport.socket
        self._closed = False

    def send(self, message: Message) -> None:
        self._write(message.frame)

    def send_text(self, text: str) -> None:
        self._write(frame(text.encode(), TEXT))

    def _write(self, data: bytes) -> None:
        if not self._may_send():
            return
        if self._socket is not None and not self.buffered() and not self._transport.disconnecting:
            try:
                sent = self._socket.send(data)
            except OSError:  # full, or gone: the transport waits, or finds out
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
        self._transport.write(data)

    def buffered(self) -> int:
        transport = self._transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    def close(self, code: int) -> None:
        if self._closed:
            return
        self._closed = True
        if self._protocol.state == self._protocol.STATE_OPEN:
            # Autobahn's own `sendClose` knows no 1012 and 1013 and would raise; it wants an int, not an IntEnum.
            self._protocol.sendCloseFrame(code=int(code))
        if self.buffered() > MAX_BUFFERED_BYTES:  # who does not read will not read the close frame either
            self._drop()

    def _drop(self) -> None:
        """Cut the line, and let go of what was not read: the transport itself lives on until the collector comes by."""
        transport = self._transport
        transport.abortConnection()
        transport.dataBuffer, transport.offset = b"", 0
        transport._tempDataBuffer, transport._tempDataLen = [], 0

    def _may_send(self) -> bool:
        return not self._closed and self._protocol.state == self._protocol.STATE_OPEN

    async def aclose(self) -> None:
        self.close(1000)


class QueuePort:
    """A queue in front of ASGI's `send`, for servers whose `send` waits until the reader has read."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[dict[str, Any]] = deque()
        self._size = 0
        self._wake = asyncio.Event()
        self._closed = False
        self._pump = asyncio.ensure_future(self._run())

    def send(self, message: Message) -> None:
        self._put({"type": "websocket.send", "bytes": message.payload}, len(message.payload))

    def send_text(self, text: str) -> None:
        self._put({"type": "websocket.send", "text": text}, len(text))

    def buffered(self) -> int:
        return self._size

    def close(self, code: int) -> None:
        if self._closed:
            return
        if self._size > MAX_BUFFERED_BYTES:  # the close must not wait behind what is never read
            self._queue.clear()
        self._put({"type": "websocket.close", "code": int(code)}, 0)
        self._closed = True

    async def aclose(self) -> None:
        self._closed = True
        self._pump.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pump

    def _put(self, event: dict[str, Any], size: int) -> None:
        if self._closed:
            return
        self._queue.append(event)
        self._size += size
        self._wake.set()

    async def _run(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):  # the socket went away: the receive loop hears of it
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    event = self._queue.popleft()
                    await self._send(event)
                    self._size = max(0, self._size - len(event.get("bytes") or event.get("text") or ""))


def port_for(send: Send) -> DaphnePort | QueuePort:
    """The port of an accepted socket."""
    protocol = next(iter(getattr(send, "args", ())), None)  # Daphne's send is partial(handle_reply, protocol)
    transport = getattr(protocol, "transport", None)
    if hasattr(protocol, "sendCloseFrame") and hasattr(transport, "_tempDataLen"):
        return DaphnePort(protocol)
    return QueuePort(send)
