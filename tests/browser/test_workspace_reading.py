"""Suggestions at reading speed: walked and decided on by one key each, with their reasons; nothing moves under the hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.backends import Call, ScriptedBackend
from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server
from tests.support.wire import wire

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SENTENCE = "Ada Lovelace met Charles Babbage in London, at the Royal Society."
LINES = 60
LONG = "\n".join(f"Line {n:03d} is about person{n:03d} and not about anybody else at all." for n in range(LINES))
STREAMS = "Streams. "
TEXTS = [f"{word} {SENTENCE}" for word in ("Why.", "Bulk.", "Filter.", "Keys.")] + [LONG, STREAMS + LONG]
WHY, BULK, FILTER, KEYS, WALK, STREAM = range(6)
FOUND = [("Ada Lovelace", "person", 0.93), ("Charles Babbage", "person", 0.8), ("London", "location", 0.61)]
# The same to the pixel: what the text and the list show, and where the focus is.
HELD = """() => [document.querySelector('.text .cm-scroller').scrollTop,
    document.querySelector('aside.right .rows')?.scrollTop, document.activeElement.className]"""
TOP = "element => element.getBoundingClientRect().top"


async def script(call: Call) -> None:
    await call.head()
    if call.text.endswith(SENTENCE):
        await call.say("message", text="reading all of it")
        for wording, label, score in FOUND:
            await call.span(wording, label, score=score, version="v7")
        await call.say("done")
        return
    first = 30 if call.text.startswith(STREAMS) else 0
    for number in range(first, LINES):
        await call.span(f"person{number:03d}", "person", score=0.9)
    if first:
        await call.until("more")
        for number in range(first):
            await call.span(f"person{number:03d}", "person", score=0.9)
    await call.say("done")


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedBackend]:
    with ScriptedBackend(script) as backend:
        yield backend


@pytest.fixture(scope="module")
def made(server: Server, model: ScriptedBackend) -> Made:
    people = {"owner": "manager", "ann": "annotator", "ben": "annotator"}
    made = without_models(server, make_project(server, "reading", TEXTS, people))
    with wire(server, made.tokens["owner"]) as api:
        backend = {"name": "ner-learner", "kind": "stream", "url": model.url}
        assert api.post(f"/projects/{made.project}/backends", json=backend).status_code == 201
    return made


def read(desk: Windows, made: Made, task: int, count: int) -> Window:
    ann = desk.open(made, "ann", task)
    ann.tab("Suggestions").click()
    expect(ann.tab("Suggestions")).to_contain_text(str(count))
    return ann


def test_the_selected_suggestion_says_why_it_is_there(desk: Windows, made: Made) -> None:
    ann = read(desk, made, WHY, 3)
    why = ann.page.get_by_role("region", name="Why this is suggested")
    expect(why).to_have_count(0)
    ann.press("j")
    expect(ann.line("Ada Lovelace")).to_have_class("entry on")
    expect(why).to_contain_text("ner-learner v7")
    expect(why).to_contain_text("0.93")
    expect(why).to_contain_text("reading all of it")
    ann.press("j")
    expect(why).to_contain_text("0.80")


def test_all_shown_are_decided_on_at_once_and_taken_back_in_one_step(desk: Windows, made: Made) -> None:
    ann = read(desk, made, BULK, 3)
    ann.page.get_by_role("button", name="Reject all 3").click()
    expect(ann.page.locator(".text .mark-suggestion")).to_have_count(0)
    ann.press("Control+z")
    expect(ann.page.locator(".said-note")).to_have_text("Undone: 3 suggestions rejected")
    expect(ann.page.locator(".text .mark-suggestion")).to_have_count(3)
    ann.press("Alt+a")
    ann.tab("Labels").click()
    ann.expect_said([(wording, label) for wording, label, _ in FOUND])
    ann.press("Control+z")
    ann.expect_said([])
    ann.press("Alt+x")
    ann.until_saved()
    assert [row["status"] for row in ann.stored()] == ["rejected"] * 3


def test_only_what_is_sure_enough_is_shown_in_the_list_and_in_the_text(desk: Windows, made: Made) -> None:
    ann = read(desk, made, FILTER, 3)
    slider = ann.page.get_by_role("slider", name="Lowest score to accept")
    for least, count in (("0.5", 3), ("0.7", 2), ("0.95", 0), ("0.7", 2)):
        slider.fill(least)
        expect(ann.page.locator(".bulk [aria-live]")).to_have_text(f"{count} of 3")
    ann.line("London").get_by_role("button", name="London", exact=True).click()
    ann.page.get_by_role("checkbox", name="Show only from 0.70").check()
    expect(ann.page.locator("aside.right li.entry")).to_have_count(2)
    expect(ann.page.locator(".text .mark-suggestion")).to_have_text(["Ada Lovelace", "Charles Babbage"])
    # What is hidden is not selected any more: the key means the first that is shown.
    ann.press("a")
    expect(ann.line("Ada Lovelace")).to_have_class("entry on")
    ann.page.get_by_role("button", name="Accept all 2 shown").click()
    expect(ann.page.locator("aside.right")).to_contain_text("1 suggestion is less sure than that, and not shown.")
    ann.page.get_by_role("checkbox", name="Show only from 0.70").click()
    expect(ann.line("London")).to_be_visible()
    ann.until_saved()
    accepted = {row["text"] for row in ann.stored() if row["status"] == "accepted"}
    assert accepted == {"Ada Lovelace", "Charles Babbage"}


def test_one_key_each_walks_accepts_and_rejects(desk: Windows, made: Made) -> None:
    ann = read(desk, made, KEYS, 3)
    voice = ann.page.locator(".sr[aria-live='polite']").filter(has_text="“")
    ann.press("j")
    expect(voice).to_have_text("“Ada Lovelace” (person) 0.93")
    ann.press("j")
    expect(voice).to_have_text("“Charles Babbage” (person) 0.80")
    ann.press("x")
    expect(voice).to_have_text("“London” (location) 0.61")
    for key in ("k", "a"):
        ann.press(key)
    expect(ann.line("London")).to_have_class("entry on")
    ann.press("Shift+ArrowRight")  # a span that is corrected is accepted by it
    ann.expect_said([("Ada Lovelace", "person"), ("London, at", "location")])
    ann.until_saved()
    assert {row["text"]: row["status"] for row in ann.stored()} == {
        "Ada Lovelace": "accepted",
        "Charles Babbage": "rejected",
        "London, at": "accepted",
    }


def test_list_and_text_always_show_the_same_one(desk: Windows, made: Made) -> None:
    ann = read(desk, made, WALK, LINES)
    for _ in range(LINES):
        ann.press("j")
    last = f"person{LINES - 1:03d}"
    expect(ann.line(last)).to_have_class("entry on")
    expect(ann.line(last)).to_be_in_viewport()
    expect(ann.page.locator(".mark-selected")).to_have_text(last)
    expect(ann.page.locator(".mark-selected")).to_be_in_viewport()
    ann.press("t")
    ann.press("Control+Home")
    ann.press("l")
    expect(ann.line("person000")).to_have_class("entry on")
    expect(ann.line("person000")).to_be_in_viewport()
    expect(ann.page.locator(".mark-selected")).to_be_in_viewport()


def test_a_running_model_moves_nothing_under_the_hand(desk: Windows, made: Made, model: ScriptedBackend) -> None:
    ann = read(desk, made, STREAM, 30)
    line = ann.line("person032")
    line.get_by_role("button", name="person032", exact=True).click()
    ann.page.locator(".mark-selected").wait_for()
    tops = [place.evaluate(TOP) for place in (line, ann.page.locator(".mark-selected"))]
    focus = ann.page.evaluate(HELD)[2]
    model.open("more")  # thirty more, all of them above
    expect(ann.tab("Suggestions")).to_contain_text("60")
    expect(line).to_have_class("entry on")
    now = [place.evaluate(TOP) for place in (line, ann.page.locator(".mark-selected"))]
    assert now == pytest.approx(tops, abs=1)  # a pixel's fraction is not seen
    assert ann.page.evaluate(HELD)[2] == focus == "wording"
