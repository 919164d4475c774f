"""Comments over the wire: said, answered, read and mentioned; as rows, in exports, and when their annotation is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from projects import document
from projects.api import answers
from projects.discussion.reading import mentioned_in
from tests.support.peers import Peer
from tests.support.rest import problem_of
from tests.support.site import Site

AT = "2026-11-21T12:00:00.000Z"


def comment(site: Site, task: int, body: str, who: str = "annotator", **more: Any) -> dict[str, Any]:
    made = site.people[who].post(f"/tasks/{task}/comments", json={"body": body, **more})
    assert made.status_code == 201, made.text
    return dict(answers.CommentOut.model_validate(made.json(), strict=True).model_dump())


def comments(site: Site, task: int, who: str = "annotator") -> list[dict[str, Any]]:
    return list(site.people[who].get(f"/tasks/{task}/comments").json()["items"])


def line(site: Site, task: int, who: str) -> tuple[int, int]:
    """How many comments a task has in a list, and how many are unread."""
    items = site.people[who].get(f"/projects/{site.project}/tasks").json()["items"]
    found = next(item for item in items if item["id"] == task)
    return found["comments"], found["unread"]


def test_a_comment_and_its_answer_are_one_thread(site: Site) -> None:
    task = site.task()
    said = site.say(task, field="entities", label="person", value={"start": 2, "end": 5})
    first = comment(site, task, "Is this a person?", on=said["id"])
    reply = comment(site, task, "Yes.", who="manager", reply_to=first["id"])
    again = comment(site, task, "Sure?", reply_to=reply["id"])
    assert [(c["on"], c["reply_to"]) for c in comments(site, task)] == [
        (said["id"], None),
        (said["id"], first["id"]),
        (said["id"], first["id"]),
    ]
    assert again["author"] == "rest-annotator"


def test_it_refuses_what_speaks_of_nothing_and_who_may_not(site: Site) -> None:
    task = site.task()
    for body in ({"body": " "}, {"body": "x", "on": "nothing-here"}, {"body": "x", "reply_to": "nothing-here"}, {}):
        problem_of(site.annotator.post(f"/tasks/{task}/comments", json=body), 422)
    problem_of(site.viewer.post(f"/tasks/{task}/comments", json={"body": "Hm."}), 403)
    problem_of(site.stranger.post(f"/tasks/{task}/comments", json={"body": "Hm."}), 404)
    problem_of(site.stranger.get(f"/tasks/{task}/comments"), 404)
    problem_of(site.stranger.post(f"/tasks/{task}/comments/read", json={"comments": ["some-comment"]}), 404)
    assert comments(site, task) == []


def test_what_others_said_is_unread_until_it_is_read(site: Site) -> None:
    task = site.task()
    first, second = comment(site, task, "One."), comment(site, task, "Two.")
    assert line(site, task, "annotator") == (2, 0)
    assert line(site, task, "viewer") == (2, 2)
    assert [c["unread"] for c in comments(site, task, "viewer")] == [True, True]
    read = site.viewer.post(f"/tasks/{task}/comments/read", json={"comments": [first["id"], "not-in-here"]})
    assert read.json() == {"unread": 1}
    assert line(site, task, "viewer") == (2, 1)
    assert line(site, task, "manager") == (2, 2)
    site.viewer.post(f"/tasks/{task}/comments/read", json={"comments": [first["id"], second["id"]]})
    assert line(site, task, "viewer") == (2, 0)


def test_who_is_mentioned_finds_it(site: Site) -> None:
    task = site.task()
    told = site.viewer.get("/mentions", params={"project": site.project}).json()
    assert (told["items"], told["unread"]) == ([], 0)
    said = comment(site, task, "Look, @rest-viewer and @rest-stranger!")
    comment(site, task, "Mail me: ann@rest-viewer.example")
    assert said["mentions"] == ["rest-viewer"]
    found = answers.Mentions.model_validate(site.viewer.get("/mentions", params={"project": site.project}).json())
    assert [(m.id, m.task, m.author, m.unread) for m in found.items] == [(said["id"], task, "rest-annotator", True)]
    assert found.unread == 1
    site.viewer.post(f"/tasks/{task}/comments/read", json={"comments": [said["id"]]})
    again = site.viewer.get("/mentions", params={"project": site.project}).json()
    assert (again["unread"], again["items"][0]["unread"]) == (0, False)
    assert site.stranger.get("/mentions").json()["items"] == []
    problem_of(site.stranger.get("/mentions", params={"project": site.project}), 404)


def test_mentions_come_in_pages(site: Site) -> None:
    task = site.task()
    made = [comment(site, task, f"{n} @rest-viewer")["id"] for n in range(5)]
    found, before = [], None
    while True:
        params = {"project": site.project, "limit": 2} | ({"before": before} if before else {})
        page = site.viewer.get("/mentions", params=params).json()
        found += [item["id"] for item in page["items"]]
        before = page["next"]
        if before is None:
            break
    assert found == made[::-1]


def test_an_export_has_the_comments_also_of_an_annotation_that_is_gone(site: Site) -> None:
    task, silent = site.task(), site.task("Nobody speaks of this.")
    said = site.say(task, field="entities", label="person", value={"start": 2, "end": 5})
    first = comment(site, task, "A person, @rest-manager?", on=said["id"])
    assert site.annotator.delete(f"/annotations/{said['id']}").status_code == 204
    rows = [json.loads(row) for row in site.viewer.get(f"/projects/{site.project}/export").text.splitlines()]
    exported = {row["id"]: row for row in rows}
    assert "comments" not in exported[silent]
    assert exported[task]["annotations"] == []
    (told,) = exported[task]["comments"]
    assert (told["id"], told["on"], told["author"], told["body"], told["mentions"]) == (
        first["id"],
        said["id"],
        "rest-annotator",
        "A person, @rest-manager?",
        ["rest-manager"],
    )
    everything = json.loads(site.viewer.get(f"/projects/{site.project}/export", params={"format": "json"}).text)
    assert everything == rows


@pytest.mark.promise("P6")
async def test_an_export_has_what_was_just_said_in_a_browser(site: Site, tokens: dict[str, str]) -> None:
    task = site.task()
    held = site.viewer.get(f"/tasks/{task}").json()["documents"][0]["id"]
    me = site.annotator.get("/me").json()["id"]
    async with Peer(site.server.ws_url, held, tokens["annotator"]) as peer:
        for number in range(5):
            peer.map("comments")[f"comment-{number}"] = document.comment(me, f"{number}", AT)
            await peer.until_saved()
            (row,) = site.viewer.get(f"/projects/{site.project}/export").text.splitlines()
            assert [told["body"] for told in json.loads(row)["comments"]] == [str(n) for n in range(number + 1)]


@pytest.mark.promise("P5")
async def test_a_browser_writes_what_it_may_and_no_more(site: Site, tokens: dict[str, str]) -> None:
    task = site.task()
    held = site.viewer.get(f"/tasks/{task}").json()["documents"][0]["id"]
    me, other = (site.people[role].get("/me").json()["id"] for role in ("annotator", "manager"))
    async with (
        Peer(site.server.ws_url, held, tokens["annotator"]) as ann,
        Peer(site.server.ws_url, held, tokens["manager"]) as max_,
    ):
        ann.map("comments")["comment-1"] = document.comment(me, "Hm.", AT)
        await max_.until(lambda: "comment-1" in max_.map("comments"))
        max_.map("resolutions")["comment-1"] = {"by": other, "at": AT}
        await ann.until(lambda: "comment-1" in ann.map("resolutions"))
        max_.map("comments")["comment-1"] = document.comment(me, "Well!", AT)
        await max_.until(lambda: any(event["type"] == "refused" for event in max_.events))
    (kept,) = comments(site, task)
    assert (kept["body"], kept["resolved_by"]) == ("Hm.", "rest-manager")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("@ann hi", [1]),
        ("hi @ann, @ben-2!", [1, 2]),
        ("(@ben-2)", [2]),
        ("@ben-22", []),
        ("mail@ann", []),
        ("@@ann", []),
        ("@Ann", []),
        ("@ann.", [1]),
        ("@anna", [3]),
        ("@ann @ann", [1]),
    ],
)
def test_a_mention_is_a_whole_name(body: str, wanted: list[int]) -> None:
    assert mentioned_in(body, {"ann": 1, "ben-2": 2, "anna": 3}) == wanted
    assert mentioned_in(body, {}) == []
