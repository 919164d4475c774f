"""Files in and out over REST, on a real server: an import becomes a job, an export says what is there."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from projects.api import answers
from tests.support.rest import problem_of
from tests.support.servers import Server
from tests.support.wire import tokens_of, wire

People = dict[str, httpx.Client]
ENDED = ("done", "failed", "cancelled")
ROWS = [{"text": f"Ada {n} met Bob.", "tone": "good" if n % 2 else "bad", "source": "mail"} for n in range(50)]
JSONL = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


@pytest.fixture(scope="module")
def people(server: Server) -> Iterator[People]:
    names = ["transfer-manager", "transfer-viewer", "transfer-stranger"]
    tokens = tokens_of(server, names)
    clients = {name.split("-")[1]: wire(server, tokens[name][1]) for name in names}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def manager(people: dict[str, httpx.Client]) -> httpx.Client:
    return people["manager"]


@pytest.fixture
def project(manager: httpx.Client) -> int:
    body = {
        "name": "Transfer",
        "fields": [{"name": "tone", "kind": "choice", "labels": ["good", "bad"]}],
        "members": [{"username": "transfer-viewer", "role": "viewer"}],
    }
    made = manager.post("/projects", json=body)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


def send(
    client: httpx.Client, project: int, content: bytes, name: str = "rows.jsonl", **options: Any
) -> httpx.Response:
    return client.post(f"/projects/{project}/import", files={"file": (name, content)}, data=options)


def finished(client: httpx.Client, job: int, seconds: float = 40) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = answers.JobOut.model_validate(client.get(f"/jobs/{job}").json(), strict=True)
        if found.state in ENDED:
            return found.model_dump()
        time.sleep(0.1)
    raise AssertionError(f"job {job} did not end")


def imported(client: httpx.Client, project: int, content: bytes, **options: Any) -> dict[str, Any]:
    made = send(client, project, content, **options)
    assert made.status_code == 202, made.text
    assert made.headers["Location"] == f"/api/jobs/{made.json()['id']}"
    return finished(client, made.json()["id"])


def test_a_file_becomes_tasks_by_a_job(manager: httpx.Client, project: int) -> None:
    job = imported(manager, project, JSONL)
    assert (job["state"], job["taken"], job["refused"], job["progress"]) == ("done", 50, 0, 1.0)
    tasks = manager.get(f"/projects/{project}/tasks").json()["items"]
    assert len(tasks) == 50
    said = manager.get(f"/tasks/{tasks[0]['id']}/annotations").json()["items"]
    assert [(a["field"], a["label"], a["origin"], a["status"]) for a in said] == [("tone", "bad", "import", "accepted")]
    assert [listed["id"] for listed in manager.get(f"/projects/{project}/jobs").json()["items"]] == [job["id"]]


def test_a_broken_row_is_refused_with_its_line_and_costs_no_other(manager: httpx.Client, project: int) -> None:
    job = imported(manager, project, b'{"text": "one"}\n{"text": 5}\nnot json\n{"text": "two"}\n')
    assert (job["state"], job["taken"], job["refused"]) == ("done", 2, 2)
    assert [problem["line"] for problem in job["problems"]] == [2, 3]
    assert all(problem["reason"] for problem in job["problems"])


def test_what_cannot_be_imported_is_refused_at_once(manager: httpx.Client, project: int) -> None:
    problem_of(manager.post(f"/projects/{project}/import", json={"file": "x"}), 415)
    problem_of(manager.post(f"/projects/{project}/import", files={"other": ("a.jsonl", b"{}")}), 422)
    problem_of(manager.post(f"/projects/{project}/import", files={"other": (None, b"{}")}), 422)
    problem_of(send(manager, project, JSONL, name="rows.unknown"), 422)
    problem_of(send(manager, project, JSONL, format="docx"), 422)
    problem_of(send(manager, project, JSONL, create_labels="perhaps"), 422)
    problem_of(send(manager, project, JSONL, colour="red"), 422)
    problem_of(send(manager, project, JSONL, field="nothing"), 422)
    broken = {"Content-Type": "multipart/form-data; boundary="}
    problem_of(manager.post(f"/projects/{project}/import", content=b"x", headers=broken), 400)
    assert manager.get(f"/projects/{project}/jobs").json()["items"] == []


def test_only_managers_import(people: People, project: int) -> None:
    problem_of(send(people["viewer"], project, JSONL), 403)
    problem_of(send(people["stranger"], project, JSONL), 404)


def test_a_job_is_cancelled(manager: httpx.Client, project: int) -> None:
    made = send(manager, project, JSONL * 400)
    job = made.json()["id"]
    assert manager.delete(f"/jobs/{job}").status_code == 200
    assert finished(manager, job)["state"] in ("cancelled", "done")


def test_no_upload_is_served_or_kept_under_its_own_name(server: Server, manager: httpx.Client, project: int) -> None:
    made = send(manager, project, JSONL, name="../../../evil.jsonl")
    assert made.status_code == 202
    finished(manager, made.json()["id"])
    assert not list(server.data_dir.parent.rglob("*evil*"))


@pytest.mark.promise("P6")
def test_an_export_holds_what_was_just_said(people: People, manager: httpx.Client, project: int) -> None:
    task = manager.post(f"/projects/{project}/tasks", json={"text": "Fine 👍", "data": {"n": 2**70}}).json()["id"]
    said = manager.post(f"/tasks/{task}/annotations", json={"field": "tone", "label": "good"}).json()
    response = people["viewer"].get(f"/projects/{project}/export")
    assert response.headers["Content-Type"].startswith("application/x-ndjson")
    assert response.headers["Content-Disposition"] == f'attachment; filename="project-{project}.jsonl"'
    (line,) = [json.loads(line) for line in response.text.splitlines()]
    assert (line["id"], line["data"]) == (task, {"text": "Fine 👍", "n": 2**70})
    (annotation,) = line["annotations"]
    same = ("id", "field", "kind", "label", "value", "text", "author", "origin", "created")
    assert {name: annotation[name] for name in same} == {name: said[name] for name in same}
    assert annotation["decision"] == "accepted"
    assert people["viewer"].get(f"/projects/{project}/export").content == response.content


def test_an_export_comes_back_as_it_was(manager: httpx.Client, project: int) -> None:
    imported(manager, project, JSONL)
    exported = manager.get(f"/projects/{project}/export", params={"format": "jsonl"}).content
    assert [json.loads(line)["data"]["text"] for line in exported.splitlines()] == [row["text"] for row in ROWS]
    body = {"name": "Again", "fields": [{"name": "tone", "kind": "choice", "labels": ["good", "bad"]}]}
    again = manager.post("/projects", json=body).json()["id"]
    job = imported(manager, again, exported)
    assert (job["taken"], job["refused"]) == (50, 0)
    second = manager.get(f"/projects/{again}/export").content

    def gist(lines: bytes) -> list[Any]:
        read = [json.loads(line) for line in lines.splitlines()]
        return [(line["data"], [(a["field"], a["label"], a["value"]) for a in line["annotations"]]) for line in read]

    assert gist(second) == gist(exported)


def test_every_format_and_filter_is_answered(people: People, project: int, manager: httpx.Client) -> None:
    imported(manager, project, JSONL)
    manager.post(f"/projects/{project}/fields", json={"name": "entities", "kind": "span", "labels": ["person"]})
    for format, kind in (("json", "application/json"), ("csv", "text/csv"), ("conll", "text/plain")):
        response = people["viewer"].get(f"/projects/{project}/export", params={"format": format})
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"].startswith(kind)
        assert response.headers["Content-Disposition"].startswith("attachment")

    def count(**query: str) -> int:
        response = people["viewer"].get(f"/projects/{project}/export", params=query)
        assert response.status_code == 200, response.text
        return len(response.text.splitlines())

    assert count(status="", since="", annotator="", origin="") == 50
    assert (
        count(status="submitted") == count(origin="model") == count(annotator="transfer-manager", origin="human") == 0
    )
    assert (
        count(since="2020-01-01") == count(since="2020-01-01T10:00:00+02:00") == count(since="2020-01-01 10:00") == 50
    )
    assert count(since="2999-01-01T00:00:00Z") == 0
    # Whether a name has an account is not for members to find out.
    assert count(annotator="nobody-of-this-name") == count(annotator="transfer-stranger") == 0


@pytest.mark.parametrize(
    "query",
    ["format=xml", "status=done", "since=yesterday", "origin=cat", "statsu=open"],
)
def test_an_export_that_cannot_be_is_refused(people: People, project: int, query: str) -> None:
    problem_of(people["viewer"].get(f"/projects/{project}/export?{query}"), 422)


def test_an_export_of_somebody_else_is_not_there(people: People, project: int) -> None:
    problem_of(people["stranger"].get(f"/projects/{project}/export"), 404)


def test_a_file_that_is_too_large_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = Server(tmp_path_factory.mktemp("small"), IMPORT_MAX_MB="1").start()
    try:
        token = tokens_of(server, ["small-manager"])["small-manager"][1]
        with wire(server, token) as manager:
            project = manager.post("/projects", json={"name": "Small"}).json()["id"]
            problem = problem_of(send(manager, project, b"x" * 1_200_000), 413)
            assert "1 MB" in problem["detail"]
            problem = problem_of(send(manager, project, b"x" * 1_048_577), 413)
            assert "1 MB" in problem["detail"]
    finally:
        server.kill()
