"""What the first person who opens a task sets going: runs of the backends that want it, which nobody waits for."""

from __future__ import annotations

import asyncio

from tests.support.backends import Call
from tests.support.runs import Team, ask, ended, runs_of, said, two_in_turn, write


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
        async with team.peer("ann", document) as ann:
            await asyncio.to_thread(backend.wait_for_call)
            write(ann, team, "ann", 0, 3, "person")
            await ann.until_saved()
            await ann.until(lambda: bool(runs_of(ann)))
            await ask(api, "DELETE", f"/runs/{runs_of(ann)[-1]['id']}")


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
