"""Rows of open documents: also when a room ends itself, they say what was committed, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from annotator.collaboration.changes import Author, Put, Remove
from annotator.collaboration.room import Room, RoomBroken
from projects import document, live
from projects.models import Annotation, Document, Project, Task
from tests.support.transfer import make_project

pytestmark = [pytest.mark.promise("P6"), pytest.mark.django_db(transaction=True)]
AT = "2026-11-21T12:00:00.000Z"


@pytest.fixture
async def engine() -> AsyncIterator[live.Engine]:
    engine = live.engine()
    yield engine
    await engine.close()


@pytest.fixture
async def made() -> tuple[int, Author]:
    """A document, and somebody who writes in it."""

    def make() -> tuple[int, Author]:
        user = get_user_model().objects.create(username="ann")
        project: Project = make_project("entities")
        task = Task.objects.create(project=project, text="Ann in Oslo")
        return live.document_of(task.pk).pk, Author(user.pk, "annotator", "human")

    return await asyncio.to_thread(make)


def put(key: str, author: Author) -> Put:
    said = document.statement("span", "entities", "person", {"start": 0, "end": 3}, author.user_id, "human", AT)
    return Put(document.ANNOTATIONS, key, said)


async def rows(document_id: int) -> list[str]:
    found: Any = await asyncio.to_thread(
        lambda: list(Annotation.objects.filter(document=document_id).order_by("key").values_list("key", flat=True))
    )
    return list(found)


async def projected(engine: live.Engine, room: Room) -> list[str]:
    await engine.projector.project(room)
    return await rows(room.document_id)


async def test_what_was_committed_before_a_room_ended_itself_is_in_the_rows_of_the_next(
    engine: live.Engine, made: tuple[int, Author]
) -> None:
    document_id, ann = made
    async with live.open_room(document_id) as room:
        await room.write([put("first-one", ann), put("second-one", ann)], ann)
        assert await projected(engine, room) == ["first-one", "second-one"]
        await room.write([Remove(document.ANNOTATIONS, "first-one"), put("third-one", ann)], ann)
        room.end("for a test")  # before the rows followed
    async with live.open_room(document_id) as room:
        await room.write([put("fourth-one", ann)], ann)
        assert await projected(engine, room) == ["fourth-one", "second-one", "third-one"]


async def test_what_was_never_committed_is_in_no_row(engine: live.Engine, made: tuple[int, Author]) -> None:
    document_id, ann = made
    async with live.open_room(document_id) as room:
        await room.write([put("first-one", ann)], ann)
        # Somebody restores the document: what comes next cannot be committed any more, and the room ends itself.
        await asyncio.to_thread(lambda: Document.objects.filter(pk=document_id).update(epoch=2))
        lost = asyncio.ensure_future(room.write([put("second-one", ann)], ann))
        await asyncio.sleep(0)
        with pytest.raises(RoomBroken):
            await engine.projector.project(room)
        with pytest.raises(RoomBroken):
            await lost
        with pytest.raises(RoomBroken):
            await engine.projector.project(room)
    assert "second-one" not in await rows(document_id)


async def test_rows_follow_the_next_room_though_the_one_before_it_was_due(
    engine: live.Engine, made: tuple[int, Author]
) -> None:
    document_id, ann = made
    async with live.open_room(document_id) as room:
        await room.write([put("first-one", ann)], ann)  # the rows are due in a moment
        room.end("for a test")
    async with live.open_room(document_id) as room:
        await room.write([put("second-one", ann)], ann)
        async with asyncio.timeout(10):
            while await rows(document_id) != ["first-one", "second-one"]:
                await asyncio.sleep(0.02)


async def test_rows_follow_though_nobody_comes_after_a_room_that_ended_itself(
    engine: live.Engine, made: tuple[int, Author]
) -> None:
    document_id, ann = made
    async with live.open_room(document_id) as room:
        await room.write([put("first-one", ann)], ann)
        room.end("for a test")
    async with asyncio.timeout(10):
        while await rows(document_id) != ["first-one"]:
            await asyncio.sleep(0.02)
