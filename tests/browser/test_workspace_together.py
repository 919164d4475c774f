"""Several windows on one task: what one person does is on everybody's screen, and who does it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browsers import Windows, at_once, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

TEXT = "Ada Lovelace met Charles Babbage in London, at the University of London."
PERSON, ORGANISATION, LOCATION = "1", "2", "3"
PRESS_AT_ONCE = f"""new MutationObserver((_, observer) => {{
    if (!document.querySelector(".app")) return;
    observer.disconnect();
    document.body.dispatchEvent(new KeyboardEvent("keydown", {{ key: "{PERSON}", bubbles: true }}));
}}).observe(document, {{ childList: true, subtree: true }});"""

# What stands in a line before a colleague's caret.
BEFORE = """(caret) => {
    const range = document.createRange();
    range.setStart(caret.closest(".cm-line"), 0);
    range.setEndBefore(caret);
    return range.toString();
}"""


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    members = {"owner": "manager", "ann": "annotator", "ben": "annotator", "cleo": "reviewer"}
    return without_models(server, make_project(server, "together", [TEXT] * 10, members))


@pytest.mark.promise("P1")
@pytest.mark.promise("P4")
def test_two_people_see_each_other_label_relabel_and_delete(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 0), desk.open(made, "ben", 0)
    ann.label("Ada Lovelace", PERSON)
    ben.expect_said([("Ada Lovelace", "person")])
    expect(ben.marks("person")).to_have_text("Ada Lovelace")
    ben.label("London", LOCATION)
    ann.expect_said([("Ada Lovelace", "person"), ("London", "location")])
    for window in (ann, ben):
        expect(window.count_of("person")).to_have_text("1 label")
        expect(window.count_of("location")).to_have_text("1 label")
    ann.page.locator(".text [data-mark]", has_text="Ada Lovelace").click()
    ann.press(ORGANISATION)
    ben.expect_said([("Ada Lovelace", "organisation"), ("London", "location")])
    expect(ben.activity).to_have_text(f"{made.login('ann')} relabelled Ada Lovelace · organisation")
    expect(ben.marks("organisation")).to_have_text("Ada Lovelace")
    ben.line("Ada Lovelace").get_by_role("button", name="Ada Lovelace", exact=True).click()
    ben.press("Delete")
    ann.expect_said([("London", "location")])
    expect(ann.marks()).to_have_count(1)
    expect(ann.activity).to_have_text(f"{made.login('ben')} deleted Ada Lovelace · organisation")
    expect(ann.count_of("organisation")).to_have_text("labels")
    ann.until_saved()
    ben.until_saved()
    assert [(row["label"], row["text"], row["author"]) for row in ann.stored()] == [
        ("location", "London", made.login("ben"))
    ]


def test_spans_may_overlap_and_nest(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 1), desk.open(made, "ben", 1)
    ann.label("University of London", ORGANISATION)
    ann.label("London", LOCATION, nth=1)
    ben.label("in London, at the University", LOCATION)
    said = [
        ("in London, at the University", "location"),
        ("University of London", "organisation"),
        ("London", "location"),
    ]
    for window in (ann, ben):
        window.expect_said(said)
        expect(window.marks()).to_have_count(3)


def test_a_colleague_is_seen_where_he_reads(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 2), desk.open(made, "ben", 2)
    name = made.login("ben")
    expect(ann.page.locator("header").get_by_role("img", name=name)).to_be_visible()
    ben.select("Charles Babbage")
    expect(ann.page.locator(".colleague-selection")).to_have_text("Charles Babbage")
    expect(ann.page.locator(f".colleague-caret[data-name='{name}']")).to_have_count(1)
    ben.context.close()
    expect(ann.page.locator("header").get_by_role("img", name=name)).to_have_count(0)
    expect(ann.page.locator(".colleague-selection, .colleague-caret")).to_have_count(0)


def test_what_i_selected_and_a_colleague_deletes_can_be_restored(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 3), desk.open(made, "ben", 3)
    ann.label("London", LOCATION)
    ben.expect_said([("London", "location")])
    expect(ben.line("London").get_by_role("img", name=made.login("ann"))).to_be_visible()
    ben.page.get_by_role("button", name="Delete London").click()
    toast = ann.page.get_by_role("alert").filter(has_text=f"{made.login('ben')} deleted “London”")
    toast.get_by_role("button", name="Restore").click()
    for window in (ann, ben):
        window.expect_said([("London", "location")])


def test_undo_and_redo_move_only_what_i_did(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 4), desk.open(made, "ben", 4)
    ann.label("Ada Lovelace", PERSON)
    ben.expect_said([("Ada Lovelace", "person")])
    ben.label("Charles Babbage", PERSON)
    both = [("Ada Lovelace", "person"), ("Charles Babbage", "person")]
    ann.expect_said(both)
    ann.press("Control+z")
    ben.expect_said(both[1:])
    ann.press("Control+z")  # nothing of mine is left, and ben's stays
    ann.press("Control+Shift+z")
    for window in (ann, ben):
        window.expect_said(both)
    ben.press("Control+z")
    for window in (ann, ben):
        window.expect_said(both[:1])


def test_the_same_said_twice_at_once_is_one_label_in_every_window(desk: Windows, made: Made) -> None:
    ann, ben, cleo = (desk.open(made, person, 5) for person in ("ann", "ben", "cleo"))
    for window in (ann, ben):
        window.select("London")
    at_once(ann.palette("location"), ben.palette("location"))
    for window in (ann, ben, cleo):
        window.expect_said([("London", "location")])
        expect(window.count_of("location")).to_have_text("1 label")
        expect(window.marks()).to_have_count(1)
    cleo.page.get_by_role("button", name="Delete London").click()
    for window in (ann, ben, cleo):
        window.expect_said([])


@pytest.mark.promise("P4")
def test_three_windows_that_label_at_once_agree_with_the_server(desk: Windows, made: Made) -> None:
    people = {"ann": "Ada Lovelace", "ben": "Charles Babbage", "cleo": "University of London"}
    windows = [desk.open(made, person, 6) for person in people]
    for window, wording in zip(windows, people.values(), strict=True):
        window.select(wording)
    at_once(*(window.palette("person") for window in windows))
    for window in windows:
        window.expect_said([(wording, "person") for wording in people.values()])
        window.until_saved()
    stored = {(row["text"], row["author"]) for row in windows[0].stored()}
    assert stored == {(wording, made.login(person)) for person, wording in people.items()}


def test_a_label_that_is_armed_takes_every_selection(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 7)
    ann.press(PERSON)
    ann.select("Ada Lovelace")
    ann.expect_said([("Ada Lovelace", "person")])
    ann.select("Charles Babbage")
    ann.expect_said([("Ada Lovelace", "person"), ("Charles Babbage", "person")])
    ann.press("Escape")
    ann.select("London")
    ann.expect_said([("Ada Lovelace", "person"), ("Charles Babbage", "person")])


def test_a_key_counts_as_soon_as_the_workspace_stands_there(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", None)
    ann.page.add_init_script(PRESS_AT_ONCE)
    ann.open(7)
    expect(ann.page.locator(".app[data-armed]")).to_be_visible()


def test_a_click_on_a_mark_puts_the_caret_behind_it(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 8), desk.open(made, "ben", 8)
    ann.label("Charles Babbage", PERSON)
    ben.expect_said([("Charles Babbage", "person")])
    ann.select("London")
    expect(ben.page.locator(".colleague-selection")).to_have_text("London")
    ann.page.locator(".text [data-mark]").click(position={"x": 20, "y": 8})
    caret = ben.page.locator(".colleague-caret")
    expect(caret).to_have_count(1)
    ben.until(lambda: caret.evaluate(BEFORE).strip("\u2060\u200b") == "Ada Lovelace met Charles Babbage")
    expect(ann.line("Charles Babbage")).to_have_class("entry on")


def test_a_phone_shows_the_lists_names_once(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 9, viewport={"width": 390, "height": 844}, has_touch=True)
    for name in ("Labels", "Suggestions"):
        switch = ann.page.get_by_role("navigation", name="Panels").get_by_role("button", name=name)
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
        expect(ann.page.locator("aside.right")).to_be_visible()
        expect(ann.page.get_by_text(name, exact=True).filter(visible=True)).to_have_count(1)
