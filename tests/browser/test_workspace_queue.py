"""From task to task: by keys and by the queue, submitting and skipping, and who is where."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

TEXTS = [f"Message {number} of Ada." for number in range(1, 12)]  # each test has its own, in whatever order they run
POSITIVE = "5"


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    members = {"owner": "manager", "ann": "annotator", "ben": "annotator"}
    return without_models(server, make_project(server, "queue", TEXTS, members))


def expect_task(window: Window, made: Made, number: int) -> None:
    """The window shows this task, live, and says so in its address and title."""
    expect(window.page).to_have_url(window.address(number))
    expect(window.page).to_have_title(f"Task {number + 1} · queue · Colabel")
    expect(window.text).to_contain_text(f"Message {number + 1} of Ada.")
    window.until_saved()


def row(window: Window, number: int) -> Locator:
    """A task's line in the queue."""
    return window.page.get_by_role("navigation", name="Queue").locator(".task", has_text=f"Message {number + 1} of")


def test_keys_go_to_the_next_task_and_back(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 0)
    ann.press("n")
    expect_task(ann, made, 1)
    ann.press("Alt+ArrowRight")
    expect_task(ann, made, 2)
    ann.press("p")
    expect_task(ann, made, 1)
    ann.press("Alt+ArrowLeft")
    expect_task(ann, made, 0)
    ann.press("p")  # there is none before
    expect_task(ann, made, 0)
    ann.page.get_by_role("button", name="Next task").click()
    expect_task(ann, made, 1)
    ann.page.go_back()
    expect_task(ann, made, 0)
    ann.page.go_forward()
    expect_task(ann, made, 1)
    row(ann, 3).click()
    expect_task(ann, made, 3)
    ann.page.reload()
    expect_task(ann, made, 3)


def test_the_queue_shows_who_is_where(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 0), desk.open(made, "ben", 2)
    expect(row(ann, 2).get_by_role("img", name=made.login("ben"))).to_be_visible()
    expect(row(ben, 0).get_by_role("img", name=made.login("ann"))).to_be_visible()
    ben.press("n")
    expect(row(ann, 3).get_by_role("img", name=made.login("ben"))).to_be_visible()
    expect(row(ann, 2).get_by_role("img")).to_have_count(0)
    expect(ann.page.locator("header").get_by_role("img", name=made.login("ben"))).to_have_count(0)
    ben.context.close()
    expect(row(ann, 3).get_by_role("img")).to_have_count(0)


def test_work_on_one_task_is_not_taken_to_the_next(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 7), desk.open(made, "ben", 8)
    ann.label("Ada", "1")
    ann.press("n")  # at once, before it can be saved
    expect_task(ann, made, 8)
    ann.expect_said([])
    ann.label("Message", "4")
    ben.expect_said([("Message", "product")])
    ben.press("p")
    expect_task(ben, made, 7)
    ben.expect_said([("Ada", "person")])
    ann.press("Control+z")
    ann.press("p")
    expect_task(ann, made, 7)
    ann.expect_said([("Ada", "person")])  # what was undone elsewhere is not undone here
    ann.press("Control+z")  # her own step here, kept while she was away
    for window in (ann, ben):
        window.expect_said([])


def test_a_required_answer_is_asked_for_before_a_task_is_submitted(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 4)
    ann.may_complain = True  # the browser notes each refusal of the API
    ann.press("Control+Enter")
    expect(ann.page.get_by_role("alert").filter(has_text="category")).to_be_visible()
    expect(ann.page.get_by_role("radiogroup", name=re.compile("category"))).to_contain_text("answer needed")
    expect_task(ann, made, 4)


def test_a_submitted_task_is_live_in_the_other_window_and_can_be_opened_again(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 5), desk.open(made, "ben", 5)
    ann.press(POSITIVE)
    ann.press("Control+Enter")
    expect_task(ann, made, 6)
    expect(ben.page.locator("main")).to_contain_text(f"Submitted by {made.login('ann')}")
    for window in (ann, ben):
        expect(row(window, 5)).to_contain_text("submitted")
    ben.page.locator("header").get_by_role("button", name="Reopen").click()
    expect(ben.page.get_by_role("button", name="Submit")).to_be_visible()
    expect(ben.page.locator("main")).not_to_contain_text("Submitted")
    for window in (ann, ben):
        expect(row(window, 5)).not_to_contain_text("submitted")


def test_a_skipped_task_says_who_skipped_it(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 9), desk.open(made, "ben", 9)
    ann.page.get_by_role("button", name="Skip").click()
    expect(ben.page.locator("main")).to_contain_text(f"Skipped by {made.login('ann')}")
    expect(row(ben, 9)).to_contain_text("skipped")
    expect(ann.page).not_to_have_url(ben.page.url)
