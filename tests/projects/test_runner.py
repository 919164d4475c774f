"""Runs over the wire: real server, real backends, two people in the task."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.support.backends import Call, Script, ScriptedBackend
from tests.support.peers import Peer
from tests.support.projects import Made, make_project
from tests.support.rest import wire
from tests.support.servers import Server

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


@pytest.fixture(scope="module")
def team(server: Server) -> Team:
    made = make_project(server, "runs", [TEXT] * 50, MEMBERS, "entities")
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


async def test_every_session_sees_a_suggestion_long_before_the_run_ends(team: Team) -> None:
    task, document = team.task()
    with team.backend(two_in_turn) as (backend, added), team.api("bob") as api:
        async with team.peer("ann", document) as ann, team.peer("bob", document) as bob:
            started = await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            assert started.status_code == 201, started.text
            for peer in (ann, bob):
                await peer.until(lambda peer=peer: said(peer) == ["Ada person"])
                await peer.until(lambda peer=peer: any(run["first_ms"] for run in runs_of(peer)))
                last = runs_of(peer)[-1]
                assert (last["state"], last["message"], last["suggestions"]) == ("running", "thinking", 1)
                assert last["started_by"] == "runs-bob"
                assert 0 < last["first_ms"] < 5000
            backend.open("rest")
            for peer in (ann, bob):
                await peer.until(ended(peer, "done"))
                assert said(peer) == ["Ada person", "London location"]
                last = runs_of(peer)[-1]
                assert (last["version"], last["suggestions"], last["refused"]) == ("v7", 2, 0)
            entry = next(e for e in ann.map("annotations").to_py().values() if e.get("score") == 0.9)
            assert (entry["origin"], entry["author"], entry["run"]) == ("model", None, str(started.json()["id"]))


async def test_who_comes_in_hears_how_far_the_runs_are(team: Team) -> None:
    task, document = team.task()
    with team.backend(two_in_turn) as (backend, added), team.api("bob") as api:
        async with team.peer("ann", document) as ann:
            await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            await ann.until(lambda: any(run["message"] == "thinking" for run in runs_of(ann)))
            async with team.peer("bob", document) as bob:
                await bob.until(lambda: bool(runs_of(bob)))
                assert (runs_of(bob)[0]["state"], runs_of(bob)[0]["message"]) == ("running", "thinking")
            backend.open("rest")
            await ann.until(ended(ann, "done"))
        async with team.peer("bob", document) as bob:  # whose connection was lost when the run ended
            await bob.until(ended(bob, "done"))
            assert runs_of(bob)[0]["suggestions"] == 2


async def test_a_second_person_stops_a_run_and_the_backend_is_left_at_once(team: Team) -> None:
    task, document = team.task()

    async def endless(call: Call) -> None:
        await call.head()
        await call.span("Ada", "person")
        await call.hang()

    with team.backend(endless) as (backend, added), team.api("ann") as ann_api, team.api("bob") as bob_api:
        async with team.peer("ann", document) as ann, team.peer("bob", document) as bob:
            run = (await ask(ann_api, "POST", f"/tasks/{task}/runs", {"backend": added})).json()["id"]
            await ann.until(lambda: said(ann) == ["Ada person"])
            stopped = await ask(bob_api, "DELETE", f"/runs/{run}")
            assert (stopped.json()["state"], stopped.json()["stopped_by"]) == ("stopped", "runs-bob")
            assert await asyncio.to_thread(backend.wait_for_call().gone.wait, 2)
            for peer in (ann, bob):
                await peer.until(ended(peer, "stopped"))
                assert said(peer) == ["Ada person"]
            again = await ask(bob_api, "DELETE", f"/runs/{run}")
            assert again.json()["state"] == "stopped"


async def test_one_run_a_task_and_backend_at_a_time(team: Team) -> None:
    task, document = team.task()
    with team.backend(two_in_turn) as (backend, added), team.api("ann") as api:
        async with team.peer("ann", document) as ann:
            answers = [ask(api, "POST", f"/tasks/{task}/runs", {"backend": added}) for _ in range(5)]
            codes = sorted(answer.status_code for answer in await asyncio.gather(*answers))
            assert codes == [201, 409, 409, 409, 409]
            backend.open("rest")
            await ann.until(ended(ann, "done"))
            assert len(backend.calls) == 1
            again = await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            assert again.status_code == 201


async def test_a_viewer_starts_and_stops_nothing(team: Team) -> None:
    task, document = team.task()
    with team.backend(two_in_turn) as (backend, added), team.api("ann") as api, team.api("vic") as viewer:
        async with team.peer("ann", document) as ann:
            assert (await ask(viewer, "POST", f"/tasks/{task}/runs", {"backend": added})).status_code == 403
            run = (await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})).json()["id"]
            assert (await ask(viewer, "DELETE", f"/runs/{run}")).status_code == 403
            backend.open("rest")
            await ann.until(ended(ann, "done"))


async def test_what_a_person_said_or_decided_is_not_suggested(team: Team) -> None:
    task, document = team.task()

    async def script(call: Call) -> None:
        await call.head()
        for wording, label in [("Ada", "person"), ("London", "location"), ("Charles", "person")]:
            await call.span(wording, label)
        await call.say("done")

    with team.backend(script) as (_, added), team.api("ann") as api:
        async with team.peer("ann", document) as ann:
            write(ann, team, "ann", 0, 3, "person")
            await ann.until_saved()
            await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            await ann.until(ended(ann, "done"))
            assert said(ann) == ["Ada person", "Charles person", "London location"]
            london = next(id for id, e in ann.map("annotations").to_py().items() if e["label"] == "location")
            by = team.made.users["ann"]
            ann.map("decisions")[london] = {"status": "rejected", "by": by, "at": "2026-01-01T00:00:00.000Z"}
            charles = next(id for id, e in ann.map("annotations").to_py().items() if e["value"]["start"] == 8)
            ann.map("labels")[charles] = {"label": "product", "by": by, "at": "2026-01-01T00:00:00.000Z"}
            ann.map("decisions")[charles] = {"status": "accepted", "by": by, "at": "2026-01-01T00:00:00.000Z"}
            await ann.until_saved()
            ann.events.clear()
            await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            await ann.until(ended(ann, "done"))
            assert len(said(ann)) == 3
            assert runs_of(ann)[-1]["suggestions"] == 0


async def test_wrong_suggestions_cost_no_valid_one_and_everybody_reads_why(team: Team) -> None:
    task, document = team.task()

    async def script(call: Call) -> None:
        await call.head()
        await call.span("Ada", "unicorn")
        await call.say("suggestion", field="nothing", label="person", start=0, end=3)
        await call.say("suggestion", field="entities", label="person", start=30, end=3000)
        await call.say("suggestion", field="entities", label="person", start=-1, end=3)
        await call.say("suggestion", field="entities", label="person", start=3, end=3)
        await call.say("suggestion", field="entities", label="person", start=0, end=3, text="London")
        await call.send(b"<<<\n")
        await call.span("Ada", "Person")
        await call.say("done")

    with team.backend(script) as (_, added), team.api("bob") as api:
        async with team.peer("ann", document) as ann:
            await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            await ann.until(ended(ann, "done"))
            last = runs_of(ann)[-1]
            assert said(ann) == ["Ada person"]
            assert (last["suggestions"], last["refused"]) == (1, 7)
            problems = " ".join(last["problems"])
            for part in ("“unicorn”", "no field “nothing”", "3000", "code points", "is not JSON"):
                assert part in problems


@pytest.mark.parametrize("fault", ["500", "html", "cut", "silence", "error"])
async def test_a_failing_backend_is_told_to_all_and_harms_nothing(team: Team, fault: str) -> None:
    task, document = team.task()

    async def script(call: Call) -> None:
        if fault == "500":
            await call.head("500 Internal Server Error", "text/plain")
            return
        if fault == "html":
            await call.head("200 OK", "text/html")
            return
        await call.head()
        await call.span("Ada", "person")
        if fault == "silence":
            await call.hang()
        if fault == "error":
            await call.say("error", text="no <b>memory</b>")

    sentences = {"500": "answered 500", "html": "web page", "cut": "without a “done”", "silence": "fell silent"}
    with team.backend(script, settings={"idle_seconds": 0.3}) as (_, added), team.api("bob") as api:
        async with team.peer("ann", document) as ann, team.peer("vic", document) as vic:
            await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            for peer in (ann, vic):
                await peer.until(ended(peer, "failed"))
                assert sentences.get(fault, "says: no <b>memory</b>") in runs_of(peer)[-1]["error"]
            kept = [] if fault in ("500", "html") else ["Ada person"]
            assert said(ann) == kept
            write(ann, team, "ann", 8, 15, "person")
            await ann.until_saved()
            await vic.until(lambda: "Charles person" in said(vic))


async def test_a_run_takes_no_longer_than_it_may(team: Team) -> None:
    task, document = team.task()

    async def talks_for_ever(call: Call) -> None:
        await call.head()
        while not call.gone.is_set():
            await call.say("message", text="still here")
            await asyncio.sleep(0.05)

    with team.backend(talks_for_ever, timeout_seconds=1) as (backend, added), team.api("bob") as api:
        async with team.peer("ann", document) as ann:
            await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            await ann.until(ended(ann, "failed"))
            assert "not done within 1 seconds" in runs_of(ann)[-1]["error"]
            assert await asyncio.to_thread(backend.wait_for_call().gone.wait, 2)


async def test_the_first_person_who_opens_a_task_calls_the_backends_once(team: Team) -> None:
    _, document = team.task()
    with team.backend(two_in_turn, run_on_open=True) as (backend, _):
        backend.open("rest")
        async with team.peer("ann", document) as ann, team.peer("bob", document) as bob:
            await ann.until(ended(ann, "done"))
            await bob.until(lambda: len(said(bob)) == 2)
            assert runs_of(ann)[-1]["started_by"] is None
        async with team.peer("bob", document) as bob:
            assert len(said(bob)) == 2
        assert len(backend.calls) == 1


async def test_opening_does_not_wait_for_a_backend(team: Team) -> None:
    _, document = team.task()

    async def never(call: Call) -> None:
        await call.hang()

    with team.backend(never, run_on_open=True) as (backend, _), team.api("ann") as api:
        async with asyncio.timeout(3), team.peer("ann", document) as ann:
            await asyncio.to_thread(backend.wait_for_call)
            write(ann, team, "ann", 0, 3, "person")
            await ann.until_saved()
            await ann.until(lambda: bool(runs_of(ann)))
            await ask(api, "DELETE", f"/runs/{runs_of(ann)[-1]['id']}")


async def test_a_choice_that_a_person_edits_during_a_run_stays(team: Team) -> None:
    """A person's own statement made while the model works is there once, as the person's."""
    task, document = team.task()
    with team.backend(two_in_turn) as (backend, added), team.api("bob") as api:
        async with team.peer("ann", document) as ann, team.peer("bob", document) as bob:
            await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            await ann.until(lambda: said(ann) == ["Ada person"])
            start = TEXT.index("London")
            write(ann, team, "ann", start, start + 6, "location")
            await ann.until_saved()
            backend.open("rest")
            await bob.until(ended(bob, "done"))
            assert said(bob) == ["Ada person", "London location"]
            assert bob.map("annotations").to_py()["by-hand-0001"]["origin"] == "human"


async def test_runs_beyond_the_limit_wait_and_can_be_stopped_while_they_do(team: Team) -> None:
    tasks = [team.task() for _ in range(17)]

    async def never(call: Call) -> None:
        await call.hang()

    with team.backend(never) as (backend, added), team.api("bob") as api:
        runs = [
            (await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})).json()["id"] for task, _ in tasks[:16]
        ]
        await asyncio.to_thread(backend.wait_for_call, 16)
        last, document = tasks[16]
        async with team.peer("ann", document) as ann:
            waiting = (await ask(api, "POST", f"/tasks/{last}/runs", {"backend": added})).json()["id"]
            await ann.until(lambda: bool(runs_of(ann)))
            assert runs_of(ann)[-1]["state"] == "queued"
            assert (await ask(api, "DELETE", f"/runs/{waiting}")).json()["state"] == "stopped"
            await ann.until(ended(ann, "stopped"))
            ann.events.clear()
            await ask(api, "POST", f"/tasks/{last}/runs", {"backend": added})
            await ask(api, "DELETE", f"/runs/{runs[0]}")
            await ann.until(lambda: any(run["state"] == "connecting" for run in runs_of(ann)))
            runs = [*runs[1:], runs_of(ann)[-1]["id"]]
            for run in runs:
                assert (await ask(api, "DELETE", f"/runs/{run}")).json()["state"] == "stopped"


@pytest.mark.promise("P8")
async def test_a_backend_that_floods_does_not_hold_up_other_tasks(team: Team) -> None:
    (task, _), (_, other) = team.task(), team.task()

    async def floods(call: Call) -> None:
        await call.head()
        while not call.gone.is_set():
            await call.send(b'{"type":"suggestion","label":"nothing","start":0,"end":3}\n' * 500)

    with team.backend(floods) as (backend, added), team.api("bob") as api:
        async with team.peer("ann", other) as ann:
            run = (await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})).json()["id"]
            await asyncio.to_thread(backend.wait_for_call)
            longest = 0.0
            for number in range(10):
                began = asyncio.get_running_loop().time()
                write(ann, team, "ann", number, number + 1, "person", f"by-hand-{number:04}")
                await ann.until_saved()
                longest = max(longest, asyncio.get_running_loop().time() - began)
            assert longest < 1
            async with asyncio.timeout(60):
                while not (found := (await ask(api, "GET", f"/runs/{run}")).json())["ended"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            assert "more suggestions than one run may" in found["error"]
            assert found["refused"] == 10_000
            assert len(found["problems"]) == 20


async def test_memory_suggests_at_an_opening_what_was_accepted_in_another_task(team: Team) -> None:
    (first, first_document), (_, second_document) = team.task(), team.task()
    added = team.add("", kind="memory", run_on_open=True)
    with team.api("ann") as api:
        async with team.peer("ann", first_document) as ann:
            write(ann, team, "ann", 8, 15, "person")
            await ann.until_saved()
        async with asyncio.timeout(15):
            while (await ask(api, "GET", f"/tasks/{first}")).json()["annotations"] == 0:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        async with team.peer("bob", second_document) as bob:
            await bob.until(lambda: "Charles person" in said(bob))
            entry = next(e for e in bob.map("annotations").to_py().values() if e["value"]["start"] == 8)
            assert entry["origin"] == "model"
            assert 0 < entry["score"] < 1
        await ask(api, "PATCH", f"/backends/{added}", {"enabled": False})


async def test_a_run_that_a_restart_ended_says_so(own_server: Server) -> None:
    made = make_project(own_server, "again", [TEXT], {"ann": "manager"}, "entities")
    team = Team(own_server, made)
    task, document = team.task()
    with team.backend(two_in_turn) as (_, added), team.api("ann") as api:
        async with team.peer("ann", document) as ann:
            run = (await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})).json()["id"]
            await ann.until(lambda: said(ann) == ["Ada person"])
            own_server.kill()
        own_server.start()
        async with team.peer("ann", document) as ann:
            assert said(ann) == ["Ada person"]
            async with asyncio.timeout(5):
                while (found := (await ask(api, "GET", f"/runs/{run}")).json())["state"] != "failed":  # noqa: ASYNC110 (over REST there is no event)
                    await asyncio.sleep(0.05)
            assert "server was restarted" in found["error"]
            again = await ask(api, "POST", f"/tasks/{task}/runs", {"backend": added})
            assert again.status_code == 201
