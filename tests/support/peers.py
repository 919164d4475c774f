"""A program that joins a document: pycrdt over a WebSocket, speaking our events. For tests that need a second person."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any

import websockets
from pycrdt import Doc, Map, Text, YMessageType, YSyncMessageType, create_sync_message, create_update_message
from pycrdt._sync import create_sync_step2_message

from annotator.collaboration.messages import Awareness, parse

WAIT_SECONDS = 15.0


class Peer:
    """`async with Peer(server.ws_url, document_id, token) as peer`: connected and synced."""

    def __init__(
        self,
        ws_url: str,
        document_id: int,
        token: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        events: bool = True,
        doc: Doc[Any] | None = None,
    ) -> None:
        self.url = f"{ws_url}/ws/documents/{document_id}/"
        self.headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        self.events: list[dict[str, Any]] = []
        self.doc: Doc[Any] = doc or Doc()
        self.awareness: dict[int, str | None] = {}  # states as JSON, by awareness client
        self.close_code: int | None = None
        self.sent = 0
        self.saved = 0
        self._subprotocols = ["colabel.v1"] if events else []
        self._changed = asyncio.Condition()
        self._synced = False
        self._mute = False

    def map(self, root: str) -> Map[Any]:
        return self.doc.get(root, type=Map)

    def text(self, root: str) -> Text:
        return self.doc.get(root, type=Text)

    async def __aenter__(self) -> Peer:
        self.socket = await websockets.connect(
            self.url, additional_headers=self.headers, subprotocols=self._subprotocols or None, max_size=None
        )
        self._subscription = self.doc.observe(self._edited)
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._send())]
        self._outbox.put_nowait(create_sync_message(self.doc))
        await self.until(lambda: self._synced or self.close_code is not None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.doc.unobserve(self._subscription)
        await self.socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _edited(self, event: Any) -> None:
        if not self._mute and event.update != b"\x00\x00":
            self.sent += 1
            self._outbox.put_nowait(create_update_message(event.update))

    def send(self, data: bytes) -> None:
        """Send raw bytes as a message."""
        self._outbox.put_nowait(data)

    async def _send(self) -> None:
        while True:
            await self.socket.send(await self._outbox.get())

    async def _receive(self) -> None:
        try:
            async for message in self.socket:
                if isinstance(message, str):
                    self._event(json.loads(message))
                elif message[0] == YMessageType.SYNC:
                    self._sync(message[1:])
                elif message[0] == YMessageType.AWARENESS:
                    self._hear_of_others(message)
                async with self._changed:
                    self._changed.notify_all()
        except websockets.ConnectionClosed:
            pass
        self.close_code = self.socket.close_code
        async with self._changed:
            self._changed.notify_all()

    def _event(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        if event["type"] == "saved":
            self.saved = event["upto"]

    def _hear_of_others(self, frame: bytes) -> None:
        said = parse(frame)
        assert isinstance(said, Awareness)
        self.awareness |= {client: state for client, _, state in said.entries}

    def _sync(self, data: bytes) -> None:
        kind, payload = data[0], read_bytes(data[1:])
        if kind == YSyncMessageType.SYNC_STEP1:
            self.sent += 1
            self._outbox.put_nowait(create_sync_step2_message(self.doc.get_update(payload)))
            return
        self._mute = True
        try:
            self.doc.apply_update(payload)
        finally:
            self._mute = False
        if kind == YSyncMessageType.SYNC_STEP2:
            self._synced = True

    async def until(self, fact: Any) -> None:
        """Wait until `fact()` holds."""
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(fact)

    async def until_saved(self) -> None:
        await self.until(lambda: self.saved >= self.sent)

    async def until_closed(self) -> int | None:
        await self.until(lambda: self.close_code is not None)
        return self.close_code


def read_bytes(data: bytes) -> bytes:
    """A length-prefixed byte string (varuint, then the bytes)."""
    length = shift = at = 0
    while True:
        byte = data[at]
        at += 1
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return data[at : at + length]
