"""Editors that lose their connection, edit on and come back with what was not acknowledged: pycrdt's, and real Yjs in Node."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import websockets
from pycrdt import Doc, Map, Text, create_sync_message, create_update_message
from pycrdt._sync import create_sync_step2_message

from annotator.collaboration import messages
from benchmarks.faults.hands import MAPS, NOTE, Edit, Hand, Shown
from tests.support.node import NodeProgram

RETRY_SECONDS = (0.03, 0.25)
ANSWER_SECONDS = 30.0


def shown_of(doc: Doc[Any]) -> Shown:
    """What a pycrdt document shows. It has no way to say that something is pending."""
    maps: Shown = {root: doc.get(root, type=Map).to_py() for root in MAPS}
    return {**maps, "note": str(doc.get(NOTE, type=Text)), "pending": False}


def apply_edit(doc: Doc[Any], edit: Edit) -> None:
    match edit:
        case ("put", root, key, value):
            doc.get(root, type=Map)[key] = value
        case ("remove", root, key):
            doc.get(root, type=Map).pop(key, None)
        case ("type", token, chance):
            text = doc.get(NOTE, type=Text)
            text.insert(boundary(str(text), chance), token)
        case ("untype", token):
            text = doc.get(NOTE, type=Text)
            whole = str(text)
            at = whole.find(token)
            if at >= 0:
                begin = len(whole[:at].encode())
                del text[begin : begin + len(token.encode())]


def boundary(text: str, chance: float) -> int:
    """A place between two tokens, in the bytes that pycrdt counts."""
    places = [0, *(at + 1 for at, letter in enumerate(text) if letter == ">")]
    return len(text[: places[min(len(places) - 1, int(chance * len(places)))]].encode())


class PycrdtEditor:
    """See the module. `address()` is asked at every attempt to connect."""

    def __init__(self, address: Callable[[], str], token: str, hand: Hand, seed: int = 0) -> None:
        self.hand = hand
        self.doc: Doc[Any] = Doc()
        self.acknowledged = 0
        self.acknowledgements: list[tuple[float, int]] = []
        self.closes: list[int] = []
        self.refusals: list[str] = []
        self.synced = False
        self.epoch: int | None = None  # of what the document holds
        self._told_epoch: int | None = None
        self._address, self._token = address, token
        self._rng = random.Random(seed)
        self._answered = self._offline = False
        self._socket: websockets.ClientConnection | None = None
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._sent = 0
        self._waiting: deque[tuple[int, int]] = deque()
        self._mute = False
        self._subscription = self.doc.observe(self._edited)
        self._task = asyncio.ensure_future(self._live())

    # -- editing

    def edit(self) -> None:
        """Make the hand's next edit."""
        edit = self.hand.next()
        with self.doc.transaction():
            apply_edit(self.doc, edit)

    def _edited(self, event: Any) -> None:
        if not self._mute and self._answered and event.update != b"\0\0":
            self._number(create_update_message(event.update))

    def _number(self, message: bytes) -> None:
        self._sent += 1
        self._waiting.append((self._sent, len(self.hand.made)))
        self._outbox.put_nowait(message)

    async def show(self) -> Shown:
        return shown_of(self.doc)

    # -- the connection

    async def _live(self) -> None:
        while True:
            if not self._offline:
                with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError):
                    await self._converse()
                self._answered = self.synced = False
                if self.closes and 4400 <= self.closes[-1] < 4500:
                    return
            await asyncio.sleep(self._rng.uniform(*RETRY_SECONDS))

    async def _converse(self) -> None:
        self._answered = False
        self._sent = 0
        self._waiting.clear()
        self._outbox = asyncio.Queue()
        headers = {"Authorization": f"Bearer {self._token}"}
        epoch = "" if self.epoch is None else f"?epoch={self.epoch}"
        self._socket = socket = await websockets.connect(
            self._address() + epoch,
            additional_headers=headers,
            subprotocols=[websockets.Subprotocol("colabel.v1")],
            max_size=None,
            compression=None,
            proxy=None,
            open_timeout=10,
            close_timeout=1,
            ping_interval=None,
        )
        self._outbox.put_nowait(create_sync_message(self.doc))
        sending = asyncio.ensure_future(self._send(socket))
        try:
            async for message in socket:
                if isinstance(message, str):
                    self._event(json.loads(message))
                else:
                    self._frame(message)
            self.closes.append(socket.close_code or 1006)
        except websockets.ConnectionClosed:
            self.closes.append(socket.close_code or 1006)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            socket.transport.abort()

    async def _send(self, socket: websockets.ClientConnection) -> None:
        while True:
            await socket.send(await self._outbox.get())

    def _frame(self, frame: bytes) -> None:
        if frame[0] != messages.SYNC:
            return
        match messages.parse(frame):
            case messages.Sync1(state_vector):
                self._number(create_sync_step2_message(self.doc.get_update(state_vector)))
                self._answered = True
            case messages.Sync2(update):
                self._apply(update)
                self.synced, self.epoch = True, self._told_epoch
            case messages.SyncUpdate(update):
                self._apply(update)

    def _apply(self, update: bytes) -> None:
        self._mute = True
        try:
            self.doc.apply_update(update)
        finally:
            self._mute = False

    def _event(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "hello":
                self._told_epoch = event["epoch"]
            case "refused":
                self.refusals.append(event["sentence"])
            case "saved":
                while self._waiting and self._waiting[0][0] <= event["upto"]:
                    self.acknowledged = max(self.acknowledged, self._waiting.popleft()[1])
                self.acknowledgements.append((time.monotonic(), self.acknowledged))

    def cut(self) -> None:
        """The line breaks: nothing more comes or goes; the next attempt follows soon."""
        self._answered = self.synced = False
        if self._socket is not None:
            self._socket.transport.abort()

    def go_offline(self) -> None:
        self._offline = True
        self.cut()

    def come_back(self) -> None:
        self._offline = False

    async def close(self) -> None:
        self.doc.unobserve(self._subscription)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._socket is not None:
            self._socket.transport.abort()


class Yjs(NodeProgram):
    """`async with Yjs() as yjs`: a process of Node with many editors of real Yjs."""

    wait_seconds = ANSWER_SECONDS

    def __init__(self) -> None:
        super().__init__("reconnecting.mjs")
        self.editors: dict[str, YjsEditor] = {}
        self._asked: dict[int, asyncio.Future[Shown]] = {}
        self._number = 0

    async def take(self, said: dict[str, Any]) -> None:
        if "show" in said:
            self._asked.pop(said["ask"]).set_result(said["show"])
        elif (editor := self.editors.get(said["name"])) is not None:
            editor.hear(said)

    async def show(self, name: str) -> Shown:
        self._number += 1
        asked = self._asked[self._number] = asyncio.get_running_loop().create_future()
        self.tell("show", name=name, ask=self._number)
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asked

    def editor(self, address: Callable[[], str], token: str, hand: Hand) -> YjsEditor:
        made = self.editors[hand.name] = YjsEditor(self, address, hand)
        self.tell("open", name=hand.name, url=address(), token=token)
        return made


class YjsEditor:
    """One of them."""

    def __init__(self, yjs: Yjs, address: Callable[[], str], hand: Hand) -> None:
        self.hand = hand
        self.acknowledged = 0
        self.acknowledgements: list[tuple[float, int]] = []
        self.closes: list[int] = []
        self.refusals: list[str] = []
        self.synced = False
        self._yjs, self._address = yjs, address

    def hear(self, said: dict[str, Any]) -> None:
        match said:
            case {"acked": acked}:
                self.acknowledged = max(self.acknowledged, acked)
                self.acknowledgements.append((time.monotonic(), self.acknowledged))
            case {"refused": sentence}:
                self.refusals.append(sentence)
            case {"synced": synced}:
                self.synced = synced
                if not synced:
                    self.closes.append(said["code"])

    def edit(self) -> None:
        self._yjs.tell("edit", name=self.hand.name, edit=self.hand.next())

    def cut(self) -> None:
        self.synced = False
        self._yjs.tell("cut", name=self.hand.name)

    def go_offline(self) -> None:
        self.synced = False
        self._yjs.tell("offline", name=self.hand.name)

    def come_back(self) -> None:
        self._yjs.tell("online", name=self.hand.name, url=self._address())

    async def show(self) -> Shown:
        return await self._yjs.show(self.hand.name)

    async def close(self) -> None:
        self._yjs.tell("close", name=self.hand.name)
        self._yjs.editors.pop(self.hand.name, None)
