"""Backups: exact as of their start, while people edit; whole or refused; and no two histories mixed afterwards."""

from __future__ import annotations

import asyncio
import io
import json
import os
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.node import StockProvider
from tests.support.peers import Peer
from tests.support.postgres import Postgres, fresh_database
from tests.support.processes import missing, wait_until
from tests.support.projects import Made, make_project
from tests.support.servers import Server
from tests.support.wire import wire

ROLES = {"owner": "manager", "ann": "annotator", "ben": "annotator"}
TEXT = "Empire State Building = ESB. Pretty bad storm here last evening."


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL."""
    if missing("postgres", "initdb"):
        pytest.skip(missing("postgres", "initdb"))
    running = Postgres().start()
    yield running.url("postgres")
    running.remove()


class Places:
    """Installations on one of the two databases."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self._folder, self._url = folder, url
        self._made: list[Server] = []

    def new(self) -> Server:
        data = self._folder / f"data{len(self._made)}"
        data.mkdir(parents=True)
        environment = {"DATABASE_URL": fresh_database(self._url) if self._url else ""}
        self._made.append(Server(data, **environment))
        return self._made[-1]

    def end(self) -> None:
        for server in self._made:
            server.kill()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    if request.param == "sqlite" and "TEST_POSTGRES" in os.environ:
        pytest.skip("this run is of PostgreSQL")
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    made = Places(tmp_path, url)
    yield made
    made.end()


def project_at(server: Server, tasks: int = 1) -> Made:
    return make_project(server, f"b{uuid.uuid4().hex[:6]}", [TEXT] * tasks, ROLES, memory=False)


def exported(server: Server, made: Made) -> bytes:
    return server.manage("export", str(made.project)).encode()


def ids_in(export: bytes) -> list[set[str]]:
    return [{each["id"] for each in json.loads(line)["annotations"]} for line in export.splitlines()]


@pytest.mark.promise("P2")
async def test_it_holds_what_was_acknowledged_before_and_nothing_that_came_after(
    places: Places, tmp_path: Path
) -> None:
    server, other = places.new().start(), places.new()
    made = project_at(server)
    path = tmp_path / "a.backup"
    async with Peer(server.ws_url, made.documents[0], made.tokens["ann"]) as ann:
        ending = asyncio.Event()
        acknowledged: list[str] = []

        async def label() -> None:
            for number in range(100_000):
                ann.map("annotations")[f"annotation-{number}"] = made.span("ann")
                await ann.until_saved()
                acknowledged.append(f"annotation-{number}")
                if ending.is_set():
                    return

        labelling = asyncio.create_task(label())
        await ann.until(lambda: len(acknowledged) > 20)
        before = set(acknowledged)
        await asyncio.to_thread(server.manage, "backup", str(path))  # Ann goes on
        ending.set()
        await labelling
        ann.map("annotations")["annotation-late"] = made.span("ann")
        await ann.until_saved()
    server.kill()
    await asyncio.to_thread(other.manage, "restore", str(path))
    found = ids_in(await asyncio.to_thread(exported, other, made))[0]
    assert before <= found
    assert found == set(acknowledged[: len(found)])  # one moment: no edit without those before it
    assert "annotation-late" not in found
    other.start()
    async with Peer(other.ws_url, made.documents[0], made.tokens["ben"]) as ben:
        assert set(ben.map("annotations")) == found
        ben.map("annotations")["annotation-of-ben"] = made.span("ben")
        await ben.until_saved()


@pytest.mark.slow
@pytest.mark.promise("P3")
async def test_a_browser_that_knows_more_is_told_to_reload_and_keeps_its_copy(places: Places, tmp_path: Path) -> None:
    server = places.new().start()
    made = project_at(server)
    document, path = made.documents[0], tmp_path / "a.backup"
    token = {"Authorization": f"Bearer {made.tokens['ann']}"}
    epoch = int(
        server.shell("from projects.models import Document; print('E', Document.objects.get().epoch)").split("E")[-1]
    )
    async with StockProvider(server.ws_url, f"{document}?epoch={epoch}", token) as stale:
        assert await stale.hear("synced")
        stale.tell("put", root="annotations", key="annotation-early", value=made.span("ann"))
        async with Peer(server.ws_url, document, made.tokens["ben"]) as ben:
            await ben.until(lambda: "annotation-early" in ben.map("annotations"))
            await asyncio.to_thread(server.manage, "backup", str(path))
            stale.tell("put", root="annotations", key="annotation-late", value=made.span("ann"))
            await ben.until(lambda: "annotation-late" in ben.map("annotations"))
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.manage, "restore", str(path), "--force")
        server.start()
        while await stale.hear("closed") != 4409:
            stale.tell("connect")
        kept = await stale.ask("read", "read", root="annotations")
        assert set(kept) == {"annotation-early", "annotation-late"}
        async with Peer(server.ws_url, document, made.tokens["ben"]) as ben:
            assert list(ben.map("annotations")) == ["annotation-early"]
            # The page that was reloaded brings what it kept: it is there once.
            async with Peer(server.ws_url, document, made.tokens["ann"]) as again:
                again.map("annotations")["annotation-late"] = kept["annotation-late"]
                await again.until_saved()
            await ben.until(lambda: len(ben.map("annotations")) == 2)
        # A client that knows of no epochs comes with its whole history: it is the same one, and nothing is doubled.
        async with StockProvider(server.ws_url, str(document), token) as simple:
            assert await simple.hear("synced")
            assert set(await simple.ask("read", "read", root="annotations")) == set(kept)
    assert ids_in(await asyncio.to_thread(exported, server, made)) == [{"annotation-early", "annotation-late"}]


