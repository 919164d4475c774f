"""A model at work in two windows: what it suggests is there before it ends, and either person stops it and decides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.backends import Call, ScriptedBackend
from tests.support.browsers import Window, Windows, at_once, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server
from tests.support.wire import wire

pytestmark = pytest.mark.browser

SENTENCE = "Ada Lovelace met Charles Babbage in London, at the Royal Society."
STREAMS, DECIDES, AT_ONCE, REPEATS, BULK, CORRECTS = (
    "Streams. ",
    "Decides. ",
    "At once. ",
    "Repeats. ",
    "Bulk. ",
    "Corrects. ",
)
TEXTS = [begin + SENTENCE for begin in (STREAMS, DECIDES, AT_ONCE, REPEATS, BULK, CORRECTS)]
PERSON, ORGANISATION, LOCATION = "1", "2", "3"


async def streams(call: Call) -> None:
    await call.span("Ada Lovelace", "person", score=0.93, version="v7")
    await call.say("message", text="reading")
    await call.until("more")
    await call.span("London", "location", score=0.61)
    await call.say("progress", fraction=0.5)
    await call.hang()


async def decides(call: Call) -> None:
    await call.span("Ada Lovelace", "person", score=0.9)
    await call.span("London", "location", score=0.8)
    await call.span("Royal Society", "organisation", score=0.7)
    await call.say("done")


async def repeats(call: Call) -> None:
    await call.until("said")
    await call.span("Ada Lovelace", "person", score=0.9)
    await call.span("London", "location", score=0.8)
    await call.say("done")


SCRIPTS = {STREAMS: streams, REPEATS: repeats}


async def script(call: Call) -> None:
    """What to do with a task stands at the beginning of its text."""
    await call.head()
    begin = call.text[: -len(SENTENCE)]
    await SCRIPTS.get(begin, decides)(call)


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedBackend]:
    with ScriptedBackend(script) as backend:
        yield backend


@pytest.fixture(scope="module")
def made(server: Server, model: ScriptedBackend) -> Made:
    made = make_project(server, "models", TEXTS, {"owner": "manager", "ann": "annotator", "ben": "annotator"})
    without_models(server, made)
    with wire(server, made.tokens["owner"]) as api:
        backend = {"name": "ner-learner", "kind": "stream", "url": model.url}
        assert api.post(f"/projects/{made.project}/backends", json=backend).status_code == 201
    return made


def open_suggestions(desk: Windows, made: Made, task: int) -> tuple[Window, Window]:
    windows = desk.open(made, "ann", task), desk.open(made, "ben", task)
    for window in windows:
        window.tab("Suggestions").click()
    return windows


def expect_run(window: Window, words: str) -> None:
    expect(window.page.get_by_role("region", name="Model ner-learner")).to_contain_text(words)


def test_a_run_streams_into_both_windows_and_the_other_person_stops_it(
    desk: Windows, made: Made, model: ScriptedBackend
) -> None:
    ann, ben = open_suggestions(desk, made, 0)
    for window in (ann, ben):
        expect(window.line("Ada Lovelace")).to_contain_text("0.93")
        expect(window.page.locator(".text .mark-suggestion")).to_have_text("Ada Lovelace")
        expect_run(window, "streaming")
        expect_run(window, "reading")
        expect_run(window, "v7")
    model.open("more")
    for window in (ann, ben):
        expect(window.line("London")).to_contain_text("0.61")
        expect(window.page.get_by_role("progressbar", name="Progress")).to_have_attribute("aria-valuenow", "50")
    call = next(call for call in model.calls if call.text.startswith(STREAMS))
    assert not call.gone.is_set()
    ben.page.get_by_role("button", name="Stop").click()
    expect_run(ann, f"stopped by {made.login('ben')}")
    expect_run(ben, "stopped")
    assert call.gone.wait(15), "the connection to the model was left open"
    for window in (ann, ben):
        expect(window.line("London")).to_be_visible()
        expect(window.page.get_by_role("progressbar", name="Progress")).to_have_count(0)


def test_suggestions_are_accepted_and_rejected_by_keys(desk: Windows, made: Made) -> None:
    ann, ben = open_suggestions(desk, made, 1)
    for window in (ann, ben):
        expect_run(window, "done")
        expect(window.page.locator(".text .mark-suggestion")).to_have_count(3)
    ann.press("a")  # shows which one is meant
    expect(ann.line("Ada Lovelace")).to_have_class("entry on")
    ann.press("a")
    expect(ben.line("Ada Lovelace")).to_have_count(0)
    ann.press("x")
    expect(ben.line("London")).to_have_count(0)
    ben.line("Royal Society").get_by_role("button", name="Accept").click()
    for window in (ann, ben):
        expect(window.page.locator(".text .mark-suggestion")).to_have_count(0)
        window.tab("Labels").click()
        window.expect_said([("Ada Lovelace", "person"), ("Royal Society", "organisation")])
    expect(ben.line("Ada Lovelace")).to_contain_text(f"ner-learner · accepted by {made.login('ann')}")
    ann.until_saved()
    ben.until_saved()
    decided = {row["text"]: (row["status"], row["decided_by"], row["author"]) for row in ann.stored()}
    assert decided == {
        "Ada Lovelace": ("accepted", made.login("ann"), None),
        "London": ("rejected", made.login("ann"), None),
        "Royal Society": ("accepted", made.login("ben"), None),
    }


@pytest.mark.promise("P4")
def test_two_people_who_decide_at_once_end_in_one_decision(desk: Windows, made: Made) -> None:
    ann, ben = open_suggestions(desk, made, 2)
    for window in (ann, ben):
        expect(window.line("London")).to_be_visible()
    at_once(
        ann.line("Ada Lovelace").get_by_role("button", name="Accept"),
        ben.line("Ada Lovelace").get_by_role("button", name="Accept"),
        ann.line("London").get_by_role("button", name="Accept"),
        ben.line("London").get_by_role("button", name="Reject"),
    )
    for window in (ann, ben):
        expect(window.line("Ada Lovelace")).to_have_count(0)
        expect(window.line("London")).to_have_count(0)
        window.until_saved()
    rows = {row["text"]: row for row in ann.stored()}
    assert len(rows) == len(ann.stored()) == 3
    said = [(text, row["label"]) for text, row in rows.items() if row["status"] == "accepted"]
    for window in (ann, ben):
        window.tab("Labels").click()
        window.expect_said(sorted(said))
    assert rows["Ada Lovelace"]["decided_by"] in (made.login("ann"), made.login("ben"))
    assert (rows["London"]["status"], rows["London"]["decided_by"]) in (
        ("accepted", made.login("ann")),
        ("rejected", made.login("ben")),
    )
    names = {made.login("ann"): (ann, ben), made.login("ben"): (ben, ann)}
    mine, theirs = names[rows["Ada Lovelace"]["decided_by"]]
    expect(mine.line("Ada Lovelace")).to_contain_text("accepted by you")
    expect(theirs.line("Ada Lovelace")).to_contain_text(f"accepted by {rows['Ada Lovelace']['decided_by']}")


def test_what_a_person_said_is_not_suggested_again(desk: Windows, made: Made, model: ScriptedBackend) -> None:
    ann, ben = open_suggestions(desk, made, 3)
    ann.label("Ada Lovelace", PERSON)
    ann.until_saved()
    model.open("said")
    for window in (ann, ben):
        window.tab("Suggestions").click()
        expect(window.line("London")).to_be_visible()
        expect_run(window, "done")
        expect(window.page.locator("aside.right li.entry")).to_have_count(1)
        expect(window.page.locator(".text .mark-suggestion")).to_have_text("London")
    ben.label("London", LOCATION)  # by hand what waits as a suggestion: it waits no longer
    for window in (ann, ben):
        expect(window.page.locator(".text .mark-suggestion")).to_have_count(0)
        window.tab("Labels").click()
        window.expect_said([("Ada Lovelace", "person"), ("London", "location")])
        expect(window.marks()).to_have_count(2)


def test_all_above_a_score_are_accepted(desk: Windows, made: Made) -> None:
    ann, ben = open_suggestions(desk, made, 4)
    for window in (ann, ben):
        expect(window.page.locator("aside.right li.entry")).to_have_count(3)
    ann.page.get_by_role("slider", name="Lowest score to accept").fill("0.8")
    expect(ann.page.get_by_text("2 of 3")).to_be_visible()
    ann.page.get_by_role("button", name="Accept all ≥ 0.80").click()
    for window in (ann, ben):
        expect(window.page.locator("aside.right li.entry")).to_have_count(1)
        expect(window.line("Royal Society")).to_be_visible()
        window.tab("Labels").click()
        window.expect_said([("Ada Lovelace", "person"), ("London", "location")])
    ann.press("Control+z")  # one step
    for window in (ann, ben):
        window.expect_said([])
        expect(window.page.locator(".text .mark-suggestion")).to_have_count(3)


def test_correcting_a_suggestion_accepts_it_and_keeps_where_it_came_from(desk: Windows, made: Made) -> None:
    ann, ben = open_suggestions(desk, made, 5)
    expect(ann.line("Royal Society")).to_be_visible()
    ann.page.get_by_role("combobox", name="Label of Royal Society").select_option("location")
    for window in (ann, ben):
        expect(window.line("Royal Society")).to_have_count(0)
        window.tab("Labels").click()
        window.expect_said([("Royal Society", "location")])
    expect(ben.line("Royal Society")).to_contain_text(f"ner-learner · corrected by {made.login('ann')}")
    ann.until_saved()
    row = next(row for row in ann.stored() if row["text"] == "Royal Society")
    assert (row["label"], row["status"], row["origin"], row["backend"], row["score"]) == (
        "location",
        "accepted",
        "model",
        "ner-learner",
        0.7,
    )
