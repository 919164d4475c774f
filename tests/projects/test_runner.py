"""Runs over the wire: real server, real backends, two people in the task."""

from __future__ import annotations

import asyncio

from tests.support.backends import Call
from tests.support.runs import TEXT, Team, ask, ended, runs_of, said, two_in_turn, write


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
                assert last["started_by"] == team.made.login("bob")
                assert last["first_ms"] > 0
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
            assert (stopped.json()["state"], stopped.json()["stopped_by"]) == ("stopped", team.made.login("bob"))
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
