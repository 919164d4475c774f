"""A finger on a phone's screen, and a pen: select, label, accept and reject."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.support.backends import Call, ScriptedBackend
from tests.support.browsers import PLACE, Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server
from tests.support.wire import wire

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = "Ada Lovelace met Charles Babbage in London, at the Royal Society."
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SELECTED = "() => getSelection().toString()"


async def script(call: Call) -> None:
    await call.head()
    if call.text.startswith("Model"):
        await call.span("Charles Babbage", "person", score=0.9)
        await call.span("London", "location", score=0.8)
    await call.say("done")


@pytest.fixture(scope="module")
def made(server: Server) -> Iterator[Made]:
    made = make_project(server, "touch", [TEXT, TEXT, "Model " + TEXT, TEXT], {"owner": "manager", "ann": "annotator"})
    without_models(server, made)
    with ScriptedBackend(script) as backend, wire(server, made.tokens["owner"]) as api:
        record = {"name": "ner-learner", "kind": "stream", "url": backend.url}
        assert api.post(f"/projects/{made.project}/backends", json=record).status_code == 201
        yield made


def tap(window: Window, wording: str) -> None:
    left, top, right, bottom = window.page.evaluate(PLACE, [wording, 0])
    window.page.touchscreen.tap((left + right) / 2, (top + bottom) / 2)


def chip(window: Window, name: str) -> Locator:
    return window.page.locator(".strip").get_by_role("button", name=name, exact=True)


def swipe(window: Window, start: str, end: str) -> None:
    """A finger that goes from the first wording's middle to the second's, as Chromium would have it from a screen."""
    from_left, from_top, from_right, from_bottom = window.page.evaluate(PLACE, [start, 0])
    to_left, to_top, to_right, to_bottom = window.page.evaluate(PLACE, [end, 0])
    begin = ((from_left + from_right) / 2, (from_top + from_bottom) / 2)
    stop = ((to_left + to_right) / 2, (to_top + to_bottom) / 2)
    session = window.context.new_cdp_session(window.page)

    def finger(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    finger("touchStart", begin)
    for part in range(1, 11):
        finger("touchMove", tuple(a + (b - a) * part / 10 for a, b in zip(begin, stop, strict=True)))
    finger("touchEnd")


def test_a_tap_takes_a_word_that_grows_and_gets_a_label(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 0, **PHONE)
    tap(ann, "Ada")
    ann.until(lambda: ann.page.evaluate(SELECTED) == "Ada")
    chip(ann, "End a word later").tap()
    ann.until(lambda: ann.page.evaluate(SELECTED) == "Ada Lovelace")
    chip(ann, "person").tap()
    ann.expect_said([("Ada Lovelace", "person")])
    # The label that was made is selected, and can be mended.
    chip(ann, "End a word later").tap()
    ann.expect_said([("Ada Lovelace met", "person")])
    chip(ann, "End a word sooner").tap()
    ann.expect_said([("Ada Lovelace", "person")])
    chip(ann, "Delete").tap()
    ann.expect_said([])


def test_a_label_that_was_chosen_first_takes_taps_and_swipes(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 1, **PHONE)
    chip(ann, "person").tap()
    expect(chip(ann, "person")).to_have_attribute("aria-pressed", "true")
    swipe(ann, "Ada", "Lovelace")
    ann.expect_said([("Ada Lovelace", "person")])
    tap(ann, "Charles")
    ann.expect_said([("Ada Lovelace", "person"), ("Charles", "person")])


def test_suggestions_are_accepted_and_rejected_by_the_thumb(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 2, **PHONE)
    expect(ann.page.locator(".text .mark-suggestion").first).to_be_visible()
    tap(ann, "Babbage")
    chip(ann, "Accept").tap()
    chip(ann, "Reject").tap()  # the next one is selected by itself
    ann.page.get_by_role("navigation", name="Panels").get_by_role("button", name="Labels").tap()
    ann.expect_said([("Charles Babbage", "person")])
    expect(ann.page.locator(".text .mark-suggestion")).to_have_count(0)
    ann.until_saved()
    assert {row["text"]: row["status"] for row in ann.stored()} == {"Charles Babbage": "accepted", "London": "rejected"}


def test_a_pen_draws_over_words(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 3)
    left, top, _, _ = ann.page.evaluate(PLACE, ["harles", 0])
    _, _, right, bottom = ann.page.evaluate(PLACE, ["Babbag", 0])
    session = ann.context.new_cdp_session(ann.page)
    for kind, x, y in (("mousePressed", left, top), ("mouseMoved", right, bottom), ("mouseReleased", right, bottom)):
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
        session.send("Input.dispatchMouseEvent", event)
    ann.until(lambda: ann.page.evaluate(SELECTED) == "Charles Babbage")
    ann.palette("person").click()
    ann.expect_said([("Charles Babbage", "person")])
