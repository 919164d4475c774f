"""The bell between processes: who speaks of a topic is heard by every process that listens to it. May lose a message.

What it carries is a hint; the journal is the truth. Knows topics and messages of plain values; not what they mean.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from typing import Any, Protocol

log = logging.getLogger(__name__)

MAX_WAITING = 10_000  # messages that wait for Redis; more are lost, and what they spoke of is found in the journal
PAUSE_SECONDS = 0.5  # after Redis could not be reached
ASK_SECONDS = 5.0  # how long one answer of Redis may take
PREFIX = "colabel."

Hear = Callable[[str, str, dict[str, Any]], None]  # topic, sender, message


class Relay(Protocol):
    """What rooms and hubs need of it. Nothing here waits for the network, except to begin to listen."""

    is_alone: bool
    """There are no other processes: nothing need be told."""

    process: str
    """This process, as others call it."""

    def tell(self, topic: str, message: dict[str, Any]) -> None: ...
    async def listen(self, topic: str) -> None: ...
    def leave(self, topic: str) -> None: ...
    async def close(self) -> None: ...


class Alone:
    """The relay of a process that has no others beside it."""

    is_alone = True
    process = "only"

    def tell(self, topic: str, message: dict[str, Any]) -> None:
        """Nobody hears."""

    async def listen(self, topic: str) -> None:
        """Nobody speaks."""

    def leave(self, topic: str) -> None:
        """Nobody spoke."""

    async def close(self) -> None:
        """Nothing is open."""


class Layer(Protocol):
    """The part of a channel layer (channels_redis.pubsub) that is needed here."""

    async def new_channel(self, prefix: str = ...) -> str: ...
    async def receive(self, channel: str) -> dict[str, Any]: ...
    async def group_add(self, group: str, channel: str) -> None: ...
    async def group_discard(self, group: str, channel: str) -> None: ...
    async def group_send(self, group: str, message: dict[str, Any]) -> None: ...


class LayerRelay:
    """A relay over a channel layer: one channel of this process in the groups of its topics."""

    is_alone = False

    def __init__(self, layer: Layer, hear: Hear, lost: Callable[[], None] = lambda: None) -> None:
        self.process = secrets.token_hex(8)
        self._layer = layer
        self._hear = hear
        self._lost = lost  # called for each message that could not be sent
        self._channel: str | None = None
        self._opening = asyncio.Lock()
        self._out: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue(MAX_WAITING)
        self._topics: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._reachable = True
        self._spawn(self._send())

    def tell(self, topic: str, message: dict[str, Any]) -> None:
        """Speak of a topic to all other processes that listen to it, soon, if Redis is there."""
        try:
            self._out.put_nowait((topic, message))
        except asyncio.QueueFull:
            self._lost()

    async def listen(self, topic: str) -> None:
        """Hear what is said of a topic from now on. Without Redis it begins when Redis is back."""
        self._topics[topic] = self._topics.get(topic, 0) + 1
        if self._topics[topic] > 1:
            return
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await self._join(topic)
        except Exception as error:
            self._unreachable(error)
            self._spawn(self._join_later(topic))

    def leave(self, topic: str) -> None:
        left = self._topics.get(topic, 0) - 1
        if left > 0:
            self._topics[topic] = left
        elif self._topics.pop(topic, None) is not None and self._channel is not None:
            self._spawn(self._part(topic, self._channel))

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=ASK_SECONDS)

    # -- the layer -------------------------------------------------------------------------------------------------

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, topic: str) -> None:
        async with self._opening:
            if self._channel is None:
                self._channel = await self._layer.new_channel()
                self._spawn(self._receive(self._channel))
        await self._layer.group_add(PREFIX + topic, self._channel)
        self._reached()

    async def _join_later(self, topic: str) -> None:
        while topic in self._topics:
            await asyncio.sleep(PAUSE_SECONDS)
            with contextlib.suppress(Exception):
                async with asyncio.timeout(ASK_SECONDS):
                    await self._join(topic)
                return

    async def _part(self, topic: str, channel: str) -> None:
        with contextlib.suppress(Exception):
            if topic not in self._topics:
                await self._layer.group_discard(PREFIX + topic, channel)

    async def _send(self) -> None:
        while True:
            topic, message = await self._out.get()
            try:
                async with asyncio.timeout(ASK_SECONDS):
                    await self._layer.group_send(
                        PREFIX + topic, {"type": "relay", "topic": topic, "from": self.process, "said": message}
                    )
                self._reached()
            except Exception as error:
                self._lost()
                self._unreachable(error)
                await asyncio.sleep(PAUSE_SECONDS)
                while not self._out.empty():  # old by the time that somebody could hear it
                    self._out.get_nowait()
                    self._lost()

    async def _receive(self, channel: str) -> None:
        while True:
            message = await self._layer.receive(channel)
            if message.get("from") == self.process:
                continue
            try:
                self._hear(message["topic"], message["from"], message["said"])
            except Exception:
                log.exception("A message of another process could not be taken")

    def _reached(self) -> None:
        if not self._reachable:
            self._reachable = True
            log.warning("Redis is back")

    def _unreachable(self, error: Exception) -> None:
        if self._reachable:
            self._reachable = False
            log.warning(
                "Redis cannot be reached (%s); other processes hear of edits within seconds", error or type(error)
            )
