"""One document in several processes: whatever becomes of the bells between them, all end with the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from annotator.collaboration import messages
from annotator.collaboration.changes import Author, Put
from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.heads import Heads
from annotator.collaboration.journal import Row
from annotator.collaboration.presence import SILENT_SECONDS
from annotator.collaboration.room import Room
from tests.support.bells import Switchboard
from tests.support.engines import Processes, contents, play_schedule, until
from tests.support.memory_store import MemoryStore
from tests.support.tabs import Tab

pytestmark = pytest.mark.promise("P4")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def two(store: MemoryStore) -> AsyncIterator[Processes]:
    processes = Processes(store, Switchboard())
    yield processes
    await processes.close()


async def apart(processes: Processes) -> tuple[Room, Room, Tab, Tab]:
    """The document is open in two processes, Ann has joined it in the first, Ben in the second."""
    here, there = await processes.open(), await processes.open()
    ann, ben = Tab("ann", 1), Tab("ben", 2)
    ann.enter(here), ben.enter(there)
    ann.read(), ben.read()
    return here, there, ann, ben


async def test_an_edit_in_one_process_is_seen_in_the_other_when_it_is_stored(
    two: Processes, store: MemoryStore
) -> None:
    here, there, ann, ben = await apart(two)
    store.may_commit.clear()
    ann.map("annotations")["a1"] = 1
    ann.deliver()
    await until(lambda: store.asked == 1)
    ben.read()
    assert not ben.map("annotations").to_py()
    store.may_commit.set()
    await until(lambda: there.head == 1)
    ben.read()
    assert ben.map("annotations").to_py() == {"a1": 1}
    ben.map("annotations")["a2"] = ben.map("annotations")["a1"]  # builds on it
    ben.deliver()
    await until(lambda: here.head == 2)
    ann.read()
    assert ann.map("annotations").to_py() == {"a1": 1, "a2": 1}
    assert ben.saved() == ben.session.received


async def test_a_joiner_gets_what_is_on_its_way_here_and_what_came_from_elsewhere(
    two: Processes, store: MemoryStore
) -> None:
    here, there, ann, ben = await apart(two)
    ben.map("annotations")["there"] = 1
    ben.deliver()
    await until(lambda: there.head == 1)
    store.may_commit.clear()
    ann.map("annotations")["here"] = 1
    ann.deliver()
    late = Tab("late", 3)
    late.enter(here)  # its answer waits for ann's edit
    here.hear_head(1, 1)
    await until(lambda: here.head == 1)
    store.may_commit.set()
    await until(lambda: here.head == 2)
    late.read()
    assert late.map("annotations").to_py() == {"here": 1, "there": 1}


async def test_lost_bells_are_made_up_for_by_looking_at_the_heads(store: MemoryStore) -> None:
    class Deaf(Switchboard):
        def carry(self, *args: Any) -> None:
            """Redis is away."""

    processes = Processes(store, Deaf())
    here, there, ann, ben = await apart(processes)
    for tab in (ann, ben):
        for number in range(30):
            tab.map("annotations")[f"{tab.person.name}-{number}"] = number
        tab.deliver()
    await until(lambda: len(contents(store)) == 60)
    assert ben.saved() == ben.session.received  # who is alone in his process loses nothing by it
    processes.look()
    await until(lambda: here.head == there.head == len(store.rows[1]))
    ann.read(), ben.read()
    assert len(ann.map("annotations").to_py()) == len(ben.map("annotations").to_py()) == 60
    await processes.close()


@pytest.mark.parametrize("seed", range(25))
async def test_bells_lost_doubled_late_and_out_of_order(seed: int) -> None:
    assert await play_schedule(random.Random(seed)) == []


async def test_what_the_server_writes_is_seen_everywhere(two: Processes) -> None:
    here, there = await two.open(), await two.open()
    head = await here.write([Put("annotations", "a1", 1)], Author(None, "server", "model"))
    await until(lambda: there.head == head)
    assert there.value("annotations", "a1") == 1
    assert ("annotations", "a1") in there.touched


async def test_people_are_seen_across_processes_until_they_leave(two: Processes) -> None:
    here, there, ann, ben = await apart(two)
    here.receive(ann.session, messages.encode_awareness([(7, 1, '{"cursor":1}')]))
    await until(lambda: states(ben))
    assert '"name":"ann"' in (states(ben)[7] or "")
    late = Tab("late", 3)
    late.enter(there)
    assert 7 in states(late)
    third = await two.open()  # it asks who is here
    await until(lambda: third.presence.all_states() is not None)
    here.leave(ann.session)
    await until(lambda: states(ben)[7] is None)
    await until(lambda: third.presence.all_states() is None)


class Later:
    """A clock of the loop's, so many seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._loop, self._seconds = asyncio.get_running_loop(), seconds

    def time(self) -> float:
        return self._loop.time() + self._seconds


