"""History between two windows: what was done, by whom; the task as it grew; and what comes back for everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.promise("P7")]

TEXT = "Ada Lovelace met Charles Babbage in London."
PERSON, LOCATION = "1", "3"
ADA, CHARLES, LONDON = ("Ada Lovelace", "person"), ("Charles Babbage", "person"), ("London", "location")


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    members = {"owner": "manager", "ann": "annotator", "ben": "annotator", "vera": "viewer"}
    return without_models(server, make_project(server, "history", [TEXT] * 4, members))


def open_history(window: Window) -> Locator:
    window.tab("History").click()
    return window.page.get_by_role("list", name="History", exact=True)


def go_to(window: Window, deed: str) -> None:
    """Show the task as it was just after something was done."""
    row = window.page.get_by_role("list", name="History", exact=True).get_by_role("listitem").filter(has_text=deed)
    row.get_by_role("button", name="Show the task as it was then").click()


def past(window: Window) -> Locator:
    return window.page.get_by_role("region", name="The task as it was")


def test_what_a_colleague_deleted_is_named_and_comes_back_as_it_was(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 0), desk.open(made, "ben", 0)
    ann.label("Ada Lovelace", PERSON)
    ben.expect_said([ADA])
    ben.page.get_by_role("button", name="Delete Ada Lovelace").click()
    rows = open_history(ann)
    expect(rows.get_by_role("listitem").first).to_contain_text(f"{made.login('ben')}")
    expect(rows.get_by_role("listitem").first).to_contain_text("deleted “Ada Lovelace” · person")
    rows.get_by_role("button", name="Restore Ada Lovelace").click()
    question = ann.page.get_by_role("dialog", name="Restore")
    expect(question).to_contain_text("1 label comes back")
    question.get_by_role("button", name="Restore", exact=True).click()
    ben.expect_said([ADA])
    expect(rows.get_by_role("listitem").first).to_contain_text("restored “Ada Lovelace” · person")
    expect(rows.get_by_role("button", name="Restore Ada Lovelace")).to_have_count(0)
    ann.until_saved()
    assert [(row["label"], row["author"]) for row in ann.stored()] == [("person", made.login("ann"))]


def test_the_whole_task_goes_back_to_a_moment_for_everybody_and_can_be_undone(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 1), desk.open(made, "ben", 1)
    ann.label("Ada Lovelace", PERSON)
    ben.expect_said([ADA])
    ben.label("London", LOCATION)
    ann.expect_said([ADA, LONDON])
    ann.page.get_by_role("button", name="Delete Ada Lovelace").click()
    ben.expect_said([LONDON])
    open_history(ann)
    go_to(ann, "added “Ada Lovelace” · person")

    # The past is shown apart from now, and nothing can be done in it.
    expect(past(ann)).to_contain_text("read only")
    expect(past(ann).locator(".text [data-label]")).to_have_text("Ada Lovelace")
    ann.press(LOCATION)
    ann.press("Control+z")
    ben.expect_said([LONDON])

    ann.page.get_by_role("button", name="Restore…").click()
    question = ann.page.get_by_role("dialog", name="Restore")
    expect(question).to_contain_text("1 label comes back")
    expect(question).to_contain_text("1 label is taken away")
    expect(question).to_contain_text(f"takes back what others did: {made.login('ben')}")
    # What a colleague does while the question stands is named in it before anybody says yes.
    ben.label("Charles Babbage", PERSON)
    expect(question).to_contain_text("2 labels are taken away")
    question.get_by_role("button", name="Restore", exact=True).click()
    ben.expect_said([ADA])
    expect(past(ann)).to_have_count(0)
    ann.until_saved()
    assert [row["label"] for row in ben.stored()] == ["person"]
    ann.page.get_by_role("alert").get_by_role("button", name="Undo").click()
    ben.expect_said([CHARLES, LONDON])


def test_the_slider_goes_through_the_task_as_it_grew(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 2)
    for wording in ("Ada Lovelace", "Charles Babbage"):
        ann.label(wording, PERSON)
    ann.until_saved()
    expect(open_history(ann).get_by_role("listitem")).to_have_count(2)
    slider = ann.page.get_by_role("slider", name="Moment of the task's history")
    slider.focus()
    ann.press("ArrowLeft")
    expect(past(ann).locator(".text [data-label]")).to_have_text("Ada Lovelace")
    ann.press("ArrowLeft")
    expect(past(ann)).to_contain_text("before anything was done")
    expect(past(ann).locator(".text [data-label]")).to_have_count(0)
    ann.press("End")
    expect(past(ann)).to_have_count(0)
    ann.page.get_by_role("button", name="Play how the task grew").click()
    expect(past(ann)).to_be_visible()
    expect(past(ann)).to_have_count(0)
    expect(ann.page.get_by_role("button", name="Play how the task grew")).to_be_visible()


def test_a_viewer_looks_back_and_restores_nothing(desk: Windows, made: Made) -> None:
    ann, vera = desk.open(made, "ann", 3), desk.open(made, "vera", 3)
    ann.label("London", LOCATION)
    ann.page.get_by_role("button", name="Delete London").click()
    expect(open_history(vera).get_by_role("listitem")).to_have_count(2)
    go_to(vera, "added")
    expect(past(vera).locator(".text [data-label]")).to_have_text("London")
    expect(vera.page.get_by_role("button", name="Restore")).to_have_count(0)
