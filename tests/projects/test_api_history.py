"""History over the wire: who did what, in pages, of one annotation; the changes themselves; and what may be put back."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from pycrdt import Doc, Map

from annotator.collaboration.changes import SERVER_CLIENTS
from projects import document
from projects.api import answers
from projects.history.deeds import Teller
from projects.history.grouping import Written
from projects.history.reading import page_of
from projects.schema import Schema
from tests.support.histories import history, shown
from tests.support.peers import Peer
from tests.support.rest import problem_of
from tests.support.site import Site

pytestmark = pytest.mark.promise("P7")

AT = "2026-11-21T12:00:00.000Z"
SPAN = {"start": 2, "end": 5}


def told(site: Site, task: int, **query: Any) -> list[dict[str, Any]]:
    answer = site.viewer.get(f"/tasks/{task}/history", params=query)
    assert answer.status_code == 200, answer.text
    return list(answers.History.model_validate(answer.json(), strict=True).model_dump()["items"])


def verbs(site: Site, task: int, **query: Any) -> list[tuple[str | None, str, str | None]]:
    """Who did what with which wording, the newest first."""
    rows = told(site, task, **query)
    return [(row["author"], deed["verb"], deed["text"]) for row in rows for deed in row["deeds"]]


def test_it_says_who_did_what_with_an_annotation(site: Site) -> None:
    task = site.task()
    said = site.say(task, field="entities", label="person", value=SPAN)
    site.manager.patch(f"/annotations/{said['id']}", json={"label": "place"})
    site.annotator.post(f"/tasks/{task}/comments", json={"body": "A place?", "on": said["id"]})
    site.annotator.patch(f"/annotations/{said['id']}", json={"value": {"start": 10, "end": 13}, "status": "accepted"})
    site.say(task, field="tone", label="good")
    site.say(task, field="note", value="Fine.")
    site.manager.delete(f"/annotations/{said['id']}")
    site.annotator.post(f"/tasks/{task}/submit")
    ann, max_ = "rest-annotator", "rest-manager"
    of_it = [
        (max_, "deleted", "Bob"),
        (ann, "changed", "Bob"),
        (ann, "commented", "A place?"),
        (max_, "relabelled", "Ada"),
        (ann, "added", "Ada"),
    ]
    assert verbs(site, task, annotation=said["id"]) == of_it
    everything = [(ann, "submitted", None), of_it[0], (ann, "wrote", None), (ann, "added", None), *of_it[1:]]
    assert verbs(site, task) == everything
    rows = {deed["verb"]: deed for row in told(site, task, annotation=said["id"]) for deed in row["deeds"]}
    assert (rows["relabelled"]["label"], rows["relabelled"]["was"]["label"]) == ("place", "person")
    assert (rows["changed"]["text"], rows["changed"]["was"]["text"]) == ("Bob", "Ada")


def test_it_comes_in_pages(site: Site) -> None:
    task = site.task()
    for start in range(5):
        site.say(task, field="entities", label="person", value={"start": start, "end": start + 1})
    found, before = [], None
    while True:
        params = {"limit": 2} | ({"before": before} if before else {})
        page = site.viewer.get(f"/tasks/{task}/history", params=params).json()
        found += [row["seq"] for row in page["items"]]
        before = page["next"]
        if before is None:
            break
    assert found == [5, 4, 3, 2, 1]
    assert page["head"] == 5


def test_the_changes_replay_to_what_the_task_is(site: Site) -> None:
    task = site.task()
    for start in range(5):
        site.say(task, field="entities", label="person", value={"start": start, "end": start + 1})
    doc, after, seqs = Doc(), 0, []
    while True:
        page = site.viewer.get(f"/tasks/{task}/history/updates", params={"after": after, "limit": 2}).json()
        answers.Updates.model_validate(page, strict=True)
        for item in page["items"]:
            doc.apply_update(base64.b64decode(item["update"]))
            seqs.append((item["seq"], len(doc.get("annotations", type=Map)), item["author"]))
        if page["next"] is None:
            break
        after = page["next"]
    assert seqs == [(n, n, "rest-annotator") for n in range(1, 6)]


def test_it_is_not_for_strangers(site: Site) -> None:
    task = site.task()
    for path in ("history", "history/updates"):
        problem_of(site.stranger.get(f"/tasks/{task}/{path}"), 404)
        problem_of(site.viewer.get(f"/tasks/{task}/{path}", params={"befor": 3}), 422)


@pytest.mark.promise("P5")
async def test_who_may_write_puts_back_what_stood_and_nothing_else(site: Site, tokens: dict[str, str]) -> None:
    """As the workspace restores: the same entry under the same id, whosever it is; the history says restored."""
    task = site.task()
    said = site.say(task, field="entities", label="person", value=SPAN)
    site.manager.patch(f"/annotations/{said['id']}", json={"label": "place"})
    held = site.viewer.get(f"/tasks/{task}").json()["documents"][0]["id"]
    async with Peer(site.server.ws_url, held, tokens["manager"]) as peer:
        stood = dict(peer.map("annotations")[said["id"]])
        del peer.map("annotations")[said["id"]]
        await peer.until_saved()
        assert site.said(task) == {}
        peer.map("annotations")[said["id"]] = stood
        await peer.until_saved()
        assert verbs(site, task)[0] == ("rest-manager", "restored", "Ada")
        (back,) = site.said(task).values()
        assert (back["author"], back["label"]) == ("rest-annotator", "place")
        del peer.map("annotations")[said["id"]]
        await peer.until_saved()
        peer.map("annotations")[said["id"]] = stood | {"created": AT}
        await peer.until(lambda: any(event["type"] == "refused" for event in peer.events))
    assert site.said(task) == {}


# -- the teller alone


SCHEMA = Schema.from_json(
    {"fields": [{"name": "entities", "kind": "span", "labels": [{"name": "person"}, {"name": "place"}]}]}
)


class Journal:
    """Rows as several people would have written them, each with a document of his own."""

    def __init__(self) -> None:
        self.teller = Teller(SCHEMA, "Ada met Bob.")
        self.docs: dict[int | None, Doc[Any]] = {}
        self.rows: list[bytes] = []

    def write(self, who: int | None, origin: str, change: Any, hears: bool = True) -> list[tuple[str, str | None]]:
        doc = self.docs.setdefault(who, Doc(client_id=who if who is not None else SERVER_CLIENTS + 1))
        if hears:
            for row in self.rows:
                doc.apply_update(row)
        before = doc.get_state()
        with doc.transaction():
            change(lambda root: doc.get(root, type=Map))
        self.rows.append(doc.get_update(before))
        row = Written(0, len(self.rows), who, origin, datetime(2026, 1, 1, tzinfo=UTC), self.rows[-1])
        known = len(self.teller.told)
        self.teller.hear(row)
        return [(deed.verb, deed.now.label) for told in self.teller.told[known:] for deed in told.deeds]


def span(label: str = "person", origin: str = "human", **more: Any) -> dict[str, Any]:
    return document.statement("span", "entities", label, {"start": 0, "end": 3}, None, origin, AT, **more)


def test_a_suggestion_that_is_corrected_is_one_deed_and_keeps_its_model() -> None:
    journal = Journal()
    made = span(origin="model", backend="ner", version="3", score=0.5)
    assert journal.write(None, "model", lambda map: map("annotations").update({"span-0001": made})) == [
        ("suggested", "person")
    ]
    deed = journal.teller.told[-1].deeds[0]
    assert (deed.backend, deed.version, deed.score, deed.now.text) == ("ner", "3", 0.5, "Ada")

    def correct(map: Any) -> None:
        map("labels")["span-0001"] = {"label": "place", "by": 1, "at": AT}
        map("decisions")["span-0001"] = {"status": "accepted", "by": 1, "at": AT}

    def undo(map: Any) -> None:
        del map("labels")["span-0001"]
        del map("decisions")["span-0001"]

    assert journal.write(1, "human", correct) == [("relabelled", "place")]
    assert journal.write(1, "human", undo) == [("relabelled", "person"), ("undecided", "person")]
    reject = {"status": "rejected", "by": 2, "at": AT}
    assert journal.write(2, "human", lambda map: map("decisions").update({"span-0001": reject})) == [
        ("rejected", "person")
    ]


def test_of_two_who_relabel_at_once_the_next_deed_knows_who_won() -> None:
    journal = Journal()
    journal.write(1, "human", lambda map: map("annotations").update({"span-0001": span()}))
    for who in (2, 1):  # Yjs lets the greater client win, though it was here first
        put = {"span-0001": {"label": "place" if who == 2 else "person", "by": who, "at": AT}}
        journal.write(2, "human", lambda map: None)
        journal.write(who, "human", lambda map, put=put: map("labels").update(put), hears=False)
    (*_, last) = journal.write(1, "human", lambda map: map("annotations").pop("span-0001"))
    docs = Doc()
    for row in journal.rows:
        docs.apply_update(row)
    assert last == ("deleted", docs.get("labels", type=Map)["span-0001"]["label"])


@pytest.mark.parametrize("seed", range(3))
def test_what_it_tells_ends_in_what_the_document_says(seed: int) -> None:
    made = history(seed, 400, (11, 12, 13), datetime(2026, 1, 5, tzinfo=UTC))
    teller = Teller(SCHEMA, "A text. " * 700)
    doc = Doc()
    for number, one in enumerate(made, start=1):
        teller.hear(Written(0, number, one.author, one.origin, one.at, one.data))
        doc.apply_update(one.data)
    there: set[str] = set()
    for row in teller.told:
        for deed in row.deeds:
            if deed.verb in ("added", "suggested", "imported", "restored"):
                there.add(str(deed.annotation))
            elif deed.verb == "deleted":
                there.remove(str(deed.annotation))
    assert there == shown(doc)["annotations"].keys()
    pages, before = [], None
    while True:
        page, before = page_of(teller.told, before, 7, None)
        pages += [row.seq for row, _ in page]
        if before is None:
            break
    assert pages == [row.seq for row in reversed(teller.told)]
