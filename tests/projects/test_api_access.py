"""Who may ask for what: every resource, for nobody, a stranger, a viewer, an annotator and a manager."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from projects.models import ApiToken, Backend, Field, Job, Label, Membership, Run, Task
from tests.support.rest import Team, make_team, make_user, problem_of

pytestmark = pytest.mark.django_db

# method, address, body, and what a viewer, an annotator and a manager get
READ, WRITE, MANAGE = (200, 200, 200), (403, 200, 200), (403, 403, 200)
RESOURCES: list[tuple[str, str, Any, tuple[int, int, int]]] = [
    ("GET", "/api/projects/{project}", None, READ),
    ("PATCH", "/api/projects/{project}", {"name": "New"}, MANAGE),
    ("DELETE", "/api/projects/{project}", None, MANAGE),
    ("GET", "/api/projects/{project}/fields", None, READ),
    ("POST", "/api/projects/{project}/fields", {"name": "tone", "kind": "choice"}, MANAGE),
    ("GET", "/api/fields/{field}", None, READ),
    ("PATCH", "/api/fields/{field}", {"name": "new"}, MANAGE),
    ("DELETE", "/api/fields/{field}", None, MANAGE),
    ("GET", "/api/fields/{field}/labels", None, READ),
    ("POST", "/api/fields/{field}/labels", {"name": "new"}, MANAGE),
    ("GET", "/api/labels/{label}", None, READ),
    ("PATCH", "/api/labels/{label}", {"name": "new"}, MANAGE),
    ("DELETE", "/api/labels/{label}", None, MANAGE),
    ("GET", "/api/projects/{project}/members", None, READ),
    ("POST", "/api/projects/{project}/members", {"username": "newcomer"}, MANAGE),
    ("GET", "/api/members/{member}", None, READ),
    ("PATCH", "/api/members/{member}", {"role": "viewer"}, MANAGE),
    ("DELETE", "/api/members/{member}", None, MANAGE),
    ("GET", "/api/projects/{project}/backends", None, MANAGE),
    ("POST", "/api/projects/{project}/backends", {"name": "new", "kind": "memory"}, MANAGE),
    ("GET", "/api/backends/{backend}", None, MANAGE),
    ("PATCH", "/api/backends/{backend}", {"enabled": False}, MANAGE),
    ("DELETE", "/api/backends/{backend}", None, MANAGE),
    ("POST", "/api/backends/{backend}/test", None, MANAGE),
    ("GET", "/api/projects/{project}/tasks", None, READ),
    ("POST", "/api/projects/{project}/tasks", {"text": "One more."}, MANAGE),
    ("GET", "/api/tasks/{task}", None, READ),
    ("DELETE", "/api/tasks/{task}", None, MANAGE),
    ("GET", "/api/tasks/{task}/annotations", None, READ),
    ("GET", "/api/tasks/{task}/runs", None, READ),
    ("GET", "/api/runs/{run}", None, READ),
    ("GET", "/api/projects/{project}/jobs", None, READ),
    ("GET", "/api/jobs/{job}", None, READ),
    ("DELETE", "/api/jobs/{job}", None, MANAGE),
    ("GET", "/api/projects/{project}/export?format=jsonl", None, READ),
]
# These go through rooms; a real server answers those who may (test_api_annotations.py), the door is the same here.
LIVE: list[tuple[str, str, Any, tuple[int, int, int]]] = [
    (
        "POST",
        "/api/tasks/{task}/annotations",
        {"field": "entities", "label": "person", "value": {"start": 0, "end": 3}},
        WRITE,
    ),
    ("PATCH", "/api/annotations/abcdefgh", {"label": "place"}, WRITE),
    ("DELETE", "/api/annotations/abcdefgh", None, WRITE),
    ("POST", "/api/tasks/{task}/submit", None, WRITE),
    ("POST", "/api/tasks/{task}/skip", None, WRITE),
    ("POST", "/api/tasks/{task}/reopen", None, WRITE),
    ("POST", "/api/tasks/{task}/runs", {"backend": "memory"}, WRITE),
    ("DELETE", "/api/runs/{run}", None, WRITE),
]
DOWN_TO_ZERO = dict.fromkeys(("project", "field", "label", "member", "backend", "task", "run", "job"), 999999)


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def ids(team: Team) -> dict[str, int]:
    """One of everything, in the team's project."""
    project = team.project
    make_user("newcomer")
    field = Field.objects.create(project=project, key="entities", name="entities", kind="span")
    label = Label.objects.create(field=field, key="person", name="person")
    backend = Backend.objects.create(project=project, name="memory", kind="memory")
    task = Task.objects.create(project=project, text="Ada lives in London.")
    document = task.documents.create()
    task.annotations.create(
        project=project, document=document, key="abcdefgh", field="entities", kind="span", label="person",
        origin="human", status="accepted", created="2026-01-01T00:00:00.000Z",
    )  # fmt: skip
    return {
        "project": project.pk,
        "field": field.pk,
        "label": label.pk,
        "member": Membership.objects.get(project=project, role="annotator").pk,
        "backend": backend.pk,
        "task": task.pk,
        "run": Run.objects.create(task=task, backend=backend, state="done").pk,
        "job": Job.objects.create(project=project, kind="import", state="done").pk,
    }


