"""Comments between two windows: a thread on a label, a mention, what is unread, and what stays of a label that is gone."""

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
    members = {"owner": "manager", "ann": "annotator", "ben": "annotator", "vera": "viewer"}
    return without_models(server, make_project(server, "comments", [TEXT] * 4, members))


def thread(window: Window) -> Locator:
    return window.page.get_by_role("article", name="Thread")


def open_comments(window: Window) -> None:
    window.tab("Comments").click()
    expect(window.tab("Comments")).to_have_attribute("aria-selected", "true")


def write(window: Window, name: str, body: str) -> None:
    box = window.page.get_by_role("textbox", name=name, exact=True)
    box.fill(body)
    box.press("Control+Enter")


def in_queue(window: Window, task: int) -> Locator:
    return window.page.locator(f"nav.queue a[href$='/tasks/{window.made.tasks[task]}/']")


def test_two_people_discuss_a_label_and_resolve_it(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 0), desk.open(made, "ben", 0)
    ann.label("Ada Lovelace", PERSON)
    ann.press("c")
    expect(ann.page.get_by_role("textbox", name="New comment")).to_be_focused()
    write(ann, "New comment", "Is she a person here?")
    expect(thread(ann)).to_contain_text("Is she a person here?")
    expect(ann.page.locator(".text .mark-discussed")).to_have_text("Ada Lovelace")

    # Ben hears of it at once, on the label, in the text and in the tab; reading it makes it known, also for later.
    expect(ben.tab("Comments")).to_contain_text("1 unread")
    expect(ben.page.locator(".text .mark-discussed")).to_have_text("Ada Lovelace")
    ben.page.get_by_role("button", name="1 comment on Ada Lovelace").click()
    expect(thread(ben)).to_have_class("thread on")
    expect(ben.tab("Comments")).not_to_contain_text("unread")
    ben.page.get_by_role("button", name="Reply").click()
    write(ben, "Reply", "She is.")
    expect(thread(ann)).to_contain_text("She is.")
    thread(ann).get_by_role("button", name="Resolve").click()
    expect(ben.page.locator(".text .mark-discussed")).to_have_count(0)
    expect(ben.page.get_by_text("One resolved thread")).to_be_visible()
    ben.until_saved()
    ben.open(0)
    expect(ben.page.locator(".text [data-mark]")).to_have_count(1)
    open_comments(ben)
    expect(ben.tab("Comments")).not_to_contain_text("unread")


def test_a_comment_leads_to_its_label_and_stays_when_that_is_gone(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 1), desk.open(made, "ben", 1)
    ann.label("London", "3")
    ann.page.get_by_role("button", name="Comment on London").click()
    write(ann, "New comment", "The one in Ontario?")
    ann.press("Escape")
    open_comments(ben)
    ben.page.get_by_role("button", name="London location").click()
    expect(ben.page.locator(".text .mark-selected")).to_have_text("London")
    expect(ben.tab("Comments")).to_have_attribute("aria-selected", "true")
    ben.tab("Labels").click()
    ben.page.get_by_role("button", name="Delete London").click()
    open_comments(ann)
    expect(thread(ann).locator(".gone")).to_have_text("London · location")
    expect(thread(ann)).to_contain_text("The one in Ontario?")


def test_who_is_mentioned_elsewhere_hears_of_it_and_gets_there(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 2), desk.open(made, "ben", 3)
    open_comments(ann)
    box = ann.page.get_by_role("textbox", name="New comment")
    box.press_sequentially("Ask @comments-b")
    expect(ann.page.get_by_role("option", name=made.login("ben"))).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    box.press_sequentially("please")
    expect(box).to_have_value(f"Ask @{made.login('ben')} please")
    box.press("Control+Enter")

    expect(in_queue(ben, 2)).to_contain_text("1 unread comment")
    open_comments(ben)
    ben.page.get_by_role("button", name="Mentions of me 1 unread").click()
    line = ben.page.get_by_role("list", name="Mentions of me").get_by_role("link")
    expect(line).to_contain_text(f"Ask @{made.login('ben')} please")
    line.click()
    ben.page.wait_for_url(ben.address(2))
    expect(thread(ben)).to_contain_text("please")
    expect(in_queue(ben, 2)).not_to_contain_text("unread")
    expect(ben.page.get_by_role("button", name="Mentions of me", exact=True)).to_be_visible()


def test_a_viewer_reads_and_an_author_alone_takes_back(desk: Windows, made: Made) -> None:
    ann, vera, owner = (desk.open(made, person, 3) for person in ("ann", "vera", "owner"))
    for window in (ann, vera, owner):
        open_comments(window)
    write(ann, "New comment", "First thought.")
    expect(thread(vera)).to_contain_text("First thought.")
    expect(vera.page.get_by_role("textbox", name="New comment")).to_have_count(0)
    expect(thread(vera).get_by_role("button")).to_have_count(0)
    expect(thread(owner).get_by_role("button", name="Edit my comment")).to_have_count(0)
    ann.page.get_by_role("button", name="Edit my comment").click()
    write(ann, "Edit my comment", "Second thought.")
    expect(thread(vera)).to_contain_text("edited")
    expect(thread(vera)).to_contain_text("Second thought.")
    ann.page.get_by_role("button", name="Delete the comment").click()
    expect(thread(vera)).to_have_count(0)
    ann.page.locator("footer").get_by_role("button", name="undo yours").click()
    expect(thread(vera)).to_contain_text("Second thought.")