@pytest.mark.slow
def test_uploads_jobs_accounts_and_the_key_come_along(places: Places, tmp_path: Path) -> None:
    server, other = places.new(), places.new()
    server.manage("migrate", "-v", "0")
    made = project_at(server)
    rows, path = tmp_path / "rows.txt", tmp_path / "a.backup"
    rows.write_text("one\ntwo\nthree\n")
    server.shell(
        "import shutil\nfrom projects import jobs\nfrom projects.importing.carrying import import_folder\n"
        f"from projects.models import Project\nto = shutil.copy({str(rows)!r}, import_folder() / 'upload')\n"
        "jobs.create_import(Project.objects.get(), to, 'rows.txt', enqueue=False)"
    )
    said = server.manage("backup", str(path))
    assert "The secret key is in it" in said
    other.manage("restore", str(path))
    assert (other.data_dir / "secret_key").read_text() == (server.data_dir / "secret_key").read_text()
    assert path.stat().st_mode & 0o077 == 0
    other.start()  # with a worker, which finds the job and its file
    with wire(other, made.tokens["owner"]) as client:
        wait_until(lambda: len(client.get(f"/projects/{made.project}/tasks").json()["items"]) == 4, "the import")


@pytest.mark.slow
def test_it_refuses_while_a_server_runs_and_to_replace_what_is_there_without_force(
    places: Places, tmp_path: Path
) -> None:
    server, path = places.new().start(), tmp_path / "a.backup"
    made = project_at(server)
    server.manage("backup", str(path))
    with pytest.raises(AssertionError, match="stop every server|stop them all"):
        server.manage("restore", str(path), "--force")
    assert httpx.get(f"{server.url}/healthz").status_code == 200
    server.kill()
    before = exported(server, made)
    with pytest.raises(AssertionError, match="is not empty"):
        server.manage("restore", str(path))
    assert exported(server, made) == before
    assert "Restored" in server.manage("restore", str(path), "--force")
    assert exported(server, made) == before


def test_a_damaged_file_touches_nothing(tmp_path: Path) -> None:
    server, path = Server(tmp_path / "data"), tmp_path / "a.backup"
    server.data_dir.mkdir()
    server.manage("migrate", "-v", "0")
    made = project_at(server, 3)
    server.manage("backup", str(path))
    whole, before = path.read_bytes(), exported(server, made)
    flipped = bytearray(whole)
    flipped[amid_the_largest(path)] ^= 0x55
    damages = {"cut": whole[: len(whole) // 2], "flipped": bytes(flipped)}
    damages["changed"] = rewritten(path, "tables/projects_task.jsonl")
    damages["added"] = rewritten(path, "media/more")
    for damaged in damages.values():
        path.write_bytes(damaged)
        with pytest.raises(AssertionError, match="Nothing was touched"):
            server.manage("restore", str(path), "--force")
    assert exported(server, made) == before
    assert not list(server.data_dir.glob("before-restore*"))


def amid_the_largest(path: Path) -> int:
    """Where in a ZIP the content of its largest member lies; most of the bytes around it nobody reads."""
    with zipfile.ZipFile(path) as old:
        member = max(old.infolist(), key=lambda each: each.compress_size)
    head = path.read_bytes()[member.header_offset :][:30]
    names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    return member.header_offset + 30 + names + member.compress_size // 2


def rewritten(path: Path, name: str) -> bytes:
    """A whole ZIP, of which one member is not what the manifest says."""
    with zipfile.ZipFile(path) as old:
        members = {member: old.read(member) for member in old.namelist()}
    members[name] = members.get(name, b"").replace(b"Empire", b"Vampire") or b"x"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for member, data in members.items():
            new.writestr(member, data)
    return out.getvalue()


@pytest.mark.skipif("TEST_POSTGRES" in os.environ, reason="begins on SQLite")
@pytest.mark.slow
def test_a_backup_of_sqlite_moves_to_postgresql_and_back(postgres: str, tmp_path: Path) -> None:
    small, large, back = (Places(tmp_path / name, url) for name, url in (("a", None), ("b", postgres), ("c", None)))
    one, two, three = small.new(), large.new(), back.new()
    one.manage("migrate", "-v", "0")
    one.manage("load_demo")
    one.manage("backup", str(tmp_path / "1.backup"))
    two.manage("restore", str(tmp_path / "1.backup"))
    two.manage("backup", str(tmp_path / "2.backup"))
    three.manage("restore", str(tmp_path / "2.backup"))
    exports = {server.manage("export", "1") for server in (one, two, three)}
    assert len(exports) == 1
    assert exports.pop()
