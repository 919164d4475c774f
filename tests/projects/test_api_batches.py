"""Many tasks at once, over the wire: a job that a real worker carries, for managers, with what was asked checked first."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.servers import Server
from tests.support.site import Site, clients, make_site, role_tokens

WAIT_SECONDS = 60.0


@pytest.fixture(scope="module")
def people(server: Server) -> Iterator[dict[str, httpx.Client]]:
    opened = clients(server, role_tokens(server))
    yield opened
    for client in opened.values():
        client.close()


@pytest.fixture
def site(server: Server, people: dict[str, httpx.Client]) -> Site:
    return make_site(server, people)


def ask(site: Site, role: str = "manager", **body: Any) -> httpx.Response:
    client: httpx.Client = getattr(site, role)
    return client.post(f"/projects/{site.project}/batches", json=body)


def ended(site: Site, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + WAIT_SECONDS
    while not (job := site.manager.get(f"/jobs/{answer.json()['id']}").json())["ended"]:
        assert time.monotonic() < until, job
        time.sleep(0.05)
    return dict(job)


def items(site: Site, **filters: Any) -> list[dict[str, Any]]:
    answer = site.viewer.get(f"/projects/{site.project}/tasks", params=filters)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_tasks_are_assigned_filtered_by_it_and_come_next(site: Site) -> None:
    tasks = [site.task() for _ in range(3)]
    job = ended(site, ask(site, action="assign", tasks=[tasks[2]], assignee="rest-annotator"))
    assert (job["state"], job["taken"], job["kind"]) == ("done", 1, "assign_tasks")
    assert [item["id"] for item in items(site, assignee="rest-annotator")] == [tasks[2]]
    assert [item["assignee"] for item in items(site)] == [None, None, "rest-annotator"]
    assert site.annotator.get(f"/projects/{site.project}/next").json()["task"] == tasks[2]
    assert site.viewer.get(f"/tasks/{tasks[2]}").json()["assignee"] == "rest-annotator"
    ended(site, ask(site, action="assign", filters={"assignee": "rest-annotator"}))
    assert len(items(site, assignee="nobody")) == 3


def test_all_that_match_are_deleted(site: Site) -> None:
    kept = site.task("Ada stays.")
    for _ in range(3):
        site.task("Bob goes.")
    job = ended(site, ask(site, action="delete", filters={"search": "bob"}))
    assert (job["state"], job["taken"], job["progress"]) == ("done", 3, 1)
    assert [item["id"] for item in items(site)] == [kept]


def test_a_backend_runs_in_many_tasks_and_says_where_it_could_not(site: Site) -> None:
    tasks = [site.task() for _ in range(6)]
    body = {"name": "memory", "kind": "memory", "run_on_open": False}
    backend = site.manager.post(f"/projects/{site.project}/backends", json=body).json()["id"]
    site.say(tasks[0], field="entities", label="person", value={"start": 2, "end": 5})
    job = ended(site, ask(site, action="run", filters={}, backend=backend))
    assert (job["state"], job["taken"], job["refused"]) == ("done", 6, 0)
    until = time.monotonic() + WAIT_SECONDS  # rows follow their documents within a second
    while [item["suggestions"] for item in items(site)] != [0, 1, 1, 1, 1, 1]:
        assert time.monotonic() < until, items(site)
        time.sleep(0.1)
    found = items(site, suggestions=True, label="person", score_from=0)
    assert {item["id"] for item in found} <= set(tasks[1:])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "delete"}, 422),
        ({"action": "delete", "tasks": [1], "filters": {}}, 422),
        ({"action": "delete", "tasks": []}, 422),
        ({"action": "delete", "filters": {"serach": "x"}}, 422),
        ({"action": "paint", "filters": {}}, 422),
        ({"action": "run", "filters": {}}, 422),
        ({"action": "run", "filters": {}, "backend": 999_999}, 422),
        ({"action": "assign", "filters": {}, "assignee": "rest-stranger"}, 422),
        ({"action": "delete", "tasks": [999_999_999]}, 409),
        ({"action": "delete", "filters": {"search": "nowhere"}}, 409),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(site: Site, body: dict[str, Any], status: int) -> None:
    site.task()
    answer = ask(site, **body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert site.manager.get(f"/projects/{site.project}/jobs").json()["items"] == []


@pytest.mark.parametrize(
    ("role", "action", "status"),
    [
        (*pair, 404 if pair[0] == "stranger" else 403)
        for pair in itertools.product(("annotator", "viewer", "stranger"), ("delete", "assign", "run"))
    ],
)
def test_only_managers_may(site: Site, role: str, action: str, status: int) -> None:
    task = site.task()
    assert ask(site, role, action=action, tasks=[task]).status_code == status
    assert [item["id"] for item in items(site)] == [task]