def names(row: tuple[Any, ...]) -> str:
    return f"{row[0]} {row[1]}"


@pytest.mark.parametrize("resource", RESOURCES + LIVE, ids=names)
def test_it_answers_nobody_and_no_stranger(team: Team, ids: dict[str, int], resource: tuple[Any, ...]) -> None:
    method, address, body, _ = resource
    problem_of(team.anonymous.ask(method, address.format(**ids), body), 401)
    theirs = problem_of(team.stranger.ask(method, address.format(**ids), body), 404)
    # What is somebody else's is answered as what does not exist is: only the id that was asked for differs.
    missing = problem_of(team.stranger.ask(method, address.format(**DOWN_TO_ZERO), body), 404)
    assert without_digits(theirs) == without_digits(missing)


def without_digits(problem: dict[str, Any]) -> str:
    return "".join(c for c in json.dumps(problem) if not c.isdigit())


@pytest.mark.parametrize("resource", RESOURCES, ids=names)
@pytest.mark.parametrize("role", ["viewer", "annotator", "manager"])
def test_it_lets_each_role_do_what_it_may(
    team: Team, ids: dict[str, int], resource: tuple[Any, ...], role: str
) -> None:
    method, address, body, expected = resource
    status = expected[["viewer", "annotator", "manager"].index(role)]
    response = team.people[role].ask(method, address.format(**ids), body)
    if status == 403:
        problem_of(response, 403)
    else:
        assert response.status_code in (200, 201, 204, 409), response.content


@pytest.mark.parametrize("resource", LIVE, ids=names)
def test_a_viewer_changes_nothing(team: Team, ids: dict[str, int], resource: tuple[Any, ...]) -> None:
    method, address, body, _ = resource
    problem_of(team.viewer.ask(method, address.format(**ids), body), 403)


def test_a_bad_token_is_refused_even_with_a_session(team: Team) -> None:
    client = Client()
    client.force_login(team.manager.user)
    assert client.get("/api/me").status_code == 200
    problem = problem_of(client.get("/api/me", headers={"Authorization": "Bearer cl_wrong"}), 401)
    assert "token" in problem["detail"]


def test_a_problem_of_401_names_the_scheme(team: Team) -> None:
    assert team.anonymous.get("/api/me").headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_somebody_who_left_is_refused(team: Team) -> None:
    team.annotator.user.is_active = False
    team.annotator.user.save()
    problem_of(team.annotator.get("/api/me"), 401)


def test_a_revoked_token_is_refused(team: Team) -> None:
    ApiToken.objects.filter(user=team.annotator.user).delete()
    problem_of(team.annotator.get("/api/me"), 401)


def test_a_session_needs_the_csrf_token_to_change_anything(team: Team) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(team.manager.user)
    place = f"/api/projects/{team.project.pk}"
    assert client.get(place).status_code == 200
    problem = problem_of(client.patch(place, {"name": "Stolen"}, content_type="application/json"), 403)
    assert "CSRF" in problem["detail"]
    client.cookies["csrftoken"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32}
    assert client.patch(place, {"name": "Mine"}, content_type="application/json", headers=headers).status_code == 200


def test_a_token_needs_no_csrf_token(team: Team) -> None:
    client = Client(
        enforce_csrf_checks=True, headers={"Authorization": f"Bearer {ApiToken.issue(team.manager.user)[1]}"}
    )
    place = f"/api/projects/{team.project.pk}"
    assert client.patch(place, {"name": "Mine"}, content_type="application/json").status_code == 200


def test_secrets_of_backends_are_for_managers_only(team: Team, ids: dict[str, int]) -> None:
    Backend.objects.filter(pk=ids["backend"]).update(url="http://10.0.0.1/secret", settings={"token": "secret"})
    for role in ("viewer", "annotator", "reviewer"):
        for address in (f"/api/projects/{ids['project']}", f"/api/tasks/{ids['task']}"):
            assert b"secret" not in team.people[role].get(address).content
