"""Hands on the keyboard: text is walked, selected, labelled, corrected and decided on without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

TEXT = "Ada Lovelace met Charles Babbage in London. Ada wrote to Charles from London. London was far from Londonderry."
PERSON, ORGANISATION, LOCATION = "1", "2", "3"
ADA, CHARLES = ("Ada Lovelace", "person"), ("Charles Babbage", "person")

SELECTED = "() => getSelection().toString()"
FOCUSED_IN_TEXT = "() => document.activeElement.closest('.text') !== null"


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    made = make_project(server, "keys", [TEXT] * 12, {"owner": "manager", "ann": "annotator", "ben": "annotator"})
    return without_models(server, made)


def in_text(desk: Windows, made: Made, task: int) -> Window:
    """A window where a key, not the mouse, went into the text."""
    window = desk.open(made, "ann", task)
    window.press("t")
    assert window.page.evaluate(FOCUSED_IN_TEXT)
    return window


def walk(window: Window, *keys: str) -> None:
    for key in keys:
        window.press(key)


def extend(window: Window, key: str, times: int = 1) -> None:
    """With Shift held down, and let go at the end."""
    window.page.keyboard.down("Shift")
    for _ in range(times):
        window.press(key)
    window.page.keyboard.up("Shift")


def value_of(window: Window, text: str) -> tuple[int, int]:
    window.until_saved()
    row = next(row for row in window.stored() if row["text"] == text)
    return row["value"]["start"], row["value"]["end"]


def test_text_is_selected_by_words_and_then_labelled(desk: Windows, made: Made) -> None:
    ann = in_text(desk, made, 0)
    extend(ann, "ArrowRight", 2)
    assert ann.page.evaluate(SELECTED) == "Ada Lovelace"
    ann.press(PERSON)
    ann.expect_said([ADA])
    walk(ann, "ArrowRight", "ArrowRight")  # over the blank to “met”, and to “Charles”
    extend(ann, "ArrowRight", 2)
    assert ann.page.evaluate(SELECTED) == "Charles Babbage"
    ann.press(PERSON)
    ann.expect_said([ADA, CHARLES])
    ann.press("Control+ArrowRight")  # the next sentence
    extend(ann, "ArrowRight")
    assert ann.page.evaluate(SELECTED) == "Ada"


def test_a_label_that_was_chosen_first_takes_what_keys_select(desk: Windows, made: Made) -> None:
    ann = in_text(desk, made, 1)
    ann.press(PERSON)
    expect(ann.page.locator(".app[data-armed]")).to_be_visible()
    extend(ann, "ArrowRight", 2)
    ann.expect_said([ADA])
    walk(ann, "ArrowRight", "ArrowRight", "s")  # the word at the caret
    ann.expect_said([ADA, ("Charles", "person")])


def test_the_word_then_the_sentence_then_the_paragraph_is_selected(desk: Windows, made: Made) -> None:
    ann = in_text(desk, made, 2)
    walk(ann, "ArrowRight", "ArrowRight", "s")
    assert ann.page.evaluate(SELECTED) == "met"
    ann.press("s")
    assert ann.page.evaluate(SELECTED) == "Ada Lovelace met Charles Babbage in London."
    ann.press("s")
    assert ann.page.evaluate(SELECTED) == TEXT


def test_a_span_grows_and_shrinks_by_words_and_characters_at_both_ends(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 3), desk.open(made, "ben", 3)
    ann.label("Lovelace", PERSON)
    ben.expect_said([("Lovelace", "person")])
    for key, wording in (
        ("Shift+ArrowRight", "Lovelace met"),
        ("Shift+ArrowRight", "Lovelace met Charles"),
        ("Shift+ArrowLeft", "Lovelace met"),
        ("Shift+ArrowLeft", "Lovelace"),
        ("Alt+Shift+ArrowLeft", "Ada Lovelace"),
        ("Control+Shift+ArrowLeft", "Ada Lovelac"),
        ("Control+Shift+ArrowRight", "Ada Lovelace"),
        ("Control+Alt+Shift+ArrowRight", "da Lovelace"),
        ("Control+Alt+Shift+ArrowLeft", "Ada Lovelace"),
    ):
        ann.press(key)
        ann.expect_said([(wording, "person")])
    ben.expect_said([ADA])
    assert value_of(ann, "Ada Lovelace") == (0, 12)
    row = ann.stored()[0]
    assert (row["author"], len(ann.stored())) == (made.login("ann"), 1)  # the same annotation, corrected
    ann.press("Control+z")
    expect(ann.page.locator(".said-note")).to_have_text("Undone: “da Lovelace” (person) changed to “Ada Lovelace”")
    ann.expect_said([("da Lovelace", "person")])


def test_a_span_never_shrinks_to_nothing(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 4)
    ann.label("met", ORGANISATION)
    for key in ("Shift+ArrowLeft", "Alt+Shift+ArrowRight"):
        ann.press(key)
    ann.expect_said([("met", "organisation")])
    for _ in range(5):
        ann.press("Control+Shift+ArrowLeft")
    ann.expect_said([("m", "organisation")])


def test_marks_are_walked_in_the_text_and_tasks_by_keys(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 5)
    for wording, key in (("London", LOCATION), ("Ada Lovelace", PERSON), ("Charles Babbage", PERSON)):
        ann.label(wording, key)
    ann.press("Escape")
    ann.press("t")
    ann.press("Control+Home")
    for wording in ("Ada Lovelace", "Charles Babbage", "London"):
        ann.press("l")
        expect(ann.line(wording)).to_have_class("entry on")
        expect(ann.page.locator(".mark-selected")).to_have_text(wording)
    ann.press("h")
    expect(ann.line("Charles Babbage")).to_have_class("entry on")
    ann.press("Delete")
    ann.expect_said([ADA, ("London", "location")])
    ann.press("n")
    expect(ann.page.locator(".crumb")).to_contain_text("Task 7")
    ann.press("Alt+ArrowLeft")
    expect(ann.page.locator(".crumb")).to_contain_text("Task 6")


def test_a_selection_takes_whole_words_unless_that_is_switched_off(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 6)
    ann.select("velace met Char")
    ann.until(lambda: ann.page.evaluate(SELECTED) == "Lovelace met Charles")
    ann.press(PERSON)
    ann.expect_said([("Lovelace met Charles", "person")])
    ann.press("Control+z")
    ann.press("Alt+s")
    expect(ann.page.locator(".said-note")).to_contain_text("within words")
    ann.label("velace met Char", PERSON)
    ann.expect_said([("velace met Char", "person")])
    ann.page.reload()  # kept in this browser
    ann.until_saved()
    ann.label("ondon", LOCATION)
    ann.expect_said([("velace met Char", "person"), ("ondon", "location")])
    ann.press("t")
    ann.press("ArrowRight")  # by characters now
    extend(ann, "ArrowRight", 3)
    assert len(ann.page.evaluate(SELECTED)) == 3
    ann.press("Alt+s")


def test_the_last_label_is_given_again(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 7)
    ann.label("Ada Lovelace", PERSON)
    ann.label("Charles Babbage", "r")
    ann.expect_said([ADA, CHARLES])


def test_a_label_is_given_to_the_same_wording_everywhere_in_one_step(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 8), desk.open(made, "ben", 8)
    ann.label("London", LOCATION)
    ann.press("Alt+r")
    dialog = ann.page.get_by_role("dialog", name="Label “London” everywhere?")
    expect(dialog).to_contain_text("It stands in 2 places without this label.")
    expect(dialog).to_contain_text("1 place has it already")
    expect(dialog.get_by_role("button", name="Label 2 places location")).to_be_focused()
    ann.press("Enter")
    for window in (ann, ben):
        window.expect_said([("London", "location")] * 3)
    ann.press("Control+z")  # all of them at once
    for window in (ann, ben):
        window.expect_said([("London", "location")])
    ann.press("Alt+r")
    ann.press("Escape")
    ann.expect_said([("London", "location")])
    ann.press("Control+Shift+z")
    ben.expect_said([("London", "location")] * 3)
    ann.select("London")
    ann.press("Alt+r")
    expect(ann.page.locator(".said-note")).to_have_text("“London” has this label everywhere already.")


def test_a_caret_that_moves_lets_go_of_the_mark(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 9)
    ann.label("Ada Lovelace", PERSON)
    expect(ann.page.locator(".mark-selected")).to_have_count(1)
    ann.press("ArrowRight")
    expect(ann.page.locator(".mark-selected")).to_have_count(0)
    extend(ann, "ArrowRight")
    ann.expect_said([ADA])  # what Shift extended was text
    assert ann.page.evaluate(SELECTED) == "met"
