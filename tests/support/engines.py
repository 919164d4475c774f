"""Engines without a server: rules that let most things in, several processes over one store, and schedules of what befalls them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from pycrdt import Doc, Map

from annotator.collaboration.changes import Author, Before, Change, Put, Refused
from annotator.collaboration.journal import Journal
from annotator.collaboration.open_rooms import OpenRooms
from annotator.collaboration.room import Room
from tests.support.bells import Switchboard
from tests.support.memory_store import MemoryStore
from tests.support.tabs import Tab

ROOTS = {"annotations": "map", "labels": "map", "decisions": "map", "text/answer": "text"}


class Roots:
    """Rules that let everybody but viewers write what is not called `wrong`."""

    def root_kind(self, root: str) -> str | None:
        return ROOTS.get(root)

    def check(self, changes: Sequence[Change], author: Author, before: Before) -> None:
        for change in changes:
            if author.role == "viewer":
                raise Refused("viewer", "A viewer may not write.", None)
            if isinstance(change, Put) and change.value == "wrong":
                raise Refused("wrong_value", "This is wrong.", change.key)

    def committed(self, changes: Sequence[Change], author: Author, before: Before) -> None:
        pass

    def memory(self) -> bytes:
        return b""

    def remember(self, memory: bytes) -> None:
        pass


async def make_rules(document_id: int) -> Roots:
    return Roots()


async def until(fact: Any) -> None:
    async with asyncio.timeout(5):
        while not fact():
            await asyncio.sleep(0.001)


def contents(stored: MemoryStore) -> dict[str, Any]:
    """What somebody who comes after everything crashed would read."""
    doc: Doc[Any] = Doc()
    for row in stored.rows[1]:
        doc.apply_update(row.data)
    return doc.get("annotations", type=Map).to_py() or {}


class Processes:
    """Engines over one store, with the same document open in each."""

    def __init__(self, store: MemoryStore, board: Switchboard) -> None:
        self.store = store
        self.board = board
        self.rooms: list[OpenRooms] = []
        self._stack = AsyncExitStack()

    async def open(self) -> Room:
        number = len(self.rooms)
        relay = self.board.relay(f"process-{number}", lambda topic, sender, said: opened.hear(1, sender, said))
        opened = OpenRooms(Journal(self.store), make_rules, relay=relay)
        self.rooms.append(opened)
        return await self._stack.enter_async_context(opened.open(1))

    def look(self) -> None:
        """What every process does every second or two."""
        for rooms in self.rooms:
            rooms.look([(1, self.store.epochs[1], len(self.store.rows[1]))])

    async def close(self) -> None:
        self.store.may_commit.set()
        await self._stack.aclose()
        for rooms in self.rooms:
            await rooms.close()


async def play_schedule(chance: random.Random, steps: int = 60) -> list[str]:
    """Random edits, reconnections and bells that go wrong; returns who does not agree in the end."""
    store = MemoryStore()
    processes = Processes(store, Switchboard(chance))
    rooms = [await processes.open() for _ in range(chance.randint(2, 3))]
    tabs = [Tab(f"tab-{number}", number % 3 + 1) for number in range(4)]
    for tab in tabs:
        tab.enter(chance.choice(rooms))
    for step in range(steps):
        await random_step(chance, step, rooms, chance.choice(tabs))
    problems = []
    try:
        await until(lambda: is_quiet(processes, rooms, tabs))
    except TimeoutError:
        problems.append("not everything that was said came to be stored and heard")
    stored = contents(store)
    found = {tab.person.name: tab.map("annotations").to_py() for tab in tabs}
    found |= {f"room {at}": room.doc.get("annotations", type=Map).to_py() for at, room in enumerate(rooms)}
    await processes.close()
    return problems + [f"{who} has {said}, the journal {stored}" for who, said in found.items() if said != stored]


def is_quiet(processes: Processes, rooms: list[Room], tabs: list[Tab]) -> bool:
    """Whether everything that was said is stored and heard; who is asked meanwhile answers."""
    processes.look()
    for tab in tabs:
        tab.read()
        tab.deliver()
    stored = len(processes.store.rows[1])
    return (
        all(tab.saved() == tab.session.received and not tab.port.binary for tab in tabs)
        and all(room.head == stored and room.is_idle for room in rooms)
        and processes.board.under_way == 0
    )


async def random_step(chance: random.Random, step: int, rooms: list[Room], tab: Tab) -> None:
    match chance.randrange(8):
        case 0 | 1 | 2:
            tab.map("annotations")[f"key-{chance.randrange(12)}"] = f"{tab.person.name} {step}"
        case 3:
            tab.map("annotations").pop(f"key-{chance.randrange(12)}", None)
        case 4:
            tab.read()
        case 5:
            tab.leave()  # and comes back to whichever process the proxy gives it
            tab.outbox.clear()
            tab.enter(chance.choice(rooms))
        case 6:
            await asyncio.sleep(chance.choice([0, 0.002]))
        case _:
            tab.deliver()