async def test_people_of_a_process_that_says_nothing_any_more_are_gone(
    two: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there, ann, ben = await apart(two)
    here.receive(ann.session, messages.encode_awareness([(7, 1, '{"cursor":1}')]))
    await until(lambda: states(ben))
    there.presence.refresh()
    assert states(ben)[7] is not None
    monkeypatch.setattr(there.presence, "_clock", Later(SILENT_SECONDS + 1))
    there.presence.refresh()
    assert states(ben)[7] is None
    assert there.presence.all_states() is None


def states(tab: Tab) -> dict[int, str | None]:
    found: dict[int, str | None] = {}
    for frame in tab.port.binary:
        message = messages.parse(frame)
        if isinstance(message, messages.Awareness):
            found |= {client: state for client, _, state in message.entries}
    return found


async def test_events_reach_every_process(two: Processes) -> None:
    here, _, ann, ben = await apart(two)
    here.announce({"type": "run", "run": 1})
    await until(lambda: ben.said("run"))
    assert len(ann.said("run")) == len(ben.said("run")) == 1


async def test_a_new_epoch_sends_everybody_to_reload(two: Processes, store: MemoryStore) -> None:
    here = await two.open()
    ann = Tab("ann", 1)
    ann.enter(here)
    store.epochs[1] = 2
    two.look()
    assert ann.port.closed == CloseCode.RELOAD


async def test_rows_that_lie_behind_a_checkpoint_by_now_make_it_begin_again(two: Processes, store: MemoryStore) -> None:
    here = await two.open()
    ann = Tab("ann", 1)
    ann.enter(here)
    here.hear_head(1, 5)  # and the journal has no such rows any more
    await until(lambda: ann.port.closed == CloseCode.LATER)
    assert two.rooms[0].peek(1) is None


def test_heads_are_contiguous() -> None:
    heads = Heads(3)
    heads.took(6, 7)
    assert (heads.head, heads.is_behind, heads.has(6), heads.has(5)) == (3, True, True, False)
    heads.took(4, 4)
    heads.took(5, 5)
    assert (heads.head, heads.is_behind) == (7, False)
    heads.took(2, 3)  # known already
    assert (heads.head, heads.is_behind) == (7, False)
    heads.hear(9)
    assert heads.is_behind


async def test_rows_that_are_not_in_the_journal_are_looked_for_once_and_the_room_ends(
    two: Processes, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may lie behind a checkpoint: whoever opens the room next begins with that."""
    here, there, *_ = await apart(two)
    await until(lambda: here.is_idle and there.is_idle)  # who came in was asked, after a look
    looked: list[int] = []

    def since(document_id: int, epoch: int, seq: int) -> list[Row]:
        looked.append(seq)
        return MemoryStore.since(store, document_id, epoch, seq)

    monkeypatch.setattr(store, "since", since)
    there.hear_head(there.epoch, there.head + 5)
    await until(lambda: there.closed)
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert looked == [there.head]
