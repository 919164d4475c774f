"""A team on a running server that calls models: its tasks, its backends, and what it sees of their runs."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from tests.support.backends import Call, Script, ScriptedBackend
from tests.support.peers import Peer
from tests.support.projects import Made, make_project
from tests.support.servers import Server
from tests.support.wire import wire

TEXT = "Ada met Charles in London 👍 and Ada left."
MEMBERS = {"ann": "manager", "bob": "annotator", "vic": "viewer"}


class Team:
    """A project on the running server, with a fresh task for each test."""

    def __init__(self, server: Server, made: Made) -> None:
        self.server, self.made = server, made
        self._fresh = itertools.count()
        self._names = itertools.count()

    def task(self) -> tuple[int, int]:
        """A task that nobody has opened, and its document."""
        number = next(self._fresh)
        return self.made.tasks[number], self.made.documents[number]

    def api(self, person: str) -> httpx.Client:
        return wire(self.server, self.made.tokens[person])

    def peer(self, person: str, document: int) -> Peer:
        return Peer(self.server.ws_url, document, self.made.tokens[person])

    def add(self, url: str, **more: Any) -> int:
        body = {"name": f"model-{next(self._names)}", "kind": "stream", "url": url, "run_on_open": False, **more}
        with self.api("ann") as api:
            made = api.post(f"/projects/{self.made.project}/backends", json=body)
        assert made.status_code == 201, made.text
        return int(made.json()["id"])

    @contextlib.contextmanager
    def backend(self, script: Script, **more: Any) -> Iterator[tuple[ScriptedBackend, int]]:
        with ScriptedBackend(script) as backend:
            added = self.add(backend.url, **more)
            yield backend, added
            with self.api("ann") as api:  # other tests' openings do not call it
                api.patch(f"/backends/{added}", json={"enabled": False})


async def ask(api: httpx.Client, method: str, path: str, body: Any = None) -> httpx.Response:
    return await asyncio.to_thread(api.request, method, path, json=body)


def make_team(server: Server, name: str) -> Team:
    """A project of entities in which nothing is suggested but by the backends that a test adds."""
    made = make_project(server, name, [TEXT] * 50, MEMBERS, "entities")
    server.shell(f"from projects.models import Backend; Backend.objects.filter(project_id={made.project}).delete()")
    return Team(server, made)


def runs_of(peer: Peer) -> list[dict[str, Any]]:
    return [event["run"] for event in peer.events if event["type"] == "run"]


def ended(peer: Peer, state: str) -> Callable[[], bool]:
    return lambda: any(run["state"] == state and run["ended"] for run in runs_of(peer))


def said(peer: Peer) -> list[str]:
    """What stands in the peer's document, as words and labels."""
    entries = peer.map("annotations").to_py() or {}
    found = [(TEXT[int(e["value"]["start"]) : int(e["value"]["end"])], e["label"]) for e in entries.values()]
    return sorted(f"{wording} {label}" for wording, label in found)


def write(peer: Peer, team: Team, person: str, start: int, end: int, label: str, id: str = "by-hand-0001") -> None:
    peer.map("annotations")[id] = {
        "kind": "span",
        "field": "entities",
        "label": label,
        "value": {"start": start, "end": end},
        "author": team.made.users[person],
        "origin": "human",
        "created": "2026-01-01T00:00:00.000Z",
    }


async def two_in_turn(call: Call) -> None:
    await call.head()
    await call.say("message", text="thinking")
    await call.span("Ada", "person", score=0.9)
    await call.until("rest")
    await call.say("progress", done=1, total=2)
    await call.span("London", "location")
    await call.say("done", version="v7")
