"""Runs that fail, flood, last too long, queue up or are cut off by a restart: told to all, and nobody else is harmed."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.backends import Call
from tests.support.projects import make_project
from tests.support.runs import TEXT, Team, ask, ended, runs_of, said, two_in_turn, write
from tests.support.servers import Server


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
            for number in range(10):
                write(ann, team, "ann", number, number + 1, "person", f"by-hand-{number:04}")
                await ann.until_saved()
            async with asyncio.timeout(60):
                while not (found := (await ask(api, "GET", f"/runs/{run}")).json())["ended"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            assert "more suggestions than one run may" in found["error"]
            assert found["refused"] == 10_000
            assert len(found["problems"]) == 20


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
