"""Annotations over REST, through a task's room, on a real server."""

from __future__ import annotations

from typing import Any

import pytest

from projects.api import answers
from tests.support.peers import Peer
from tests.support.rest import problem_of
from tests.support.site import Site


def test_a_span_is_said_in_code_points(site: Site) -> None:
    task = site.task()
    made = site.say(task, field="entities", label="person", value={"start": 2, "end": 5})
    annotation = answers.AnnotationOut.model_validate(made, strict=True)
    assert (annotation.text, annotation.origin, annotation.author) == ("Ada", "api", "rest-annotator")
    assert annotation.status == "accepted"
    assert site.said(task) == {made["id"]: made}


def test_every_kind_can_be_said(site: Site) -> None:
    task = site.task()
    body = [
        {"field": "entities", "label": "place", "value": {"start": 17, "end": 21}},
        {"field": "tone", "label": "good"},
        {"field": "topics", "label": "news"},
        {"field": "topics", "label": "travel"},
        {"field": "stars", "value": 4},
        {"field": "note", "value": "Fine ✓"},
    ]
    made = site.annotator.post(f"/tasks/{task}/annotations", json=body)
    assert made.status_code == 201, made.text
    said = [(a["field"], a["label"], a["value"], a["text"]) for a in made.json()["items"]]
    assert said == [
        ("entities", "place", {"start": 17, "end": 21}, "Köln"),
        ("tone", "good", None, None),
        ("topics", "news", None, None),
        ("topics", "travel", None, None),
        ("stars", None, 4, None),
        ("note", None, "Fine ✓", None),
    ]
    assert len(site.said(task)) == 6
    assert site.viewer.get(f"/tasks/{task}").json()["status"] == "in_progress"


def test_nothing_of_a_list_is_said_when_one_part_is_wrong(site: Site) -> None:
    task = site.task()
    body = [
        {"field": "tone", "label": "good"},
        {"field": "entities", "label": "person", "value": {"start": 2, "end": 500}},
    ]
    problem = problem_of(site.annotator.post(f"/tasks/{task}/annotations", json=body), 422)
    assert problem["errors"][0]["where"] == "body: [1]"
    assert site.said(task) == {}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"field": "nothing", "label": "x"}, "nothing"),
    ({"field": "entities", "value": {"start": 0, "end": 1}}, "label"),
    ({"field": "entities", "label": "robot", "value": {"start": 0, "end": 1}}, "robot"),
    ({"field": "entities", "label": "person"}, "start"),
    ({"field": "entities", "label": "person", "value": {"start": 5, "end": 2}}, "5"),
    ({"field": "entities", "label": "person", "value": {"start": -1, "end": 2}}, "-1"),
    ({"field": "entities", "label": "person", "value": {"start": 0, "end": 10**9}}, "22 characters"),
    ({"field": "entities", "label": "person", "value": {"start": 0, "end": 1, "x": 1}}, "x"),
    ({"field": "entities", "label": "person", "value": "0-1"}, "0-1"),
    ({"field": "tone", "label": "good", "value": 3}, "value"),
    ({"field": "stars", "value": 9}, "9"),
    ({"field": "stars", "value": "many"}, "many"),
    ({"field": "stars", "label": "good", "value": 3}, "label"),
    ({"field": "note", "label": "good"}, "note"),
    ({"field": "note", "value": 7}, "value"),
    ({"field": "tone", "label": "good", "id": "short"}, "id"),
    ({"field": "tone", "label": "good", "id": "__proto__"}, "__proto__"),
    ({"field": "tone", "label": "good", "author": 1}, "author"),
    ({"field": ["tone"], "label": "good"}, "field"),
]


def test_what_cannot_be_is_refused_in_a_sentence(site: Site) -> None:
    task = site.task()
    for body, named in WRONG:
        problem = problem_of(site.annotator.post(f"/tasks/{task}/annotations", json=body), 422)
        assert named in problem["detail"], (body, problem)
    assert site.said(task) == {}


def test_an_id_is_said_once(site: Site) -> None:
    task = site.task()
    site.say(task, field="tone", label="good", id="my-own-id-1")
    problem_of(site.annotator.post(f"/tasks/{task}/annotations", json={
        "field": "tone", "label": "bad", "id": "my-own-id-1"
    }), 422)  # fmt: skip
    assert site.said(task)["my-own-id-1"]["label"] == "good"


def test_an_annotation_is_corrected_decided_and_taken_back(site: Site) -> None:
    task = site.task()
    id = site.say(task, field="entities", label="person", value={"start": 2, "end": 5})["id"]
    changed = site.manager.patch(f"/annotations/{id}", json={"label": "place", "value": {"start": 10, "end": 13}})
    assert changed.status_code == 200, changed.text
    now = answers.AnnotationOut.model_validate(changed.json(), strict=True)
    assert (now.label, now.text, now.corrected, now.author) == ("place", "Bob", True, "rest-annotator")
    rejected = site.manager.patch(f"/annotations/{id}", json={"status": "rejected"}).json()
    assert (rejected["status"], rejected["decided_by"]) == ("rejected", "rest-manager")
    assert site.annotator.delete(f"/annotations/{id}").status_code == 204
    problem_of(site.annotator.delete(f"/annotations/{id}"), 404)
    problem_of(site.annotator.patch(f"/annotations/{id}", json={"status": "accepted"}), 404)
    assert site.said(task) == {}


