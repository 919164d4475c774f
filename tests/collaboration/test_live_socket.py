"""The whole way of an edit, over real sockets of a real server: Daphne, SQLite, one process."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.support.peers import Peer
from tests.support.projects import Made, make_project
from tests.support.servers import Server

ROLES = {"owner": "manager", "ann": "annotator", "ben": "annotator", "vic": "viewer"}
TEXT = "Empire State Building = ESB. Pretty bad 👍🏼 storm here last evening."


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    return make_project(server, f"live{uuid.uuid4().hex[:6]}", [TEXT] * 16, ROLES)


@pytest.fixture
def document(made: Made) -> Iterator[int]:
    """A document that no other test has touched."""
    made.documents.append(made.documents.pop(0))
    return made.documents[-1]


def said_by_people(someone: Peer) -> list[str]:
    """Ids of what was not suggested: the built-in backend speaks in these documents, too."""
    return [id for id in someone.map("annotations") if id.startswith("a")]


def peer(server: Server, made: Made, document: int, who: str, **more: Any) -> Peer:
    return Peer(server.ws_url, document, made.tokens[who], **more)


@pytest.mark.promise("P1")
async def test_two_people_see_each_other_label(server: Server, made: Made, document: int) -> None:
    async with peer(server, made, document, "ann") as ann, peer(server, made, document, "ben") as ben:
        ann.map("annotations")["annotation-1"] = made.span("ann")
        await ann.until_saved()
        await ben.until(lambda: "annotation-1" in ben.map("annotations"))
        assert ann.events[0]["type"] == "hello"
        assert ann.events[0]["may_write"] is True


@pytest.mark.promise("P2")
async def test_what_is_saved_survives_sigkill_and_nothing_is_doubled(own_server: Server) -> None:
    made = make_project(own_server, "kill", [TEXT], ROLES)
    document = made.documents[0]
    async with peer(own_server, made, document, "ann") as ann:
        for number in range(50):
            ann.map("annotations")[f"annotation-{number}"] = made.span("ann", 0, number + 1)
        await ann.until_saved()
        own_server.kill()
        await ann.until_closed()
    own_server.start()
    async with peer(own_server, made, document, "ben") as ben:
        assert len(said_by_people(ben)) == 50
    async with Peer(own_server.ws_url, document, made.tokens["ann"], doc=ann.doc) as again:
        again.map("annotations")["after-restart"] = made.span("ann")
        await again.until_saved()
        assert len(said_by_people(again)) == 51


async def test_it_refuses_a_viewers_edit_and_says_so(server: Server, made: Made, document: int) -> None:
    async with peer(server, made, document, "vic") as vic, peer(server, made, document, "ben") as ben:
        vic.map("annotations")["annotation-1"] = made.span("vic")
        await vic.until(lambda: any(e["type"] == "refused" for e in vic.events))
        ben.map("annotations")["annotation-2"] = made.span("ben")
        await ben.until_saved()
        await vic.until(lambda: "annotation-2" in vic.map("annotations"))
        assert "annotation-1" not in ben.map("annotations")


async def test_a_stranger_finds_no_document(server: Server, made: Made, document: int) -> None:
    server.user("stranger")
    async with Peer(server.ws_url, document, server.token("stranger")) as stranger:
        assert await stranger.until_closed() == 4404
    async with Peer(server.ws_url, 99_999_999, made.tokens["ann"]) as nowhere:
        assert await nowhere.until_closed() == 4404


async def test_it_asks_to_log_in(server: Server, document: int) -> None:
    async with Peer(server.ws_url, document, headers={"Origin": server.origin}) as nobody:
        assert await nobody.until_closed() == 4401
    async with Peer(server.ws_url, document, "cl_wrong") as wrong:
        assert await wrong.until_closed() == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", None])
async def test_a_page_of_another_origin_is_refused(server: Server, document: int, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"{server.ws_url}/ws/documents/{document}/", additional_headers=headers)
    assert refused.value.response.status_code == 403


async def test_it_says_reload_to_a_browser_of_another_epoch(server: Server, made: Made, document: int) -> None:
    ann = peer(server, made, document, "ann")
    ann.url += "?epoch=7"
    async with ann:
        assert await ann.until_closed() == 4409


async def test_too_large_an_edit_is_refused_by_its_size(server: Server, made: Made, document: int) -> None:
    async with peer(server, made, document, "ann") as ann:
        ann.send(b"\x00\x02" + b"\x80\x80\x08" + bytes(131072))
        assert await ann.until_closed() == 4413


async def test_a_socket_closes_within_seconds_of_losing_the_membership(server: Server) -> None:
    made = make_project(server, f"lose{uuid.uuid4().hex[:6]}", [TEXT], ROLES)
    async with peer(server, made, made.documents[0], "ann") as ann:
        server.shell(
            f"from projects.models import Membership; Membership.objects.filter(user_id={made.users['ann']}).delete()"
        )
        assert await ann.until_closed() == 4404


async def test_a_role_that_changes_changes_at_once(server: Server) -> None:
    made = make_project(server, f"role{uuid.uuid4().hex[:6]}", [TEXT], ROLES)
    async with peer(server, made, made.documents[0], "ann") as ann:
        server.shell(
            f"from projects.models import Membership; Membership.objects.filter(user_id={made.users['ann']}).update(role='viewer')"
        )
        await ann.until(lambda: any(e["type"] == "rights" for e in ann.events))
        ann.map("annotations")["annotation-1"] = made.span("ann")
        await ann.until(lambda: any(e["type"] == "refused" for e in ann.events))


async def test_labels_changed_in_the_admin_reach_open_sessions(server: Server) -> None:
    made = make_project(server, f"labels{uuid.uuid4().hex[:6]}", [TEXT], ROLES)
    async with peer(server, made, made.documents[0], "ann") as ann:
        server.shell(
            "from projects.models import Label\nfrom projects import live\n"
            f"Label.objects.filter(field__project_id={made.project}, key='location').update(removed=True)\n"
            f"live.project_changed({made.project})"
        )
        await ann.until(lambda: any(e["type"] == "project" for e in ann.events))
        ann.map("annotations")["annotation-1"] = made.span("ann")
        await ann.until(lambda: any(e["type"] == "refused" for e in ann.events))


async def test_a_burst_of_many_people_converges(server: Server, made: Made, document: int) -> None:
    async with asyncio.timeout(30):
        peers = [peer(server, made, document, who) for who in ("owner", "ann", "ben") * 4]
        for each in peers:
            await each.__aenter__()
        for number, each in enumerate(peers):
            who = ("owner", "ann", "ben")[number % 3]
            for at in range(10):
                each.map("annotations")[f"annotation-{number}-{at}"] = made.span(who, at, at + 3)
        for each in peers:
            await each.until(lambda each=each: len(said_by_people(each)) == 120)
        for each in peers:
            await each.__aexit__(None, None, None)


async def test_the_same_application_runs_under_uvicorn(tmp_path: Path) -> None:
    running = Server(tmp_path, asgi="uvicorn").start()
    try:
        made = make_project(running, "uvi", [TEXT], ROLES)
        document = made.documents[0]
        async with peer(running, made, document, "ann") as ann, peer(running, made, document, "ben") as ben:
            ann.map("annotations")["annotation-1"] = made.span("ann")
            await ann.until_saved()
            await ben.until(lambda: "annotation-1" in ben.map("annotations"))
            async with Peer(running.ws_url, 10**9, made.tokens["ann"]) as nowhere:
                assert await nowhere.until_closed() == 4404
    finally:
        running.kill()


@pytest.mark.promise("P7")
async def test_a_deletion_can_be_taken_back_after_the_server_was_killed(own_server: Server) -> None:
    made = make_project(own_server, "undo", [TEXT], ROLES)
    document, said = made.documents[0], {}
    async with peer(own_server, made, document, "ann") as ann:
        said = made.span("ann")
        ann.map("annotations")["annotation-1"] = said
        await ann.until_saved()
    async with peer(own_server, made, document, "ben") as ben:
        del ben.map("annotations")["annotation-1"]
        await ben.until_saved()
    own_server.kill()
    own_server.start()
    async with peer(own_server, made, document, "ben") as ben:
        assert "annotation-1" not in ben.map("annotations")
        ben.map("annotations")["annotation-1"] = said  # Ann's words, put back by Ben exactly as they were
        await ben.until_saved()
        assert not [event for event in ben.events if event["type"] == "refused"]


async def test_a_stop_under_uvicorn_puts_rooms_away(tmp_path: Path) -> None:
    running = Server(tmp_path, asgi="uvicorn").start()
    try:
        made = make_project(running, "uvi", [TEXT], ROLES)
        async with peer(running, made, made.documents[0], "ann") as ann:
            ann.map("annotations")["annotation-1"] = made.span("ann")
            await ann.until_saved()
            assert await asyncio.to_thread(running.stop) in (0, -15)  # uvicorn ends by the signal that it got
            assert await ann.until_closed() == 1012
        counted = running.shell("from projects.models import Task; print('COUNT', Task.objects.get().annotation_count)")
        assert counted.split("COUNT")[-1].strip() == "1"
    finally:
        running.kill()


async def test_a_stop_under_daphne_says_so_and_ends(own_server: Server) -> None:
    made = make_project(own_server, "stop", [TEXT], ROLES)
    async with peer(own_server, made, made.documents[0], "ann") as ann:
        ann.map("annotations")["annotation-1"] = made.span("ann")
        await ann.until_saved()
        assert await asyncio.to_thread(own_server.stop) == 0
        assert await ann.until_closed() == 1012


def raise_epoch(server: Server, document: int) -> None:
    """What a restore does last."""
    with contextlib.closing(sqlite3.connect(server.data_dir / "db.sqlite3", timeout=20)) as database, database:
        database.execute("UPDATE projects_document SET epoch = epoch + 1 WHERE id = ?", [document])


@pytest.mark.promise("P4")
async def test_a_login_that_is_remembered_brings_nothing_old_into_a_restored_document(
    server: Server, made: Made, document: int
) -> None:
    async with peer(server, made, document, "ann"):
        pass  # within the next two seconds the database is not asked again
    async with peer(server, made, document, "ben") as ben:
        raise_epoch(server, document)
        ben.map("annotations")["annotation-1"] = made.span("ben")
        assert await ben.until_closed() == 4409
    stale = peer(server, made, document, "ann")
    stale.url += "?epoch=1"
    async with stale:
        stale.map("annotations")["annotation-2"] = made.span("ann")
        assert await stale.until_closed() == 4409


@pytest.mark.promise("P4")
async def test_a_room_that_did_not_hear_of_a_restore_ends_when_somebody_comes_who_did(
    server: Server, made: Made, document: int
) -> None:
    async with peer(server, made, document, "ben") as ben:
        raise_epoch(server, document)
        async with peer_of_epoch_2(server, made, document) as newer:
            is_in_epoch_2 = newer.close_code is None and newer.events[0]["epoch"] == 2
            # The room may have looked by itself meanwhile, and have ended before anybody came.
            assert newer.close_code == 1013 or is_in_epoch_2
        assert await ben.until_closed() == 4409
    async with peer_of_epoch_2(server, made, document) as newer:
        assert newer.close_code is None
        assert newer.events[0]["epoch"] == 2


def peer_of_epoch_2(server: Server, made: Made, document: int) -> Peer:
    newer = peer(server, made, document, "owner")
    newer.url += "?epoch=2"
    return newer
