"""The task table in a real browser: search while typing, filters, views, what is picked, and work on many tasks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsers import Window, Windows
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

PEOPLE = {"owner": "manager", "ann": "annotator"}


def texts(count: int) -> list[str]:
    return [f"Number {number} of {'rivers' if number % 2 else 'hills'}, which ann visited." for number in range(count)]


@pytest.fixture
def made(server: Server, request: pytest.FixtureRequest) -> Made:
    name = "t" + re.sub(r"\W", "", request.node.name)[-40:]
    return make_project(server, name, texts(60), PEOPLE)


def table_of(window: Window, query: str = "") -> Page:
    window.page.goto(f"{window.server.url}/projects/{window.made.project}/tasks/{query}")
    return window.page


def rows(page: Page) -> Locator:
    return page.locator("tr[data-task]")


def test_it_searches_while_somebody_types_and_the_address_says_so(desk: Windows, made: Made) -> None:
    page = table_of(desk.open(made, "ann", None))
    expect(rows(page)).to_have_count(50)
    field = page.get_by_role("searchbox", name="Search the texts")
    field.press_sequentially("number 7 of riv")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("mark")).to_have_text("Number 7 of riv")
    expect(field).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?search=number\+7\+of\+riv$"))
    page.reload()
    expect(rows(page)).to_have_count(1)


def test_pages_turn_in_place_and_the_way_back_works(desk: Windows, made: Made) -> None:
    page = table_of(desk.open(made, "ann", None))
    page.get_by_role("link", name="Later").click()
    expect(rows(page)).to_have_count(10)
    page.go_back()
    expect(rows(page)).to_have_count(50)


def test_rows_that_a_search_brought_go_on_living(desk: Windows, made: Made) -> None:
    page = table_of(desk.open(made, "owner", None))
    page.get_by_role("searchbox", name="Search the texts").press_sequentially("number 3 of")
    expect(rows(page)).to_have_count(1)
    ann = desk.open(made, "ann", 3)
    expect(page.locator(f'tr[data-task="{made.tasks[3]}"] .avatar')).to_have_count(1)
    ann.page.get_by_role("button", name="Skip").click()
    expect(page.locator(f'tr[data-task="{made.tasks[3]}"] .pill')).to_have_text("skipped")


def test_a_view_is_named_and_chosen_again(desk: Windows, made: Made) -> None:
    page = table_of(desk.open(made, "ann", None), "?search=hills&score_from=0.5")
    page.get_by_role("searchbox", name="Search the texts").fill("rivers")
    expect(page).to_have_url(re.compile(r"\?search=rivers&score_from=0.5$"))
    page.get_by_text("Views").click()
    page.get_by_label("Save these filters as").fill("Sure rivers")
    page.get_by_role("button", name="Save the view").click()
    page.goto(f"{desk.server.url}/projects/{made.project}/tasks/")
    page.get_by_text("Views").click()
    page.get_by_role("link", name="Sure rivers").click()
    expect(page).to_have_url(re.compile(r"\?search=rivers&score_from=0.5$"))
    expect(page.get_by_role("link", name="score ≥ 0.5")).to_be_visible()


def test_a_row_of_tasks_is_picked_with_shift_and_deleted_when_somebody_is_sure(desk: Windows, made: Made) -> None:
    page = table_of(desk.open(made, "owner", None))
    boxes = page.get_by_role("checkbox", name="Select task")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.get_by_role("status").filter(has_text="4 tasks selected")).to_be_visible()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("heading", name="Delete 4 tasks?")).to_be_visible()
    page.get_by_role("button", name="Delete them").click()
    expect(page.get_by_text("Deleted 4 tasks")).to_be_visible()
    expect(rows(page).nth(1)).to_contain_text("Number 5 ")
    expect(page.locator(".count")).to_contain_text("56 tasks")


def test_who_is_in_a_task_that_a_worker_deletes_is_told(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 0)
    ann.may_complain = True
    page = table_of(desk.open(made, "owner", None))
    page.get_by_role("checkbox", name="Select task").first.check()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete them").click()
    expect(page.get_by_text("Deleted 1 task")).to_be_visible()
    expect(ann.saved).not_to_have_attribute("data-state", "saved")


def test_all_that_match_are_assigned_and_lead_the_assignee(desk: Windows, made: Made) -> None:
    page = table_of(desk.open(made, "owner", None), "?search=number")
    page.get_by_role("checkbox", name="Select all tasks on this page").check()
    page.get_by_role("button", name="Select all 60 that match").click()
    expect(page.get_by_role("status").filter(has_text="all 60 tasks that match selected")).to_be_visible()
    page.get_by_role("button", name="Assign…").click()
    page.get_by_label("To").select_option(label=made.login("ann"))
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text(f"Assigned 60 tasks to {made.login('ann')}")).to_be_visible()
    expect(page.locator("td.assignee").filter(has_text=made.login("ann"))).to_have_count(50)
    page.get_by_label("Assigned to").select_option(label="nobody")
    expect(page.get_by_role("heading", name="No task matches")).to_be_visible()


def test_a_model_runs_on_what_was_picked(desk: Windows, made: Made) -> None:
    teacher = desk.open(made, "ann", 0)
    teacher.label("rivers" if "rivers" in texts(1)[0] else "hills", "1")
    teacher.until_saved()
    page = table_of(desk.open(made, "owner", None))
    boxes = page.get_by_role("checkbox", name="Select task")
    boxes.nth(2).check()
    boxes.nth(4).check()
    page.get_by_role("button", name="Run a model…").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text(re.compile("^Ran .* on 2 tasks"))).to_be_visible()
    for row in (2, 4):
        expect(rows(page).nth(row).locator("[data-shows=suggestions]")).to_have_text("1")


@pytest.mark.parametrize("width", [390, 1024])
def test_it_fits(desk: Windows, made: Made, width: int) -> None:
    page = table_of(desk.open(made, "owner", None), "?suggestions=on&score_from=0.5")
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_text("More filters").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sheet = page.locator(".more .sheet").bounding_box()
    assert sheet is not None
    assert sheet["x"] >= 0
    assert sheet["x"] + sheet["width"] <= width
