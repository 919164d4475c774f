"""A project's pages in a real browser: charts that follow what people do, where one was, an export before it is taken."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import Windows
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

INK = """(canvas) => {
    const { width, height } = canvas;
    return canvas.getContext("2d").getImageData(0, 0, width, height).data.some((byte) => byte > 0);
}"""


@pytest.fixture
def made(server: Server, request: pytest.FixtureRequest) -> Made:
    name = "p" + re.sub(r"\W", "", request.node.name)[-40:]
    people = {"owner": "manager", "ann": "annotator"}
    return make_project(server, name, ["Ada was here.", "Bob was there."], people, template="entities")


def project_page(desk: Windows, made: Made) -> Page:
    page = desk.open(made, "owner", None).page
    page.goto(f"{desk.server.url}/projects/{made.project}/")
    return page


def test_its_charts_follow_what_people_do(desk: Windows, made: Made) -> None:
    page = project_page(desk, made)
    expect(page.locator("[data-number=submitted]")).to_have_text("0")
    ann = desk.open(made, "ann", 0)
    ann.label("Ada", "1")
    ann.until_saved()
    with ann.api() as api:
        submitted = api.post(f"/tasks/{made.tasks[0]}/submit")
        assert submitted.status_code == 200, submitted.text
    expect(page.locator("[data-number=submitted]")).to_have_text("1")
    expect(page.get_by_text("1 task done in the last 24 hours")).to_be_visible()
    name = made.login("ann")
    expect(page.get_by_role("row", name=name).locator("[data-number^=done]")).to_have_text("1")
    page.get_by_text("As a table").first.click()
    expect(page.get_by_role("table").filter(has_text="Hour").get_by_role("columnheader", name=name)).to_be_visible()
    page.get_by_role("button", name="30 days").click()
    expect(page.get_by_text("1 task done in the last 30 days")).to_be_visible()
    for name in ("throughput", "labels"):
        canvas = page.locator(f"canvas[data-chart={name}]")
        page.wait_for_function(INK, arg=canvas.element_handle())


def test_a_bar_of_a_label_leads_to_its_tasks(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 1)
    ann.label("Bob", "1")
    ann.until_saved()
    page = project_page(desk, made)
    expect(page.locator("[data-label-count]").first).to_have_text("1")
    box = page.locator("canvas[data-chart=labels]").bounding_box()
    assert box is not None
    page.locator("canvas[data-chart=labels]").click(position={"x": box["width"] * 0.6, "y": 16})
    page.wait_for_url("**/tasks/?label=**")
    expect(page.locator("tr[data-task]")).to_have_count(1)


def test_the_library_is_loaded_only_where_charts_are(desk: Windows, made: Made) -> None:
    page = desk.open(made, "owner", None).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{desk.server.url}/projects/{made.project}/tasks/")
    expect(page.locator("tr[data-task]")).to_have_count(2)
    assert not any("/dist/" in address for address in asked)


def test_where_somebody_was_is_one_click_from_the_start(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 0)
    ann.open(1)
    page = ann.page
    page.goto(f"{desk.server.url}/")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    section = page.get_by_role("region", name="You were here")
    ann.until(lambda: bool(page.reload()) and "Bob was there." in section.inner_text())
    page.get_by_role("link", name="Go back to it").click()
    ann.until_saved()
    expect(ann.text).to_contain_text("Bob was there.")


def test_an_export_is_seen_before_it_is_downloaded(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 0)
    ann.label("Ada", "1")
    ann.until_saved()
    page = ann.page
    page.goto(f"{desk.server.url}/projects/{made.project}/export/")
    lines = page.get_by_role("region", name="The first lines of the file")
    expect(lines).to_contain_text('{"id":')
    page.get_by_label("CoNLL: a token a line, spans as BIO tags").check()
    expect(lines).to_contain_text("B-")
    expect(page).to_have_url(re.compile("format=conll"))
    shown = lines.inner_text().split()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.path().read_text().split() == shown
