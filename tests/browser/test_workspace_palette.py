"""The command palette, and shortcuts that each person can change."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

TEXT = "Ada Lovelace met Charles Babbage in London."
PERSON = "1"


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    people = {"owner": "manager", "ann": "annotator", "ben": "annotator", "vic": "viewer"}
    return without_models(server, make_project(server, "palette", [TEXT] * 8, people))


def palette(window: Window) -> Locator:
    return window.page.get_by_role("dialog", name="Find a command or a label")


def opened(window: Window) -> Locator:
    window.press("Control+k")
    box = window.page.get_by_role("combobox", name="Find a command or a label")
    expect(box).to_be_focused()
    return box


def selected(window: Window) -> Locator:
    return palette(window).get_by_role("option", selected=True)


def test_a_label_is_found_and_given_by_a_few_letters(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 0)
    ann.select("London")
    box = opened(ann)
    ann.page.keyboard.type("locat")
    expect(selected(ann)).to_contain_text("location")
    expect(selected(ann).locator("kbd")).to_have_text("3")
    # A screen reader hears of the option that Enter would take.
    assert box.get_attribute("aria-activedescendant") == selected(ann).get_attribute("id")
    assert box.get_attribute("aria-controls") == palette(ann).get_by_role("listbox").get_attribute("id")
    ann.press("Enter")
    expect(palette(ann)).to_have_count(0)
    ann.expect_said([("London", "location")])


def test_every_command_is_there_with_its_keys_and_is_walked_by_arrows(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 1)
    ann.label("London", "3")
    opened(ann)
    ann.page.keyboard.type("undo")
    expect(selected(ann)).to_contain_text("Undo what I did")
    expect(selected(ann).locator("kbd")).to_have_text("Ctrl+Z")
    ann.press("Enter")
    ann.expect_said([])
    opened(ann)
    options = palette(ann).get_by_role("option")
    count = options.count()
    ann.press("ArrowUp")  # around to the last
    expect(options.nth(count - 1)).to_have_attribute("aria-selected", "true")
    expect(options.nth(count - 1)).to_be_in_viewport()
    ann.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    ann.page.keyboard.type("zzz")
    expect(palette(ann)).to_contain_text("Nothing here is called that.")
    ann.press("Enter")
    ann.press("Escape")
    expect(palette(ann)).to_have_count(0)
    opened(ann)
    ann.page.keyboard.type("shortcuts")
    ann.press("Enter")
    expect(ann.page.get_by_role("dialog", name="Shortcuts")).to_be_visible()


def test_the_focus_goes_back_to_where_it_was(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 2)
    ann.press("t")
    opened(ann)
    ann.press("Escape")
    assert ann.page.evaluate("() => document.activeElement.closest('.text') !== null")


def test_a_viewer_is_offered_nothing_that_changes(desk: Windows, made: Made) -> None:
    vic = desk.open(made, "vic", 3)
    opened(vic)
    names = palette(vic).get_by_role("option").all_inner_texts()
    assert any("Next task" in name for name in names)
    assert not any(word in name for name in names for word in ("Accept", "Submit", "person", "Undo"))


def row(window: Window, title: str) -> Locator:
    name = window.page.locator(".name").filter(has_text=title)
    return window.page.locator(".shortcuts li").filter(has=name)


def change(window: Window, title: str, key: str) -> None:
    window.page.get_by_role("button", name=f"Change the keys of: {title}", exact=True).click()
    expect(row(window, title)).to_contain_text("Press the new keys")
    window.press(key)


def test_a_person_changes_keys_for_herself_and_hears_of_conflicts(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 4)
    ann.press("?")
    dialog = ann.page.get_by_role("dialog", name="Shortcuts")
    expect(dialog).to_contain_text("kept for you in this browser")
    change(ann, "The last label again", "e")
    expect(row(ann, "The last label again").locator("kbd")).to_have_text("E")
    # A label's key stays the label's.
    change(ann, "Submit the task", PERSON)
    expect(dialog.get_by_role("alert")).to_contain_text("1 is the key of the label person; labels come first.")
    ann.page.get_by_role("button", name="Leave it").click()
    expect(row(ann, "Submit the task").locator("kbd")).to_have_text("Ctrl+↵")
    # Another command's key can be taken, knowingly.
    change(ann, "Guidelines", "v")
    expect(dialog.get_by_role("alert")).to_contain_text("V is taken by: The other list: labels or suggestions.")
    ann.page.get_by_role("button", name="Take it").click()
    expect(row(ann, "Guidelines").locator("kbd")).to_have_text("V")
    expect(row(ann, "The other list").locator("kbd")).to_have_count(0)
    ann.press("Escape")
    expect(dialog).to_have_count(0)
    ann.label("Ada Lovelace", PERSON)
    ann.label("Charles Babbage", "e")
    ann.expect_said([("Ada Lovelace", "person"), ("Charles Babbage", "person")])

    ann.open(5)  # still so, and in the palette
    opened(ann)
    ann.page.keyboard.type("last label")
    expect(selected(ann).locator("kbd")).to_have_text("E")
    ann.press("Escape")
    ben = desk.open(made, "ben", 5)  # not his
    ben.press("?")
    expect(row(ben, "The last label again").locator("kbd")).to_have_text("R")

    ann.press("?")
    ann.page.get_by_role("button", name="The usual keys of: The last label again").click()
    expect(row(ann, "The last label again").locator("kbd")).to_have_text("R")
    ann.page.get_by_role("button", name="All usual keys again").click()
    expect(row(ann, "Guidelines").locator("kbd")).to_have_text("G")


def test_escape_gives_up_a_change_and_keeps_the_list_open(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 6)
    ann.press("?")
    change(ann, "Next task", "Escape")
    expect(ann.page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    expect(row(ann, "Next task").locator("kbd")).to_have_text(["N", "Alt+→"])
    change(ann, "Next task", "Tab")
    expect(ann.page.get_by_role("alert").filter(has_text="needed to get about")).to_be_visible()