@pytest.mark.promise("P1")
async def test_open_sessions_see_what_a_program_writes(site: Site, tokens: dict[str, str]) -> None:
    task = site.task()
    document = site.viewer.get(f"/tasks/{task}").json()["documents"][0]["id"]
    async with Peer(site.server.ws_url, document, tokens["viewer"]) as peer:
        id = site.say(task, field="entities", label="person", value={"start": 2, "end": 5})["id"]
        await peer.until(lambda: id in peer.map("annotations"))
        assert peer.map("annotations")[id]["origin"] == "api"
        site.manager.patch(f"/annotations/{id}", json={"label": "place", "status": "accepted"})
        await peer.until(lambda: id in peer.map("labels") and id in peer.map("decisions"))
        site.say(task, field="note", value="Seen 👍")
        await peer.until(lambda: str(peer.text("text/note")) == "Seen 👍")
        site.annotator.post(f"/tasks/{task}/submit")
        await peer.until(lambda: "task" in peer.map("state"))
        assert peer.map("state")["task"]["status"] == "submitted"
        site.annotator.delete(f"/annotations/{id}")
        await peer.until(lambda: id not in peer.map("annotations"))


@pytest.mark.promise("P1")
async def test_what_a_session_said_is_changed_before_its_row_is_there(site: Site, tokens: dict[str, str]) -> None:
    task = site.task()
    document = site.viewer.get(f"/tasks/{task}").json()["documents"][0]["id"]
    me = site.annotator.get("/me").json()["id"]
    said = {"kind": "choice", "field": "tone", "label": "good", "value": None, "author": me, "origin": "human"}
    async with Peer(site.server.ws_url, document, tokens["annotator"]) as peer:
        peer.map("annotations")["fresh-from-a-tab"] = said | {"created": "2026-01-01T00:00:00.000Z"}
        await peer.until_saved()
        changed = site.manager.patch("/annotations/fresh-from-a-tab", json={"label": "bad"})
        assert changed.status_code == 200, changed.text
        problem_of(site.stranger.patch("/annotations/fresh-from-a-tab", json={"label": "bad"}), 404)


async def test_open_sessions_are_sent_away_from_a_deleted_task(site: Site, tokens: dict[str, str]) -> None:
    task = site.task()
    document = site.viewer.get(f"/tasks/{task}").json()["documents"][0]["id"]
    async with Peer(site.server.ws_url, document, tokens["annotator"]) as peer:
        assert site.manager.delete(f"/tasks/{task}").status_code == 204
        assert await peer.until_closed() == 4404


async def test_open_sessions_hear_of_changes_to_the_project(site: Site, tokens: dict[str, str]) -> None:
    task = site.task()
    found = site.viewer.get(f"/tasks/{task}").json()
    async with Peer(site.server.ws_url, found["documents"][0]["id"], tokens["viewer"]) as peer:
        before = site.viewer.get(f"/projects/{site.project}").json()
        site.manager.post(f"/fields/{before['fields'][1]['id']}/labels", json={"name": "mixed"})
        await peer.until(
            lambda: any(e["type"] == "project" and e["revision"] > before["revision"] for e in peer.events)
        )


def test_a_correction_that_cannot_be_is_refused(site: Site) -> None:
    task = site.task()
    id = site.say(task, field="entities", label="person", value={"start": 2, "end": 5})["id"]
    for body in ({"label": "robot"}, {"value": {"start": 2, "end": 999}}, {"status": "maybe"}, {"labels": "place"}, {}):
        problem_of(site.annotator.patch(f"/annotations/{id}", json=body), 422)
    assert site.said(task)[id]["corrected"] is False


def test_a_text_answer_is_replaced_as_a_whole(site: Site) -> None:
    task = site.task()
    site.say(task, field="note", value="First, a rather long note.")
    site.say(task, field="note", value="First, a note 👍.")
    assert [a["value"] for a in site.said(task).values()] == ["First, a note 👍."]
    emptied = site.annotator.post(f"/tasks/{task}/annotations", json={"field": "note", "value": ""})
    assert emptied.status_code == 201
    assert emptied.json()["value"] == ""
    assert site.said(task) == {}


def test_a_renamed_label_is_known_by_its_key_and_by_its_name(site: Site) -> None:
    fields = site.manager.get(f"/projects/{site.project}/fields").json()["items"]
    label = fields[0]["labels"][0]
    site.manager.patch(f"/labels/{label['id']}", json={"name": "human being"})
    task = site.task()
    for name in ("person", "human being"):
        made = site.say(task, field="entities", label=name, value={"start": 2, "end": 5})
        assert made["label"] == "human being"


def test_a_removed_label_cannot_be_given(site: Site) -> None:
    fields = site.manager.get(f"/projects/{site.project}/fields").json()["items"]
    task = site.task()
    kept = site.say(task, field="tone", label="bad")
    site.manager.delete(f"/labels/{fields[1]['labels'][1]['id']}")
    problem = problem_of(site.annotator.post(f"/tasks/{task}/annotations", json={"field": "tone", "label": "bad"}), 422)
    assert "removed" in problem["detail"]
    assert site.said(task)[kept["id"]]["label"] == "bad"


def test_only_members_who_may_write_do(site: Site) -> None:
    task = site.task()
    id = site.say(task, field="tone", label="good")["id"]
    for person, status in ((site.viewer, 403), (site.stranger, 404)):
        problem_of(person.post(f"/tasks/{task}/annotations", json={"field": "tone", "label": "bad"}), status)
        problem_of(person.patch(f"/annotations/{id}", json={"status": "rejected"}), status)
        problem_of(person.delete(f"/annotations/{id}"), status)
        for deed in ("submit", "skip", "reopen"):
            problem_of(person.post(f"/tasks/{task}/{deed}"), status)
    problem_of(site.stranger.get(f"/tasks/{task}/annotations"), 404)
