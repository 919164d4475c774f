"""Undo that is mine: it survives a reload, never touches a colleague's edits, and says in words what it did."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

TEXT = "Ada Lovelace met Charles Babbage in London."
PERSON, ORGANISATION, LOCATION = "1", "2", "3"
ADA, LONDON = ("Ada Lovelace", "person"), ("London", "location")


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    made = make_project(server, "undo", [TEXT] * 6, {"owner": "manager", "ann": "annotator", "ben": "annotator"})
    return without_models(server, made)


def expect_note(window: Window, words: str) -> None:
    expect(window.page.locator(".said-note")).to_have_text(words)


def reload(window: Window) -> None:
    window.until_saved()
    window.page.reload()
    window.until_saved()


def test_steps_are_taken_back_and_done_again_after_a_reload(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 0), desk.open(made, "ben", 0)
    ann.label("Ada Lovelace", PERSON)
    ann.label("London", ORGANISATION)
    ann.press(LOCATION)  # the selected mark gets another label
    ann.expect_said([ADA, LONDON])
    reload(ann)
    button = ann.page.get_by_role("button", name="undo yours")
    expect(button).to_have_attribute("title", "“London” (organisation) relabelled location")
    ann.press("Control+z")
    expect_note(ann, "Undone: “London” (organisation) relabelled location")
    for window in (ann, ben):
        window.expect_said([ADA, ("London", "organisation")])
    ann.press("Control+z")
    expect_note(ann, "Undone: “London” labelled organisation")
    for window in (ann, ben):
        window.expect_said([ADA])
    reload(ann)
    ann.press("Control+Shift+z")
    expect_note(ann, "Done again: “London” labelled organisation")
    ann.press("Control+Shift+z")
    for window in (ann, ben):
        window.expect_said([ADA, LONDON])
    ann.until_saved()
    assert {row["text"]: row["author"] for row in ann.stored()} == dict.fromkeys(
        ("Ada Lovelace", "London"), made.login("ann")
    )


def test_what_a_colleague_said_is_brought_back_as_it_was(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 1), desk.open(made, "ben", 1)
    ben.label("London", LOCATION)
    ann.expect_said([LONDON])
    ann.page.get_by_role("button", name="Delete London").click()
    ben.expect_said([])
    reload(ann)
    ann.press("Control+z")
    for window in (ann, ben):
        window.expect_said([LONDON])
    ann.until_saved()
    assert [row["author"] for row in ann.stored()] == [made.login("ben")]


def test_a_colleagues_edits_stay_after_a_reload(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 2), desk.open(made, "ben", 2)
    ann.label("London", ORGANISATION)
    ann.press("Shift+ArrowLeft")  # nowhere to go: no step
    ann.press(LOCATION)
    ben.expect_said([LONDON])
    ben.page.locator(".text [data-mark]").first.click(position={"x": 10, "y": 8})
    ben.press(ORGANISATION)
    ben.label("Ada Lovelace", PERSON)
    ann.expect_said([ADA, ("London", "organisation")])
    reload(ann)
    # My relabelling was overtaken: what is left of mine is the label itself.
    ann.press("Control+z")
    expect_note(ann, "Undone: “London” labelled organisation")
    for window in (ann, ben):
        window.expect_said([ADA])
    ann.press("Control+z")
    expect_note(ann, "There is nothing of yours to undo.")
    ben.expect_said([ADA])


def test_answers_are_undone_in_words(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 3)
    ann.press("5")
    expect(ann.answer("positive")).to_be_checked()
    reload(ann)
    ann.press("Control+z")
    expect_note(ann, "Undone: category: positive")
    expect(ann.answer("positive")).not_to_be_checked()


def test_logging_out_leaves_nothing_of_it_in_the_browser(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 4)
    ann.label("London", LOCATION)
    ann.until_saved()
    names = "() => Object.keys(localStorage).filter((name) => name.startsWith('colabel/undo/'))"
    ann.until(lambda: len(ann.page.evaluate(names)) == 1)
    ann.page.goto(f"{ann.server.url}/projects/{made.project}/")
    ann.page.evaluate("() => import('/static/js/local_data.js').then((data) => data.forgetEverything())")
    assert ann.page.evaluate(names) == []
