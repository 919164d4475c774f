"""Tasks over REST, on a real server: submit, next, lists, new ones, deleted ones; runs of models on them."""

from __future__ import annotations

from typing import Any

import httpx

from projects.api import answers
from tests.support.rest import problem_of
from tests.support.servers import Server
from tests.support.site import Site


def test_a_task_is_submitted_and_reopened(site: Site) -> None:
    fields = site.manager.get(f"/projects/{site.project}/fields").json()["items"]
    site.manager.patch(f"/fields/{fields[1]['id']}", json={"required": True})
    task = site.task()
    problem = problem_of(site.annotator.post(f"/tasks/{task}/submit"), 409)
    assert "tone" in problem["detail"]
    site.say(task, field="tone", label="good")
    assert site.annotator.post(f"/tasks/{task}/submit").json() == {"status": "submitted"}
    assert site.viewer.get(f"/tasks/{task}").json()["status"] == "submitted"
    assert site.viewer.get(f"/projects/{site.project}").json()["counts"]["submitted"] == 1
    assert site.annotator.post(f"/tasks/{task}/reopen").json() == {"status": "in_progress"}
    assert site.annotator.post(f"/tasks/{task}/skip").json() == {"status": "skipped"}


def test_a_browser_with_a_session_and_the_csrf_token_writes(site: Site, server: Server) -> None:
    server.user("rest-annotator", password="a-long-password-1")
    task = site.task()
    with httpx.Client(base_url=server.url, headers={"Referer": server.url}, follow_redirects=True) as browser:
        browser.get("/accounts/login/")
        form = {"login": "rest-annotator", "password": "a-long-password-1"}
        form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        assert browser.post("/accounts/login/", data=form).status_code == 200
        assert browser.get(f"/api/tasks/{task}").json()["id"] == task
        problem_of(browser.post(f"/api/tasks/{task}/skip"), 403)
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        assert browser.post(f"/api/tasks/{task}/skip", headers=headers).json() == {"status": "skipped"}
        said = {"field": "tone", "label": "good"}
        assert browser.post(f"/api/tasks/{task}/annotations", json=said, headers=headers).status_code == 201
        elsewhere = headers | {"Origin": "http://evil.example", "Referer": "http://evil.example/"}
        problem_of(browser.post(f"/api/tasks/{task}/reopen", headers=elsewhere), 403)


def test_the_next_task_is_the_next_open_one(site: Site) -> None:
    first, second, third = site.task(), site.task(), site.task()

    def after(task: int) -> Any:
        return site.annotator.get(f"/projects/{site.project}/next", params={"after": task}).json()["task"]

    assert after(0) == first
    assert after(first) == second
    assert after(third) == first
    site.annotator.post(f"/tasks/{second}/skip")
    assert after(first) == third
    for task in (first, third):
        site.annotator.post(f"/tasks/{task}/skip")
    assert after(0) is None


def test_tasks_are_listed_by_what_is_said_of_them(site: Site) -> None:
    one, two = site.task("A one."), site.task("A two.")
    site.say(one, field="tone", label="good")
    site.annotator.post(f"/tasks/{two}/submit")

    def ids(**query: Any) -> list[int]:
        page = answers.Tasks.model_validate(site.viewer.get(f"/projects/{site.project}/tasks", params=query).json())
        return [task.id for task in page.items]

    assert ids() == [one, two]
    assert ids(status="submitted") == [two]
    assert ids(search="one") == [one]
    assert ids(label="good") == ids(label="tone:good") == ids(annotator="rest-annotator") == ids(origin="api") == [one]
    assert ids(annotator="nobody-of-this-name") == ids(label="bad") == ids(origin="model") == []
    page = site.viewer.get(f"/projects/{site.project}/tasks", params={"limit": 1}).json()
    assert (len(page["items"]), page["next"]) == (1, one)
    assert ids(after=one) == [two]
    assert ids(before=two) == [one]


def test_tasks_are_made_one_by_one_and_in_lists(site: Site) -> None:
    place = f"/projects/{site.project}/tasks"
    made = site.manager.post(place, json={"data": {"text": "Hello", "source": "mail"}, "meta": {"row": 1}})
    task = answers.TaskOut.model_validate(made.json(), strict=True)
    assert (task.text, task.data, task.meta) == ("Hello", {"text": "Hello", "source": "mail"}, {"row": 1})
    assert (task.position, task.total, task.status) == (1, 1, "open")
    assert task.documents[0].socket == f"/ws/documents/{task.documents[0].id}/"
    many = site.manager.post(place, json=[{"text": f"Number {n}"} for n in range(1000)])
    assert many.status_code == 201, many.text
    assert len(many.json()["items"]) == 1000
    for body in ([], [{"text": "x"}] * 1001, {}, {"text": ""}, {"text": "a", "data": {"text": "b"}}, {"text": "a\0b"}):
        problem_of(site.manager.post(place, json=body), 422)
    assert site.viewer.get(f"/projects/{site.project}").json()["counts"]["tasks"] == 1001


def test_a_deleted_task_is_gone_with_all_that_was_said(site: Site) -> None:
    task = site.task()
    id = site.say(task, field="tone", label="good")["id"]
    assert site.manager.delete(f"/tasks/{task}").status_code == 204
    problem_of(site.manager.get(f"/tasks/{task}"), 404)
    problem_of(site.manager.delete(f"/annotations/{id}"), 404)


def test_two_tasks_may_hold_the_same_id(site: Site) -> None:
    one, two = site.task(), site.task()
    for task in (one, two):
        site.say(task, field="tone", label="good", id="the-same-id")
    problem = problem_of(site.manager.delete("/annotations/the-same-id"), 409)
    assert "?task=" in problem["detail"]
    assert site.manager.delete(f"/annotations/the-same-id?task={one}").status_code == 204
    assert list(site.said(two)) == ["the-same-id"]


def test_a_connection_to_a_backend_is_tested(site: Site) -> None:
    place = f"/projects/{site.project}/backends"
    memory = site.manager.post(place, json={"name": "memory", "kind": "memory"}).json()
    tested = site.manager.post(f"/backends/{memory['id']}/test").json()
    assert tested["ok"] is True, tested
    dead = {"name": "dead", "kind": "stream", "url": "http://127.0.0.1:9/"}
    tested = site.manager.post(f"/backends/{site.manager.post(place, json=dead).json()['id']}/test").json()
    assert tested["ok"] is False
    assert tested["message"].endswith(".")


def test_a_run_is_started_watched_and_over(site: Site) -> None:
    backend = {"name": "memory", "kind": "memory", "run_on_open": False}
    site.manager.post(f"/projects/{site.project}/backends", json=backend)
    task = site.task()
    problem_of(site.annotator.post(f"/tasks/{task}/runs", json={"backend": "nobody"}), 422)
    made = site.annotator.post(f"/tasks/{task}/runs", json={"backend": "memory"})
    assert made.status_code == 201, made.text
    run = answers.RunOut.model_validate(made.json())
    assert (run.task, run.backend.name, run.started_by) == (task, "memory", "rest-annotator")
    over = site.annotator.delete(f"/runs/{run.id}").json()
    assert over["state"] in ("done", "stopped")
    assert site.viewer.get(f"/runs/{run.id}").json()["state"] == over["state"]
    assert [r["id"] for r in site.viewer.get(f"/tasks/{task}/runs").json()["items"]] == [run.id]
