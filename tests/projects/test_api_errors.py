"""A request that is wrong gets a problem that says what, where, and what was expected; never a page, never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.models import Field, Label, Membership, Task
from tests.support.rest import Team, make_team, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def ids(team: Team) -> dict[str, int]:
    project = team.project
    field = Field.objects.create(project=project, key="entities", name="entities", kind="span")
    return {
        "project": project.pk,
        "field": field.pk,
        "label": Label.objects.create(field=field, key="person", name="person").pk,
        "member": Membership.objects.get(project=project, role="annotator").pk,
        "task": Task.objects.create(project=project, text="Ada lives in London.").pk,
    }


@pytest.mark.parametrize("path", ["/api/nothing", "/api/projects/", "/api/projects/abc", "/api/tasks/1/nothing"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_is_a_problem(team: Team, method: str, path: str) -> None:
    assert path in problem_of(team.manager.ask(method, path), 404)["detail"]


@pytest.mark.parametrize("number", [0, 2**31, 2**63 - 1, 2**63, 10**30])
def test_an_id_of_any_size_is_just_not_there(team: Team, number: int) -> None:
    for resource in ("projects", "fields", "labels", "members", "backends", "tasks", "runs", "jobs"):
        problem_of(team.manager.get(f"/api/{resource}/{number}"), 404)


def test_a_method_that_is_not_known_is_a_problem(team: Team, ids: dict[str, int]) -> None:
    for path in ("/api/projects", f"/api/tasks/{ids['task']}", "/api/openapi.json"):
        response = team.manager.ask("PUT", path, {})
        if path != "/api/openapi.json":
            assert "GET" in problem_of(response, 405)["detail"]
            assert "GET" in response["Allow"]


@pytest.mark.parametrize(
    "body", [b"{", b"nothing", b"\xff\xfe", b'{"name": NaN}', b'{"name": "\\ud800"}', b"[" * 5000 + b"]" * 5000]
)
def test_a_body_that_is_not_json_is_a_problem(team: Team, body: bytes) -> None:
    response = team.manager.ask("POST", "/api/projects", data=body, content_type="application/json")
    assert "JSON" in problem_of(response, 400)["detail"]


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"text"', b"3", b"true"])
def test_a_body_of_another_shape_is_a_problem(team: Team, body: bytes) -> None:
    problem_of(team.manager.ask("POST", "/api/projects", data=body, content_type="application/json"), 422)


def test_a_body_that_is_too_large_is_a_problem(team: Team, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
    body = json.dumps({"name": "x" * 1_100_000}).encode()
    response = team.manager.ask("POST", "/api/projects", data=body, content_type="application/json")
    assert "1 MB" in problem_of(response, 413)["detail"]


def test_each_place_that_is_wrong_is_named(team: Team) -> None:
    body = {"name": 5, "fields": [{"kind": "spam", "labels": [7, {"name": ""}]}], "colour": "red"}
    problem = problem_of(team.manager.post("/api/projects", body), 422)
    wrong = {error["where"]: error["expected"] for error in problem["errors"]}
    assert wrong["body: name"] == "a string"
    assert wrong["body: fields[0].name"] == "a value; it is required"
    assert "'span'" in wrong["body: fields[0].kind"]
    assert "body: fields[0].labels[1].name" in wrong
    assert wrong["body: colour"] == "no member of this name"
    assert "body: fields[0].labels[0]" in wrong


def test_a_query_with_a_typo_is_refused(team: Team, ids: dict[str, int]) -> None:
    problem = problem_of(team.manager.get(f"/api/projects/{ids['project']}/tasks?statsu=open"), 422)
    assert "statsu" in problem["detail"]
    assert "status" in problem["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=x",
        "after=x",
        "after=-1",
        f"after={10**30}",
        "status=done",
        "origin=cat",
        "before=0",
    ],
)
def test_a_parameter_out_of_its_range_is_refused(team: Team, ids: dict[str, int], query: str) -> None:
    problem = problem_of(team.manager.get(f"/api/projects/{ids['project']}/tasks?{query}"), 422)
    assert problem["errors"][0]["where"] == f"query: {query.split('=')[0]}"


@pytest.mark.parametrize(
    "query", ["search=%00", "search='\"--", "label=%25", "annotator=99999999999999999999", "status="]
)
def test_a_strange_parameter_finds_nothing_and_breaks_nothing(team: Team, ids: dict[str, int], query: str) -> None:
    assert team.manager.get(f"/api/projects/{ids['project']}/tasks?{query}").status_code == 200


VALID: dict[str, tuple[str, str, dict[str, Any]]] = {
    "project": (
        "POST",
        "/api/projects",
        {"name": "a", "description": "b", "guidelines": "c", "fields": [], "members": []},
    ),
    "project change": ("PATCH", "/api/projects/{project}", {"name": "a", "description": "b", "guidelines": "c"}),
    "field": (
        "POST",
        "/api/projects/{project}/fields",
        {"name": "a", "kind": "rating", "multiple": True, "required": True, "minimum": 1, "maximum": 3, "labels": []},
    ),
    "field change": ("PATCH", "/api/fields/{field}", {"name": "a", "multiple": True, "required": True, "maximum": 9}),
    "label": (
        "POST",
        "/api/fields/{field}/labels",
        {"name": "a", "description": "b", "colour": "#abcdef", "hotkey": "z"},
    ),
    "label change": (
        "PATCH",
        "/api/labels/{label}",
        {"name": "a", "description": "b", "colour": "#abcdef", "hotkey": "z"},
    ),
    "member": ("POST", "/api/projects/{project}/members", {"username": "stranger", "role": "viewer"}),
    "member change": ("PATCH", "/api/members/{member}", {"role": "viewer"}),
    "backend": (
        "POST",
        "/api/projects/{project}/backends",
        {"name": "a", "kind": "memory", "enabled": True, "run_on_open": True, "timeout_seconds": 5, "settings": {}},
    ),
    "task": ("POST", "/api/projects/{project}/tasks", {"text": "a", "data": {"b": 1}, "meta": {}}),
}
ANYTHING: list[Any] = [0, -1, 10**20, 1.5, True, "", " ", "a\nb", "a\0b", "x" * 300_000, [], [[]], {}, {"a": {}}, ["a"]]


@pytest.mark.parametrize("case", VALID)
def test_a_whole_body_is_taken(team: Team, ids: dict[str, int], case: str) -> None:
    method, address, body = VALID[case]
    assert team.manager.ask(method, address.format(**ids), body).status_code in (200, 201)


@pytest.mark.parametrize(("case", "member"), [(case, member) for case in VALID for member in VALID[case][2]])
def test_a_wrong_type_in_any_member_is_a_problem_or_harmless(
    team: Team, ids: dict[str, int], case: str, member: str
) -> None:
    method, address, body = VALID[case]
    for value in ANYTHING:
        response = team.manager.ask(method, address.format(**ids), body | {member: value})
        if response.status_code >= 400:
            problem = problem_of(response, response.status_code)
            assert response.status_code in (409, 422), (value, problem)
            assert problem.get("errors") or response.status_code == 409, (value, problem)
        else:
            assert response.status_code in (200, 201)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(case=st.sampled_from(sorted(VALID)), data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_breaks_the_server(team: Team, ids: dict[str, int], case: str, data: st.DataObject) -> None:
    method, address, body = VALID[case]
    members = st.sampled_from([*sorted(body), "strange"])
    changed = body | data.draw(st.dictionaries(members, json_values, max_size=3))
    raw = json.dumps(data.draw(st.just(changed) | json_values)).encode("utf-8", "surrogatepass")
    response = team.manager.ask(method, address.format(**ids), data=raw, content_type="application/json")
    assert response.status_code < 500, response.content
    if response.status_code >= 400:
        problem_of(response, response.status_code)
