"""A room with tabs in it and a journal that is as slow, or as broken, as a test wants."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator

import pytest
from pycrdt import create_update_message

from annotator.collaboration import messages
from annotator.collaboration.changes import Author, Change, Put, Refused
from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.journal import Journal
from annotator.collaboration.open_rooms import OpenRooms
from annotator.collaboration.room import Room, RoomBroken
from tests.support.engines import contents, make_rules, until
from tests.support.memory_store import MemoryStore
from tests.support.tabs import Tab


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def rooms(store: MemoryStore) -> AsyncIterator[OpenRooms]:
    opened = OpenRooms(Journal(store), make_rules, idle_seconds=0.01)
    yield opened
    store.may_commit.set()
    await opened.close()


@pytest.fixture
async def room(rooms: OpenRooms) -> AsyncIterator[Room]:
    async with rooms.open(1) as opened:
        yield opened


@pytest.mark.promise("P1")
async def test_it_shows_nothing_before_it_is_committed(room: Room, store: MemoryStore) -> None:
    ann, ben = Tab("ann", 1), Tab("ben", 2)
    ann.enter(room), ben.enter(room)
    ann.read(), ben.read()
    store.may_commit.clear()
    ann.map("annotations")["a1"] = 1
    ann.deliver()
    await asyncio.sleep(0.05)
    ben.read()
    assert "a1" not in ben.map("annotations")
    assert ann.saved() == 1  # its empty SyncStep2, not the edit
    assert contents(store) == {}
    store.may_commit.set()
    await until(lambda: ann.saved() == 2)
    await until(lambda: ben.port.binary)
    ben.read()
    assert ben.map("annotations")["a1"] == 1
    assert contents(store) == {"a1": 1}


async def test_it_tells_who_took_something_away(room: Room) -> None:
    ann, ben = Tab("ann", 1), Tab("ben", 2)
    ann.enter(room), ben.enter(room)
    ann.map("annotations")["a1"] = 1
    ann.deliver()
    await room.settled()
    ann.read(), ben.read()
    del ben.map("annotations")["a1"]
    ben.deliver()
    await room.settled()
    assert ann.said("removed") == [{"type": "removed", "by": 2, "keys": {"annotations": ["a1"]}}]
    await until(lambda: ann.port.binary)
    ann.read()
    assert "a1" not in ann.map("annotations")
    assert ben.said("removed") == []


@pytest.mark.promise("P1")
async def test_it_gives_a_joiner_only_what_is_committed_and_all_of_it(room: Room, store: MemoryStore) -> None:
    ann, late = Tab("ann", 1), Tab("late", 3)
    ann.enter(room)
    store.may_commit.clear()
    ann.map("annotations")["a1"] = 1
    ann.deliver()
    late.enter(room)
    ann.map("annotations")["a2"] = 2
    ann.deliver()
    await asyncio.sleep(0.03)
    late.read()
    assert not late.map("annotations").to_py()
    store.may_commit.set()
    await room.settled()
    await asyncio.sleep(0.02)
    late.read()
    assert late.map("annotations").to_py() == {"a1": 1, "a2": 2}


@pytest.mark.promise("P5")
async def test_it_refuses_a_wrong_edit_tells_its_author_and_shows_nobody(room: Room, store: MemoryStore) -> None:
    ann, ben = Tab("ann", 1), Tab("ben", 2)
    ann.enter(room), ben.enter(room)
    ann.map("annotations")["a1"] = "wrong"
    ann.deliver()
    assert ann.said("refused") == [
        {"type": "refused", "number": 1, "code": "wrong_value", "sentence": "This is wrong.", "annotation": "a1"}
    ]
    await room.settled()
    ben.read()
    assert not ben.map("annotations").to_py()
    assert store.rows[1] == []


@pytest.mark.promise("P5")
async def test_it_sends_a_stock_client_away_whose_edit_is_refused(room: Room) -> None:
    stock = Tab("stock", 1, events=False)
    stock.enter(room)
    stock.map("annotations")["a1"] = "wrong"
    stock.deliver()
    assert stock.port.closed == CloseCode.REFUSED


@pytest.mark.promise("P5")
async def test_it_refuses_edits_under_the_client_id_of_somebody_else(room: Room, store: MemoryStore) -> None:
    ann = Tab("ann", 1, client=77)
    ann.enter(room)
    ann.map("annotations")["a1"] = 1
    ann.deliver()
    await room.settled()
    mallory = Tab("mallory", 2, client=77)
    mallory.enter(room)
    mallory.read()
    mallory.map("annotations")["forged"] = 1
    mallory.deliver()
    assert mallory.said("refused")
    assert "forged" not in contents(store)


async def test_it_lets_a_person_go_on_under_the_client_id_of_his_earlier_tab(room: Room, store: MemoryStore) -> None:
    first = Tab("ann", 1, client=77)
    first.enter(room)
    first.map("annotations")["a1"] = 1
    first.deliver()
    await room.settled()
    first.leave()
    second = Tab("ann", 1, client=78)
    second.doc.apply_update(first.doc.get_update())
    second.outbox.clear()
    first.map("annotations")["offline"] = 1  # made offline, found by the next tab in the browser's storage
    second.doc.apply_update(first.doc.get_update())
    second.outbox.clear()
    second.enter(room)
    second.read()
    await room.settled()
    assert contents(store)["offline"] == 1


async def test_it_asks_for_what_is_missing_when_an_update_leaves_a_gap(room: Room, store: MemoryStore) -> None:
    ann = Tab("ann", 1)
    ann.enter(room)
    ann.read()
    ann.map("annotations")["a1"] = 1
    ann.outbox.clear()  # lost on the way
    ann.map("annotations")["a2"] = 2
    ann.deliver()
    assert ann.said("resync")
    ann.read()  # answers the server's SyncStep1
    await room.settled()
    assert contents(store) == {"a1": 1, "a2": 2}


@pytest.mark.promise("P2")
async def test_it_says_nothing_is_saved_that_came_after_a_gap(room: Room, store: MemoryStore) -> None:
    ann = Tab("ann", 1)
    ann.enter(room)
    ann.read()
    before = ann.saved()
    ann.map("annotations")["a1"] = 1
    ann.outbox.clear()  # lost on the way
    ann.map("annotations")["a2"] = 2
    ann.deliver()
    room.receive(ann.session, create_update_message(b"\0\0"))  # says nothing, and would be saved at once
    await room.settled()
    assert ann.saved() == before
    ann.read()  # answers the server's SyncStep1
    await room.settled()
    assert ann.saved() == ann.session.received
    assert contents(store) == {"a1": 1, "a2": 2}


@pytest.mark.promise("P2")
async def test_what_is_said_twice_is_saved_when_the_first_is(rooms: OpenRooms, store: MemoryStore) -> None:
    first, second = Tab("ann", 1), Tab("ann", 1)
    async with rooms.open(1) as room:
        first.enter(room), second.enter(room)
        first.read(), second.read()
        await room.settled()
        before = second.saved()
        first.map("annotations")["a1"] = 1
        (update,) = first.outbox
        first.deliver()
        room.receive(second.session, create_update_message(update))  # two tabs that share a storage
        assert second.saved() == before
        await room.settled()
        assert second.saved() == second.session.received


@pytest.mark.promise("P2")
async def test_it_closes_with_try_again_when_a_commit_fails(rooms: OpenRooms, store: MemoryStore) -> None:
    store.fails.append(OSError("the disk is full"))
    ann, ben = Tab("ann", 1), Tab("ben", 2)
    async with rooms.open(1) as room:
        ann.enter(room), ben.enter(room)
        ann.read(), ben.read()
        ann.map("annotations")["a1"] = 1
        ann.deliver()
        await until(lambda: ann.port.closed is not None)
    assert (ann.port.closed, ben.port.closed) == (CloseCode.LATER, CloseCode.LATER)
    assert ann.saved() == 1
    ben.read()
    assert not ben.map("annotations").to_py()
    async with rooms.open(1) as again:  # the browser comes back and brings its edit again
        assert again is not room
        ann.enter(again)
        ann.read()
        await again.settled()
    assert contents(store) == {"a1": 1}


async def test_a_room_does_not_rest_for_what_the_disk_did(rooms: OpenRooms, store: MemoryStore) -> None:
    store.fails += [OSError("the disk is full")] * 5
    ann = Tab("ann", 1)
    ann.map("annotations")["a1"] = 1
    for _ in range(5):
        async with rooms.open(1) as room:
            ann.enter(room)
            ann.read()
            await until(lambda: ann.port.closed is not None)
    async with rooms.open(1) as room:
        ann.enter(room)
        ann.read()
        await room.settled()
    assert contents(store) == {"a1": 1}


@pytest.mark.promise("P8")
async def test_it_cuts_off_who_reads_too_slowly(room: Room) -> None:
    ann, slow = Tab("ann", 1), Tab("slow", 2)
    ann.enter(room), slow.enter(room)
    slow.port.unread = 10**9
    ann.map("annotations")["a1"] = 1
    ann.deliver()
    await until(lambda: slow.port.closed == CloseCode.LATER)
    assert ann.port.closed is None


async def test_it_writes_on_behalf_of_somebody_by_the_same_door(room: Room, store: MemoryStore) -> None:
    ben = Tab("ben", 2)
    ben.enter(room)
    with pytest.raises(Refused):
        await room.write([Put("annotations", "a1", "wrong")], Author(1, "annotator", "api"))
    head = await room.write([Put("annotations", "a1", {"x": 1})], Author(1, "annotator", "api"))
    assert head == 1 == len(store.rows[1])
    await until(lambda: len(ben.port.binary) > 1)
    ben.read()
    assert ben.map("annotations")["a1"] == {"x": 1}
    with pytest.raises(Refused):
        await room.write([Put("annotations", "a1", 2)], Author(3, "viewer", "api"))


async def test_it_opens_once_for_all_who_come_at_once(rooms: OpenRooms, store: MemoryStore) -> None:
    async def opened() -> Room:
        async with rooms.open(1) as room:
            await asyncio.sleep(0.005)
            return room

    found = await asyncio.gather(*(opened() for _ in range(50)))
    assert len(set(map(id, found))) == 1


async def test_it_closes_a_while_after_the_last_has_left_and_reads_the_same_again(
    rooms: OpenRooms, store: MemoryStore
) -> None:
    ann = Tab("ann", 1)
    async with rooms.open(1) as room:
        ann.enter(room)
        for number in range(120):
            ann.map("annotations")[f"a{number}"] = number
        ann.deliver()
        ann.leave()
    await until(lambda: rooms.peek(1) is None)
    assert len(contents(store)) == 120
    async with rooms.open(1) as again:
        late = Tab("late", 2)
        late.enter(again)
        late.read()
        assert len(late.map("annotations").to_py()) == 120
        assert not again.copy.may_use(ann.doc.client_id, 2)


async def test_it_refuses_to_write_when_it_has_ended(room: Room, store: MemoryStore) -> None:
    room.end("a test")
    with pytest.raises(RoomBroken):
        await room.write([Put("annotations", "a1", 1)], Author(1, "annotator", "api"))


async def test_it_shows_presence_stamped_with_who_it_really_is(room: Room) -> None:
    ann, ben = Tab("ann", 1), Tab("ben", 2)
    ann.enter(room), ben.enter(room)
    ben.port.binary.clear()
    forged = '{"user":{"id":2,"name":"ben"},"cursor":5}'
    room.receive(ann.session, messages.encode_awareness([(7, 1, forged), (8, 1, '{"cursor":1}')]))
    await until(lambda: ben.port.binary)
    match messages.parse(ben.port.binary[-1]):
        case messages.Awareness([(client, _, state)]):
            assert client == 7
            assert '"name":"ann"' in state
        case other:
            raise AssertionError(other)
    room.leave(ann.session)
    await until(lambda: len(ben.port.binary) > 1)
    assert messages.parse(ben.port.binary[-1]) == messages.Awareness([(7, 2, None)])


async def test_a_person_who_is_back_before_his_old_connection_ends_is_seen_again(room: Room) -> None:
    ann, ben, mallory = Tab("ann", 1), Tab("ben", 2), Tab("mallory", 3)
    ben.enter(room), mallory.enter(room)
    old = ann.enter(room)
    room.receive(old, messages.encode_awareness([(7, 5, '{"cursor":1}')]))
    new = ann.enter(room)
    room.receive(new, messages.encode_awareness([(7, 1, '{"cursor":2}')]))
    room.receive(mallory.session, messages.encode_awareness([(7, 9, '{"cursor":666}')]))
    room.leave(old)
    states = room.presence.all_states()
    assert states is not None
    assert b'"cursor":2' in states.payload
    assert b"666" not in states.payload


async def test_it_tells_the_rules_when_somebody_wrote_a_key_without_seeing_what_it_held(room: Room) -> None:
    seen: list[Change] = []
    check = room.rules.check
    room.rules.check = lambda changes, author, before: (seen.extend(changes), check(changes, author, before))[1]
    first, second = Tab("ann", 1), Tab("ann", 1)
    first.enter(room), second.enter(room)
    second.map("annotations")["a1"] = "second"
    first.map("annotations")["a1"] = "first"
    first.deliver(), second.deliver()
    first.map("annotations")["a1"] = "again"
    first.deliver()
    assert seen == [
        Put("annotations", "a1", "first"),
        Put("annotations", "a1", "second", unseeing=True),
        Put("annotations", "a1", "again"),
    ]


async def test_a_room_that_was_put_away_is_let_go(rooms: OpenRooms) -> None:
    async with rooms.open(1) as room:
        await room.write([Put("annotations", "a1", {"x": 1})], Author(1, "annotator", "api"))
        gone = weakref.ref(room)
        del room
    await until(lambda: not rooms.now())
    gc.collect()
    assert gone() is None
