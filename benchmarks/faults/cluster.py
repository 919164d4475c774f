"""The site under fault: its processes, its data, and a project in it with somebody for every editor."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from pycrdt import Doc

from benchmarks.faults.editors import PycrdtEditor, shown_of
from benchmarks.faults.hands import Hand, Shown
from tests.support.projects import Made, make_project
from tests.support.servers import Server

TEXT = "Ada Lovelace met Charles Babbage in London, and both knew Mary Somerville. 👍🏼"
PEOPLE = ["owner", *(f"p{number}" for number in range(7))]


class Cluster:
    """One process on SQLite. What has several processes, or another database, overrides `make_servers` and `stored`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = environment
        self.servers = self.make_servers()
        self.made: Made | None = None

    def make_servers(self) -> list[Server]:
        return [Server(self.folder, worker=False, **self.environment)]

    def start(self) -> Cluster:
        for server in self.servers:
            server.start()
        if self.made is None:
            self._populate()
        return self

    def _populate(self) -> None:
        members = {person: "manager" if person == "owner" else "annotator" for person in PEOPLE}
        self.made = make_project(self.servers[0], "faults", [TEXT], members, memory=False)
        with self.api() as api:
            answer = api.post(f"/projects/{self.made.project}/fields", json={"name": "note", "kind": "text"})
            assert answer.status_code == 201, answer.text

    def kill(self) -> None:
        for server in self.servers:
            server.kill()

    def stop(self) -> list[int]:
        """SIGTERM to one after the other; their exit codes."""
        return [server.stop() for server in self.servers]

    @property
    def project(self) -> Made:
        assert self.made is not None, "the cluster was not started"
        return self.made

    def api(self, person: str = "owner") -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.project.tokens[person]}"}
        return httpx.Client(base_url=f"{self.servers[0].url}/api", headers=headers, timeout=60, trust_env=False)

    def new_document(self) -> tuple[int, int]:
        """A task that nobody has touched: its id and its document's."""
        with self.api() as api:
            made = api.post(f"/projects/{self.project.project}/tasks", json={"text": TEXT})
            assert made.status_code == 201, made.text
            task = made.json()
            document = json.loads(api.get(f"/tasks/{task['id']}").content)["documents"][0]["id"]
            return task["id"], document

    def address(self, document: int, process: int = 0) -> str:
        """Where a document's socket is, on one of the processes."""
        return f"{self.servers[process % len(self.servers)].ws_url}/ws/documents/{document}/"

    def address_of(self, document: int, process: int = 0) -> Callable[[], str]:
        return lambda: self.address(document, process)

    # -- what is stored, read without any code of the site

    def stored(self, document: int, alive: bool = False) -> Shown:
        """What lies in the database. `alive`: a server runs on it; else a copy is read, so that nothing is mended in place."""
        if alive:
            return shown_of(read(self.folder / "db.sqlite3", document))
        with copied(self.folder) as path:
            return shown_of(read(path, document))

    def exported(self, task: int) -> dict[str, Any]:
        """A task's line of the export, over HTTP."""
        with self.api() as api:
            lines = api.get(f"/projects/{self.project.project}/export").text.splitlines()
        return next(found for found in map(json.loads, lines) if found["id"] == task)

    def remove(self) -> None:
        """End everything for good."""
        self.kill()

    def pids(self) -> list[int]:
        return [server.pid for server in self.servers]


class Unreadable(Exception):
    """What lies in the database does not make a document."""


@contextlib.contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """A copy of a database that nobody has open, with what lies in its log."""
    with tempfile.TemporaryDirectory(prefix="stored-") as scratch:
        for name in ("db.sqlite3", "db.sqlite3-wal"):
            if (folder / name).exists():
                shutil.copyfile(folder / name, Path(scratch) / name)
        yield Path(scratch) / "db.sqlite3"


def read(path: Path, document: int) -> Doc[Any]:
    """A document of an SQLite file. Raises Unreadable."""
    with contextlib.closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
        database.execute("BEGIN")
        return read_from(database, document)


def read_from(database: Any, document: int) -> Doc[Any]:
    """A document from its checkpoint on, after comparing it with its whole history. Raises Unreadable."""
    epoch, head = database.execute(f"SELECT epoch, head FROM projects_document WHERE id = {document:d}").fetchone()
    ours = f"document_id = {document:d} AND epoch = {epoch:d}"
    kept = database.execute(f"SELECT seq, state FROM projects_checkpoint WHERE {ours} ORDER BY seq DESC").fetchone()
    rows = database.execute(f"SELECT seq, data FROM projects_update WHERE {ours} ORDER BY seq").fetchall()
    if [seq for seq, _ in rows] != list(range(head - len(rows) + 1, head + 1)):
        raise Unreadable(
            f"document {document}: head {head}, rows {[seq for seq, _ in rows][:3]}... {len(rows)} of them"
        )
    whole, loaded = Doc(), Doc()  # type: ignore[var-annotated]
    first, state = kept or (0, b"")
    try:
        for _, data in rows:
            whole.apply_update(data)
        if state:
            loaded.apply_update(state)
        for seq, data in rows:
            if seq > first:
                loaded.apply_update(data)
    except BaseException as error:  # a panic of yrs is no Exception
        raise Unreadable(f"document {document}: {type(error).__name__}: {error}") from None
    if rows and rows[0][0] == 1 and shown_of(whole) != shown_of(loaded):
        raise Unreadable(f"document {document}: its checkpoint says something else than its history")
    return loaded


async def joined(cluster: Cluster, document: int, process: int = 0, person: str = "owner") -> Shown:
    """What somebody is shown who comes in now."""
    hand = Hand("reader", 0, None)  # type: ignore[arg-type]  # who never edits needs no chance
    reader = PycrdtEditor(cluster.address_of(document, process), cluster.project.tokens[person], hand)
    try:
        async with asyncio.timeout(30):
            while not reader.synced:
                await asyncio.sleep(0.02)
        return await reader.show()
    finally:
        await reader.close()


def serves(cluster: Cluster) -> bool:
    """Whether every process answers."""
    for server in cluster.servers:
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=2):
                pass
        except OSError:
            return False
    return True
