"""Bells between several engines in one test: they arrive in order, or are lost, doubled, late and out of order."""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Callable
from typing import Any

Hear = Callable[[str, str, dict[str, Any]], None]


class Switchboard:
    """All relays of a test. With `chaos`, every message may be lost, doubled or late."""

    def __init__(self, chaos: random.Random | None = None) -> None:
        self._chaos = chaos
        self._relays: list[BellRelay] = []
        self.under_way = 0  # bells that are late

    def relay(self, name: str, hear: Hear) -> BellRelay:
        relay = BellRelay(self, name, hear)
        self._relays.append(relay)
        return relay

    def carry(self, sender: BellRelay, topic: str, message: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        for other in self._relays:
            if other is sender or topic not in other.topics:
                continue
            for delay in self._delays():
                self.under_way += 1
                loop.call_later(delay, self._arrive, other, topic, sender.process, copy.deepcopy(message))

    def _arrive(self, relay: BellRelay, topic: str, process: str, message: dict[str, Any]) -> None:
        self.under_way -= 1
        relay.take(topic, process, message)

    def _delays(self) -> list[float]:
        if self._chaos is None:
            return [0.0]
        times = self._chaos.choices([0, 1, 2], [2, 5, 1])[0]
        return [self._chaos.choice([0.0, 0.001, 0.02]) for _ in range(times)]


class BellRelay:
    is_alone = False

    def __init__(self, board: Switchboard, name: str, hear: Hear) -> None:
        self.process = name
        self.topics: set[str] = set()
        self._board = board
        self._hear = hear

    def tell(self, topic: str, message: dict[str, Any]) -> None:
        self._board.carry(self, topic, message)

    def take(self, topic: str, sender: str, message: dict[str, Any]) -> None:
        if topic in self.topics:
            self._hear(topic, sender, message)

    async def listen(self, topic: str) -> None:
        self.topics.add(topic)

    def leave(self, topic: str) -> None:
        self.topics.discard(topic)

    async def close(self) -> None:
        self.topics.clear()
